"""The board's daily export against ours: each difference by its cause, nothing claimed by chance."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from shopdata.analysis.board_check import BoardCheck, board_check, causes_of
from shopdata.scope import Scope
from shopdata.store.own_entities import COMPASS_DAILY
from tests.metrics.world import FIRST, order_row, simple_world

DAYS = 12


def shop_and_board(say: Any) -> BoardCheck:
    """Twelve days of invented orders, and a board that says of each day what ``say`` makes of its orders.

    ``say(day, orders)`` gives the board's columns; orders have ``paid``, ``placed``, ``amount``, ``subsidy``,
    ``lines``.
    """
    draw = random.Random(7)  # noqa: S311 - invented orders, no secret
    rows, told = [], []
    for number in range(400):
        placed = FIRST + timedelta(days=draw.randrange(DAYS), seconds=draw.randrange(86_400))
        paid = placed + timedelta(minutes=draw.choice((1, 5, 300)))
        lines = 1 + (draw.random() < 0.2)
        one = {
            "placed": placed.date(),
            "paid": paid.date(),
            "amount": draw.randrange(100, 90_000),
            "subsidy": draw.choice((0, 0, 500, 777)),
            "lines": lines,
        }
        told.append(one)
        rows.append(
            order_row(
                str(number), placed, paid_at=paid, paid_amount=one["amount"],
                platform_subsidy=one["subsidy"], lines=lines,
            )
        )  # fmt: skip
    world = simple_world(rows)
    store = world.stored()
    board = []
    for place in range(DAYS):
        day = (FIRST + timedelta(days=place)).date()
        board.append(
            {"shop_id": 1, "entry": f"e{place}", "day": FIRST + timedelta(days=place), **say(day, told)}
        )
    store.add(COMPASS_DAILY.table, board)
    return board_check(store, Scope())


def paid_on(day: date, told: list[dict[str, Any]], key: str = "paid") -> list[dict[str, Any]]:
    return [one for one in told if one[key] == day]


def test_a_board_that_agrees_has_no_differences() -> None:
    found = shop_and_board(lambda day, told: {"paid_amount": sum(o["amount"] for o in paid_on(day, told))})
    assert found.unexplained == ()
    assert all(row.difference == 0 and row.parts == {} for row in found.rows)


def test_a_board_with_subsidies_inside_is_found_out_to_the_fen() -> None:
    found = shop_and_board(
        lambda day, told: {"paid_amount": sum(o["amount"] + o["subsidy"] for o in paid_on(day, told))}
    )
    total = found.total("paid_amount")
    assert total is not None
    assert total.difference
    assert total.parts == {"subsidy": total.difference}
    assert found.unexplained == ()


def test_a_board_by_the_day_of_the_order_is_found_out() -> None:
    found = shop_and_board(
        lambda day, told: {"paid_amount": sum(o["amount"] for o in paid_on(day, told, "placed"))}
    )
    assert any(row.difference for row in found.rows)
    assert found.unexplained == ()
    assert {cause for row in found.rows for cause in row.parts} == {"date"}


def test_one_wrong_day_stays_unexplained_on_that_day_alone() -> None:
    wrong = (FIRST + timedelta(days=4)).date()
    found = shop_and_board(
        lambda day, told: {
            "paid_amount": sum(o["amount"] + o["subsidy"] for o in paid_on(day, told)) - 123 * (day == wrong)
        }
    )
    assert [(row.day, row.unexplained) for row in found.unexplained] == [(wrong, -123)]


def test_differences_without_a_cause_are_not_given_one() -> None:
    draw = random.Random(3)  # noqa: S311 - invented orders, no secret
    found = shop_and_board(
        lambda day, told: {
            "paid_amount": sum(o["amount"] for o in paid_on(day, told)) + draw.randrange(1, 9_999)
        }
    )
    assert all(row.parts == {} for row in found.rows)
    assert len(found.unexplained) == DAYS


def test_a_day_of_ours_that_no_file_covers_is_unknown_and_not_zero() -> None:
    world = simple_world([])
    store = world.stored()
    far = FIRST + timedelta(days=4_000)
    store.add(COMPASS_DAILY.table, [{"shop_id": 1, "entry": "e", "day": far, "paid_amount": 5_000}])
    (row,) = board_check(store, Scope()).rows
    assert (row.ours, row.difference, row.unexplained) == (None, None, None)


def test_account_types_are_added_up_only_where_the_whole_is_not_told() -> None:
    store = simple_world([]).stored()
    row = {"shop_id": 1, "day": FIRST, "paid_amount": 300}
    store.add(
        COMPASS_DAILY.table,
        [row | {"entry": "a", "account_type": "自营"}, row | {"entry": "b", "account_type": "合作"}],
    )
    assert [one.board for one in board_check(store, Scope()).rows] == [600]
    store.add(COMPASS_DAILY.table, [row | {"entry": "c", "account_type": "全部", "paid_amount": 650}])
    assert [one.board for one in board_check(store, Scope(user="again")).rows] == [650]


@pytest.mark.parametrize(
    ("days", "causes"),
    [
        ([(0, {"grain": 2}), (0, {"grain": 1})], ()),
        ([(2, {"grain": 2}), (1, {"grain": 1}), (0, {})], ("grain",)),
        ([(3, {"grain": 2, "date": 1}), (0, {"grain": 1, "date": -1})], ("grain", "date")),
        ([(5, {"grain": 3, "date": 9}), (4, {"grain": 3, "date": -7})], ("grain",)),
        ([(5, {"subsidy": 3}), (4, {"subsidy": 3})], ()),
    ],
    ids=["agreeing", "one cause", "two causes", "stated though not exact", "not exact"],
)
def test_causes_hold_for_all_days_together(days: Any, causes: tuple[str, ...]) -> None:
    assert causes_of(days) == causes

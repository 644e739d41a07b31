"""Bill against fund flow: what is paid, what is not, what else moved; figures by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations

from shopdata.analysis.fund_check import Balance, Entry, Left, Movement, checked, fund_check
from shopdata.scope import Scope
from shopdata.store.tables import FUNDS, SETTLEMENTS
from tests.metrics.world import simple_world

AT = datetime(2026, 10, 10, 8)


def entry(key: str, amount: int, order: str = "1", line: str | None = "1-1", days: int = 0) -> Entry:
    return Entry(1, key, order, line, AT + timedelta(days=days), amount)


def move(
    key: str,
    amount: int,
    scene: str = "settlement",
    order: str | None = "1",
    line: str | None = "1-1",
    days: int = 0,
    balance: int | None = None,
) -> Movement:
    direction = "in" if amount > 0 else "out"
    at = AT + timedelta(days=days)
    return Movement(1, key, order, line, at, direction, abs(amount), scene, f"raw {scene}", "main", balance)


def test_an_entry_is_found_by_its_line_and_amount() -> None:
    found = checked([entry("a", 7_900), entry("b", 500, "2", "2-1")], [move("x", 7_900)])
    assert [one.key for one in found.found] == ["a"]
    assert [one.key for one in found.missing] == ["b"]
    assert found.left == ()


def test_one_movement_pays_one_entry_of_equal_ones() -> None:
    found = checked([entry("a", 7_900), entry("b", 7_900)], [move("x", 7_900)])
    assert ([one.key for one in found.found], [one.key for one in found.missing]) == (["a"], ["b"])


def test_a_refund_in_several_movements_is_found_by_its_sum_to_the_fen() -> None:
    """To the buyer 100.00; 20.00 of commission and 1.00 of fee come back: 79.00 is taken back."""
    bill = [entry("a", 7_900), entry("b", -7_900, days=9)]
    flow = [
        move("x", 7_900),
        move("r1", -10_000, "refund_after", days=9),
        move("r2", 2_000, "refund", days=9),
        move("r3", 100, "refund", days=9),
    ]
    assert checked(bill, flow).missing == ()
    off = [*flow[:3], move("r3", 99, "refund", days=9)]
    found = checked(bill, off)
    assert [one.key for one in found.missing] == ["b"]
    assert sum(one.rows for one in found.left) == 3


def test_a_flow_by_order_pays_the_entries_of_its_sub_orders() -> None:
    bill = [entry("a", 3_000, line="1-1"), entry("b", 4_900, line="1-2")]
    assert checked(bill, [move("x", 7_900, line=None)]).missing == ()
    assert len(checked(bill, [move("x", 7_901, line=None)]).missing) == 2


def test_what_pays_no_entry_is_listed_by_scene_with_its_sum() -> None:
    flow = [
        move("x", 7_900),
        move("w1", -50_000, "withdrawal", None, None),
        move("w2", -30_000, "withdrawal", None, None),
        move("c", -500, "compensation"),
        move("late", 300, order="9", line="9-1"),
    ]
    assert checked([entry("a", 7_900)], flow).left == (
        Left("withdrawal", "raw withdrawal", "out", 2, 80_000),
        Left("compensation", "raw compensation", "out", 1, 500),
        Left("settlement", "raw settlement", "in", 1, 300),
    )


def test_other_scenes_of_the_same_amount_pay_nothing() -> None:
    found = checked([entry("a", -500)], [move("c", -500, "compensation")])
    assert [one.key for one in found.missing] == ["a"]


def test_only_the_days_asked_for_are_shown_though_all_rows_take_part() -> None:
    bill = [entry("a", 100), entry("b", 200, "2", "2-1", days=3), entry("c", 300, "3", "3-1", days=3)]
    flow = [move("x", 200, order="2", line="2-1", days=4), move("w", -100, "withdrawal", None, None, days=4)]
    day = date(2026, 10, 13)
    found = checked(bill, flow, day, day)
    assert [one.key for one in found.found] == ["b"]
    assert [one.key for one in found.missing] == ["c"]
    assert found.left == ()


def test_opening_and_movements_make_the_closing_balance_in_any_order_of_equal_times() -> None:
    rows = [move("a", 700, balance=1_700), move("b", -200, balance=1_500), move("c", 50, balance=1_550)]
    for order in permutations(rows):
        (found,) = checked([], order).balances
        assert found == Balance(1, "main", 1_000, 750, 200, 1_550, 0)
        assert found.difference == 0


def test_a_missing_movement_is_a_gap_of_its_amount() -> None:
    rows = [
        move("a", 700, balance=1_700),
        move("c", 50, days=2, balance=1_550),
        move("d", 5, days=3, balance=1_555),
    ]
    (found,) = checked([], rows).balances
    assert (found.opening, found.closing, found.gaps, found.difference) == (1_000, 1_555, 1, -200)


def test_without_balances_nothing_is_said_of_them() -> None:
    assert checked([], [move("a", 700), move("b", 100, balance=800)]).balances == ()


def test_the_store_is_checked_by_shop() -> None:
    store = simple_world([]).stored()
    row = {"shop_id": 1, "order_id": "1", "line_id": "1-1", "settled_at": AT, "settled_amount": 7_900}
    store.add(SETTLEMENTS.table, [row | {"settlement_id": "a"}, row | {"settlement_id": "b", "shop_id": 2}])
    paid = {"shop_id": 1, "order_id": "1", "line_id": "1-1", "moved_at": AT, "amount": 7_900}
    store.add(FUNDS.table, [paid | {"flow_key": "x", "direction": "in", "scene": "settlement"}])
    found = fund_check(store, Scope())
    assert [(one.shop_id, one.key) for one in found.found] == [(1, "a")]
    assert (found.missing, found.left) == ((), ())

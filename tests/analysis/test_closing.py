"""Month end: what is closed never changes, what happens later is booked in the next month, to the fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from shopdata.analysis.booked import adjustments
from shopdata.analysis.closing import Statement, months
from shopdata.analysis.month_end import close_month
from shopdata.errors import BadUsage, NotAllowed
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store, open_store
from shopdata.store.closing_tables import AMOUNTS
from shopdata.store.tables import audit, imports, orders, shops
from tests.metrics.random_world import random_world
from tests.metrics.world import import_row, order_row, shop_row

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
UNTIL = datetime(2026, 11, 20, 12)
OWNER = Scope()


def order(number: str, paid_at: datetime, amount: int, **changes: Any) -> dict[str, Any]:
    return order_row(number, paid_at - timedelta(minutes=3), paid_at=paid_at, paid_amount=amount, **changes)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A shop with orders and refunds of three months, up to the 20th of November."""
    with open_store(Settings(tmp_path, f"duckdb:///{tmp_path}/shopdata.duckdb", fixed_now=UNTIL)) as opened:
        with opened.write() as connection:
            connection.execute(insert(shops).values(shop_row()))
            for number, kind in enumerate(("orders", "aftersales"), start=1):
                known = {"id": number, "first_at": datetime(2026, 9, 1), "last_at": UNTIL}
                connection.execute(insert(imports).values(import_row(kind, UNTIL) | known))
            for row in (
                order("s1", datetime(2026, 9, 30, 23, 59, 59), 10_000),
                order("o1", datetime(2026, 10, 1), 20_000, refund_amount=500),
                order("o2", datetime(2026, 10, 31, 23, 59, 59), 7_700),
                order("n1", datetime(2026, 11, 3), 1_000),
            ):
                connection.execute(insert(orders).values(row))
        yield opened


def change(store: Store, number: str, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(update(orders).where(orders.c.order_id == number).values(**values))


def statement(store: Store, month: date) -> Statement:
    return next(one for one in months(store, OWNER).statements if one.month == month)


def test_a_month_holds_what_was_paid_in_it_to_the_second(store: Store) -> None:
    assert [(one.month, one.orders, one.own["paid_amount"]) for one in months(store, OWNER).statements] == [
        (NOVEMBER, 1, 1_000),
        (OCTOBER, 2, 27_700),
        (SEPTEMBER, 1, 10_000),
    ]


def test_closing_a_month_closes_those_before_it_and_is_audited(store: Store) -> None:
    assert close_month(store, OWNER, 1, OCTOBER) == (SEPTEMBER, OCTOBER)
    assert [one.closed_at for one in months(store, OWNER).statements] == [None, UNTIL, UNTIL]
    with store.read() as connection:
        actions = connection.execute(select(audit.c.action)).scalars().all()
    assert actions.count("month_closed") == 2


def test_a_later_refund_is_an_adjustment_of_the_next_month_and_the_closed_one_stays(store: Store) -> None:
    close_month(store, OWNER, 1, OCTOBER)
    before = statement(store, OCTOBER)
    change(store, "o2", refund_amount=7_700)
    assert statement(store, OCTOBER) == before
    november = statement(store, NOVEMBER)
    assert (november.own["refund_amount"], november.adjusted["refund_amount"]) == (0, 7_700)
    assert (november.adjusted_orders, november.adjusted["paid_amount"]) == (1, 0)
    assert november.receivable == 1_000 - 7_700
    (row,) = adjustments(store, OWNER, 1, NOVEMBER)
    assert (row.order_id, row.paid_month, row.amounts["refund_amount"]) == ("o2", OCTOBER, 7_700)


def test_orders_of_months_still_open_are_no_adjustments(store: Store) -> None:
    assert adjustments(store, OWNER, 1, NOVEMBER) == ()
    close_month(store, OWNER, 1, SEPTEMBER)
    assert adjustments(store, OWNER, 1, OCTOBER) == ()
    assert statement(store, OCTOBER).adjusted_orders == 0


def test_an_adjustment_is_booked_once(store: Store) -> None:
    close_month(store, OWNER, 1, SEPTEMBER)
    change(store, "s1", refund_amount=300)
    close_month(store, OWNER, 1, OCTOBER)
    assert statement(store, OCTOBER).adjusted["refund_amount"] == 300
    assert statement(store, NOVEMBER).adjusted_orders == 0
    change(store, "s1", refund_amount=800)
    assert statement(store, NOVEMBER).adjusted["refund_amount"] == 500
    assert [row.amounts["refund_amount"] for row in adjustments(store, OWNER, 1, OCTOBER)] == [300]


def test_an_order_that_comes_late_or_goes_again_is_an_adjustment(store: Store) -> None:
    close_month(store, OWNER, 1, OCTOBER)
    with store.write() as connection:
        connection.execute(insert(orders).values(order("o3", datetime(2026, 10, 5), 4_000)))
        connection.execute(orders.delete().where(orders.c.order_id == "o1"))
    november = statement(store, NOVEMBER)
    assert november.adjusted["paid_amount"] == 4_000 - 20_000
    assert november.adjusted["refund_amount"] == -500
    assert {row.order_id for row in adjustments(store, OWNER, 1, NOVEMBER)} == {"o1", "o3"}


def test_booked_months_add_up_to_what_the_orders_are_worth(store: Store) -> None:
    close_month(store, OWNER, 1, OCTOBER)
    change(store, "o1", refund_amount=900, platform_subsidy=50)
    booked = [one.booked("refund_amount") for one in months(store, OWNER).statements]
    assert sum(filter(None, booked)) == 900
    assert sum(one.booked("paid_amount") or 0 for one in months(store, OWNER).statements) == 38_700


def test_a_month_the_files_do_not_reach_the_end_of_cannot_be_closed(store: Store) -> None:
    with pytest.raises(BadUsage):
        close_month(store, OWNER, 1, NOVEMBER)
    with pytest.raises(BadUsage):
        close_month(store, OWNER, 1, date(2026, 8, 1))
    close_month(store, OWNER, 1, OCTOBER)
    with pytest.raises(BadUsage):
        close_month(store, OWNER, 1, OCTOBER)


@pytest.mark.parametrize("role", ["operator", "viewer", "after_sales", "shipping"])
def test_only_the_owner_closes(store: Store, role: str) -> None:
    with pytest.raises(NotAllowed):
        close_month(store, Scope(role=role), 1, SEPTEMBER)
    assert all(one.closed_at is None for one in months(store, OWNER).statements)


def test_what_no_file_tells_is_unknown_and_not_zero(store: Store) -> None:
    september = statement(store, SEPTEMBER)
    assert (september.own["platform_fee"], september.own["settled_amount"]) == (None, None)
    assert september.own["refund_amount"] == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_open_month_says_what_the_metrics_say(seed: int) -> None:
    store = random_world(seed, 400, 2).stored()
    checked = 0
    for one in months(store, OWNER).statements:
        last = (one.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        asked = Scope(basis="paid", shops=(one.shop_id,), start=one.month, end=last)
        wanted = [name for name in AMOUNTS if name != "influencer_subsidy"]
        total = metric_table(store, asked, keys=("orders_paid", *wanted)).total
        assert one.orders == total["orders_paid"]
        assert {name: one.own[name] for name in wanted} == {name: total[name] for name in wanted}
        checked += 1
    assert checked >= 2

"""Funnel, unpaid orders, content types, trends: on worlds whose answers are known."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from shopdata.analysis.funnel import funnel
from shopdata.analysis.promotion_calendar import event_before, given_events
from shopdata.analysis.reasons import reason_of
from shopdata.analysis.sources import sources
from shopdata.analysis.trends import heat_map, trend
from shopdata.analysis.unpaid import unpaid
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.random_world import random_world
from tests.metrics.world import (
    AS_OF,
    FIRST,
    World,
    order_row,
    simple_world,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)


def shipped(number: str, **more: Any) -> Any:
    defaults = {"paid_at": NOON + HOUR, "shipped_at": NOON + 11 * HOUR, "parcels": 1, "parcels_tracked": 1}
    return order_row(number, NOON, **defaults | more)


def finished(number: str, **more: Any) -> Any:
    return shipped(number, signed_at=NOON + 59 * HOUR, completed_at=NOON + 159 * HOUR, **more)


def test_the_funnel_counts_each_step_with_the_time_to_the_next() -> None:
    orders = [finished("1"), shipped("2"), order_row("3", NOON, paid_at=NOON + HOUR), order_row("4", NOON)]
    found = {step.key: step for step in funnel(simple_world(orders).stored(), Scope()).steps}
    assert {key: step.n for key, step in found.items()} == {
        "placed": 4,
        "paid": 3,
        "shipped": 2,
        "signed": 1,
        "completed": 1,
    }
    assert (found["paid"].of_first, found["shipped"].of_previous) == (0.75, pytest.approx(2 / 3))
    assert [step.median_hours for step in found.values()] == [1, 10, 48, 100, None]
    assert [step.lost for step in found.values()] == [0, 1, 1, 1, 0]


def test_young_orders_are_pending_unless_something_ended_them() -> None:
    young = AS_OF - HOUR
    orders = [order_row("1", young), order_row("2", young, is_closed=True), order_row("3", NOON)]
    step = funnel(simple_world(orders).stored(), Scope()).steps[1]
    assert (step.n, step.pending, step.lost) == (0, 1, 2)


def test_signed_stands_beside_the_chain_where_too_few_waybills_are_known() -> None:
    orders = [finished("1"), shipped("2", parcels_tracked=0)]
    found = funnel(simple_world(orders).stored(), Scope())
    assert [step.key for step in found.steps] == ["placed", "paid", "shipped", "completed"]
    assert found.coverage == 0.5
    assert found.signed is not None
    assert found.signed.n == 1


def test_without_a_waybill_file_signed_is_missing_not_zero() -> None:
    found = funnel(simple_world([finished("1")], kinds=("orders", "aftersales")).stored(), Scope())
    assert (found.coverage, found.signed, found.missing) == (None, None, "parcels")


def test_times_in_the_wrong_order_are_unclear_and_never_lost() -> None:
    order = order_row("1", NOON, paid_at=NOON + 5 * HOUR, shipped_at=NOON + HOUR)
    found = funnel(simple_world([order], kinds=("orders",)).stored(), Scope())
    step = next(step for step in found.steps if step.key == "shipped")
    assert (step.n, step.lost, step.pending, step.unclear) == (0, 0, 0, 1)


def test_every_step_of_a_random_world_adds_up_and_falls() -> None:
    steps = funnel(random_world().stored(), Scope()).steps
    for before, step in pairwise(steps):
        assert before.n == step.n + step.lost + step.pending + step.unclear
        assert min(step.n, step.lost, step.pending, step.unclear) >= 0


def test_exits_stand_apart_each_order_once() -> None:
    reasons = {"1": "超时未支付", "2": "不想要了", "3": "商家缺货", "4": None}
    orders = [order_row(key, NOON, is_closed=True, cancel_reason=text) for key, text in reasons.items()]
    orders.append(
        order_row("5", NOON, paid_at=NOON, is_closed=True, is_refunded=True, refund_applied_at=NOON + HOUR)
    )
    orders.append(shipped("6", is_closed=True))
    world = simple_world(orders)
    world.aftersales = [{"shop_id": 1, "aftersale_id": "a", "order_id": "6", "refused_delivery": "是"}]
    exits = {one.key: one.n for one in funnel(world.stored(), Scope()).exits}
    assert exits == {
        "expired_unpaid": 1,
        "cancelled_by_buyer": 1,
        "cancelled_by_merchant": 1,
        "cancelled_unstated": 1,
        "refunded_unshipped": 1,
        "refused": 1,
    }


def test_orders_left_unpaid_are_worth_what_was_owed_even_where_a_file_says_0_was_paid() -> None:
    unpaid = {"is_closed": True, "cancel_reason": "超时未支付", "payable_amount": 4_200}
    orders = [order_row("1", NOON, paid_amount=0, **unpaid), order_row("2", NOON, paid_amount=None, **unpaid)]
    (left,) = funnel(simple_world(orders).stored(), Scope()).exits
    assert (left.key, left.n, left.amount) == ("expired_unpaid", 2, 8_400)


def test_the_funnel_document_has_the_contracts_rows() -> None:
    document = funnel(simple_world([finished("1")]).stored(), Scope()).as_json()
    contract = {"key", "n", "of_first", "of_previous", "lost", "pending", "median_hours"}
    assert all(contract <= row.keys() for row in document["rows"])
    assert {"data_up_to", "currency", "rows", "total"} <= document.keys()


@pytest.mark.parametrize(
    ("text", "key", "by"),
    [
        ("超时未支付", "expired", "system"),
        ("收货地址填错了", "wrong_details", "buyer"),
        ("有更便宜的", "price", "buyer"),
        ("库存不足", "out_of_stock", "merchant"),
        ("某种新写法", "other", "unknown"),
        (None, "unstated", "unknown"),
        ("  ", "unstated", "unknown"),
    ],
)
def test_reasons_are_grouped_by_the_table(text: str | None, key: str, by: str) -> None:
    reason = reason_of(text)
    assert (reason.key, reason.by) == (key, by)


def test_unpaid_shares_are_over_matured_orders_with_their_lift() -> None:
    bad = [order_row(f"b{n}", NOON, source="live", is_closed=n < 30) for n in range(30)]
    good = [order_row(f"g{n}", NOON, paid_at=NOON + HOUR, source="product_card") for n in range(70)]
    young = [order_row("y", AS_OF - HOUR, source="live")]
    found = unpaid(simple_world(bad + good + young).stored(), Scope())
    assert (found.n, found.d, found.rate) == (30, 100, 0.3)
    by_source = {row.key: row for row in found.splits["source"]}
    assert (by_source["live"].n, by_source["live"].d) == (30, 30)
    assert by_source["live"].lift == pytest.approx(1 / 0.3)
    assert by_source["live"].clear
    assert by_source["product_card"].lift == 0


def test_the_latency_curve_is_the_share_paid_by_then() -> None:
    orders = [
        order_row("1", NOON, paid_at=NOON + timedelta(seconds=20)),
        order_row("2", NOON, paid_at=NOON + timedelta(seconds=400)),
        order_row("3", NOON),
        order_row("4", NOON),
    ]
    curve = dict(unpaid(simple_world(orders).stored(), Scope()).latency)
    assert (curve[10], curve[30], curve[600], curve[86_400]) == (0.0, 0.25, 0.5, 0.5)


def test_orders_to_win_back_were_placed_within_the_last_day_of_the_data() -> None:
    orders = [
        order_row("new", AS_OF - 5 * HOUR, is_closed=True, payable_amount=700),
        order_row("old", AS_OF - 30 * HOUR, is_closed=True),
        order_row("open", AS_OF - 5 * HOUR),
    ]
    found = unpaid(simple_world(orders).stored(), Scope(start=NOON.date(), end=NOON.date()))
    assert [(one.order_id, one.payable_amount) for one in found.win_back] == [("new", 700)]
    assert found.win_back_total == 1


def test_sources_are_by_pay_time_and_their_money_adds_up() -> None:
    store = random_world().stored()
    found = sources(store, Scope())
    whole = metric_table(store, Scope(basis="paid"), keys=("paid_amount",)).total["paid_amount"]
    for table in (found.by_source, found.by_account, found.by_source_and_account):
        assert table.scope.basis == "paid"
        assert sum(row["paid_amount"] or 0 for row in table.rows) == whole
    assert sum(found.share(row) or 0 for row in found.by_source.rows) == pytest.approx(1)
    document = found.as_json()
    assert {"data_up_to", "currency", "rows", "total"} <= document.keys()
    assert {"pending", "unknown"} <= {row["key"] for row in document["rows"]}


def test_the_heat_map_holds_every_order_of_its_hours() -> None:
    store = random_world().stored()
    found = heat_map(store, Scope(), "orders_placed")
    assert (len(found.values), len(found.values[0])) == (7, 24)
    assert sum(value or 0 for row in found.values for value in row) == 900
    assert sum(found.days) == 80


def test_a_trend_lays_its_past_under_the_same_points() -> None:
    store = random_world().stored()
    scope = Scope(start=date(2026, 8, 3), end=date(2026, 8, 9))
    found = trend(store, scope, "orders_placed", against=("previous", "year"))
    past = dict(found.against)
    week_before = trend(store, scope.moved(-7), "orders_placed").series
    assert past["previous"].points == week_before.points
    assert [point.value for point in past["year"].points] == [None] * 7


def test_promotions_are_named_and_compared_with_the_one_before() -> None:
    (eleven,) = [one for one in given_events() if one.meets(date(2026, 11, 11), date(2026, 11, 11))]
    assert (eleven.key, eleven.end) == ("double_11", date(2026, 11, 11))
    before = event_before(given_events(), eleven)
    assert before is not None
    assert before.end == date(2025, 11, 11)
    assert not any(one.meets(date(2026, 8, 1), date(2026, 8, 2)) for one in given_events())
    years = {year: {one.key for one in given_events() if one.end.year == year} for year in range(2024, 2028)}
    assert all(len(keys) == 6 for keys in years.values())
    assert all(words("zh")(f"analysis.promotions.{one.key}") for one in given_events())


def test_nothing_breaks_on_an_empty_store() -> None:
    store = World().stored()
    assert funnel(store, Scope()).steps == ()
    assert unpaid(store, Scope()).rate is None
    assert sources(store, Scope()).by_source.rows == ()
    assert heat_map(store, Scope(), "orders_placed").days == (0,) * 7


def test_a_scope_of_one_shop_sees_only_its_orders() -> None:
    store = random_world().stored()
    whole = funnel(store, Scope()).steps[0].n
    alone = [funnel(store, replace(Scope(), shops=(shop,))).steps[0].n for shop in (1, 2)]
    assert sum(alone) == whole

"""Every figure of the table equals the same figure computed order by order in plain Python."""

from collections.abc import Mapping
from typing import Any

import pytest

from shopdata.metrics.table import metric_table
from shopdata.scope import Basis, Scope
from tests.metrics.oracle import Oracle
from tests.metrics.world import FIRST, MemoryStore, Row, World, day

COHORTS: tuple[Basis, ...] = ("placed", "paid")


def check(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    known = {key: value for key, value in expected.items() if value is not None}
    assert {key: found[key] for key in known} == pytest.approx(known)
    assert [key for key in expected.keys() - known.keys() if found[key] is not None] == []


@pytest.mark.parametrize("basis", COHORTS)
@pytest.mark.parametrize("days", [(None, None), (10, 40), (79, 79)])
def test_totals_equal_the_loops(
    store: MemoryStore, oracle: Oracle, basis: Basis, days: tuple[int | None, int | None]
) -> None:
    start, end = (None if offset is None else day(offset) for offset in days)
    table = metric_table(store, Scope(basis=basis, start=start, end=end))
    check(table.total, oracle.figures(oracle.cohort(basis, start, end), basis))


ORDER_KEYS = {
    "day": lambda order, anchor: order[anchor].date().isoformat(),
    "month": lambda order, anchor: order[anchor].strftime("%Y-%m"),
    "hour": lambda order, anchor: f"{order[anchor].hour:02d}",
    "weekday": lambda order, anchor: str(order[anchor].isoweekday()),
    "province": lambda order, anchor: order["province"] or "unknown",
    "courier": lambda order, anchor: order["courier"],
    "pay_method": lambda order, anchor: order["pay_method"],
    "shop": lambda order, anchor: str(order["shop_id"]),
    "platform": lambda order, anchor: "douyin",
    "currency": lambda order, anchor: "CNY",
}


@pytest.mark.parametrize("basis", COHORTS)
@pytest.mark.parametrize("by", ORDER_KEYS)
def test_rows_by_order_equal_the_loops(store: MemoryStore, oracle: Oracle, basis: Basis, by: str) -> None:
    anchor = "placed_at" if basis == "placed" else "paid_at"
    groups: dict[str, list[Row]] = {}
    for order in oracle.cohort(basis):
        groups.setdefault(ORDER_KEYS[by](order, anchor), []).append(order)
    rows = {row.key: row.values for row in metric_table(store, Scope(basis=basis), by=by).rows}
    for key, orders in groups.items():
        legs = oracle.parcels(orders) if by == "courier" else {}
        check(rows[key], oracle.figures(orders, basis) | legs)
    assert all(not rows[key]["orders_placed"] for key in rows.keys() - groups.keys())


def account(line: Row) -> str:
    if line["influencer_id"] == "own-account":
        return "own"
    if line["influencer_id"] or line["channel"] == "精选联盟":
        return "influencer"
    return "own" if line["channel"] == "小店自卖" or line["source"] == "product_card" else "unknown"


LINE_KEYS = {
    "source": lambda line: line["source"] or "unknown",
    "influencer": lambda line: line["influencer_id"] or "unknown",
    "account": account,
    "product": lambda line: line["product_id"],
    "sku": lambda line: line["sku_code"],
    "source,account": lambda line: f"{line['source'] or 'unknown'}|{account(line)}",
}


@pytest.mark.parametrize(
    ("basis", "by"),
    [
        pytest.param(basis, by, marks=() if (place + turn) % 2 else pytest.mark.faults)
        for place, basis in enumerate(COHORTS)
        for turn, by in enumerate(LINE_KEYS)
    ],
)
def test_rows_by_line_equal_the_loops(store: MemoryStore, oracle: Oracle, basis: Basis, by: str) -> None:
    parts = oracle.by_line(oracle.cohort(basis), LINE_KEYS[by])
    table = metric_table(store, Scope(basis=basis), by=by)
    assert {row.key for row in table.rows} == parts.keys()
    for row in table.rows:
        check(row.values, oracle.figures(parts[row.key], basis))


@pytest.mark.parametrize("by", LINE_KEYS)
def test_money_by_line_adds_up_to_the_total(store: MemoryStore, by: str) -> None:
    table = metric_table(store, Scope(), by=by)
    for key in ("paid_amount", "payable_amount", "refund_amount", "units_paid", "commission_estimated"):
        assert sum(row.values[key] or 0 for row in table.rows) == table.total[key]


def test_a_source_filter_counts_the_orders_and_the_money_of_its_lines(
    store: MemoryStore, oracle: Oracle
) -> None:
    parts = oracle.by_line(oracle.cohort("placed"), LINE_KEYS["source"])
    table = metric_table(store, Scope(sources=("live",)), by="province")
    check(table.total, oracle.figures(parts["live"]))
    groups: dict[str, list[Row]] = {}
    for part in parts["live"]:
        groups.setdefault(part["province"] or "unknown", []).append(part)
    for row in table.rows:
        check(row.values, oracle.figures(groups[row.key]))


def test_by_day_and_source_equals_the_loops(store: MemoryStore, oracle: Oracle) -> None:
    parts = oracle.by_line(oracle.cohort("paid"), LINE_KEYS["source"])
    cells: dict[tuple[str, str], int] = {}
    for source, orders in parts.items():
        for order in orders:
            key = order["paid_at"].date().isoformat(), source
            cells[key] = cells.get(key, 0) + order["paid_amount"]
    table = metric_table(store, Scope(basis="paid"), by="day,source", keys=("paid_amount",))
    assert {row.keys: row["paid_amount"] for row in table.rows} == cells


BILLED = {
    "influencer": ("commission_influencer",),
    "leader": ("commission_leader",),
    "service": ("commission_service", "offsite_promotion", "commission_channel"),
}


def told_as_settled(world: World) -> set[tuple[int, str, bool]]:
    """Shop, line and whether the leader's: what commission rows carry anything settled of."""
    names = ("settled_at", "commission_settled", "bonus_settled", "promotion_settled")
    return {
        (row["shop_id"], row["line_id"], row["party"] == "leader")
        for row in world.commissions
        if any(row.get(name) for name in names)
    }


def commissions(world: World, orders: list[Row]) -> dict[str, int]:
    lines = {line["line_id"] for order in orders for line in world.lines_of(order)}
    layers = ("influencer", "leader", "service")
    found = {f"commission_{stage}_{layer}": 0 for stage in ("estimated", "settled") for layer in layers}
    for row in world.commissions:
        if row["line_id"] not in lines:
            continue
        for stage in ("estimated", "settled"):
            amount = row.get(f"commission_{stage}") or 0
            layer = "leader" if row["party"] == "leader" else "influencer"
            bonus = 0 if layer == "leader" else row.get(f"bonus_{stage}") or 0
            found[f"commission_{stage}_{layer}"] += amount + bonus
            found[f"commission_{stage}_service"] += row.get(f"promotion_{stage}") or 0
    keys = {(order["shop_id"], order["order_id"]) for order in orders}
    told = told_as_settled(world)
    for row in world.settlements:
        for layer, names in BILLED.items():
            own = (row["shop_id"], row["line_id"], layer == "leader")
            if (row["shop_id"], row["order_id"]) in keys and own not in told:
                found[f"commission_settled_{layer}"] += sum(row[name] or 0 for name in names)
    for stage in ("estimated", "settled"):
        found[f"commission_{stage}"] = sum(found[f"commission_{stage}_{layer}"] for layer in layers)
    return found


@pytest.mark.parametrize("basis", COHORTS)
def test_commissions_of_a_cohort_equal_the_loops(
    store: MemoryStore, world: World, oracle: Oracle, basis: Basis
) -> None:
    start, end = day(5), day(50)
    table = metric_table(store, Scope(basis=basis, start=start, end=end))
    expected = commissions(world, oracle.cohort(basis, start, end))
    check(table.total, expected)
    ids = {(o["shop_id"], o["order_id"]) for o in oracle.cohort(basis, start, end)}
    rows = {row["line_id"]: row for row in world.commissions if row["party"] == "influencer"}
    lines = [ln for ln in world.lines if (ln["shop_id"], ln["order_id"]) in ids and ln["line_id"] in rows]
    paid = sum(line["paid_amount"] for line in lines)
    assert table.total["commission_rate_estimated"] == pytest.approx(expected["commission_estimated"] / paid)


def test_the_settled_rate_is_over_settled_lines_only(store: MemoryStore, world: World) -> None:
    lines: dict[str, list[Row]] = {}
    for row in world.commissions:
        lines.setdefault(row["line_id"], []).append(row)
    settled = [rows for rows in lines.values() if any(row.get("settled_at") for row in rows)]
    amount = sum(
        (row.get(name) or 0)
        for rows in settled
        for row in rows
        for name in ("commission_settled", "bonus_settled", "promotion_settled")
    )
    base = sum(max(row.get("settled_base") or 0 for row in rows) for rows in settled)
    found = metric_table(store, Scope(), keys=("commission_rate_settled",)).total
    assert found["commission_rate_settled"] == pytest.approx(amount / base)


EVENTS = {
    "orders_placed": "placed_at",
    "orders_paid": "paid_at",
    "orders_shipped": "shipped_at",
    "orders_signed": "signed_at",
    "orders_completed": "completed_at",
}


@pytest.mark.parametrize("key", EVENTS)
def test_each_event_counts_on_its_own_day(store: MemoryStore, world: World, key: str) -> None:
    days: dict[str, int] = {}
    for order in world.orders:
        if moment := order.get(EVENTS[key]):
            days[moment.date().isoformat()] = days.get(moment.date().isoformat(), 0) + 1
    table = metric_table(store, Scope(basis="event"), by="day", keys=(key,))
    assert {row.key: row[key] for row in table.rows if row[key]} == days


def test_refunds_count_on_their_own_day_by_event(store: MemoryStore, world: World, oracle: Oracle) -> None:
    start, end = day(20), day(30)
    inside = [
        row
        for order in world.orders
        for row in oracle.refunds(order)
        if start <= row["refunded_at"].date() <= end
    ]
    paid = sum(order["paid_amount"] for order in oracle.cohort("paid", start, end))
    total = metric_table(store, Scope(basis="event", start=start, end=end)).total
    refunds = sum(row["refund_amount"] for row in inside)
    assert total["refund_amount"] == refunds
    assert total["orders_refunded"] == len({(row["shop_id"], row["order_id"]) for row in inside})
    returns = [row for row in inside if row["kind"] == "return_refund"]
    assert total["orders_returned"] == len({(row["shop_id"], row["order_id"]) for row in returns})
    assert total["net_amount"] == paid - refunds
    assert total["pay_rate"] is None
    assert total["refund_rate"] is None
    assert total["average_order_value"] == pytest.approx(paid / total["orders_paid"])


def test_disputes_count_on_the_day_they_were_raised_by_event(store: MemoryStore, world: World) -> None:
    start, end = day(0), day(60)
    raised = {
        (row["shop_id"], row["order_id"])
        for row in world.aftersales
        if row["dispute"] and start <= row["applied_at"].date() <= end
    }
    total = metric_table(store, Scope(basis="event", start=start, end=end)).total
    assert total["dispute_orders"] == len(raised)


def test_the_first_day_is_in_the_table(store: MemoryStore) -> None:
    rows = metric_table(store, Scope(), by="day", keys=("orders_placed",)).rows
    assert rows[0].key == FIRST.date().isoformat()

"""Settled and unsettled money, fees, and commissions from the bill, against loops and SQL written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopdata.metrics.table import metric_table
from shopdata.scope import Basis, Scope
from tests.metrics.oracle import Oracle
from tests.metrics.world import (
    FIRST,
    MemoryStore,
    Row,
    World,
    day,
    import_row,
    line_row,
    order_row,
    shop_row,
    simple_world,
)

KEYS = ("settled_amount", "platform_fee", "unsettled_amount")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)


def key_of(row: Row) -> tuple[int, str]:
    return row["shop_id"], row["order_id"]


def figures(world: World, orders: list[Row], entries: list[Row]) -> dict[str, int]:
    """By loops: what the entries say, and the orders no entry names."""
    billed = {key_of(row) for row in world.settlements}
    open_orders = [
        order
        for order in orders
        if order["is_completed"] and not order["is_refunded"] and key_of(order) not in billed
    ]
    return {
        "settled_amount": sum(row["settled_amount"] for row in entries),
        "platform_fee": sum(row["platform_fee"] or 0 for row in entries),
        "unsettled_amount": sum(order["paid_amount"] for order in open_orders),
    }


@pytest.mark.parametrize("basis", ["placed", "paid"])
@pytest.mark.parametrize("days", [(0, 79), (10, 40)])
def test_settled_money_of_a_cohort_equals_the_loops(
    store: MemoryStore, world: World, oracle: Oracle, basis: Basis, days: tuple[int, int]
) -> None:
    start, end = map(day, days)
    orders = oracle.cohort(basis, start, end)
    keys = {key_of(order) for order in orders}
    entries = [row for row in world.settlements if key_of(row) in keys]
    found = metric_table(store, Scope(basis=basis, start=start, end=end), keys=KEYS).total
    assert {key: found[key] for key in KEYS} == figures(world, orders, entries)
    assert found["settled_amount"]
    assert found["unsettled_amount"]


LINE_KEYS: dict[str, Callable[[Row], str]] = {
    "source": lambda line: line["source"] or "unknown",
    "influencer": lambda line: line["influencer_id"] or "unknown",
    "product": lambda line: line["product_id"],
}


@pytest.mark.parametrize("by", LINE_KEYS)
def test_settled_money_by_line_keys_equals_the_loops(store: MemoryStore, world: World, by: str) -> None:
    lines = {(line["shop_id"], line["line_id"]): LINE_KEYS[by](line) for line in world.lines}
    expected: dict[str, int] = {}
    for row in world.settlements:
        key = lines.get((row["shop_id"], row["line_id"]), "unknown")
        expected[key] = expected.get(key, 0) + row["settled_amount"]
    table = metric_table(store, Scope(), by=by, keys=KEYS)
    assert {row.key: row["settled_amount"] for row in table.rows if row["settled_amount"]} == expected
    for key in KEYS:
        assert sum(row[key] or 0 for row in table.rows) == table.total[key]


def test_an_entry_counts_on_the_day_it_was_settled_by_event(store: MemoryStore, world: World) -> None:
    days: dict[str, int] = {}
    for row in world.settlements:
        name = row["settled_at"].date().isoformat()
        days[name] = days.get(name, 0) + row["settled_amount"]
    table = metric_table(store, Scope(basis="event"), by="day", keys=KEYS)
    assert {row.key: row["settled_amount"] for row in table.rows if row["settled_amount"]} == days
    assert table.total["settled_amount"] == sum(days.values())
    assert table.total["unsettled_amount"] is None


def test_hand_written_sql_finds_the_same(store: MemoryStore) -> None:
    found = metric_table(store, Scope(), by="shop", keys=(*KEYS, "commission_settled")).rows
    settled = store.sql(
        "SELECT shop_id, sum(settled_amount), sum(platform_fee) FROM settlements GROUP BY 1 ORDER BY 1"
    )
    missing = store.sql(
        """
        SELECT shop_id, sum(paid_amount) FROM orders
        WHERE is_completed AND NOT is_refunded
          AND (shop_id, order_id) NOT IN (SELECT shop_id, order_id FROM settlements)
        GROUP BY 1 ORDER BY 1
        """
    )
    commissions = store.sql(
        """
        WITH filed AS (
          SELECT shop_id, line_id, party = 'leader' AS leads,
            sum(coalesce(commission_settled, 0) + coalesce(promotion_settled, 0)
              + CASE WHEN party = 'leader' THEN 0 ELSE coalesce(bonus_settled, 0) END) AS amount,
            max(settled_at) AS settled_at
          FROM commissions GROUP BY 1, 2, 3
        ), charges AS (
          SELECT shop_id, line_id, true AS leads, coalesce(commission_leader, 0) AS amount FROM settlements
          UNION ALL
          SELECT shop_id, line_id, false, coalesce(commission_influencer, 0) + coalesce(commission_service, 0)
            + coalesce(offsite_promotion, 0) + coalesce(commission_channel, 0) FROM settlements
        ), billed AS (
          SELECT c.shop_id, c.amount FROM charges c LEFT JOIN filed f
            ON f.shop_id = c.shop_id AND f.line_id = c.line_id AND f.leads = c.leads
            AND (f.amount <> 0 OR f.settled_at IS NOT NULL)
          WHERE f.line_id IS NULL
        )
        SELECT shop_id, sum(amount)
        FROM (SELECT shop_id, amount FROM filed UNION ALL SELECT shop_id, amount FROM billed)
        GROUP BY 1 ORDER BY 1
        """
    )
    rows = {row.key: row for row in found}
    for name, wanted in (
        ("settled_amount", settled),
        ("unsettled_amount", missing),
        ("commission_settled", commissions),
    ):
        assert {key: row[name] for key, row in rows.items()} == {
            str(shop): total for shop, total, *_ in wanted
        }


def bill_row(order: Row, turn: int = 0, **changes: Any) -> Row:
    """An entry of the order's first line: 90.00 settled, 1.00 of platform fee."""
    return {
        "shop_id": order["shop_id"],
        "settlement_id": f"{order['order_id']}/{turn}",
        "order_id": order["order_id"],
        "line_id": f"{order['order_id']}-1",
        "settled_at": order["placed_at"] + (10 + turn) * DAY,
        "status": "settled",
        "settled_amount": 9_000,
        "platform_fee": 100,
        "commission_influencer": 0,
        "commission_leader": 0,
        "offsite_promotion": 0,
    } | changes


def done(name: str, **changes: Any) -> Row:
    """A completed order of 100.00."""
    return order_row(name, NOON, paid_at=NOON, shipped_at=NOON + HOUR, completed_at=NOON + 5 * DAY, **changes)


def total(world: World, **scope: Any) -> Any:
    return metric_table(world.stored(), Scope(**scope)).total


def billed_world(orders: list[Row], entries: list[Row], kinds: tuple[str, ...] = ()) -> World:
    world = simple_world(orders, ("orders", "settlements", *kinds))
    world.settlements = entries
    return world


def test_an_order_settled_in_several_rows_is_neither_multiplied_nor_unsettled() -> None:
    order = done("1")
    back = bill_row(order, 2, status="refunded_after", settled_amount=-2_000, platform_fee=-20)
    found = total(billed_world([order, done("2")], [bill_row(order), bill_row(order, 1), back]))
    assert (found["settled_amount"], found["platform_fee"]) == (16_000, 180)
    assert found["unsettled_amount"] == 10_000
    assert (found["orders_placed"], found["paid_amount"]) == (2, 20_000)


def test_an_order_of_several_lines_is_settled_once() -> None:
    order = done("1", lines=3)
    world = billed_world([order], [bill_row(order)])
    world.lines = [line_row(order, n, product_id=f"p{n}") for n in (1, 2, 3)]
    table = metric_table(world.stored(), Scope(), by="product", keys=KEYS)
    assert table.total["settled_amount"] == 9_000
    assert {row.key: row["settled_amount"] for row in table.rows} == {"p1": 9_000, "p2": 0, "p3": 0}


def test_a_bill_that_tells_no_line_settles_its_order() -> None:
    order = done("1", source="live")
    world = billed_world([order], [bill_row(order, line_id=order["order_id"])])
    world.lines = [line_row(order, line_id=order["order_id"], source="live")]
    rows = metric_table(world.stored(), Scope(), by="source", keys=KEYS).rows
    assert {row.key: row["settled_amount"] for row in rows} == {"live": 9_000}


def test_refunded_open_and_unpaid_orders_are_not_waiting_for_settlement() -> None:
    orders = [
        done("1", is_refunded=True, refund_amount=500),
        order_row("2", NOON, paid_at=NOON),
        order_row("3", NOON),
    ]
    assert total(billed_world(orders, []))["unsettled_amount"] == 0


def test_an_entry_of_an_order_no_file_has_brought_is_unknown_not_lost() -> None:
    order = done("1", source="live")
    world = billed_world([order], [bill_row(order), bill_row(done("9"), commission_influencer=70)])
    world.lines[0]["source"] = "live"
    table = metric_table(world.stored(), Scope(), by="source", keys=(*KEYS, "commission_settled"))
    assert {row.key: row["settled_amount"] for row in table.rows} == {"live": 9_000, "unknown": 9_000}
    assert (table.total["settled_amount"], table.total["commission_settled"]) == (18_000, 70)


def test_without_a_bill_nothing_is_said_of_settlements() -> None:
    table = metric_table(simple_world([done("1")]).stored(), Scope())
    assert [table.total[key] for key in KEYS] == [None, None, None]
    assert {table.missing[key] for key in KEYS} == {"settlements"}


def test_a_shop_without_a_bill_leaves_the_total_of_both_unknown() -> None:
    first, second = done("1"), done("2", shop_id=2)
    world = billed_world([first, second], [bill_row(first)])
    world.shops = [shop_row(1), shop_row(2)]
    world.imports.append(import_row("orders", shop_id=2))
    table = metric_table(world.stored(), Scope(), by="shop", keys=KEYS)
    assert table.total["unsettled_amount"] is None
    by_shop = {row.key: (row["settled_amount"], row["unsettled_amount"]) for row in table.rows}
    assert by_shop == {"1": (9_000, 0), "2": (None, None)}


def charged(order: Row, **changes: Any) -> Row:
    """A commission row of the order's first line, settled at 20.00."""
    return {
        "shop_id": 1,
        "party": "influencer",
        "party_id": "star",
        "line_id": f"{order['order_id']}-1",
        "paid_at": NOON,
        "paid_amount": 10_000,
        "commission_estimated": 2_100,
        "settled_at": NOON + 9 * DAY,
        "settled_base": 10_000,
        "commission_settled": 2_000,
    } | changes


def test_the_bill_and_the_commission_file_of_a_line_are_never_added() -> None:
    order = done("1")
    world = billed_world([order], [bill_row(order, commission_influencer=2_000)], ("commissions",))
    world.commissions = [charged(order)]
    found = total(world)
    assert found["commission_settled"] == found["commission_settled_influencer"] == 2_000
    assert found["commission_rate_settled"] == pytest.approx(0.2)


def test_the_bill_tells_the_commission_of_lines_the_file_only_estimates_or_has_not() -> None:
    first, second, own = done("1"), done("2"), done("3")
    entries = [
        bill_row(first, commission_influencer=1_500),
        bill_row(second, commission_leader=300, offsite_promotion=40),
        bill_row(own),
    ]
    world = billed_world([first, second, own], entries, ("commissions",))
    world.commissions = [charged(first, settled_at=None, settled_base=None, commission_settled=None)]
    found = total(world)
    assert found["commission_settled_influencer"] == 1_500
    assert (found["commission_settled_leader"], found["commission_settled_service"]) == (300, 40)
    assert found["commission_settled"] == 1_840
    assert found["commission_estimated"] == 2_100
    assert found["commission_rate_estimated"] == pytest.approx(0.21)
    assert found["commission_rate_settled"] is None
    assert found["orders_paid"] == 3


def test_the_bill_alone_tells_settled_commissions_and_no_estimates() -> None:
    order = done("1")
    back = bill_row(order, 5, settled_amount=-9_000, commission_influencer=-2_000)
    entries = [bill_row(order, commission_influencer=2_000), back]
    world = billed_world([order], entries)
    assert total(world)["commission_settled"] == 0
    table = metric_table(world.stored(), Scope(basis="event"), by="day", keys=("commission_settled",))
    by_day = {row.key: row["commission_settled"] for row in table.rows if row["commission_settled"]}
    assert by_day == {
        (NOON + 10 * DAY).date().isoformat(): 2_000,
        (NOON + 15 * DAY).date().isoformat(): -2_000,
    }
    table = metric_table(world.stored(), Scope())
    assert table.total["commission_estimated"] is None
    assert table.missing["commission_estimated"] == "commissions"


def test_lines_without_any_commission_keep_their_sales() -> None:
    sold, own = done("1", source="live"), done("2", source="product_card")
    world = billed_world([sold, own], [bill_row(sold, commission_influencer=2_000)], ("commissions",))
    for line, source in zip(world.lines, ("live", "product_card"), strict=True):
        line["source"] = source
    rows = {row.key: row for row in metric_table(world.stored(), Scope(), by="source").rows}
    assert rows["product_card"]["paid_amount"] == 10_000
    assert rows["product_card"]["commission_settled"] == 0
    assert rows["live"]["commission_settled"] == 2_000


def test_a_leaders_file_leaves_the_influencers_part_to_the_bill() -> None:
    order = done("1")
    entry = bill_row(order, commission_influencer=2_000, commission_leader=200)
    world = billed_world([order], [entry], ("commissions",))
    world.commissions.append(charged(order, party="leader", party_id="house", commission_settled=210))
    found = metric_table(world.stored(), Scope()).total
    assert (found["commission_settled_influencer"], found["commission_settled_leader"]) == (2_000, 210)

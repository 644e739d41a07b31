"""Operating profit to the fen against figures by hand; every missing part is named, and only that one."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from shopdata.metrics.table import MetricTable, metric_table
from shopdata.scope import Basis, Scope
from tests.metrics.world import (
    COLUMNS,
    FIRST,
    Row,
    World,
    import_row,
    line_row,
    order_row,
    shop_row,
    simple_world,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)
KINDS = ("orders", "aftersales", "settlements", "commissions", "costs", "funds", "ads")
KEYS = (
    "operating_profit",
    "goods_cost",
    "units_uncosted",
    "insurance_cost",
    "compensation_cost",
    "subsidy_received",
)
BASES: tuple[Basis, ...] = ("placed", "paid", "event")


def sold(number: str, paid: int = 10_000, **more: Any) -> Row:
    known = {"paid_at": NOON, "shipped_at": NOON + DAY, "paid_amount": paid}
    return order_row(number, NOON, **known | more)


def cost(amount: int, sku: str = "A", since: int | None = None, kind: str = "goods") -> Row:
    day = None if since is None else (NOON + since * DAY).replace(hour=0)
    return {
        "shop_id": 1, "entry": f"{kind}{sku}{since}", "kind": kind, "sku_code": sku, "from_day": day,
        "amount": amount,
    }  # fmt: skip


def moved(key: str, amount: int, scene: str) -> Row:
    direction = "in" if amount < 0 else "out"
    known = {"shop_id": 1, "flow_key": key, "moved_at": NOON, "scene": scene}
    return known | {"amount": abs(amount), "direction": direction}


def month(kinds: tuple[str, ...] = KINDS) -> World:
    """An order of 100.00 with every part, and one that came back whole."""
    first = sold("1", platform_subsidy=300, influencer_subsidy=100, payment_discount=50)
    back = {"is_refunded": True, "is_returned": True, "refund_amount": 5_000, "refunded_at": NOON + 5 * DAY}
    second = sold("2", 5_000, platform_subsidy=200, **back)
    made = simple_world([first, second], kinds)
    made.lines = [line_row(first, sku_code="A", quantity=2), line_row(second, sku_code="A")]
    made.aftersales = [
        {
            "shop_id": 1, "aftersale_id": "r", "order_id": "2", "line_id": "2-1", "kind": "return_refund",
            "status": "refunded", "refund_amount": 5_000, "refunded_at": NOON + 5 * DAY,
        }
    ]  # fmt: skip
    entry = {
        "shop_id": 1,
        "settlement_id": "a",
        "order_id": "1",
        "line_id": "1-1",
        "settled_at": NOON + 9 * DAY,
    }
    made.settlements = [
        entry | {"settled_amount": 7_950, "platform_fee": 500, "commission_influencer": 2_000}
    ]
    made.commissions = [
        {
            "shop_id": 1, "party": "influencer", "party_id": "star", "line_id": "1-1", "paid_at": NOON,
            "settled_at": NOON + 9 * DAY, "settled_base": 10_000, "commission_settled": 2_000,
        }
    ]  # fmt: skip
    made.costs = [cost(1_500), cost(100, kind="packaging")]
    made.funds = [
        moved("i", 45, "insurance"), moved("c", 70, "compensation"), moved("s", 30, "small_payment"),
        moved("b", -5, "insurance"), moved("w", 90_000, "withdrawal"), moved("t", 80_000, "advertising"),
    ]  # fmt: skip
    made.ads = [{"shop_id": 1, "entry": "d", "day": NOON.replace(hour=0), "grain": "", "spend": 600}]
    return made


# 150.00 paid, 4.50 subsidies, 50.00 refunded, 5.00 fee, 20.00 commission, 2 pieces of 16.00, 0.40 insurance,
# 1.00 compensation, 6.00 of ads; withdrawals and top-ups are no cost.
PARTS = {
    "paid_amount": 15_000, "subsidy_received": 450, "refund_amount": -5_000, "platform_fee": -500,
    "commission_settled": -2_000, "goods_cost": -3_200, "insurance_cost": -40, "compensation_cost": -100,
    "ad_spend": -600,
}  # fmt: skip


def table(made: World, by: str | None = None, **scope: Any) -> MetricTable:
    return metric_table(made.stored(), Scope(**scope), by=by, keys=KEYS)


@pytest.mark.parametrize("basis", BASES)
def test_profit_is_the_sum_of_its_parts_to_the_fen(basis: Basis) -> None:
    found = table(month(), basis=basis)
    assert found.total["operating_profit"] == sum(PARTS.values()) == 4_010
    assert found.lacking == {"operating_profit": ("freight_cost",)}
    assert found.as_json()["missing_parts"] == {"operating_profit": ["freight_cost"]}


@pytest.mark.parametrize("by", ["day", "month", "shop", "platform"])
def test_profit_splits_where_its_parts_do(by: str) -> None:
    found = table(month(), by, basis="paid")
    by_row = found.as_json()["missing_parts_by_row"]
    assert all("freight_cost" in by_row[row.key]["operating_profit"] for row in found.rows)
    assert sum(row["operating_profit"] or 0 for row in found.rows) == 4_010


@pytest.mark.parametrize("by", ["source", "province", "product"])
def test_profit_is_not_split_by_what_a_known_part_cannot_be(by: str) -> None:
    found = table(month(), by, basis="paid")
    assert {row["operating_profit"] for row in found.rows} == {None}
    assert found.total["operating_profit"] == 4_010


@pytest.mark.parametrize(
    ("dropped", "named"),
    [
        ("aftersales", ("refund_amount",)),
        ("settlements", ("platform_fee",)),
        ("costs", ("goods_cost",)),
        ("funds", ("insurance_cost", "compensation_cost")),
        ("ads", ("ad_spend",)),
    ],
)
def test_a_missing_file_names_exactly_its_part(dropped: str, named: tuple[str, ...]) -> None:
    made = month(tuple(kind for kind in KINDS if kind != dropped))
    found = table(made, basis="paid")
    assert set(found.lacking["operating_profit"]) == {*named, "freight_cost"}
    assert found.total["operating_profit"] == sum(fen for key, fen in PARTS.items() if key not in named)


def test_order_files_without_subsidies_name_them() -> None:
    made = month()
    columns = [name for name in COLUMNS["orders"] if name != "platform_subsidy"]
    made.imports[0] = import_row("orders", columns=json.dumps(columns))
    found = table(made, basis="paid")
    assert set(found.lacking["operating_profit"]) == {"subsidy_received", "freight_cost"}
    assert found.total["operating_profit"] == 4_010 - 450


def test_without_fees_and_commissions_there_is_no_profit_and_the_file_is_named() -> None:
    made = month(tuple(kind for kind in KINDS if kind not in ("settlements", "commissions")))
    found = table(made, basis="paid")
    assert found.total["operating_profit"] is None
    assert found.missing["operating_profit"] == "settlements"


def test_a_shop_without_a_file_leaves_the_part_out_of_the_total_and_names_it() -> None:
    made = month()
    made.shops.append(shop_row(2))
    other = sold("9", 700, shop_id=2)
    made.orders.append(other)
    made.lines.append(line_row(other))
    made.imports += [import_row(kind, shop_id=2) for kind in KINDS if kind != "ads"]
    found = table(made, "shop", basis="paid")
    assert set(found.lacking["operating_profit"]) >= {"ad_spend", "freight_cost"}
    by_shop = {row.key: row for row in found.rows}
    assert by_shop["1"]["operating_profit"] == 4_010
    assert "ad_spend" in by_shop["2"].lacking["operating_profit"]


def test_the_cost_valid_on_the_day_of_payment_counts() -> None:
    made = month()
    made.costs = [cost(1_000), cost(1_200, since=-2), cost(9_000, since=3)]
    assert table(made).total["goods_cost"] == 2 * 1_200
    made.costs = [cost(9_000, since=3)]
    assert table(made).total["units_uncosted"] == 2


def test_pieces_without_a_cost_are_counted_and_never_nothing() -> None:
    made = month()
    other = sold("3")
    made.orders.append(other)
    made.lines.append(line_row(other, sku_code="unheard", quantity=3))
    found = table(made).total
    assert (found["goods_cost"], found["units_uncosted"]) == (3_200, 3)
    made.costs = [cost(1_500, "else")]
    found = table(made).total
    assert (found["goods_cost"], found["units_uncosted"]) == (None, 5)


def test_goods_that_came_back_or_never_left_cost_nothing_and_others_do() -> None:
    """Returned whole; refunded unshipped; refunded, not returned; refunded in part; one line returned."""
    gone = {"is_refunded": True, "refund_amount": 10_000}
    orders = [
        sold("1", is_returned=True, **gone),
        order_row("2", NOON, paid_at=NOON, **gone),
        sold("3", **gone),
        sold("4", is_refunded=True, refund_amount=400),
        sold("5", lines=2, is_refunded=True, is_returned=True, refund_amount=5_000),
    ]
    made = simple_world(orders, KINDS)
    made.lines = [line_row(order, sku_code="A") for order in orders[:4]]
    made.lines += [line_row(orders[4], n, sku_code="A", paid_amount=5_000) for n in (1, 2)]
    made.aftersales = [
        {
            "shop_id": 1, "aftersale_id": "r", "order_id": "5", "line_id": "5-2", "kind": "return_refund",
            "status": "refunded", "refund_amount": 5_000,
        }
    ]  # fmt: skip
    made.costs = [cost(100)]
    assert table(made).total["goods_cost"] == 300


def test_cost_of_goods_equals_the_loops_over_many_lines_and_price_changes() -> None:
    draw = random.Random(3)  # noqa: S311 - seeded on purpose
    made = simple_world([], KINDS)
    made.costs = [cost(draw.randrange(100, 900), sku, since) for sku in "ABC" for since in (None, -20, 0, 20)]
    expected = 0
    for n in range(150):
        order = sold(str(n)) | {"paid_at": NOON + draw.randrange(-40, 40) * DAY, "lines": 2}
        made.orders.append(order)
        for line in (1, 2):
            sku, pieces = draw.choice("ABC"), draw.randrange(1, 4)
            made.lines.append(line_row(order, line, sku_code=sku, quantity=pieces))
            valid = [
                row for row in made.costs
                if row["sku_code"] == sku and (row["from_day"] is None or row["from_day"] <= order["paid_at"])
            ]  # fmt: skip
            expected += pieces * max(valid, key=lambda row: row["from_day"] or FIRST - 99 * DAY)["amount"]
    assert table(made).total["goods_cost"] == expected


def test_a_line_refunded_before_it_left_costs_nothing_though_its_neighbour_was_shipped() -> None:
    order = sold("1", 20_000, lines=2, is_shipped=True, is_refunded=True, refund_amount=10_000)
    world = simple_world([order], kinds=KINDS)
    world.lines = [
        line_row(order, place, sku_code="A", quantity=1, paid_amount=10_000, paid_at=NOON) for place in (1, 2)
    ]
    back = {"shop_id": 1, "aftersale_id": "a", "order_id": "1", "line_id": "1-2", "status": "refunded"}
    costs = {}
    for kind in ("refund_unshipped", "refund_shipped"):
        world.aftersales = [back | {"kind": kind, "refund_amount": 10_000, "applied_at": NOON}]
        world.costs = [cost(3_000)]
        costs[kind] = metric_table(world.stored(), Scope(basis="paid"), keys=("goods_cost",)).total[
            "goods_cost"
        ]
    assert costs == {"refund_unshipped": 3_000, "refund_shipped": 6_000}

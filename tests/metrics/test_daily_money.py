"""What advertising cost and who visited: each yuan and person once, nothing where nothing is told."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from shopdata.metrics.table import metric_table
from shopdata.scope import Basis, Scope
from tests.metrics.random_world import random_world
from tests.metrics.world import FIRST, Row, World, day, import_row, order_row, shop_row, simple_world

KEYS = ("ad_spend", "ad_ratio", "ad_ratio_paid", "visitors", "visit_to_order_rate")
DAY = timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)
TODAY = NOON.replace(hour=0)


def ad(spend: int, entry: str = "whole", **changes: Any) -> Row:
    """What a whole day cost, as one row says it."""
    return {"shop_id": 1, "entry": entry, "day": TODAY, "grain": "", "spend": spend} | changes


def seen(visitors: int | None, entry: str = "all", **changes: Any) -> Row:
    """Who came to the whole shop on a day."""
    return {"shop_id": 1, "entry": entry, "day": TODAY, "source": "all", "visitors": visitors} | changes


def told(ads: tuple[Row, ...] = (), traffic: tuple[Row, ...] = (), orders: list[Row] | None = None) -> World:
    world = simple_world(
        [order_row("1", NOON, paid_at=NOON)] if orders is None else orders,
        ("orders", "settlements", "ads", "traffic"),
    )
    world.ads, world.traffic = list(ads), list(traffic)
    return world


def total(world: World, **scope: Any) -> Any:
    return metric_table(world.stored(), Scope(**scope), keys=KEYS).total


def test_spend_and_ratios_of_the_days_told_equal_the_loops() -> None:
    """Ads of every second day, traffic of every third: both sides of a ratio are of the same days."""
    world, draw = random_world(3, 300, 1), random.Random(5)  # noqa: S311 - seeded on purpose
    days = [FIRST + n * DAY for n in range(80)]
    world.ads = [ad(draw.randrange(1_000, 9_000), f"a{n}", day=at) for n, at in enumerate(days) if n % 2]
    world.traffic = [seen(draw.randrange(50, 90), f"t{n}", day=at) for n, at in enumerate(days) if n % 3 == 0]
    world.imports += [import_row("ads"), import_row("traffic")]
    start, end = day(5), day(60)
    spend = {row["day"].date(): row["spend"] for row in world.ads if start <= row["day"].date() <= end}
    people = {
        row["day"].date(): row["visitors"] for row in world.traffic if start <= row["day"].date() <= end
    }
    store = world.stored()
    bases: tuple[Basis, ...] = ("placed", "paid", "event")
    for basis in bases:
        found = metric_table(store, Scope(basis=basis, start=start, end=end), keys=KEYS).total
        anchor = "placed_at" if basis == "placed" else "paid_at"
        paid = [order for order in world.orders if order["is_paid"] and order[anchor].date() in spend]
        orders = {o["order_id"] for o in world.orders if (o.get(anchor) or NOON).date() in spend}
        orders &= {order["order_id"] for order in (paid if basis == "paid" else world.orders)}
        entries = [
            row
            for row in world.settlements
            if (row["settled_at"].date() in spend if basis == "event" else row["order_id"] in orders)
        ]
        assert (found["ad_spend"], found["visitors"]) == (sum(spend.values()), sum(people.values()))
        money = sum(order["paid_amount"] for order in paid)
        assert found["ad_ratio_paid"] == pytest.approx(sum(spend.values()) / money)
        settled = sum(row["settled_amount"] for row in entries)
        assert found["ad_ratio"] == pytest.approx(sum(spend.values()) / settled)
        placed = sum(order["placed_at"].date() in people for order in world.orders)
        rate = None if basis == "paid" else pytest.approx(placed / sum(people.values()))
        assert found["visit_to_order_rate"] == rate


def test_a_day_no_file_tells_is_unknown_not_zero() -> None:
    orders = [order_row(str(n), NOON + n * DAY, paid_at=NOON + n * DAY) for n in range(2)]
    world = told((ad(500),), (seen(40),), orders)
    start = NOON.date()
    rows = metric_table(world.stored(), Scope(start=start, end=start + DAY), by="day", keys=KEYS).rows
    assert [(row["ad_spend"], row["visitors"]) for row in rows] == [(500, 40), (None, None)]
    assert [row["ad_ratio_paid"] for row in rows] == [pytest.approx(0.05), None]
    assert total(told((ad(0),)))["ad_spend"] == 0


@pytest.mark.parametrize("by", ["week", "month", "weekday", "shop", "platform"])
def test_they_split_by_time_and_shop(by: str) -> None:
    table = metric_table(told((ad(500),), (seen(40),)).stored(), Scope(), by=by, keys=KEYS)
    assert [(row["ad_spend"], row["visitors"]) for row in table.rows if row["visitors"]] == [(500, 40)]


@pytest.mark.parametrize("by", ["hour", "province", "product", "influencer", "day,pay_method"])
def test_they_split_by_nothing_else(by: str) -> None:
    table = metric_table(told((ad(500),), (seen(40),)).stored(), Scope(), by=by, keys=KEYS)
    assert {row[key] for row in table.rows for key in KEYS} == {None}
    assert (table.total["ad_spend"], table.total["visitors"]) == (500, 40)


def test_reports_of_different_grains_tell_the_same_spend_once() -> None:
    plans = (ad(200, "p1", grain="plan", plan_id="1"), ad(290, "p2", grain="plan", plan_id="2"))
    rooms = (ad(100, "r1", grain="room", room_id="1"),)
    assert total(told((ad(500), *plans, *rooms)))["ad_spend"] == 500
    assert total(told((ad(450), *plans)))["ad_spend"] == 450
    assert total(told((*plans, *rooms)))["ad_spend"] == 490


def test_what_the_shops_own_accounts_spent_comes_first() -> None:
    own, others = ad(300, "b", scope="bound"), ad(900, "p", scope="promoted")
    assert total(told((own, others)))["ad_spend"] == 300
    assert total(told((others,)))["ad_spend"] == 900


def test_hours_make_the_day_and_are_not_added_to_it() -> None:
    hours = tuple(ad(50, f"h{n}", hour=str(n)) for n in range(4))
    assert total(told(hours))["ad_spend"] == 200
    assert total(told((ad(210), *hours)))["ad_spend"] == 210


def test_platforms_of_ads_add_up_and_a_report_without_one_is_not_added_to_them() -> None:
    named = (ad(100, "a", ad_platform="A"), ad(70, "b", ad_platform="B"))
    assert total(told(named))["ad_spend"] == 170
    assert total(told((*named, ad(180))))["ad_spend"] == 180


def test_rows_of_several_days_belong_to_no_day() -> None:
    month = ad(9_000, "m", last_day=TODAY + 9 * DAY)
    assert total(told((month,)))["ad_spend"] is None
    assert total(told((month, ad(500, last_day=TODAY))))["ad_spend"] == 500


def test_people_of_several_sources_are_not_added_up() -> None:
    sources = (seen(30, "l", source="live"), seen(25, "c", source="product_card"))
    world = told(traffic=sources)
    assert total(world)["visitors"] is None
    assert total(told(traffic=(*sources, seen(40))))["visitors"] == 40
    rows = metric_table(world.stored(), Scope(), by="source", keys=KEYS).rows
    assert {row.key: row["visitors"] for row in rows if row["visitors"]} == {"live": 30, "product_card": 25}
    assert total(world, sources=("live",))["visitors"] == 30
    assert total(world, sources=("live", "product_card"))["visitors"] is None


def test_parts_of_the_shop_and_doubled_rows_are_not_the_whole() -> None:
    room = seen(12, "r", room_id="1")
    assert total(told(traffic=(room,)))["visitors"] is None
    assert total(told(traffic=(room, seen(40))))["visitors"] == 40
    twice = (seen(40, "h1", day=TODAY + timedelta(hours=9)), seen(30, "h2", day=TODAY + timedelta(hours=10)))
    assert total(told(traffic=twice))["visitors"] is None


def test_a_shop_without_the_file_leaves_the_total_unknown() -> None:
    first, second = order_row("1", NOON, paid_at=NOON), order_row("2", NOON, paid_at=NOON, shop_id=2)
    world = told((ad(500),), (seen(40),), [first, second])
    world.shops = [shop_row(1), shop_row(2)]
    world.imports.append(import_row("orders", shop_id=2))
    table = metric_table(world.stored(), Scope(), by="shop", keys=KEYS)
    assert (table.total["ad_spend"], table.total["visitors"]) == (None, None)
    assert {row.key: row["ad_spend"] for row in table.rows} == {"1": 500, "2": None}


def test_without_files_the_file_to_upload_is_named() -> None:
    table = metric_table(simple_world([order_row("1", NOON)]).stored(), Scope(), keys=KEYS)
    assert set(table.total[key] for key in KEYS) == {None}
    wanted = {
        "ad_spend": "ads",
        "ad_ratio_paid": "ads",
        "visitors": "traffic",
        "visit_to_order_rate": "traffic",
    }
    assert {key: table.missing[key] for key in wanted} == wanted

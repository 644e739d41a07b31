"""Logistics: times by place, couriers on equal lanes, the worst lanes: against loops and planted answers."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from shopdata.analysis.lanes import CourierRow, couriers, lanes
from shopdata.analysis.logistics import Logistics, logistics, stages, unknown, unsigned
from shopdata.analysis.trends import heat_map
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.maturity import horizon
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.oracle import quantile
from tests.metrics.random_world import random_world
from tests.metrics.world import AS_OF, FIRST, MemoryStore, Row, World, import_row, order_row, shop_row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEAR, FAR = (
    ("330000", "320000", "310000", "340000", "350000"),
    ("650000", "540000", "620000", "510000", "530000"),
)


class Lane:
    """A world of parcels: orders shipped from day 5 on, with the hours each took (``None``: unsigned)."""

    def __init__(self, kinds: tuple[str, ...] = ("orders", "aftersales", "parcels")) -> None:
        self.world = World(shops=[shop_row()], imports=[import_row(kind) for kind in kinds])

    def add(self, province: str, courier: str, hours: Iterable[float | None], **more: Any) -> None:
        for spent in hours:
            number = f"{len(self.world.orders) + 1:06d}"
            placed = more.get("placed_at") or FIRST + 5 * DAY + (len(self.world.orders) % 480) * HOUR
            shipped = placed + 10 * HOUR
            signed = None if spent is None else shipped + timedelta(hours=spent)
            facts = {
                "paid_at": placed + HOUR,
                "shipped_at": shipped,
                "signed_at": signed,
                "province": province,
            }
            facts |= {"courier": courier, "picked_up_at": shipped + 2 * HOUR, "city": f"{province[:3]}100"}
            facts |= {"parcels": 1, "parcels_tracked": 1}
            order = order_row(number, **{"placed_at": placed} | facts | more)
            self.world.orders.append(order)
            copied = ("shop_id", "order_id", "courier", "shipped_at", "picked_up_at", "signed_at")
            parcel = {name: order[name] for name in copied} | {"waybill": number, "tracked": True}
            self.world.parcels.append(parcel | {"transit": order["is_transit"]})

    def stored(self) -> MemoryStore:
        return self.world.stored()


@pytest.fixture(scope="module")
def world() -> World:
    """Orders of every fate in two provinces, each with one city, and in none."""
    found = random_world(3, 900, 1)
    for order in found.orders:
        order["city"] = {"440000": "440100", "330000": "330100"}.get(order["province"])
    return found


@pytest.fixture(scope="module")
def store(world: World) -> MemoryStore:
    return world.stored()


def around(middle: float, n: int, seed: int = 1) -> list[float]:
    draw = random.Random(seed)  # noqa: S311 - seeded on purpose
    return [max(1.0, draw.gauss(middle, middle / 5)) for _ in range(n)]


def by_key(rows: tuple[CourierRow, ...] | None) -> dict[str, CourierRow]:
    assert rows is not None
    return {row.key: row for row in rows}


def flattered() -> MemoryStore:
    """SLOW takes 12 hours more than FAST everywhere, but mostly serves what lies near."""
    lane = Lane()
    for at, province in enumerate(NEAR):
        lane.add(province, "SLOW", around(52, 80, at))
        lane.add(province, "FAST", around(40, 15, at + 50))
    for at, province in enumerate(FAR):
        lane.add(province, "SLOW", around(112, 10, at + 20))
        lane.add(province, "FAST", around(100, 90, at + 70))
    return lane.stored()


def test_a_courier_slow_on_equal_lanes_is_found_though_its_crude_median_looks_good() -> None:
    found = by_key(couriers(flattered(), Scope()))
    assert found["SLOW"].p50 < found["FAST"].p50 - 20
    assert found["SLOW"].difference == pytest.approx(12, abs=4)
    assert found["SLOW"].clear
    assert found["FAST"].difference == pytest.approx(-12, abs=4)
    assert (found["SLOW"].shared_n, found["SLOW"].lanes) == (450, 10)


def test_equal_couriers_are_not_told_apart() -> None:
    lane = Lane()
    for at, province in enumerate((*NEAR, *FAR)):
        lane.add(province, "A", around(60, 40, at))
        lane.add(province, "B", around(60, 40, at + 90))
    assert [row.clear for row in couriers(lane.stored(), Scope()) or ()] == [False, False]


def test_couriers_that_share_no_lane_are_not_compared() -> None:
    lane = Lane()
    lane.add("330000", "A", around(40, 60))
    lane.add("650000", "B", around(140, 60))
    found = by_key(couriers(lane.stored(), Scope()))
    assert [(row.difference, row.shared_n, row.clear) for row in found.values()] == [(None, 0, False)] * 2


def test_another_warehouse_is_another_lane() -> None:
    lane = Lane()
    lane.add("330000", "A", around(40, 60), warehouse_name="Hangzhou")
    lane.add("330000", "B", around(90, 60), warehouse_name="Chengdu")
    assert by_key(couriers(lane.stored(), Scope()))["A"].difference is None


def test_the_planted_lane_comes_first_and_small_ones_are_counted_not_ranked() -> None:
    lane = Lane()
    for at, province in enumerate((*NEAR, *FAR)):
        lane.add(province, "A", around(60, 50, at))
        lane.add(province, "B", around(60, 50, at + 30))
    lane.add("440000", "A", [100.0] * 60)
    lane.add("440000", "B", [64.0] * 60)
    lane.add("450000", "A", [500.0] * 19)
    found = lanes(lane.stored(), Scope())
    assert found is not None
    first = found.rows[0]
    assert first.keys == ("440000", "A")
    assert (first.n, first.p50) == (60, pytest.approx(100.5, abs=0.5))
    assert first.extra_hours == pytest.approx((first.p50 - (found.usual or 0)) * 60)
    assert first.low > (found.usual or 0)
    assert (first.others_p50, first.others_n) == (pytest.approx(64.5, abs=0.5), 60)
    assert (found.small, found.small_n) == (1, 19)
    assert found.n == sum(row.n for row in found.rows) + 19


@pytest.mark.parametrize("by", ["province,courier", "city,courier", "city"])
def test_lanes_equal_the_loops_to_the_hour(world: World, store: MemoryStore, by: str) -> None:
    frame = frame_of(store, Scope())
    old = timedelta(seconds=horizon(horizons_of(store, frame, ("sign",)), 1, "sign"))
    orders = {order["order_id"]: order for order in world.orders}
    cells: dict[tuple[str, ...], list[float]] = {}
    for parcel in world.parcels:
        order = orders[parcel["order_id"]]
        shipped, signed = parcel["shipped_at"], parcel["signed_at"]
        if not order["is_paid"] or AS_OF - shipped < old or signed is None or signed < shipped:
            continue
        known = {"courier": parcel["courier"], "province": order["province"], "city": order["city"]}
        key = tuple(known[name] or "unknown" for name in by.split(","))
        cells.setdefault(key, []).append((signed - shipped) / HOUR)
    found = lanes(store, Scope(basis="paid"), by)
    assert found is not None
    assert {row.keys: row.n for row in found.rows} == {
        key: len(times) for key, times in cells.items() if len(times) >= 20
    }
    for row in found.rows:
        assert row.p50 == pytest.approx(quantile(cells[row.keys], 0.5), abs=1)
        assert row.p90 == pytest.approx(quantile(cells[row.keys], 0.9), abs=1)
        assert row.low <= row.p50 <= row.high


def test_young_parcels_do_not_flatter_a_lane() -> None:
    """Of those shipped yesterday only the quick are signed: neither lane nor courier counts them."""
    lane = Lane()
    lane.add("330000", "A", [60.0] * 30)
    lane.add("330000", "A", [5.0] * 40, placed_at=AS_OF - 2 * DAY)
    found = lanes(lane.stored(), Scope())
    assert found is not None
    assert (found.n, round(found.rows[0].p50)) == (30, 60)


def test_parcels_in_transit_and_times_in_the_wrong_order_belong_to_no_lane() -> None:
    lane = Lane()
    lane.add("650000", "A", [30.0] * 25, is_transit=True)
    lane.add("650000", "A", [-5.0] * 25)
    found = lanes(lane.stored(), Scope())
    assert found is not None
    assert (found.n, found.usual, found.rows) == (0, None, ())


def rows_of(found: Logistics) -> dict[str, Any]:
    return {row.key: row.values for row in found.table.rows}


def test_places_equal_the_loops(world: World, store: MemoryStore) -> None:
    found = rows_of(logistics(store, Scope(basis="paid")))
    groups: dict[str, list[Row]] = {}
    for order in world.orders:
        if order["is_paid"]:
            groups.setdefault(order["province"] or "unknown", []).append(order)
    assert found.keys() == groups.keys()
    for key, orders in groups.items():
        pairs = [(order.get("shipped_at"), order.get("signed_at")) for order in orders]
        times = [(end - start) / HOUR for start, end in pairs if start and end and end >= start]
        shown = found[key]
        assert shown["ship_to_sign_hours_n"] == len(times)
        assert shown["ship_to_sign_hours_p50"] == pytest.approx(quantile(times, 0.5))
        assert shown["ship_to_sign_hours_p90"] == pytest.approx(quantile(times, 0.9))
        assert shown["orders_paid"] == len(orders)


def test_orders_of_no_known_province_are_a_row_of_their_own() -> None:
    lane = Lane()
    lane.add("330000", "A", [40.0] * 3)
    lane.add("unknown", "A", [40.0] * 2)
    lane.add("", "A", [40.0])
    lane.world.orders[-1]["province"] = None
    found = logistics(lane.stored(), Scope(basis="paid"))
    row = unknown(found.table)
    assert row is not None
    assert row["orders_paid"] == 3
    assert words("zh")("analysis.logistics.unknown", n="3") in found.as_json(words("zh"))["notes"]


def test_transit_is_counted_apart_and_feeds_no_time() -> None:
    lane = Lane()
    lane.add("650000", "A", [None] * 4, is_transit=True)
    lane.add("650000", "A", [100.0] * 2)
    total = logistics(lane.stored(), Scope(basis="paid")).table.total
    assert (total["orders_transit"], total["orders_shipped"], total["ship_to_sign_hours_n"]) == (4, 6, 2)
    assert unsigned(total) == 0


def test_without_times_of_signing_the_file_is_named_and_nothing_stands_in_for_them() -> None:
    lane = Lane(("orders", "aftersales"))
    lane.add("330000", "A", [40.0] * 30)
    found = logistics(lane.stored(), Scope(basis="paid"))
    assert (found.lanes, found.couriers) == (None, None)
    legs = {stage.key: stage for stage in stages(found.table)}
    assert (legs["ship_to_sign_hours"].p50, legs["ship_to_sign_hours"].missing) == (None, "parcels")
    assert (legs["pay_to_ship_hours"].p50, legs["pay_to_ship_hours"].missing) == (9, None)
    document = found.as_json(words("zh"))
    assert document["rows"][0]["ship_to_sign_hours_p50"] is None
    assert words("zh")("ui.kinds.parcels") in document["notes"][0]


def test_the_legs_of_the_way_are_measured_one_by_one() -> None:
    lane = Lane()
    lane.add("330000", "A", [40.0, 50.0, 70.0])
    legs = {stage.key: stage.p50 for stage in stages(logistics(lane.stored(), Scope(basis="paid")).table)}
    assert legs == {
        "pay_to_ship_hours": 9,
        "ship_to_pickup_hours": 2,
        "pickup_to_sign_hours": 48,
        "ship_to_sign_hours": 50,
    }


def test_the_hours_of_the_week_are_those_of_shipping(world: World, store: MemoryStore) -> None:
    found = heat_map(store, Scope(basis="event"), "orders_shipped").values
    expected = [[0] * 24 for _ in range(7)]
    for order in world.orders:
        if order.get("shipped_at"):
            expected[order["shipped_at"].weekday()][order["shipped_at"].hour] += 1
    assert [list(row) for row in found] == expected


@pytest.mark.parametrize("spelling", ["广东", "广东省", "GD", "440000", "44", "CN-GD", "广东省深圳市"])
def test_a_province_is_known_by_all_its_names(spelling: str) -> None:
    assert places().province(spelling) == "440000"


@pytest.mark.parametrize(
    ("province", "city", "code"),
    [
        ("440000", "深圳", "440300"),
        ("440000", "深圳市", "440300"),
        ("110000", "市辖区", "110100"),
        ("110000", "北京市", "110100"),
        ("510000", "凉山", "513400"),
        ("510000", "凉山彝族自治州", "513400"),
        ("650000", "喀什地区", "653100"),
        ("650000", "喀什", "653100"),
    ],
)
def test_a_city_is_known_within_its_province(province: str, city: str, code: str) -> None:
    assert places().city(city, province) == code

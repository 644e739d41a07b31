"""Warehouse advice: on shops whose lanes follow a known line, so that the best city is known beforehand."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from random import Random
from statistics import mean
from typing import Any

import numpy as np
import pytest

from shopdata.analysis.lane_times import score
from shopdata.analysis.sites import best_sites, served
from shopdata.analysis.warehouse import break_even, plans, warehouses
from shopdata.analysis.warehouse_document import document, refusal
from shopdata.commands.analyses.warehouse import ANALYSIS
from shopdata.commands.asked import Asked
from shopdata.errors import BadUsage
from shopdata.imports.scoping import Shop
from shopdata.imports.warehouses import origin_of
from shopdata.platforms.distances import centres, kilometres
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.world import AS_OF, FIRST, MemoryStore, Row, order_row, shop_row, simple_world

HANGZHOU, CHENGDU = "330100", "510100"
START, PER_KM = 20.0, 0.03
# Two in five orders go to Chengdu, the others all over the country.
CITIES = (
    "110100", "130100", "140100", "210100", "230100", "310100", "320100", "320500", "340100", "350100",
    "370100", "370200", "410100", "420100", "430100", "440100", "440300", "450100", "500000", "520100",
    "530100", "610100", "620100", "510700", "511300",
)  # fmt: skip


def on_the_globe(first: str, second: str) -> float:
    """Kilometres, by the haversine formula."""
    (x, y), (a, b) = ((radians(one) for one in centres()[code]) for code in (first, second))
    half = sin((b - y) / 2) ** 2 + cos(y) * cos(b) * sin((a - x) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


def shipped(number: int, city: str, hours: float, **more: Any) -> Row:
    placed = FIRST + timedelta(hours=2.1 * number)
    ship = placed + timedelta(hours=5)
    defaults: Row = {
        "paid_at": placed,
        "shipped_at": ship,
        "signed_at": ship + timedelta(seconds=round(hours * 3600)),
        "parcels": 1,
        "parcels_signed": 1,
        "parcels_tracked": 1,
        "city": city,
        "province": f"{city[:2]}0000",
        "courier": ("中通快递", "顺丰速运")[number % 2],
    }
    return order_row(f"{number}", placed, **defaults | more)


def orders_of(*, per_km: float = PER_KM, noise: float = 6.0, count: int = 600, seed: int = 3) -> list[Row]:
    random = Random(seed)  # noqa: S311 - invented data, no secret
    found = []
    for number in range(count):
        city = CHENGDU if random.random() < 0.4 else random.choice(CITIES)
        fast = -5.0 if number % 2 else 5.0
        hours = START + per_km * on_the_globe(HANGZHOU, city) + fast + random.gauss(0, noise)
        found.append(shipped(number, city, max(hours, 1.0)))
    return found


def stored(orders: list[Row], ship_from: dict[str, str] | None = None) -> MemoryStore:
    world = simple_world(orders)
    held = {"": HANGZHOU} if ship_from is None else ship_from
    world.shops = [shop_row(ship_from=json.dumps(held))]
    return world.stored()


@pytest.fixture(scope="module")
def orders() -> list[Row]:
    return orders_of()


@pytest.fixture(scope="module")
def store(orders: list[Row]) -> MemoryStore:
    return stored(orders)


def test_the_planted_city_wins_and_the_line_is_found(store: MemoryStore) -> None:
    found = warehouses(store, Scope())
    assert found.refused is None
    assert found.estimate is not None
    assert found.estimate.times.slope == pytest.approx(PER_KM * 100, abs=0.25)
    best = max(found.estimate.what_if, key=lambda row: row.only.value)
    assert best.city == CHENGDU
    plan = plans(store, Scope(), keep=False)[0]
    assert (plan.sites, plan.clear) == ((CHENGDU,), True)
    assert plan.later == pytest.approx(plan.saved.value, rel=0.3)


def test_hours_saved_equal_plain_python(orders: list[Row], store: MemoryStore) -> None:
    found = warehouses(store, Scope())
    assert found.estimate is not None
    per_km = found.estimate.times.slope / 100
    cities = [row["city"] for row in orders]
    for keep, chosen in (
        (False, plans(store, Scope(), keep=False)),
        (True, plans(store, Scope(), keep=True)),
    ):
        for plan in chosen:
            gains = []
            for city in cities:
                today, then = (
                    on_the_globe(HANGZHOU, city),
                    min(on_the_globe(one, city) for one in plan.sites),
                )
                gains.append(per_km * (today - (min(today, then) if keep else then)))
            taken = [
                (row["signed_at"] - row["shipped_at"]).total_seconds() / 3600 - gain
                for row, gain in zip(orders, gains, strict=True)
            ]
            assert plan.saved.value == pytest.approx(mean(gains), rel=1e-9)
            assert plan.after.within == tuple(sum(one <= limit for one in taken) for limit in (48, 72))
            assert plan.after.p90 == pytest.approx(float(np.quantile(taken, 0.9)), abs=1e-6)
            assert plan.before.n == len(orders)


def test_the_interval_holds_the_truth(orders: list[Row], store: MemoryStore) -> None:
    plan = plans(store, Scope(), keep=False)[0]
    true = mean(
        PER_KM * (on_the_globe(HANGZHOU, row["city"]) - on_the_globe(CHENGDU, row["city"])) for row in orders
    )
    assert plan.saved.low is not None
    assert plan.saved.high is not None
    assert plan.saved.low < true < plan.saved.high


def test_hours_without_a_pattern_score_nothing_and_bring_no_advice(orders: list[Row]) -> None:
    hours = [row["signed_at"] - row["shipped_at"] for row in orders]
    Random(5).shuffle(hours)  # noqa: S311 - invented data, no secret
    mixed = [row | {"signed_at": row["shipped_at"] + one} for row, one in zip(orders, hours, strict=True)]
    store = stored(mixed)
    found = warehouses(store, Scope())
    assert found.estimate is not None
    assert found.estimate.score is not None
    assert found.estimate.score.value < 0.03
    both = [*plans(store, Scope(), keep=False), *plans(store, Scope(), keep=True)]
    assert not any(plan.clear for plan in both)
    said = document(found, tuple(both), words("zh"))["notes"]
    assert sum("没有明显改善" in sentence for sentence in said) == len(both)


def test_the_score_is_of_orders_the_estimate_has_not_seen(orders: list[Row]) -> None:
    """In the last third distance counts the other way round: the estimate of the rest must be punished."""
    turned = []
    for number, row in enumerate(orders):
        flat = 150.0 - PER_KM * on_the_globe(HANGZHOU, row["city"])
        later = number >= 2 * len(orders) / 3
        turned.append(row | {"signed_at": row["shipped_at"] + timedelta(hours=flat)} if later else row)
    store = stored(turned)
    found = score(warehouses(store, Scope()).lanes.cells)
    assert found is not None
    assert found.value < 0
    assert not any(plan.clear for plan in plans(store, Scope(), keep=False))


@pytest.mark.parametrize("keep", [False, True])
def test_two_and_three_sites_are_the_best_of_all_choices(keep: bool) -> None:
    random = np.random.default_rng(8)
    codes = [code for code in centres() if code < "700000"]
    for _ in range(12):
        ends = list(random.choice(codes, 18))
        costs = kilometres(list(random.choice(codes, 11, replace=False)), ends)
        weights = random.integers(1, 60, 18).astype(float)
        today = random.uniform(50, 1500, 18) if keep else None
        for sites in (1, 2, 3):
            every = [float(served(costs, one, today) @ weights) for one in combinations(range(11), sites)]
            chosen = best_sites(costs, weights, sites, today)
            assert len(set(chosen)) == sites
            assert float(served(costs, chosen, today) @ weights) == pytest.approx(min(every))


def test_fewer_candidates_than_sites_are_all_taken() -> None:
    costs = np.array([[1.0, 5.0], [4.0, 2.0]])
    assert best_sites(costs, np.ones(2), 3) == (0, 1)
    assert best_sites(costs[:0], np.ones(2), 2) == ()


def test_an_unknown_origin_is_refused_and_said(orders: list[Row]) -> None:
    store = stored(orders, {})
    found = warehouses(store, Scope())
    assert (found.refused, found.estimate, found.lanes.left_out) == ("no_origin", None, {"no_origin": 600})
    assert plans(store, Scope(), keep=False) == ()
    assert "设置" in refusal(found, words("zh"))
    assert found.lanes.by_city[CHENGDU] == sum(row["city"] == CHENGDU for row in orders)


def test_a_warehouse_is_placed_by_the_settings_then_by_its_name_then_by_its_shop() -> None:
    shop = Shop(1, "A", "douyin", ship_from=(("", "440100"), ("总仓", "420100"), ("杭州二仓", "310100")))
    told = {name: origin_of(shop, name) for name in ("总仓", "杭州二仓", "成都仓", "郊外仓", "")}
    assert {name: (one.city, one.told) for name, one in told.items()} == {
        "总仓": ("420100", "setting"),
        "杭州二仓": ("310100", "setting"),
        "成都仓": ("510100", "name"),
        "郊外仓": ("440100", "shop"),
        "": ("440100", "shop"),
    }
    assert origin_of(Shop(1, "A", "douyin"), "郊外仓").city is None


@pytest.mark.parametrize(
    "name", ["吉林仓", "北京上海联合仓", "中山路仓", "东方云仓", "默认仓库", "朝阳仓", "1"]
)
def test_a_name_that_may_mean_several_places_names_no_city(name: str) -> None:
    assert places().city_in(name) is None


def test_only_old_enough_orders_signed_in_full_count() -> None:
    held = orders_of(count=300)
    told: dict[str, Row] = {
        "transit": {"is_transit": True, "signed_at": None},
        "untracked": {"signed_at": None, "parcels_tracked": 0},
        "inverted": {"signed_at": FIRST},
        "unsigned": {"signed_at": None},
        "no_city": {"city": None},
    }
    held += [shipped(400 + at, CHENGDU, 40.0) | more for at, more in enumerate(told.values())]
    young = AS_OF - timedelta(days=2)
    held.append(
        shipped(500, CHENGDU, 20.0)
        | {"placed_at": young, "shipped_at": young, "signed_at": young + timedelta(hours=20)}
    )
    found = warehouses(stored(held), Scope()).lanes
    assert found.left_out == dict.fromkeys((*told, "pending"), 1)
    assert found.cells.n.sum() == 300
    assert found.shipped == 306


def test_a_parcel_lost_for_months_does_not_move_its_lane(orders: list[Row], store: MemoryStore) -> None:
    plain = warehouses(store, Scope()).estimate
    lost = [dict(row) for row in orders]
    for row in lost[::150]:
        row["signed_at"] = row["shipped_at"] + timedelta(days=70)
    moved = warehouses(stored(lost), Scope()).estimate
    assert plain is not None
    assert moved is not None
    assert moved.times.slope == pytest.approx(plain.times.slope, abs=0.4)


def test_too_few_orders_cities_and_provinces_are_refused() -> None:
    assert warehouses(stored(orders_of(count=150)), Scope()).refused == "few_orders"
    near = ("320100", "320200", "320300", "320400", "320500", "320600")
    one = [shipped(number, near[number % 6], 30.0) for number in range(250)]
    assert warehouses(stored(one), Scope()).refused == "few_cities"
    many = [code for code in centres() if code[:2] in ("32", "33")]
    two = [shipped(number, many[number % 20], 30.0) for number in range(250)]
    assert warehouses(stored(two), Scope()).refused == "few_provinces"


def test_break_even_assumes_nothing(store: MemoryStore) -> None:
    found, plan = warehouses(store, Scope()), plans(store, Scope(), keep=False)[0]
    silent = break_even(found, plan, 1_000_000)
    assert silent.orders is None
    assert silent.per_order == pytest.approx(1_000_000 / found.lanes.per_month)
    assert silent.per_hour == pytest.approx(1_000_000 / found.lanes.per_month / plan.saved.value)
    assert break_even(found, plan, 1_000_000, 250).orders == 4_000


def test_the_document_has_the_contracts_rows(store: MemoryStore) -> None:
    asked = Asked(store, store.settings, words("en"))  # type: ignore[arg-type]
    answer: Any = ANALYSIS.ask(asked, {"monthly_cost": ["8000"], "saved_per_order": ["1.5"]})
    assert {"data_up_to", "currency", "rows", "total", "plans", "notes"} <= answer.keys()
    assert all({"key", "label", "orders", "share"} <= row.keys() for row in answer["rows"])
    assert sum(row["orders"] for row in answer["rows"]) + answer["unknown_city"] == answer["total"]["orders"]
    assert answer["break_even"][0]["orders_per_month"] == pytest.approx(800_000 / 150)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    for text in ("0", "-1", "many", "1e999999999", "NaN"):
        with pytest.raises(BadUsage):
            ANALYSIS.ask(asked, {"monthly_cost": [text]})


def test_every_city_has_a_centre_within_the_country() -> None:
    assert set(centres()) == set(places().cities)
    assert all(73 < x < 136 and 3 < y < 54 for x, y in centres().values())
    assert float(kilometres([HANGZHOU], [CHENGDU])[0, 0]) == pytest.approx(1_500, abs=30)

"""Platforms side by side, and the shop beside a public index: what is shown, what is said to be unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shopdata.analysis.benchmark_index import benchmark_index
from shopdata.analysis.platform_comparison import Platforms, can_tell, platforms
from shopdata.metrics.catalogue import CATALOGUE, KEYS, needs_of
from shopdata.metrics.definition import Need
from shopdata.scope import Scope
from shopdata.store.own_entities import BENCHMARK
from shopdata.words import words
from tests.metrics.world import FIRST, World, day, import_row, line_row, order_row, shop_row

HAVE = {
    "douyin": ("orders", "aftersales", "parcels", "commissions"),
    "taobao": ("orders", "aftersales"),
    "kuaishou": ("orders", "parcels"),
}
DAY = timedelta(days=1)


def sold(currencies: dict[str, str] | None = None) -> World:
    world = World()
    for number, (platform, kinds) in enumerate(HAVE.items(), start=1):
        currency = (currencies or {}).get(platform, "CNY")
        world.shops.append(shop_row(number, platform=platform, currency=currency))
        world.imports += [import_row(kind, shop_id=number) for kind in kinds]
        for place in range(10 * number):
            at = FIRST + place * DAY
            order = order_row(
                f"{platform}{place}", at, paid_at=at + timedelta(minutes=1), platform=platform,
                shop_id=number, currency=currency, paid_amount=1_000 * number + place,
                platform_subsidy=5, discount_amount=3, freight_amount=0,
            )  # fmt: skip
            world.orders.append(order)
            world.lines.append(line_row(order))
    return world


@pytest.fixture(scope="module")
def found() -> Platforms:
    return platforms(sold().stored(), Scope())


def fed(kinds: tuple[str, ...], key: str) -> bool:
    """By hand: whether these files are all a metric needs."""
    return all(need.kind in kinds or need.instead in kinds for need in needs_of(CATALOGUE[key]))


def test_the_metrics_compared_are_exactly_those_every_platform_can_tell(found: Platforms) -> None:
    assert set(found.shared) == {key for key in KEYS if all(fed(kinds, key) for kinds in HAVE.values())}
    assert set(found.partly) == {
        key for key in KEYS if key not in found.shared and any(fed(kinds, key) for kinds in HAVE.values())
    }
    assert "orders_paid" in found.shared
    assert "refund_amount" in found.partly


def test_figures_of_a_platform_are_those_of_its_own_orders(found: Platforms) -> None:
    for number, row in enumerate(found.rows, start=1):
        paid = [1_000 * number + place for place in range(10 * number)]
        assert (row.values["orders_paid"], row.values["paid_amount"]) == (len(paid), sum(paid))
    assert found.total["orders_paid"] == 60


def test_a_platform_without_a_file_has_no_figure_but_a_reason_never_a_nought(found: Platforms) -> None:
    rows = {row.key: row for row in found.rows}
    for platform, kinds in HAVE.items():
        for key in KEYS:
            if not fed(kinds, key):
                assert rows[platform].values[key] is None
                assert rows[platform].gaps[key].shops
    assert rows["kuaishou"].gaps["refund_amount"].kind == "aftersales"
    assert not rows["kuaishou"].gaps["refund_amount"].never


def test_an_amount_whose_column_no_order_carries_is_not_compared() -> None:
    world = sold()
    for order in world.orders:
        order["platform_subsidy"] = None if order["platform"] == "taobao" else 5
    found = platforms(world.stored(), Scope())
    assert "platform_subsidy" not in found.shared
    assert {row.key: row.values["platform_subsidy"] for row in found.rows} == {
        "douyin": 50, "taobao": None, "kuaishou": 150,
    }  # fmt: skip


def test_what_no_export_of_a_platform_has_is_said_to_be_never_there() -> None:
    estimate = Need("commissions", "commission_estimated")
    assert (can_tell("douyin", estimate), can_tell("kuaishou", estimate)) == (True, True)
    assert not can_tell("taobao", estimate)
    assert can_tell("taobao", Need("aftersales"))


def test_money_of_different_currencies_is_not_added() -> None:
    mixed = platforms(sold({"kuaishou": "USD"}).stored(), Scope())
    assert mixed.currency is None
    assert mixed.total["paid_amount"] is None
    assert mixed.total["orders_paid"] == 60
    assert [row.currency for row in mixed.rows] == ["CNY", "CNY", "USD"]
    assert mixed.rows[2].values["paid_amount"] is not None
    assert mixed.as_json(words("zh"))["notes"]


def test_the_document_has_the_contracts_shape(found: Platforms) -> None:
    document = found.as_json(words("en"))
    assert {"data_up_to", "currency", "rows", "total"} <= document.keys()
    assert [row["label"] for row in document["rows"]] == ["Douyin", "Taobao", "Kuaishou"]
    assert document["rows"][1]["commission_settled"] is None


def public(values: dict[int, float], **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "shop_id": 1,
            "entry": f"{place}{more}",
            "day": FIRST + place * DAY,
            "industry": "tea",
            "value": value,
        }
        | more
        for place, value in values.items()
    ]


def test_both_series_are_100_on_the_same_day_and_equal_plain_python() -> None:
    world, values = sold(), {3: 50.0, 4: 60.0, 6: 25.0}
    store = world.stored()
    store.add(BENCHMARK.table, public({**values, 1: 0.0}))
    (one,) = benchmark_index(store, Scope(basis="paid"))
    own: dict[Any, int] = {}
    for order in world.orders:
        own[order["paid_at"].date()] = own.get(order["paid_at"].date(), 0) + order["paid_amount"]
    base = day(3)
    assert one.base == base
    found = dict(zip(one.days, zip(one.own, one.public, strict=True), strict=True))
    assert found[base] == (100, 100)
    for place, value in values.items():
        expected = (own[day(place)] / own[base] * 100, value / 50 * 100)
        assert found[day(place)] == pytest.approx(expected)
    assert found[day(5)][1] is None
    assert one.last == pytest.approx((own[day(6)] / own[base] * 100, 50))


def test_rows_of_several_days_and_shops_of_different_currencies_give_no_daily_index() -> None:
    store = sold().stored()
    store.add(BENCHMARK.table, public({1: 5.0, 2: 6.0}, last_day=FIRST + 9 * DAY))
    assert benchmark_index(store, Scope(basis="paid")) == ()
    mixed = sold({"kuaishou": "USD"}).stored()
    mixed.add(BENCHMARK.table, public({1: 5.0, 2: 6.0}))
    assert benchmark_index(mixed, Scope(basis="paid")) == ()

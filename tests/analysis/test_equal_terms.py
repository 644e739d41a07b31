"""Content types on equal terms: a mix that reverses the plain comparison, and sources that do not differ."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest

from shopdata.analysis import equal_terms as module
from shopdata.analysis.equal_terms import Comparison, equal_terms
from shopdata.analysis.strata import GROUPS, MEASURES, Cells
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from tests.metrics.random_world import random_world
from tests.metrics.world import FIRST, MemoryStore, Row, World, import_row, line_row, order_row, shop_row

PRICES = {"dear": 30_000, "cheap": 3_000}
# Orders a day of each content type and product, and refunds among ten of them, in a fixed order of chance.
SOLD = {
    ("live", "dear"): (16, 0.36),
    ("live", "cheap"): (4, 0.02),
    ("product_card", "dear"): (4, 0.50),
    ("product_card", "cheap"): (16, 0.10),
}


def shop(orders: list[Row], keys: dict[str, dict[str, Any]], **more: list[Row]) -> World:
    """One shop with every file; ``keys`` are what the single line of an order says."""
    kinds = ("orders", "aftersales", "commissions")
    lines = [line_row(order, **keys[order["order_id"]]) for order in orders]
    for order in orders:
        order["source"] = keys[order["order_id"]]["source"]
    imports = [import_row(kind) for kind in kinds]
    return World(shops=[shop_row()], imports=imports, orders=orders, lines=lines, **more)


def sold(number: int, paid_at: datetime, price: int, *, refunded: bool) -> Row:
    changes = {"is_refunded": True, "refund_amount": price, "refund_applied_at": paid_at + timedelta(days=2)}
    return order_row(
        str(number), paid_at, paid_at=paid_at, paid_amount=price, payable_amount=price,
        **(changes if refunded else {}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def mixed() -> World:
    """Live sells the dear product, which comes back; of each product fewer come back from live."""
    draw = random.Random(3)  # noqa: S311 - seeded on purpose
    orders: list[Row] = []
    keys: dict[str, dict[str, Any]] = {}
    for day, ((source, name), (count, rate)) in product(range(40), SOLD.items()):
        for _ in range(count):
            paid = FIRST + timedelta(days=day, hours=10)
            order = sold(len(orders), paid, PRICES[name], refunded=draw.random() < rate)
            orders.append(order)
            keys[order["order_id"]] = {"source": source, "product_id": name}
    return shop(orders, keys)


@pytest.fixture(scope="module")
def mixed_store(mixed: World) -> MemoryStore:
    return mixed.stored()


def only(store: MemoryStore, measure: str, **more: Any) -> Comparison:
    (found,) = equal_terms(store, Scope(), measure, **more).comparisons
    return found


def by_hand(world: World, source: str) -> tuple[float, float]:
    """Refund rate as it is, and weighted by what both sold of each product, in loops."""
    orders = {order["order_id"]: order for order in world.orders}
    counted: dict[tuple[str, str], list[bool]] = {}
    for line in world.lines:
        found = counted.setdefault((line["source"], line["product_id"]), [])
        found.append(orders[line["order_id"]]["is_refunded"])
    mine = [flag for (who, _), flags in counted.items() if who == source for flag in flags]
    weights = {name: sum(len(v) for (_, p), v in counted.items() if p == name) for name in PRICES}
    rates = {name: sum(counted[source, name]) / len(counted[source, name]) for name in PRICES}
    fair = sum(rates[name] * weights[name] for name in PRICES) / sum(weights.values())
    return sum(mine) / len(mine), fair


def test_a_mix_of_products_that_reverses_the_plain_comparison_is_seen_through(
    mixed: World, mixed_store: MemoryStore
) -> None:
    found = only(mixed_store, "refund_rate")
    assert (found.key, found.base, found.verdict) == ("product_card", "live", "reversed")
    assert found.standardised
    card, live = by_hand(mixed, "product_card"), by_hand(mixed, "live")
    assert card[0] < live[0]
    assert card[1] > live[1]
    assert (found.crude.value, found.crude.base) == pytest.approx((card[0], live[0]))
    assert (found.standardised.value, found.standardised.base) == pytest.approx((card[1], live[1]))
    assert found.crude.interval.value < 0 < found.standardised.interval.value
    assert (found.coverage, found.strata) == (1.0, 2)


def test_what_is_left_of_an_order_is_reversed_with_it(mixed_store: MemoryStore) -> None:
    found = only(mixed_store, "net_per_order")
    assert found.standardised
    assert found.crude.interval.value < 0
    assert found.standardised.interval.value < 0
    assert found.verdict == "lower"
    price = only(mixed_store, "average_order_value")
    assert price.standardised
    assert price.standardised.interval.value == pytest.approx(0)
    assert price.verdict == "mix"


def test_another_base_turns_the_sign_and_not_the_size(mixed_store: MemoryStore) -> None:
    there, back = only(mixed_store, "refund_rate"), only(mixed_store, "refund_rate", base="product_card")
    assert there.standardised
    assert back.standardised
    assert there.standardised.interval.value == pytest.approx(-back.standardised.interval.value)


def world_of(rows: list[tuple[str, str | None, int]], days: int = 20, **changes: Any) -> World:
    """Each row (source, product, price) sold once a day, unrefunded."""
    orders: list[Row] = []
    keys: dict[str, dict[str, Any]] = {}
    for day, (source, name, price) in product(range(days), rows):
        order = sold(len(orders), FIRST + timedelta(days=day, hours=9), price, refunded=False)
        orders.append(order | changes)
        keys[order["order_id"]] = {"source": source, "product_id": name}
    return shop(orders, keys)


def test_only_what_both_sell_at_the_same_price_is_compared_and_its_share_is_told() -> None:
    rows = [("live", "a", 3_000), ("product_card", "a", 3_000), ("live", "a", 9_000)]
    rows += [("product_card", "b", 3_000), ("live", None, 3_000), ("product_card", None, 3_000)]
    found = only(world_of(rows).stored(), "average_order_value")
    assert (found.coverage, found.strata) == (pytest.approx(2 / 6), 1)
    assert found.standardised
    assert (found.standardised.n, found.standardised.base_n) == (20, 20)


def test_types_with_nothing_in_common_are_not_compared_on_equal_terms() -> None:
    found = only(world_of([("live", "a", 3_000), ("short_video", "b", 3_000)]).stored(), "refund_rate")
    assert (found.standardised, found.coverage, found.verdict) == (None, 0.0, "apart")


def test_a_pending_source_is_compared_with_nothing_and_is_not_other() -> None:
    rows = [(source, "a", 3_000) for source in ("live", "pending", "unknown", "other")]
    found = equal_terms(world_of(rows).stored(), Scope(), "refund_rate")
    assert (found.groups, found.n) == (("live", "rest"), 40)


def test_few_days_or_orders_claim_nothing() -> None:
    rows = [("live", "a", 3_000)] * 5 + [("product_card", "a", 4_900)] * 5
    found = only(world_of(rows, days=10).stored(), "average_order_value")
    assert found.standardised
    assert found.standardised.interval.clear
    assert found.verdict == "few"


def test_young_orders_are_not_judged(mixed: World) -> None:
    as_of = FIRST + timedelta(days=60)
    world = World(
        shops=mixed.shops,
        imports=[import_row(kind, as_of) for kind in ("orders", "aftersales")],
        orders=[order | {"as_of": as_of} for order in mixed.orders],
        lines=mixed.lines,
    )
    old = [order for order in mixed.orders if as_of - order["paid_at"] >= timedelta(days=30)]
    found = equal_terms(world.stored(), Scope(), "refund_rate")
    assert (found.n, found.young) == (len(old), len(mixed.orders) - len(old))
    assert found.young > 0


def test_without_the_file_a_measure_says_which_one(mixed: World) -> None:
    world = World(mixed.shops, [import_row("orders")], mixed.orders, mixed.lines)
    store = world.stored()
    assert equal_terms(store, Scope(), "return_rate").missing == "aftersales"
    assert equal_terms(store, Scope(), "left_per_order").comparisons == ()
    assert equal_terms(store, Scope(), "average_order_value").comparisons


def test_commission_is_taken_off_the_lines_it_was_paid_for() -> None:
    world = world_of([("live", "a", 3_000), ("product_card", "a", 3_000)])
    paid = [line for line in world.lines if line["source"] == "live"]
    world.commissions = [
        {"shop_id": 1, "line_id": line["line_id"], "party": "influencer", "party_id": party,
         "commission_estimated": amount}
        for line in paid for party, amount in (("x", 400), ("y", 100))
    ]  # fmt: skip
    found = only(world.stored(), "left_per_order")
    assert found.standardised
    assert (found.standardised.value, found.standardised.base) == (3_000, 2_500)
    assert (found.crude.value, found.crude.base) == (3_000, 2_500)


@pytest.mark.parametrize("measure", ["refund_rate", "refund_rate_1h", "return_rate"])
def test_plain_rates_are_those_of_the_metric_table(measure: str) -> None:
    store = random_world(5, 1_200).stored()
    table = metric_table(store, Scope(basis="paid"), by="source", keys=(measure,))
    row = {one.key: one[f"{measure}_matured"] for one in table.rows}
    found = equal_terms(store, Scope(), measure)
    for one in found.comparisons:
        assert one.key in GROUPS["source"]
        assert (one.crude.value, one.crude.base) == pytest.approx((row[one.key], row["live"]))


def test_own_and_influencer_accounts_are_compared_the_same_way() -> None:
    found = equal_terms(random_world(5, 1_200).stored(), Scope(), "net_per_order", by="account")
    assert found.base == "own"
    assert [one.key for one in found.comparisons] == ["influencer"]


def test_sources_that_do_not_differ_are_rarely_said_to() -> None:
    """Two content types of the same refund rates by product, whose days rise and fall together."""
    quiet = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        mood = draw.beta(20, 80, size=(30, 1, 1))  # a bad day is bad for both
        orders = draw.poisson([[[9, 3, 6], [3, 9, 6]]] * np.ones((30, 1, 1)))
        refunds = draw.binomial(orders, np.clip(mood * [0.5, 1.0, 1.5], 0, 1))
        cells = Cells(("live", "product_card"), refunds * 1.0, orders * 1.0, orders * 1.0, np.zeros(2))
        found = module._comparison(cells.pooled, cells, "product_card", "live", 0.95)
        assert found
        quiet += found.verdict in {"none", "mix"}
    assert 90 <= quiet <= 99


def test_the_document_names_every_measure() -> None:
    store = random_world().stored()
    documents = [equal_terms(store, Scope(), measure).as_json() for measure in MEASURES]
    assert [one["measure"] for one in documents] == list(MEASURES)
    assert all({"key", "label", "verdict", "coverage", "crude"} <= row.keys() for row in documents[0]["rows"])

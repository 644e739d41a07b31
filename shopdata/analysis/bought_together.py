"""Which products are bought together more often than their popularity alone explains.

Looked at are paid main orders with at least two different products, each shop by itself (products of two
shops never meet). Expected is how often two products would meet if those orders were filled at random, each
product as popular as it is there and no order holding one twice: the symmetric table with empty diagonal
whose rows add up to the products' own meetings (quasi-independence, found by iterative proportional fitting).
Dividing by the share of *all* orders instead would call nearly every pair rare, because most orders hold one
product.

``lift`` = met ÷ expected, with the Wilson interval of the pair among all meetings. A pair is claimed where it
met at least ``FEWEST`` times and its one-sided Poisson test stands at a false discovery rate of 5 % over all
pairs that could have met (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb, exp, lgamma, log
from typing import Any

import numpy as np
from sqlalchemy import CTE, ColumnElement, Connection, and_, func, select

from shopdata.analysis.resampling import Numbers
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.metrics.labels import data_names
from shopdata.metrics.query import window
from shopdata.metrics.relation import LINES
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.words import Words, words

FEWEST, DISCOVERIES = 5, 0.05
MOST_ROUNDS, CLOSE = 500, 1e-9
_OWN_ORDER = and_(tables.orders.c.shop_id == LINES.c.shop_id, tables.orders.c.order_id == LINES.c.order_id)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products and the orders that hold both (``n``). ``expected``: such orders were they independent.

    ``with_first``, ``with_second``: paid orders that hold the one product at all. ``clear``: see the module.
    """

    first: str
    second: str
    n: int
    expected: float
    lift: float
    low: float
    high: float
    with_first: int
    with_second: int
    clear: bool


@dataclass(frozen=True, slots=True)
class _Met:
    """Orders of a shop that hold both products."""

    shop: int
    first: str
    second: str
    n: int


@dataclass(frozen=True, slots=True)
class BoughtTogether:
    """Pairs that met at least ``FEWEST`` times, claimed ones first, each by lift. ``orders``: paid orders
    with two or more products; ``unnamed``: orders of several lines left out for lines without a product id;
    ``tried``: pairs that met at all."""

    pairs: tuple[Pair, ...]
    orders: int
    unnamed: int
    tried: int
    names: Mapping[str, str]

    @property
    def clear(self) -> tuple[Pair, ...]:
        """The pairs that are claimed."""
        return tuple(pair for pair in self.pairs if pair.clear)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """Rows and totals, as part of ``products --json``."""
        spoken = language or words()
        names = ("n", "expected", "lift", "low", "high", "with_first", "with_second", "clear")
        joined = spoken("analysis.products.pair_label")
        return {
            "orders": self.orders,
            "orders_without_product_id": self.unnamed,
            "rows": [
                {
                    "key": f"{pair.first}|{pair.second}",
                    "label": joined.format(first=self.name(pair.first), second=self.name(pair.second)),
                }
                | {name: getattr(pair, name) for name in names}
                for pair in self.pairs
            ],
        }

    def name(self, product: str) -> str:
        """The product's name in the data, else its id."""
        return self.names.get(product, product)


def bought_together(store: Reads, scope: Scope) -> BoughtTogether:
    """The pairs of the orders paid in the period."""
    asked = replace(scope, basis="paid", sources=())
    return remembered(store, ("bought together", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> BoughtTogether:
    frame = frame_of(store, scope)
    inside = window(scope, Facts(tables.orders.c, frame, {}, "paid_at"), "paid_at")
    held = _held(inside)
    with store.read() as connection:
        found = _meetings(connection, held)
        orders, unnamed = _looked_at(connection, held)
        popular = _popular(connection, _products(found), inside)
    pairs = tuple(sorted(_judged(found, popular), key=lambda pair: (not pair.clear, -pair.lift, pair.first)))
    names = data_names(store, "product", frame)
    return BoughtTogether(pairs, orders, unnamed, len(found), names)


def _held(inside: Sequence[ColumnElement[bool]]) -> CTE:
    """Each product of each order with several lines, once."""
    return (
        select(LINES.c.shop_id, LINES.c.order_id, LINES.c.product_id)
        .select_from(LINES.join(tables.orders, _OWN_ORDER))
        .where(LINES.c.counted, tables.orders.c.lines > 1, *inside)
        .distinct()
        .cte("held")
    )


def _meetings(connection: Connection, held: CTE) -> list[_Met]:
    left, right = held.alias("left_line"), held.alias("right_line")
    met = and_(
        left.c.shop_id == right.c.shop_id,
        left.c.order_id == right.c.order_id,
        left.c.product_id < right.c.product_id,
    )
    rows = connection.execute(
        select(left.c.shop_id, left.c.product_id, right.c.product_id, func.count())
        .select_from(left.join(right, met))
        .group_by(left.c.shop_id, left.c.product_id, right.c.product_id)
    )
    return [_Met(*row) for row in rows]


def _looked_at(connection: Connection, held: CTE) -> tuple[int, int]:
    """Orders with several products, and those with a line whose product is not known."""
    key = (held.c.shop_id, held.c.order_id)
    each = (
        select(*key, func.count(held.c.product_id).label("named"), func.count().label("all_products"))
        .group_by(*key)
        .cte("each_order")
    )
    several = func.count().filter(each.c.named > 1)
    unnamed = func.count().filter(each.c.all_products > each.c.named)
    found = connection.execute(select(several, unnamed).select_from(each)).one()
    return int(found[0]), int(found[1])


def _popular(
    connection: Connection, products: Sequence[str], inside: Sequence[ColumnElement[bool]]
) -> dict[str, int]:
    """Paid orders that hold each product at all."""
    rows = connection.execute(
        select(LINES.c.product_id, func.count(func.distinct(LINES.c.order_id)))
        .select_from(LINES.join(tables.orders, _OWN_ORDER))
        .where(LINES.c.counted, LINES.c.product_id.in_(products), *inside)
        .group_by(LINES.c.product_id)
    )
    return {str(product): int(n) for product, n in rows}


def _products(found: Sequence[_Met]) -> list[str]:
    return sorted({product for one in found for product in (one.first, one.second)})


def _judged(found: Sequence[_Met], popular: Mapping[str, int]) -> list[Pair]:
    """Each pair that met often enough, against chance."""
    shops = [[one for one in found if one.shop == shop] for shop in sorted({one.shop for one in found})]
    expected = {one: mean for mine in shops for one, mean in zip(mine, _expected(mine), strict=True)}
    meetings = {mine[0].shop: sum(one.n for one in mine) for mine in shops}
    chances = {one: poisson_tail(one.n, mean) for one, mean in expected.items()}
    limit = _limit(sorted(chances.values()), sum(comb(len(_products(mine)), 2) for mine in shops))
    judged = []
    for one, mean in expected.items():
        bounds = wilson(one.n, meetings[one.shop])
        if one.n < FEWEST or bounds is None or not mean:
            continue
        low, high = (bound * meetings[one.shop] / mean for bound in bounds)
        clear = chances[one] <= limit and low > 1
        with_each = (popular.get(one.first, one.n), popular.get(one.second, one.n))
        judged.append(Pair(one.first, one.second, one.n, mean, one.n / mean, low, high, *with_each, clear))
    return judged


def _expected(found: Sequence[_Met]) -> list[float]:
    """How often each pair of one shop would meet by popularity alone."""
    place = {product: number for number, product in enumerate(_products(found))}
    own = np.zeros(len(place))
    for one in found:
        own[[place[one.first], place[one.second]]] += one.n
    weight = fitted(own)
    return [float(weight[place[one.first]] * weight[place[one.second]]) for one in found]


def fitted(meetings: Numbers) -> Numbers:
    """Weights ``w`` with ``w_i · (sum(w) − w_i) = meetings_i``: two different products meet ``w_i · w_j``
    times when nothing but their popularity counts. Where no such weights exist (one product is in nearly
    every pair) the nearest the rounds reach."""
    if not len(meetings):
        return meetings
    weights: Numbers = meetings / np.sqrt(meetings.sum())
    for _ in range(MOST_ROUNDS):
        others = np.maximum(weights.sum() - weights, CLOSE)
        better = np.sqrt(weights * meetings / others)
        if np.allclose(better, weights, rtol=CLOSE, atol=0):
            break
        weights = better
    return weights


def poisson_tail(n: int, mean: float) -> float:
    """The chance that a Poisson count of that mean is ``n`` or more."""
    if n <= mean or mean <= 0:
        return 1.0
    term = exp(n * log(mean) - mean - lgamma(n + 1))
    total, k = 0.0, n
    while term > total * 1e-12 and term > 0:
        total, k = total + term, k + 1
        term *= mean / k
    return total


def _limit(ranked: Sequence[float], tried: int) -> float:
    """The largest chance that still counts as a discovery (Benjamini-Hochberg); -1 where none does."""
    passed = [one for place, one in enumerate(ranked, 1) if one <= DISCOVERIES * place / tried]
    return max(passed, default=-1.0)

"""One row a buyer of a period: how long ago, on how many days and for how much somebody bought.

What segments (``buyer_segments``) and lists of members (``buyer_lists``) are cut from, with the cuts of each
shop. Where most buyers bought on one day only, quantiles of the number of days would all be one; then the
cuts are fixed: recent is ``RECENT_DAYS`` days, frequent is two days, a high value is the shop's mean.
Elsewhere each cut is the median of the shop's buyers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, FromClause, and_, case, func, literal, or_, select

from shopdata.analysis.buyers import ShopBuyers, clock, purchases
from shopdata.metrics.constructs import Expression, quantiles, real, seconds_between
from shopdata.metrics.facts import per_shop
from shopdata.scope import Scope

DAY = 86_400
RECENT_DAYS, FREQUENT_DAYS, MOSTLY_ONCE = 60, 2, 0.5
HIGH_SHARE = 0.9
SEGMENTS: Mapping[str, tuple[bool, bool, bool]] = {
    "champions": (True, True, True),
    "promising": (True, False, True),
    "keep": (False, True, True),
    "win_back": (False, False, True),
    "regular": (True, True, False),
    "new": (True, False, False),
    "fading": (False, True, False),
    "gone": (False, False, False),
}
HIGH_ORDER = "high_order_value"


@dataclass(frozen=True, slots=True)
class Cuts:
    """A shop's cuts. ``fixed``: the fixed ones, because ``once`` of its ``buyers`` bought on one day only.

    Recent: at most ``recent_days`` ago; frequent: on at least ``frequent_days`` days; high: at least
    ``value`` fen after refunds. ``order_value``: the mean order, in fen, only a tenth of its buyers reach.
    """

    shop_id: int
    buyers: int
    once: int
    fixed: bool
    recent_days: float
    frequent_days: float
    value: float
    order_value: float | None


def buyer_rows(orders: FromClause, shops: Sequence[ShopBuyers], scope: Scope) -> FromClause:
    """One row a buyer: ``waited`` (seconds since the last purchase), ``days``, ``orders``, ``paid``, ``net``
    (fen), ``order_value`` (fen a paying order, null for 0-yuan ones only), ``shown_id``, ``last_at``."""
    c = purchases(orders).c
    last, paid = func.max(c.at), func.sum(c.paid)
    with_money = func.sum(c.orders_with_money)
    return (
        select(
            c.shop_id,
            c.buyer,
            func.max(c.shown_id).label("shown_id"),
            func.min(c.at).label("first_buy"),
            last.label("last_at"),
            seconds_between(last, clock(c, shops, scope)).label("waited"),
            func.count().label("days"),
            func.sum(c.orders).label("orders"),
            paid.label("paid"),
            func.sum(c.net).label("net"),
            (real(paid) / func.nullif(with_money, 0)).label("order_value"),
        )
        .group_by(c.shop_id, c.buyer)
        .cte("buyer_rows")
    )


def read_cuts(connection: Connection, buyers: FromClause) -> dict[int, Cuts]:
    """Each shop's cuts."""
    c = buyers.c
    statement = select(
        c.shop_id,
        func.count(),
        func.count().filter(c.days == 1),
        func.avg(real(c.net)),
        quantiles(c.waited),
        quantiles(c.days),
        quantiles(c.net),
        quantiles(c.order_value),
    ).group_by(c.shop_id)
    return {row[0]: _cuts(*row) for row in connection.execute(statement)}


def _cuts(
    shop: int, buyers: int, once: int, mean: float, waited: Any, days: Any, net: Any, order_value: Any
) -> Cuts:
    high = order_value[1] if order_value else None
    if once > MOSTLY_ONCE * buyers:
        return Cuts(shop, buyers, once, True, RECENT_DAYS, FREQUENT_DAYS, mean, high)
    frequent = max(float(FREQUENT_DAYS), days[0])
    return Cuts(shop, buyers, once, False, waited[0] / DAY, frequent, net[0], high)


def segment_of(c: Any, cuts: Mapping[int, Cuts]) -> Expression:
    """The segment of each buyer row."""
    recent, frequent, high = (
        per_shop(c.shop_id, {shop: limit(one) for shop, one in cuts.items()}, literal)
        for limit in (_seconds, _days, _value)
    )
    states = (c.waited <= recent, c.days >= frequent, c.net >= high)
    chosen = []
    for key, wanted in SEGMENTS.items():
        parts = [state if yes else ~state for state, yes in zip(states, wanted, strict=True)]
        chosen.append((and_(*parts), literal(key)))
    return case(*chosen)


def is_high_order(c: Any, cuts: Mapping[int, Cuts]) -> Expression:
    """Whether a buyer's mean order is among the highest tenth of the shop's buyers."""
    parts = [
        and_(c.shop_id == shop, c.order_value >= one.order_value)
        for shop, one in cuts.items()
        if one.order_value is not None
    ]
    return or_(literal(False), *parts)


def _seconds(cuts: Cuts) -> float:
    return cuts.recent_days * DAY


def _days(cuts: Cuts) -> float:
    return cuts.frequent_days


def _value(cuts: Cuts) -> float:
    return cuts.value

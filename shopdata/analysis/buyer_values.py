"""One row a buyer of a period: how long ago, on how many days and for how much somebody bought.

What segments (``buyer_segments``) and lists of members (``buyer_lists``) are cut from, with the cuts of each
shop. Where most buyers bought on one day only, quantiles of the number of days would all be one; then the
cuts are fixed: recent is ``RECENT_DAYS`` days, frequent is two days, a high value is the shop's mean.
Elsewhere each cut is the median of the shop's buyers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shopdata.analysis.buyers import ShopBuyers
from shopdata.analysis.purchases import DAY, Flags, Purchases, Whole, clock, of_shops
from shopdata.analysis.resampling import Numbers
from shopdata.scope import Scope

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


@dataclass(frozen=True, slots=True)
class BuyerRows:
    """One element a buyer: ``first_at`` and ``last_at`` (seconds since 1970, each the first of its day),
    ``waited`` (seconds since the last purchase), ``days``, ``orders``, ``paid``, ``net`` (fen),
    ``order_value`` (fen a paying order, not a number for 0-yuan ones only), ``shown``."""

    shop: Whole
    whose: NDArray[np.uint64]
    first_at: Whole
    last_at: Whole
    waited: Whole
    days: Whole
    orders: Whole
    paid: Whole
    net: Whole
    order_value: Numbers
    shown: Flags


def buyer_rows(every: Purchases, shops: Sequence[ShopBuyers], scope: Scope) -> BuyerRows:
    """What each buyer bought in the period."""
    bought = every.inside(scope)
    first, days = bought.first_orders(), bought.first_of_days()
    place = np.searchsorted(days, first)
    following = np.append(place[1:], len(days))[: len(place)]
    shop, last_at = bought.shop[first], bought.at[days[following - 1]]
    paid, with_money = _sums(bought.paid, first), _sums(bought.paid > 0, first)
    worth = np.full(len(first), np.nan)
    np.divide(paid, with_money, out=worth, where=with_money > 0)
    return BuyerRows(
        shop=shop,
        whose=bought.whose[first],
        first_at=bought.at[first],
        last_at=last_at,
        waited=clock(shop, shops, scope) - last_at,
        days=following - place,
        orders=_sums(np.ones_like(bought.paid), first),
        paid=paid,
        net=_sums(bought.net, first),
        order_value=worth,
        shown=_sums(bought.shown, first) > 0,
    )


def _sums(values: Whole | Flags, first: Whole) -> Whole:
    """The sum of each buyer's orders."""
    if not len(first):
        return np.empty(0, dtype=np.int64)
    return np.add.reduceat(values.astype(np.int64), first)


def read_cuts(buyers: BuyerRows) -> dict[int, Cuts]:
    """Each shop's cuts."""
    return {int(shop): _cuts(int(shop), buyers, buyers.shop == shop) for shop in np.unique(buyers.shop)}


def _cuts(shop: int, buyers: BuyerRows, own: Flags) -> Cuts:
    days, net, worth = buyers.days[own], buyers.net[own], buyers.order_value[own]
    count, once = len(days), int((days == 1).sum())
    high = quantile(worth[~np.isnan(worth)], HIGH_SHARE)
    if once > MOSTLY_ONCE * count:
        return Cuts(shop, count, once, True, RECENT_DAYS, FREQUENT_DAYS, float(net.sum()) / count, high)
    waited, frequent, value = (float(np.median(one)) for one in (buyers.waited[own], days, net))
    return Cuts(shop, count, once, False, waited / DAY, max(float(FREQUENT_DAYS), frequent), value, high)


def quantile(values: Numbers, share: float) -> float | None:
    """The interpolated quantile, by the same steps as the stores' own; ``None`` of nothing."""
    if not len(values):
        return None
    exact = (len(values) - 1) * share
    below, above = math.floor(exact), math.ceil(exact)
    ordered = np.partition(values, (below, above))
    low, high = float(ordered[below]), float(ordered[above])
    return low + (high - low) * (exact - below)


def segment_of(buyers: BuyerRows, cuts: Mapping[int, Cuts]) -> Whole:
    """The segment of each buyer, as its place among ``SEGMENTS``."""
    recent, frequent, high = (
        of_shops(buyers.shop, {shop: limit(one) for shop, one in cuts.items()}, np.nan)
        for limit in (_seconds, _days, _value)
    )
    states = (buyers.waited <= recent, buyers.days >= frequent, buyers.net >= high)
    found = np.zeros(len(buyers.shop), dtype=np.int64)
    for place, wanted in enumerate(SEGMENTS.values()):
        found[np.logical_and.reduce([s == yes for s, yes in zip(states, wanted, strict=True)])] = place
    return found


def is_high_order(buyers: BuyerRows, cuts: Mapping[int, Cuts]) -> Flags:
    """Whether a buyer's mean order is among the highest tenth of the shop's buyers."""
    values = {shop: one.order_value for shop, one in cuts.items() if one.order_value is not None}
    high: Flags = buyers.order_value >= of_shops(buyers.shop, values, np.inf)
    return high


def _seconds(cuts: Cuts) -> float:
    return cuts.recent_days * DAY


def _days(cuts: Cuts) -> float:
    return cuts.frequent_days


def _value(cuts: Cuts) -> float:
    return cuts.value

"""Where a warehouse would stand best for the orders of a period, and what it would save against today.

Only orders of known origin and destination, signed in full and old enough to judge, are counted. The advice
is an estimate: a place the shop has never shipped from is judged by its distance. It abstains where the data
is too thin or the origin unknown, and says "no clear change" unless the saving is certain, at least an hour,
and borne out by the last third of the period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shopdata.analysis.demand import Demand, demand_of, hours_saved
from shopdata.analysis.lane_orders import LaneOrders, lane_orders
from shopdata.analysis.lane_times import UNIT_KM, LaneTimes, Score, lane_times, score
from shopdata.analysis.moved_orders import Spread, moved
from shopdata.analysis.resampling import FEWEST, Interval
from shopdata.analysis.sites import MOST_SITES, best_sites
from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope

FEWEST_ORDERS, FEWEST_CITIES = 200, 10
MOST_CANDIDATES = 300
MATERIAL_HOURS = 1.0
MAINLAND_BEFORE = "700000"
# Hours saved on the last third, and by which places.
Later = tuple[float | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One candidate city: all orders from there alone (``only``), or it beside today's (``beside``): mean
    hours saved an order. ``kilometres``: mean distance of all orders from there."""

    city: str
    orders: int
    kilometres: float
    only: Interval
    beside: Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the choice of places rests on."""

    times: LaneTimes
    score: Score | None
    demand: Demand
    what_if: tuple[WhatIf, ...]


@dataclass(frozen=True, slots=True)
class Warehouses:
    """Where orders go, and the estimate; ``refused`` says why there is none."""

    scope: Scope
    lanes: LaneOrders
    refused: str | None
    estimate: Estimate | None

    @property
    def used(self) -> int:
        """Orders with a lane time."""
        return int(self.lanes.cells.n.sum())

    @property
    def hours(self) -> float | None:
        """Mean hours of those orders as they are."""
        return float(self.lanes.cells.plain.sum()) / self.used if self.used else None


@dataclass(frozen=True, slots=True)
class Plan:
    """The best places for so many warehouses; with ``keep``, beside today's.

    ``later``: hours saved on the last third of the period by the places the first two thirds choose
    (``later_sites``), at the last third's own slope. ``shares``: of orders each place serves, today's places
    last. ``nearer``: share of orders whose lane becomes shorter than any there is, which is guessed at.
    """

    keep: bool
    sites: tuple[str, ...]
    saved: Interval
    before: Spread
    after: Spread
    later: float | None
    later_sites: tuple[str, ...]
    shares: tuple[float, ...]
    nearer: float
    clear: bool


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a warehouse must bring in. ``per_order`` (fen): what each order must save at the present pace;
    ``per_hour``: the same for each hour saved; ``orders``: orders a month at which it pays, where it is said
    what an order saves."""

    per_month: float
    per_order: float | None
    per_hour: float | None
    orders: float | None


def warehouses(store: Reads, scope: Scope) -> Warehouses:
    """Where the orders placed in the period go, and what a warehouse elsewhere would change."""
    placed = replace(scope, basis="placed")
    return remembered(store, ("warehouses", placed), lambda: _read(store, placed))


def _read(store: Reads, scope: Scope) -> Warehouses:
    found = lane_orders(store, scope)
    refused = _refusal(found)
    return Warehouses(scope, found, refused, None if refused else _estimate(found))


def _refusal(found: LaneOrders) -> str | None:
    cells, left = found.cells, found.left_out
    if not found.shipped:
        return "no_orders"
    if not len(cells) and left.get("no_origin"):
        return "no_origin"
    if left.get("untracked", 0) + left.get("undated", 0) == found.shipped:
        return "no_parcels"
    if cells.n.sum() < FEWEST_ORDERS:
        return "few_orders"
    if len(set(cells.city)) < FEWEST_CITIES:
        return "few_cities"
    return "few_provinces" if len({city[:2] for city in cells.city}) < FEWEST else None


def _estimate(found: LaneOrders) -> Estimate:
    times = lane_times(found.cells)
    origins = dict.fromkeys(found.cells.origin)
    cities = [city for city in found.by_city if city < MAINLAND_BEFORE][:MOST_CANDIDATES]
    demand = demand_of(found.cells, tuple(dict.fromkeys((*cities, *origins))))
    only = demand.today - demand.costs
    saved = hours_saved(demand, times, np.vstack([only, np.maximum(only, 0.0)]))
    alone, beside = saved[: len(only)], saved[len(only) :]
    mean = demand.costs @ demand.n / demand.n.sum()
    rows = [
        WhatIf(city, found.by_city.get(city, 0), float(mean[at]), alone[at], beside[at])
        for at, city in enumerate(demand.candidates)
    ]
    rows.sort(key=lambda row: (row.kilometres, row.city))
    return Estimate(times, score(found.cells), demand, tuple(rows))


def plans(store: Reads, scope: Scope, *, keep: bool) -> tuple[Plan, ...]:
    """The best one, two and three places; none where the estimate is refused."""
    placed = replace(scope, basis="placed")
    return remembered(store, ("warehouse plans", placed, keep), lambda: _plans(store, placed, keep))


def _plans(store: Reads, scope: Scope, keep: bool) -> tuple[Plan, ...]:
    found = warehouses(store, scope)
    if found.estimate is None:
        return ()
    estimate, cells = found.estimate, found.lanes.cells
    demand = estimate.demand
    chosen = [_chosen(demand, sites, keep) for sites in range(1, MOST_SITES + 1)]
    spared = np.stack([demand.spared(places, keep) for places in chosen])
    hours = estimate.times.slope * spared / UNIT_KM
    by_lane = {
        (origin, city): tuple(hours[:, at].tolist())
        for at, (origin, city) in enumerate(zip(demand.origins, demand.cities, strict=True))
    }
    before, *after = moved(store, scope, cells, by_lane, MOST_SITES)
    intervals = hours_saved(demand, estimate.times, spared)
    later = _later(found.lanes, demand.candidates, keep) if estimate.score else [(None, ())] * MOST_SITES
    return tuple(
        _plan(estimate, places, keep, intervals[at], (before, after[at]), later[at])
        for at, places in enumerate(chosen)
    )


def _chosen(demand: Demand, sites: int, keep: bool) -> tuple[int, ...]:
    return best_sites(demand.costs, demand.n, sites, demand.today if keep else None)


def _later(found: LaneOrders, candidates: tuple[str, ...], keep: bool) -> list[Later]:
    """For one, two and three places: what those the first two thirds choose save on the last third."""
    cells = found.cells
    known, new = (demand_of(cells, candidates, part) for part in (~cells.later, cells.later))
    slope = lane_times(cells, cells.later).slope
    answers: list[Later] = []
    for sites in range(1, MOST_SITES + 1):
        places = _chosen(known, sites, keep)
        mean = float(new.spared(places, keep) @ new.n) / new.orders
        answers.append((slope * mean / UNIT_KM, tuple(candidates[place] for place in places)))
    return answers


def _plan(
    estimate: Estimate,
    places: tuple[int, ...],
    keep: bool,
    saved: Interval,
    spreads: tuple[Spread, Spread],
    later: Later,
) -> Plan:
    demand = estimate.demand
    rows = demand.costs[list(places)]
    ways = np.vstack([rows, demand.today]) if keep else rows
    # Where a new place is no nearer than today's, orders stay where they are.
    nearest = (
        np.where(rows.min(axis=0) < demand.today, rows.argmin(axis=0), len(places))
        if keep
        else (rows.argmin(axis=0))
    )
    shares = [float(demand.n[nearest == at].sum() / demand.n.sum()) for at in range(len(ways))]
    shorter = ways.min(axis=0) < demand.today.min()
    told = estimate.score is not None and estimate.score.value > 0 and (later[0] or 0) > 0
    certain = saved.low is not None and saved.low > 0 and saved.value >= MATERIAL_HOURS
    return Plan(
        keep=keep,
        sites=tuple(demand.candidates[place] for place in places),
        saved=saved,
        before=spreads[0],
        after=spreads[1],
        later=later[0],
        later_sites=later[1],
        shares=tuple(shares),
        nearer=float(demand.n[shorter].sum() / demand.n.sum()),
        clear=told and certain,
    )


def break_even(found: Warehouses, plan: Plan, cost: int, worth: int | None = None) -> BreakEven:
    """What a monthly ``cost`` asks for. ``worth``: fen an order saves, as the reader says (never assumed)."""
    per_month = found.lanes.per_month
    per_order = cost / per_month if per_month else None
    saved = plan.saved.value
    return BreakEven(
        per_month=per_month,
        per_order=per_order,
        per_hour=per_order / saved if per_order is not None and saved > 0 else None,
        orders=cost / worth if worth else None,
    )

"""Where the orders with a lane time go and how far that is, from today's origins and from others.

Hours saved are the slope of the lane times × kilometres saved: courier, shop and destination stay what they
are, so they fall out of the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shopdata.analysis.lane_orders import Cells
from shopdata.analysis.lane_times import UNIT_KM, LaneTimes
from shopdata.analysis.resampling import FEWEST, LEVEL, RESAMPLES, SEED, Interval
from shopdata.platforms.distances import kilometres

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Demand:
    """One point a pair of origin and destination: its orders, its kilometres today, and from each candidate
    (one row a candidate)."""

    origins: tuple[str, ...]
    cities: tuple[str, ...]
    n: Numbers
    today: Numbers
    candidates: tuple[str, ...]
    costs: Numbers

    @property
    def orders(self) -> int:
        """Orders of all points."""
        return int(self.n.sum())

    def spared(self, places: Sequence[int], keep: bool) -> Numbers:
        """Kilometres each point's orders are spared if they leave from the nearest of the candidates at
        ``places``; with ``keep``, only where that is nearer than today."""
        found: Numbers = self.today - self.costs[list(places)].min(axis=0)
        return np.maximum(found, 0.0) if keep else found


def demand_of(cells: Cells, candidates: Sequence[str], chosen: NDArray[np.bool_] | None = None) -> Demand:
    """The points of the chosen cells (all by default)."""
    kept = np.flatnonzero(np.ones(len(cells), bool) if chosen is None else chosen)
    sums: dict[tuple[str, str], float] = {}
    for place in kept:
        pair = (cells.origin[place], cells.city[place])
        sums[pair] = sums.get(pair, 0.0) + float(cells.n[place])
    origins, cities = tuple(pair[0] for pair in sums), tuple(pair[1] for pair in sums)
    known, ends = sorted(set(origins)), sorted(set(cities))
    column = [ends.index(city) for city in cities]
    return Demand(
        origins=origins,
        cities=cities,
        n=np.array(list(sums.values())),
        today=kilometres(known, ends)[[known.index(one) for one in origins], column],
        candidates=tuple(candidates),
        costs=kilometres(candidates, ends)[:, column],
    )


def hours_saved(demand: Demand, times: LaneTimes, spared: Numbers) -> list[Interval]:
    """Mean hours saved an order, one a row of ``spared`` (kilometres by point), with its interval.

    Two things are uncertain: what a kilometre costs (the slopes of resampled provinces) and where orders go
    (orders resampled; as many of them, a Poisson draw a point, come to the same).
    """
    rows = np.atleast_2d(spared)
    values = times.slope * (rows @ demand.n) / demand.orders / UNIT_KM
    n = len(times.provinces)
    if n < FEWEST:
        return [Interval(float(value), None, None, n) for value in values]
    drawn = np.random.default_rng(SEED).poisson(demand.n, size=(RESAMPLES, len(demand.n)))
    means = (drawn @ rows.T) / drawn.sum(axis=1)[:, None]
    bounds = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    low, high = np.quantile(means * times.slopes[:, None] / UNIT_KM, bounds, axis=0)
    return [
        Interval(float(value), float(least), float(most), n)
        for value, least, most in zip(values, low, high, strict=True)
    ]

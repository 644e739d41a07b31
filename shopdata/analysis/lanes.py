"""Lanes: where parcels go and with whom. Which cost buyers most waiting, and which courier is slower than the
others on the same lanes.

A crude median favours who serves near provinces; so couriers are compared inside the same shop, warehouse and
province, and the differences are averaged with the weight two such samples deserve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from shopdata.analysis.delivery_hours import (
    Counts,
    DeliveryHours,
    delivery_hours,
    median_bounds,
    quantiles_of,
)
from shopdata.analysis.resampling import ratio_of_sums
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope

LANES = ("province,courier", "city,courier", "city")
ENOUGH = 20
FEW = 5
STRATUM = ("shop_id", "warehouse_name", "province")


@dataclass(frozen=True, slots=True)
class Lane:
    """Matured, signed parcels of one lane. ``low`` and ``high`` bound its median at 95 %; ``extra_hours`` is
    (median − the usual one) × n; ``others_p50`` is the median of the other couriers in the same place.
    """

    keys: tuple[str, ...]
    n: int
    p50: float
    p90: float
    low: float
    high: float
    extra_hours: float
    others_p50: float | None
    others_n: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes with n ≥ 20, the worst first. ``usual`` is the median of all ``n`` parcels; ``small`` lanes with
    ``small_n`` parcels in all are too few each to be judged."""

    by: tuple[str, ...]
    usual: float | None
    n: int
    rows: tuple[Lane, ...]
    small: int
    small_n: int


@dataclass(frozen=True, slots=True)
class CourierRow:
    """A courier against the others on the same lanes.

    ``n`` matured, signed parcels with their crude median ``p50``; ``shared_n`` of them on the ``lanes`` where
    others, too, carried at least five. ``difference``: hours slower (+) than the others there, with the
    bounds of its interval by resampling lanes; ``None`` without shared lanes, unbounded below five.
    """

    key: str
    n: int
    p50: float
    p90: float
    shared_n: int
    lanes: int
    difference: float | None
    low: float | None
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the difference is one: enough parcels, and an interval that leaves out zero."""
        bounded = self.low is not None and self.high is not None and not self.low <= 0 <= self.high
        return bounded and self.shared_n >= ENOUGH


def lanes(store: Reads, scope: Scope, by: str = LANES[0]) -> Lanes | None:
    """The lanes of the scope by ``province,courier``, ``city,courier`` or ``city``; ``None`` where no file
    tells of signing."""
    names = tuple(by.split(","))
    read = (*STRATUM, "courier") if names == ("province", "courier") else names
    found = delivery_hours(store, scope, read)
    if found is None:
        return None
    return _lanes(names, found.by(*(read.index(name) for name in names)))


def _lanes(by: tuple[str, ...], found: DeliveryHours) -> Lanes:
    sizes = found.counts.sum(axis=1)
    whole = int(sizes.sum())
    usual = float(quantiles_of(found.whole, 0.5)) if whole else None
    judged = [row for row, size in enumerate(sizes) if size >= ENOUGH]
    rows = sorted(_judged(found, judged, usual or 0.0), key=lambda lane: (-lane.extra_hours, lane.keys))
    kept = sum(lane.n for lane in rows)
    return Lanes(by, usual, whole, tuple(rows), len(sizes) - len(rows), whole - kept)


def _judged(found: DeliveryHours, chosen: list[int], usual: float) -> Iterator[Lane]:
    counts = found.counts[chosen]
    medians, nineties = quantiles_of(counts, 0.5), quantiles_of(counts, 0.9)
    lows, highs = median_bounds(counts)
    places = found.by(0)
    of_place = dict(zip(places.keys, places.counts, strict=True))
    for at, row in enumerate(chosen):
        key, n = found.keys[row], int(counts[at].sum())
        others = of_place[key[:1]] - counts[at] if len(key) > 1 else np.zeros_like(counts[at])
        others_n = int(others.sum())
        yield Lane(
            keys=key,
            n=n,
            p50=float(medians[at]),
            p90=float(nineties[at]),
            low=float(lows[at]),
            high=float(highs[at]),
            extra_hours=(float(medians[at]) - usual) * n,
            others_p50=float(quantiles_of(others, 0.5)) if others_n >= ENOUGH else None,
            others_n=others_n,
        )


def couriers(store: Reads, scope: Scope) -> tuple[CourierRow, ...] | None:
    """Every courier against the others on the same lanes, the slowest first; ``None`` where no file tells of
    signing."""
    found = delivery_hours(store, scope, (*STRATUM, "courier"))
    if found is None:
        return None
    strata: dict[tuple[Any, ...], list[int]] = {}
    for row, key in enumerate(found.keys):
        if key[2] != UNKNOWN:
            strata.setdefault(key[:3], []).append(row)
    whole = found.by(3)
    rows = [
        _courier(found, strata, key[0], counts)
        for key, counts in zip(whole.keys, whole.counts, strict=True)
        if key[0] != UNKNOWN
    ]
    return tuple(sorted(rows, key=lambda row: (row.difference is None, -(row.difference or 0), row.key)))


def _courier(
    found: DeliveryHours, strata: dict[tuple[Any, ...], list[int]], courier: str, counts: Counts
) -> CourierRow:
    own, others = _on_same_lanes(found, strata, courier)
    sizes, other_sizes = own.sum(axis=1), others.sum(axis=1)
    weights = sizes * other_sizes / np.maximum(sizes + other_sizes, 1)
    differences = quantiles_of(own, 0.5) - quantiles_of(others, 0.5)
    interval = ratio_of_sums(differences * weights, weights)
    return CourierRow(
        key=courier,
        n=int(counts.sum()),
        p50=float(quantiles_of(counts, 0.5)),
        p90=float(quantiles_of(counts, 0.9)),
        shared_n=int(sizes.sum()),
        lanes=len(sizes),
        difference=interval.value if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


def _on_same_lanes(
    found: DeliveryHours, strata: dict[tuple[Any, ...], list[int]], courier: str
) -> tuple[Counts, Counts]:
    """Counts of the courier and of all others, one row each shared lane."""
    own, others = [], []
    for rows in strata.values():
        mine = found.counts[[row for row in rows if found.keys[row][3] == courier]].sum(axis=0)
        theirs = found.counts[[row for row in rows if found.keys[row][3] != courier]].sum(axis=0)
        if min(mine.sum(), theirs.sum()) >= FEW:
            own.append(mine)
            others.append(theirs)
    width = found.counts.shape[1]
    empty = np.zeros((0, width), np.int64)
    return (np.stack(own), np.stack(others)) if own else (empty, empty)

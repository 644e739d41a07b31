"""How long parcels took from shipping to signing, by whole hours: what lanes and couriers are read from.

Only matured parcels (shipped longer ago than the shop's sign horizon) that are signed: of younger ones only
the quick are signed by now, which would flatter whoever shipped last. Parcels in transit are not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, String, case, cast, func, select

from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import real, seconds_between
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.definition import Need
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.intervals import Z95
from shopdata.metrics.query import COHORT_ANCHORS, window
from shopdata.metrics.row_relations import parcels_relation
from shopdata.scope import Scope

SIGNING = (Need("parcels", "signed_at"),)
LONGEST = 24 * 30  # hours from which times count alike

Counts = NDArray[np.integer[Any]]
Values = NDArray[np.float64]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DeliveryHours:
    """Matured, signed parcels by key: ``counts[i, h]`` of key ``i`` took h to h + 1 hours."""

    keys: tuple[Key, ...]
    counts: Counts

    @property
    def whole(self) -> Counts:
        """All parcels, whatever their key."""
        found: Counts = self.counts.sum(axis=0)
        return found

    def by(self, *places: int) -> DeliveryHours:
        """The same parcels by fewer parts of the key."""
        short = [tuple(key[place] for place in places) for key in self.keys]
        rows = {key: row for row, key in enumerate(dict.fromkeys(short))}
        counts = np.zeros((len(rows), self.counts.shape[1]), np.int32)
        np.add.at(counts, [rows[key] for key in short], self.counts)
        return DeliveryHours(tuple(rows), counts)


def delivery_hours(store: Reads, scope: Scope, by: Sequence[str]) -> DeliveryHours | None:
    """Parcels of the scope's orders (on the ``event`` basis: shipped in the period) by columns of the order;
    ``courier`` is the parcel's own. ``None`` where no file tells of signing."""
    asked = tuple(by)
    return remembered(store, ("delivery_hours", scope, asked), lambda: _read(store, scope, asked))


def _read(store: Reads, scope: Scope, by: tuple[str, ...]) -> DeliveryHours | None:
    frame = frame_of(store, scope)
    if not frame.shops or frame.is_missing(SIGNING):
        return None
    with store.read() as connection:
        rows = connection.execute(_statement(store, frame, scope, by)).all()
    # Sorted, so that intervals by resampling do not depend on the order in which the store gives its rows.
    places = {key: place for place, key in enumerate(sorted({tuple(row[: len(by)]) for row in rows}))}
    where = [places[tuple(row[: len(by)])] for row in rows]
    longest = max((row[-2] for row in rows), default=0)
    counts = np.zeros((len(places), longest + 1), np.int32)
    if rows:
        np.add.at(counts, (where, [row[-2] for row in rows]), [row[-1] for row in rows])
    return DeliveryHours(tuple(places), counts)


def _statement(store: Reads, frame: Frame, scope: Scope, by: tuple[str, ...]) -> Any:
    relation = parcels_relation(frame, scope, ())
    facts = Facts(relation.c, frame, horizons_of(store, frame, ("sign",)))
    seconds = seconds_between(facts.moment("shipped_at"), facts.moment("signed_at"))
    hours = cast(func.floor(real(seconds) / 3600), Integer)
    inside = window(scope, facts, COHORT_ANCHORS.get(scope.basis, "shipped_at"))
    parcels = (
        select(
            *(func.coalesce(cast(facts.c[name], String), UNKNOWN).label(name) for name in by),
            case((hours > LONGEST, LONGEST), else_=hours).label("hours"),
        )
        .where(*inside, facts.matured("sign"), seconds >= 0)
        .subquery("signed_parcels")
    )
    keys = [parcels.c[name] for name in by]
    return select(*keys, parcels.c.hours, func.count()).group_by(*keys, parcels.c.hours)


def quantiles_of(counts: Counts, share: float) -> Values:
    """The quantile of each row of counts, interpolated as the store does it; parcels of one hour are taken
    to be spread over it evenly. Rows without parcels give nan."""
    total = counts.sum(axis=-1)
    return at_rank(counts, (total - 1) * share)


def at_rank(counts: Counts, ranks: Values) -> Values:
    """The value at a rank (from 0, between two: interpolated) of each row of counts."""
    low, high = _one(counts, np.floor(ranks)), _one(counts, np.ceil(ranks))
    return low + (high - low) * (ranks - np.floor(ranks))


def _one(counts: Counts, ranks: Values) -> Values:
    """The value at whole ranks."""
    reached = counts.cumsum(axis=-1)
    hours = (reached > ranks[..., None]).argmax(axis=-1)
    here = np.take_along_axis(counts, hours[..., None], -1)[..., 0]
    before = np.take_along_axis(reached, hours[..., None], -1)[..., 0] - here
    known = (counts.sum(axis=-1) > 0) & (ranks >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = hours + (ranks - before + 0.5) / here
    return np.where(known, found, np.nan)


def median_bounds(counts: Counts) -> tuple[Values, Values]:
    """Bounds of each row's median at 95 %, by the ranks between which it lies whatever the distribution
    (binomial, in its normal approximation)."""
    total = counts.sum(axis=-1).astype(np.float64)
    reach = Z95 * np.sqrt(total) / 2
    low = np.clip(np.floor(total / 2 - reach), 0, np.maximum(total - 1, 0))
    high = np.clip(np.ceil(total / 2 + reach), 0, np.maximum(total - 1, 0))
    return at_rank(counts, low), at_rank(counts, high)

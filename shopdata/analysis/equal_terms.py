"""Content types (or accounts) compared as they are, and on equal terms: the same products at the same prices.

The second is direct standardisation: in each stratum both have, both rates are weighted by what both sold
there together. What one sells alone is left out, and the share of orders that is compared is told. A
difference is claimed only where its interval, by resampling days, leaves out 0; the intervals of one measure
are widened for the number of comparisons (Bonferroni), so together they hold at 95 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shopdata.analysis.resampling import LEVEL, Interval, of_sums
from shopdata.analysis.strata import GROUPS, MEASURES, By, Cells, Measure, Numbers, read_cells
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.words import Words, words

ENOUGH_ORDERS, ENOUGH_DAYS = 30, 14
FEWEST_IN_STRATUM = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """Two rates and their difference (first − base) with its interval; orders behind each."""

    value: float
    base: float
    interval: Interval
    n: int
    base_n: int

    @property
    def enough(self) -> bool:
        """Whether there are orders and days enough to claim anything."""
        return min(self.n, self.base_n) >= ENOUGH_ORDERS and self.interval.n >= ENOUGH_DAYS

    @property
    def clear(self) -> bool:
        """A difference that is one."""
        return self.enough and self.interval.clear


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group against the reference. ``coverage``: share of both groups' orders in strata both have
    (≥ 5 orders each); ``standardised`` is ``None`` where they share none."""

    key: str
    base: str
    crude: Difference
    standardised: Difference | None
    coverage: float
    strata: int

    @property
    def verdict(self) -> str:
        """What may be said: ``higher``, ``lower``, ``none`` (no clear difference), ``few`` (orders or days),
        ``apart`` (nothing in common), ``reversed`` (clear as it is, clear the other way on equal terms),
        ``mix`` (clear as it is, gone on equal terms)."""
        found = self.standardised
        if found is None:
            return "apart"
        if not found.enough:
            return "few"
        if found.clear:
            up = found.interval.value > 0
            if self.crude.clear and (self.crude.interval.value > 0) != up:
                return "reversed"
            return "higher" if up else "lower"
        return "mix" if self.crude.clear else "none"


@dataclass(frozen=True, slots=True)
class EqualTerms:
    """One measure of the groups against ``base``. ``missing``: the file the measure waits for; ``n`` paid
    orders old enough for it, ``young`` those that are not yet."""

    measure: Measure
    by: By
    base: str | None
    groups: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    n: int
    young: int = 0
    missing: str | None = None

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """One entry of ``compared`` in ``sources --json``."""
        spoken = language or words()
        return {
            "measure": self.measure.key,
            "label": spoken(f"analysis.measures.{self.measure.key}"),
            "unit": self.measure.unit,
            "by": self.by,
            "base": self.base,
            "n": self.n,
            "young": self.young,
            "missing": self.missing,
            "rows": [
                {
                    "key": one.key,
                    "label": group_label(one.key, self.by, spoken),
                    "verdict": one.verdict,
                    "coverage": one.coverage,
                    "strata": one.strata,
                    "crude": _json(one.crude),
                    "standardised": one.standardised and _json(one.standardised),
                }
                for one in self.comparisons
            ],
        }


def _json(found: Difference) -> dict[str, Any]:
    interval = found.interval
    return {
        "value": found.value,
        "base": found.base,
        "difference": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": found.n,
        "base_n": found.base_n,
        "clear": found.clear,
    }


def group_label(key: str, by: By, spoken: Words) -> str:
    """What a group is called."""
    if key == "rest":
        return spoken("analysis.measures.rest")
    return spoken(f"ui.{by}s.{key}")


def equal_terms(
    store: Reads, scope: Scope, measure: str, *, by: By = "source", base: str | None = None
) -> EqualTerms:
    """``measure`` of each group of the orders paid in the period, against ``base`` (else the first there is).

    Rates are over orders old enough for their step. An unknown ``base`` is taken as none.
    """
    asked = replace(scope, basis="paid")
    wanted = base if base in GROUPS[by] else None
    question = ("equal terms", asked, measure, by, wanted)
    return remembered(store, question, lambda: _read(store, asked, MEASURES[measure], by, wanted))


def _read(store: Reads, scope: Scope, measure: Measure, by: By, base: str | None) -> EqualTerms:
    frame = frame_of(store, scope)
    if not frame.shops or frame.is_missing(measure.needs) or (measure.unit == "fen" and not frame.currency):
        lacking = next(iter(frame.lacking(measure.needs).values()), None)
        return EqualTerms(measure, by, None, (), (), 0, missing=lacking)
    horizons = horizons_of(store, frame, (measure.step,) if measure.step else ())
    with store.read() as connection:
        crude, cells = (
            read_cells(connection, frame, horizons, scope, by, measure, by_product=by_product)
            for by_product in (False, True)
        )
    crude = crude.pooled
    groups = crude.groups
    chosen = base if base in groups else next(iter(groups), None)
    others = [group for group in groups if group != chosen]
    level = 1 - (1 - LEVEL) / max(1, len(others))
    found = [_comparison(crude, cells, group, str(chosen), level) for group in others]
    comparisons = tuple(one for one in found if one is not None)
    return EqualTerms(measure, by, chosen, groups, comparisons, int(crude.orders.sum()), crude.young)


def _comparison(crude: Cells, cells: Cells, group: str, base: str, level: float) -> Comparison | None:
    plain, _, _ = _difference(crude, group, base, level, fewest=1)
    if plain is None:
        return None
    standardised, inside, strata = _difference(cells, group, base, level, fewest=FEWEST_IN_STRATUM)
    places = [cells.groups.index(name) for name in (group, base) if name in cells.groups]
    whole = sum(cells.orders[:, place].sum() + cells.outside[place] for place in places)
    return Comparison(group, base, plain, standardised, float(inside / whole) if whole else 0.0, strata)


def _difference(
    cells: Cells, group: str, base: str, level: float, *, fewest: int
) -> tuple[Difference | None, float, int]:
    """The difference over shared strata, the orders in them, and how many strata there are."""
    if not {group, base} <= set(cells.groups):
        return None, 0.0, 0
    pair = [cells.groups.index(group), cells.groups.index(base)]
    orders = cells.orders[:, pair].sum(axis=0)
    shared = (orders >= fewest).all(axis=0)
    width = int(shared.sum())
    above, below = (part[:, pair][:, :, shared] for part in (cells.above, cells.below))
    units = np.concatenate((above, below), axis=1).reshape(len(above), 4 * width)
    units = units[units.any(axis=1)]
    interval = of_sums(units, lambda sums: _standardised(sums, width)[2], level=level) if width else None
    if interval is None:
        return None, 0.0, 0
    rates = _standardised(units.sum(axis=0, keepdims=True), width)
    counts = [int(one) for one in orders[:, shared].sum(axis=1)]
    return Difference(float(rates[0][0]), float(rates[1][0]), interval, *counts), float(sum(counts)), width


def _standardised(sums: Numbers, width: int) -> tuple[Numbers, Numbers, Numbers]:
    """Both standardised rates and their difference, one a row of ``sums``.

    A row holds, ``width`` strata each: what is divided of the first and of the second, what they are divided
    by. A stratum one of them has nothing of in a draw is left out of that draw.
    """
    above_a, above_b, below_a, below_b = (sums[:, place * width : (place + 1) * width] for place in range(4))
    both = (below_a > 0) & (below_b > 0)
    weight = np.where(both, below_a + below_b, 0.0)
    whole = weight.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (
            (weight * np.where(both, above / below, 0.0)).sum(axis=1) / whole
            for above, below in ((above_a, below_a), (above_b, below_b))
        )
    return first, second, first - second

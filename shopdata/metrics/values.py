"""From raw sums to the values of a document: divides, judges what is unknown, adds intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopdata.metrics.catalogue import CATALOGUE, document_keys, parts
from shopdata.metrics.definition import (
    DAILY,
    Difference,
    Duration,
    Event,
    Metric,
    Missing,
    Need,
    Ratio,
    Sum,
)
from shopdata.metrics.frame import Frame
from shopdata.metrics.intervals import wilson
from shopdata.metrics.query import Sums

Value = int | float | None
SECONDS_PER_HOUR = 3600
PLACED = frozenset({"orders_placed", "orders_placed_visited"})
# Among the sums of a row: no order file covers it, what other files tell of it stands.
UNCOVERED = "uncovered"
SUFFIXES = ("n", "d", "low", "high", "matured", "pending")


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns the sums of one row into values, knowing the basis and which files there are."""

    frame: Frame
    basis: str
    one_currency: bool = True
    unsplit: frozenset[str] = frozenset()

    def values(self, metrics: tuple[Metric, ...], sums: Sums | None) -> dict[str, Value]:
        """Every document key of ``metrics``; all null where ``sums`` is ``None`` (nothing covers the row)."""
        found: dict[str, Value] = {}
        for metric in metrics:
            for key in document_keys(metric):
                found[key] = None if sums is None else self._value(metric, key, sums)
            if isinstance(metric, Ratio):
                found |= self._around(metric, sums, found[metric.key])
        return found

    def missing(self, metric: Metric) -> str | None:
        """The kind of file that no shop of the question has and the metric needs."""
        if isinstance(metric, Missing):
            return metric.needs[0].kind
        if isinstance(metric, Sum):
            wanted = [self.missing(CATALOGUE[part]) for part in metric.essential]
            return wanted[0] if all(wanted) else None
        for part in parts(metric):
            if absent := self.missing(CATALOGUE[part]):
                return absent
        lacking = self.frame.lacking(metric.needs)
        return next(iter(lacking.values())) if lacking and len(lacking) == len(self.frame.shops) else None

    def _value(self, metric: Metric, key: str, sums: Sums) -> Value:
        if self.missing(metric) or sums.get(f"{metric.key}__blind") or isinstance(metric, Missing):
            return None
        if key in self.unsplit:
            return None
        if metric.unit == "fen" and not self.one_currency:
            return None
        if isinstance(metric, Duration):
            return self._duration(metric, key.removeprefix(f"{metric.key}_"), sums)
        if isinstance(metric, Difference):
            first, second = (self._value(CATALOGUE[part], part, sums) for part in parts(metric))
            return None if first is None or second is None else first - second
        if isinstance(metric, Sum):
            return self._sum(metric, sums)
        if isinstance(metric, Ratio):
            hits, trials = self._fraction(metric, sums)
            return None if hits is None or not trials else hits / trials
        if self.basis == "event" and not self._dated(metric.event):
            return None
        if sums.get(UNCOVERED) and metric.event and metric.event.family == "orders":
            return None
        value = sums.get(metric.key, None if metric.family in DAILY else 0)
        return None if value is None else int(value)

    def _sum(self, metric: Sum, sums: Sums) -> Value:
        """What is known of it; null where nothing essential is, or a known part cannot be split as asked."""
        lacking = set(self.lacking(metric, sums))
        known = [key for key in parts(metric) if key not in lacking]
        if set(metric.essential) <= lacking or self.unsplit.intersection(known):
            return None
        amounts = {key: int(self._value(CATALOGUE[key], key, sums) or 0) for key in known}
        added = sum(amounts.get(key, 0) for key in metric.plus)
        return added - sum(amounts.get(key, 0) for key in metric.minus)

    def lacking(self, metric: Sum, sums: Sums | None) -> tuple[str, ...]:
        """The parts of a sum that are not known of a row: no file, not every shop's, or nothing told."""
        return tuple(
            key
            for key in parts(metric)
            if self.missing(CATALOGUE[key])
            or (key not in self.unsplit and self._value(CATALOGUE[key], key, sums or {}) is None)
        )

    def _dated(self, event: Event | None) -> bool:
        """Whether the data says when the metric happened, on the ``event`` basis."""
        if event is None:
            return False
        return event.family != "aftersales" or not self.frame.lacking((Need("aftersales"),))

    def _fraction(self, metric: Ratio, sums: Sums) -> tuple[Value, Value]:
        if self.basis == "paid" and PLACED.intersection((metric.numerator, metric.denominator)):
            return None, None
        if self.basis == "event" and not metric.on_event:
            return None, None
        if sums.get(f"{metric.key}__blind"):
            return None, None
        top, bottom = CATALOGUE[metric.numerator], CATALOGUE[metric.denominator]
        return self._value(top, top.key, sums), self._value(bottom, bottom.key, sums)

    def _duration(self, metric: Duration, statistic: str, sums: Sums) -> Value:
        if self.basis == "event" and metric.event is None:
            return None
        count = int(sums.get(f"{metric.key}__n") or 0)
        if statistic == "n":
            return count
        if not count:
            return None
        scale = SECONDS_PER_HOUR if metric.unit == "hours" else 1
        if statistic == "mean":
            return float(sums[f"{metric.key}__mean"]) / scale
        return float(sums[f"{metric.key}__quantiles"][{"p50": 0, "p90": 1}[statistic]]) / scale

    def _around(self, metric: Ratio, sums: Sums | None, value: Value) -> Mapping[str, Value]:
        names = SUFFIXES if metric.binomial else SUFFIXES[:2]
        found: dict[str, Value] = {f"{metric.key}_{name}": None for name in names}
        if sums is None or self.missing(metric):
            return found
        hits, trials = self._fraction(metric, sums)
        found[f"{metric.key}_n"], found[f"{metric.key}_d"] = hits, trials
        if not metric.binomial or hits is None or trials is None:
            return found
        bounds = wilson(int(hits), int(trials)) if 0 <= hits <= trials else None
        found[f"{metric.key}_low"], found[f"{metric.key}_high"] = bounds or (None, None)
        matured, pending = self._matured(metric, sums, value, int(trials))
        found[f"{metric.key}_matured"], found[f"{metric.key}_pending"] = matured, pending
        return found

    def _matured(self, metric: Ratio, sums: Sums, value: Value, trials: int) -> tuple[Value, Value]:
        if metric.pending:
            return value, int(sums.get(f"{metric.key}__pending") or 0)
        if not metric.step:
            return value, 0
        old: Any = sums.get(f"{metric.key}__matured") or 0
        hits: Any = sums.get(f"{metric.key}__hits") or 0
        return (hits / old if old else None), trials - int(old)

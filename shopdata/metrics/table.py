"""The metric table: every page, the command line and the API read their figures from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shopdata.metrics.cache import remembered
from shopdata.metrics.calendar import any_covered, covered_keys, key_text
from shopdata.metrics.catalogue import CATALOGUE, chosen, document_keys
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.daily_relations import tells
from shopdata.metrics.definition import BY_DAY, Metric, Ratio, Sum, Total
from shopdata.metrics.dimensions import TIME, Dimension, dimensions_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.labels import data_names, label_of
from shopdata.metrics.maturity import Horizons
from shopdata.metrics.query import Key, Question, Sums, read_sums
from shopdata.metrics.values import UNCOVERED, Judge, Value
from shopdata.scope import Scope
from shopdata.words import Words, words

SOURCE_ORDER = (
    "live", "short_video", "product_card", "showcase", "image_text", "other", "pending", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One row: its keys (one a dimension, as documents spell them), its values by metric key, and the parts
    that are not known of its sums."""

    keys: tuple[str, ...]
    values: Mapping[str, Value]
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The keys as one text."""
        return "|".join(self.keys)

    def __getitem__(self, metric: str) -> Value:
        return self.values[metric]


@dataclass(frozen=True, slots=True)
class MetricTable:
    """Figures of a scope, split by ``by`` or not at all; ``missing`` names the file a null metric wants."""

    scope: Scope
    by: tuple[str, ...]
    data_up_to: datetime | None
    currency: str | None
    rows: tuple[MetricRow, ...]
    total: Mapping[str, Value]
    missing: Mapping[str, str]
    names: tuple[Mapping[str, str], ...]
    shown: tuple[str, ...]
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def label(self, row: MetricRow, language: Words) -> str:
        """What the row is called on screen."""
        found = zip(self.by, row.keys, self.names, strict=True)
        return " · ".join(label_of(name, key, names, language) for name, key, names in found)

    def row(self, *keys: str) -> MetricRow | None:
        """The row with these keys."""
        return next((row for row in self.rows if row.keys == keys), None)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``metrics --json``."""
        spoken = language or words()
        return {
            "from": self.scope.start and self.scope.start.isoformat(),
            "to": self.scope.end and self.scope.end.isoformat(),
            "basis": self.scope.basis,
            "by": ",".join(self.by) or None,
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [
                {"key": row.key, "label": self.label(row, spoken), **self._shown(row.values)}
                for row in self.rows
            ],
            "total": self._shown(self.total),
            "missing": {key: kind for key, kind in self.missing.items() if key in self.total},
        } | self._missing_parts()

    def _missing_parts(self) -> dict[str, Any]:
        """What sums leave out: of the total by metric, of rows by row. Nothing where all is known."""
        by_row = {row.key: _lists(row.lacking) for row in self.rows if row.lacking}
        told = {"missing_parts": _lists(self.lacking), "missing_parts_by_row": by_row}
        return {name: found for name, found in told.items() if found}

    def _shown(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {key: values[key] for key in self.shown}


def _lists(parts: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {key: list(names) for key, names in parts.items()}


def metric_table(
    store: Reads, scope: Scope, *, by: str | None = None, keys: Sequence[str] | None = None
) -> MetricTable:
    """The figures of ``scope``, one row a key of ``by`` (``source``, ``day,source`` …) and the total.

    Raises ``BadUsage`` for an unknown metric or dimension.
    """
    wanted = None if keys is None else tuple(keys)
    return remembered(store, ("table", scope, by, wanted), lambda: _read_table(store, scope, by, wanted))


def _read_table(store: Reads, scope: Scope, by: str | None, keys: tuple[str, ...] | None) -> MetricTable:
    dimensions, metrics = dimensions_of(by), chosen(keys)
    frame = frame_of(store, scope)
    horizons = horizons_of(store, frame, steps_of(metrics))
    total, cells = _split(store, frame, horizons, Question(scope, dimensions, metrics, totals=True))
    whole = _unsplit(scope, (), metrics)
    judge = Judge(frame, scope.basis, one_currency=frame.currency is not None, unsplit=whole)
    if not any_covered(frame, scope):
        total = _told_elsewhere(scope, total)
    return MetricTable(
        scope=scope,
        by=tuple(dimension.key for dimension in dimensions),
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        rows=_rows(frame, scope, dimensions, metrics, cells),
        total=judge.values(metrics, total),
        missing=_missing(judge, metrics),
        names=tuple(data_names(store, dimension.key, frame) for dimension in dimensions),
        shown=_shown_keys(keys, metrics, judge),
        lacking=_lacking(judge, metrics, total),
    )


def _unsplit(scope: Scope, dimensions: tuple[Dimension, ...], metrics: tuple[Metric, ...]) -> frozenset[str]:
    """Metrics whose rows hang on no order and cannot be split or filtered as asked."""
    return frozenset(
        metric.key
        for metric in metrics
        if isinstance(metric, Total)
        and metric.family in BY_DAY
        and not tells(metric.family, scope, dimensions)
    )


def _lacking(judge: Judge, metrics: tuple[Metric, ...], sums: Sums | None) -> dict[str, tuple[str, ...]]:
    found = {metric.key: judge.lacking(metric, sums) for metric in metrics if isinstance(metric, Sum)}
    return {key: names for key, names in found.items() if names}


def _split(
    store: Reads, frame: Frame, horizons: Horizons, question: Question
) -> tuple[Sums | None, dict[Key, Sums]]:
    """The sums over all keys and those by key: read together where the former are not remembered."""
    read: list[dict[Key, Sums]] = []

    def together() -> Sums | None:
        read.append(_sums(store, frame, horizons, question))
        return read[0].pop((), None)

    total = remembered(store, ("total", question.scope, question.metrics), together)
    if read or not question.dimensions:
        return total, read[0] if read else {}
    return total, _sums(store, frame, horizons, replace(question, totals=False))


def _sums(store: Reads, frame: Frame, horizons: Horizons, question: Question) -> dict[Key, Sums]:
    with store.read() as connection:
        return read_sums(connection, frame, horizons, question)


def steps_of(metrics: Sequence[Metric]) -> set[str]:
    """The steps whose horizons the metrics need."""
    return {metric.step for metric in metrics if isinstance(metric, Ratio) and metric.step}


def _missing(judge: Judge, metrics: tuple[Metric, ...]) -> dict[str, str]:
    return {
        key: kind for metric in metrics if (kind := judge.missing(metric)) for key in document_keys(metric)
    }


def _shown_keys(keys: tuple[str, ...] | None, metrics: tuple[Metric, ...], judge: Judge) -> tuple[str, ...]:
    """Keys of the document: what was asked for, each ratio with what stands around it."""
    asked = set(keys) if keys is not None else {key for key, metric in CATALOGUE.items() if metric.shown}
    return tuple(
        key
        for metric in metrics
        if asked & set(document_keys(metric))
        for key in judge.values((metric,), None)
        if isinstance(metric, Ratio) or key in asked
    )


def _told_elsewhere(scope: Scope, sums: Sums | None) -> Sums | None:
    """Sums of days no order file covers whole: orders on them stand, and so does what other files date on
    them (refunds, settlements), beside which orders are unknown."""
    if sums is None or sums.get("rows_read"):
        return sums
    return sums | {UNCOVERED: 1} if scope.basis == "event" and any(sums.values()) else None


def _rows(
    frame: Frame,
    scope: Scope,
    dimensions: tuple[Dimension, ...],
    metrics: tuple[Metric, ...],
    cells: dict[Key, Sums],
) -> tuple[MetricRow, ...]:
    filled: dict[Key, Sums | None] = dict(cells)
    names = tuple(dimension.key for dimension in dimensions)
    if len(names) == 1 and names[0] in TIME:
        for part, covered in covered_keys(names[0], frame, scope).items():
            sums = filled.setdefault((part,), {} if covered else None)
            filled[part,] = sums if covered else _told_elsewhere(scope, sums)
    elif not any_covered(frame, scope):
        filled = {key: _told_elsewhere(scope, sums) for key, sums in filled.items()}
    unsplit = _unsplit(scope, dimensions, metrics)
    found = []
    for key, sums in filled.items():
        texts = tuple(key_text(name, part) for name, part in zip(names, key, strict=True))
        one = _one_currency(frame, names, texts)
        judge = Judge(_among(frame, names, texts), scope.basis, one_currency=one, unsplit=unsplit)
        values, lacking = judge.values(metrics, sums), _lacking(judge, metrics, sums)
        found.append(((_order(names, texts, sums), texts), MetricRow(texts, values, lacking)))
    return tuple(row for _, row in sorted(found, key=lambda pair: pair[0]))


def _order(names: tuple[str, ...], keys: tuple[str, ...], sums: Sums | None) -> tuple[Any, ...]:
    """Times in their order, sources in the platform's, everything else by number of orders."""
    parts: list[Any] = []
    for name, key in zip(names, keys, strict=True):
        if name == "source":
            parts.append(SOURCE_ORDER.index(key) if key in SOURCE_ORDER else len(SOURCE_ORDER))
        elif name == "amount_band":
            parts.append(int(key) if key.isdecimal() else 10**9)
        elif name not in TIME:
            parts.append((-int((sums or {}).get("rows_read") or 0), key))
        else:
            parts.append(key)
    return tuple(parts)


def _among(frame: Frame, names: tuple[str, ...], keys: tuple[str, ...]) -> Frame:
    """The shops a row is of: what these lack is unknown, though others have it."""
    wanted = {key for name, key in zip(names, keys, strict=True) if name in {"shop", "platform"}}
    shops = tuple(shop for shop in frame.shops if wanted <= {str(shop.id), shop.platform})
    return replace(frame, shops=shops) if wanted else frame


def _one_currency(frame: Frame, names: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    if frame.currency is not None or "currency" in names or "shop" in names:
        return True
    if "platform" not in names:
        return False
    platform = keys[names.index("platform")]
    return len({shop.currency for shop in frame.shops if shop.platform == platform}) == 1

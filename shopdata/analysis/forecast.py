"""What a metric will be: a forecast that was put to the test on the shop's own past, or why there is none.

Learned from whole and final days only (``final_days``), by the methods of ``outlook``; promotions and
holidays count where the shop's own data went through them before (``promotion_marks``). The start of the
asked period does not shorten what is learned from; its end does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from shopdata.analysis.backtest import MOST_ORIGINS
from shopdata.analysis.final_days import final_until, is_whole
from shopdata.analysis.outlook import Band, Outlook, Scale, outlook
from shopdata.analysis.promotion_calendar import Event, calendar
from shopdata.analysis.promotion_marks import Mark, MarkedDays, Span, marked_days
from shopdata.analysis.resampling import Numbers
from shopdata.errors import BadUsage
from shopdata.metrics.cache import remembered
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Count, Difference, Total
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.series import Point, metric_series, span_of
from shopdata.scope import Scope

By = Literal["day", "week", "month"]
SEASONS: Mapping[str, int] = {"day": 7, "week": 1, "month": 1}
MOST_STEPS = 90


@dataclass(frozen=True, slots=True)
class Effect:
    """What a promotion's last day, or its other days, did before: −0.2 is a fifth less than usual."""

    mark: Mark
    change: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of a metric by day, week or month.

    ``keys`` are the days (weeks, months) forecast, ``first`` and ``until`` the days learned from. ``effects``
    are those of promotions ahead that were seen before, ``unseen`` the promotions ahead that were not.
    ``missing`` names the file the metric wants.
    """

    metric: str
    by: str
    keys: tuple[str, ...]
    first: date | None
    until: date | None
    outlook: Outlook
    effects: tuple[Effect, ...] = ()
    unseen: tuple[Event, ...] = ()
    missing: str | None = None

    @property
    def steps(self) -> tuple[tuple[str, Band], ...]:
        """Key and forecast of every step; nothing where there is no forecast."""
        return tuple(zip(self.keys, self.outlook.steps, strict=False))


def forecast(store: Reads, scope: Scope, key: str, by: str = "day", count: int = 7) -> Forecast:
    """``key`` for the ``count`` days, weeks or months after the last one any file covers.

    Raises ``BadUsage`` for another ``by`` or a ``count`` that is not 1 to 90.
    """
    if by not in SEASONS:
        raise BadUsage("value_unknown", name="by", value=by, choices=", ".join(SEASONS))
    if not 1 <= count <= MOST_STEPS:
        raise BadUsage("value_unknown", name="forecast", value=count, choices=f"1–{MOST_STEPS}")
    question = ("forecast", replace(scope, start=None), key, by, count)
    return remembered(store, question, lambda: _read(store, replace(scope, start=None), key, by, count))


def _read(store: Reads, scope: Scope, key: str, by: str, count: int) -> Forecast:
    frame = frame_of(store, scope)
    series = metric_series(store, scope, key, by)
    points = _covered(series.points, frame, by)
    final = final_until(store, frame, key, scope.basis)
    spans = [span for _, span in points]
    values = [
        float(point.value)
        if point.value is not None and not point.partial and _is_final(span, frame, final)
        else None
        for point, span in points
    ]
    return replace(forecast_of(key, by, values, spans, count, calendar(store)), missing=series.missing)


def forecast_of(
    key: str,
    by: str,
    values: Sequence[float | None],
    spans: Sequence[Span],
    count: int,
    events: Sequence[Event],
    most_origins: int = MOST_ORIGINS,
) -> Forecast:
    """The forecast of a series: its values (``None`` is a gap), the first and last day of each; ``events`` is
    the promotion calendar.

    Gaps at the end are days that are not final yet: they are stepped over. What lies before the first value
    that is not zero is not the shop's (or product's) time yet.
    """
    season = SEASONS[by]
    told = [place for place, value in enumerate(values) if value]
    if not told:
        return Forecast(key, by, (), None, None, Outlook("nothing", 0, 0))
    last = max(place for place, value in enumerate(values) if value is not None)
    raw = np.array([np.nan if value is None else value for value in values[told[0] : last + 1]])
    skipped, laid = len(values) - 1 - last, list(spans[told[0] :])
    for _ in range(count):
        laid.append(_next(laid[-1], by))
    days = marked_days(laid, np.isfinite(raw).tolist(), skipped, events)
    found = outlook(
        raw,
        season=season,
        skipped=skipped,
        count=count,
        scale=scale_of(key, raw, season),
        marks=days.marks,
        adds_up=adds_up(key),
        most_origins=most_origins,
    )
    effects = _effects(found, days, days.marks.columns[len(raw) + skipped :])
    keys, until = tuple(_key(span, by) for span in laid[-count:]), laid[len(raw) - 1][1]
    return Forecast(key, by, keys, laid[0][0], until, found, effects, days.unseen)


def _effects(found: Outlook, days: MarkedDays, ahead: Numbers) -> tuple[Effect, ...]:
    """The effects of those marks that some day ``ahead`` has."""
    return tuple(
        Effect(days.named[place], float(np.expm1(size)))
        for place, size in sorted(found.effects.items())
        if ahead[:, place].any()
    )


def scale_of(key: str, raw: Numbers, season: int) -> Scale:
    """The scale a metric is modelled on: shares as they are, so what can be negative, the rest by a log."""
    if getattr(CATALOGUE[key], "binomial", False):
        return Scale.plain(0.0, 1.0)
    return Scale.plain() if np.nanmin(raw) < 0 else Scale.log(raw, season)


def adds_up(key: str) -> bool:
    """Whether the figures of single days add up to that of their sum."""
    metric = CATALOGUE[key]
    return isinstance(metric, Count | Total | Difference) and metric.unit != "buyers"


def _covered(points: Sequence[Point], frame: Frame, by: str) -> list[tuple[Point, Span]]:
    """The points up to the last one any file covers, with their days; those after are what is asked for."""
    ends = frame.covered_days
    laid = [(point, span) for point in points if (span := span_of(point.key, by))]
    return [(point, span) for point, span in laid if ends and span[0] <= ends[1]]


def _is_final(span: Span, frame: Frame, final: date | None) -> bool:
    first, last = span
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return final is not None and last <= final and all(is_whole(day, frame) for day in days)


def _next(span: Span, by: str) -> Span:
    first = span[1] + timedelta(days=1)
    found = span_of(_key((first, first), by), by)
    return found or (first, first)


def _key(span: Span, by: str) -> str:
    return f"{span[0]:%Y-%m}" if by == "month" else span[0].isoformat()

"""Promotions and holidays as columns a model can learn from, only where the data went through one of them.

Each has two marks: its last day (the one it is named for) and its other days. A mark may be used from the
first origin by which one whole occurrence lies in the data, with a season of ordinary days before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from shopdata.analysis.outlook import Marks
from shopdata.analysis.promotion_calendar import Event
from shopdata.analysis.resampling import Numbers

Span = tuple[date, date]
BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: a promotion (its newest time), and whether it is for its last day or for the days before."""

    event: Event
    is_last_day: bool


@dataclass(frozen=True, slots=True)
class MarkedDays:
    """Marks of a series' steps and of those ahead; ``unseen``: promotions ahead that no mark may speak of."""

    marks: Marks
    named: tuple[Mark, ...]
    unseen: tuple[Event, ...]


def marked_days(
    spans: Sequence[Span], known: Sequence[bool], skipped: int, events: Sequence[Event]
) -> MarkedDays:
    """Marks for steps of ``spans`` (first and last day each), of which the first ``len(known)`` are the data.

    ``known`` says which of them have a value; the first ``skipped`` steps ahead are not forecast. ``events``
    is the calendar, oldest first.
    """
    steps, first = len(known), spans[0][0]
    ahead = spans[steps + skipped :]
    columns, usable, named = [], [], []
    for key in dict.fromkeys(one.key for one in events):
        occurrences = [one for one in events if one.key == key and one.start >= first + BEFORE]
        for is_last_day in (True, False):
            parts = [part for one in occurrences if (part := _days(one, is_last_day=is_last_day))]
            column = np.array([_share(span, parts) for span in spans])
            seen = _seen_from(parts, column, spans[:steps], known)
            if seen is not None:
                columns.append(column)
                usable.append(seen)
                named.append(Mark(occurrences[-1], is_last_day))
    found = Marks(np.column_stack(columns), tuple(usable)) if columns else Marks.none(len(spans))
    keys = {mark.event.key for mark in named}
    coming = [one for one in events if ahead and one.meets(ahead[0][0], ahead[-1][1])]
    return MarkedDays(found, tuple(named), tuple(one for one in coming if one.key not in keys))


def _days(promotion: Event, *, is_last_day: bool) -> Span | None:
    if is_last_day:
        return promotion.end, promotion.end
    before = promotion.end - timedelta(days=1)
    return (promotion.start, before) if promotion.start <= before else None


def _share(span: Span, parts: Sequence[Span]) -> float:
    """The share of a step's days that lie in any of the parts."""
    first, last = span
    met = sum(max(0, (min(last, end) - max(first, start)).days + 1) for start, end in parts)
    return met / ((last - first).days + 1)


def _seen_from(
    parts: Sequence[Span], column: Numbers, spans: Sequence[Span], known: Sequence[bool]
) -> int | None:
    """The first origin by which the data has been through a whole part, with most of its steps known."""
    for start, end in parts:
        touched = [step for step, (first, last) in enumerate(spans) if first <= end and start <= last]
        if touched and spans[touched[-1]][1] >= end and column[touched[-1]] > 0:
            seen = sum(known[step] for step in touched)
            if 2 * seen > len(touched):
                return touched[-1] + 1
    return None

"""Which days the files of a kind hold whole: what lies between two of them, or at their ends, is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shopdata.metrics.series import WHOLE_FROM, WHOLE_TO

Span = tuple[datetime, datetime]
Days = tuple[date, date]
DAY = timedelta(days=1)
# Two files with a longer time between them leave out something: a night without an event is shorter.
NIGHT = timedelta(hours=12)


def whole_days(files: Iterable[Span]) -> tuple[Days, ...]:
    """Runs of whole days, first and last included, of files from their first event to their last."""
    runs: list[Span] = []
    for first, last in sorted(files):
        if runs and first - runs[-1][1] <= NIGHT:
            runs[-1] = runs[-1][0], max(runs[-1][1], last)
        else:
            runs.append((first, last))
    return tuple(days for run in runs if (days := _inside(*run))[0] <= days[1])


def _inside(first: datetime, last: datetime) -> Days:
    start = first.date() if first.time() <= WHOLE_FROM else first.date() + DAY
    return start, last.date() if last.time() >= WHOLE_TO else last.date() - DAY

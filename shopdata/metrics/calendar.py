"""The keys a time dimension runs through, so that days without orders are rows too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from shopdata.metrics.frame import Frame
from shopdata.scope import Scope

LONGEST = 3_700


def days_of(frame: Frame, scope: Scope) -> tuple[date, date] | None:
    """First and last day of the question: as asked, else what the order files cover."""
    covered = frame.covered_days
    start = scope.start or (covered and covered[0])
    end = scope.end or (covered and covered[1])
    if start is None or end is None or start > end:
        return None
    if covered and (end - start).days > LONGEST:
        start, end = max(start, covered[0]), min(end, covered[1])
    return (start, end) if start <= end else None


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def covered_keys(name: str, frame: Frame, scope: Scope) -> dict[date | int, bool]:
    """Every key of a time dimension in the period, and whether an order file covers any of its days."""
    found: dict[date | int, bool] = {}
    period = days_of(frame, scope)
    if period is None:
        return found
    for day in each_day(*period):
        covered = frame.covers(day)
        for key in _keys_of(name, day):
            found[key] = found.get(key, False) or covered
    return found


def any_covered(frame: Frame, scope: Scope) -> bool:
    """Whether order files cover any day of the period."""
    period = days_of(frame, scope)
    return period is not None and any(
        first <= period[1] and period[0] <= last for shop in frame.shops for first, last in shop.covered
    )


def _keys_of(name: str, day: date) -> tuple[date | int, ...]:
    if name == "week":
        return (day - timedelta(days=day.weekday()),)
    if name == "month":
        return (day.replace(day=1),)
    if name == "weekday":
        return (day.isoweekday(),)
    if name == "hour":
        return tuple(range(24))
    return (day,)


def key_text(name: str, key: object) -> str:
    """A key as documents spell it: ``2026-10-01``, ``2026-10``, ``07``, ``1`` …; no value is ``unknown``."""
    if key is None:
        return "unknown"
    if isinstance(key, date):
        return key.strftime("%Y-%m") if name == "month" else key.isoformat()
    if name == "hour":
        return f"{int(str(key)):02d}"
    return str(key)

"""Working days by the State Council's calendar: days off, and the weekend days worked in their place.

The announcements come with the package ``chinesecalendar``, which is released once a year, when the next
year's has come out. A year nobody has announced has weekends only; ``is_announced`` tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

DAY = timedelta(days=1)
_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off in a row, first and last inclusive. ``key``: under ``abnormal.holidays`` in the words."""

    key: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.last - self.first).days + 1


def is_announced(year: int) -> bool:
    """Whether days off and make-up days of the year are known."""
    return year in _YEARS


def is_working_day(day: date) -> bool:
    """Whether people work on the day: make-up Saturdays and Sundays yes, days off no."""
    if not is_announced(day.year):
        return day.isoweekday() <= 5
    return bool(chinese_calendar.is_workday(day))


def add_working_days(day: date, n: int) -> date:
    """The ``n``-th working day after ``day``; ``day`` itself is not counted, so 0 is ``day``."""
    while n > 0:
        day += DAY
        n -= is_working_day(day)
    return day


def holiday_of(day: date) -> str | None:
    """The holiday that the day is off for, or that it is worked for; ``None`` for any other day."""
    if not is_announced(day.year):
        return None
    _, named = chinese_calendar.get_holiday_detail(day)
    return chinese_calendar.Holiday(named).name if named else None


def holidays_of(year: int) -> Iterator[Holiday]:
    """The holidays of a year in order, each as its days off in a row; none of a year not announced."""
    days = sorted(day for day in chinese_calendar.holidays if day.year == year)
    first = None
    for day in days:
        first = first or day
        if day + DAY not in chinese_calendar.holidays:
            yield Holiday(str(holiday_of(first)), first, day)
            first = None


def next_holiday(day: date, *, at_least: int = 1) -> Holiday | None:
    """The holiday of at least so many days that lasts on the day or comes next, as far as announced."""
    coming = (one for year in (day.year, day.year + 1) for one in holidays_of(year))
    return next((one for one in coming if one.last >= day and one.days >= at_least), None)

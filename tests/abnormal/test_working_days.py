"""Working days against what the State Council announced: golden weeks, make-up Saturdays, month ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shopdata.abnormal.working_days import (
    Holiday,
    add_working_days,
    holiday_of,
    holidays_of,
    is_announced,
    is_working_day,
    next_holiday,
)
from shopdata.words import LANGUAGES, words

MADE_UP = {
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}


@pytest.mark.parametrize("year", MADE_UP)
def test_weekend_days_are_worked_only_where_they_make_up_for_a_holiday(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=place) for place in range(365)]
    worked = [f"{day:%m-%d}" for day in days if day.isoweekday() > 5 and is_working_day(day)]
    assert worked == list(MADE_UP[year])
    assert holiday_of(date(year, 2, 8) if year == 2025 else date(year, 2, 28)) == "spring_festival"


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("spring_festival", "2025-01-28", "2025-02-04"),
        ("national_day", "2025-10-01", "2025-10-08"),
        ("spring_festival", "2026-02-15", "2026-02-23"),
        ("national_day", "2026-10-01", "2026-10-07"),
    ],
)
def test_a_holiday_is_its_days_off_in_a_row(key: str, first: str, last: str) -> None:
    holiday = Holiday(key, date.fromisoformat(first), date.fromisoformat(last))
    assert holiday in holidays_of(holiday.first.year)
    day = holiday.first
    while day <= holiday.last:
        assert not is_working_day(day)
        day += timedelta(days=1)
    assert is_working_day(day)


@pytest.mark.parametrize(
    ("day", "n", "then"),
    [
        ("2026-10-30", 0, "2026-10-30"),
        ("2026-10-30", 1, "2026-11-02"),
        ("2026-10-31", 1, "2026-11-02"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-02-27", 2, "2026-03-02"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2024-02-28", 2, "2024-03-01"),
    ],
)
def test_working_days_are_counted_over_weekends_holidays_and_month_ends(day: str, n: int, then: str) -> None:
    assert add_working_days(date.fromisoformat(day), n) == date.fromisoformat(then)


def test_a_year_not_announced_has_weekends_only_and_says_so() -> None:
    assert is_announced(2026)
    assert not is_announced(2099)
    assert is_working_day(date(2099, 10, 1))
    assert not is_working_day(date(2099, 10, 3))
    assert holiday_of(date(2099, 10, 1)) is None
    assert next_holiday(date(2099, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "days", "first"),
    [
        ("2025-12-20", 1, "2026-01-01"),
        ("2026-02-20", 1, "2026-02-15"),
        ("2025-12-20", 5, "2026-02-15"),
    ],
)
def test_the_next_holiday_is_the_one_that_lasts_or_comes(day: str, days: int, first: str) -> None:
    found = next_holiday(date.fromisoformat(day), at_least=days)
    assert found is not None
    assert found.first == date.fromisoformat(first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_holiday_has_its_name(language: str) -> None:
    for year in range(2004, 2027):
        for one in holidays_of(year):
            assert words(language)(f"abnormal.holidays.{one.key}")

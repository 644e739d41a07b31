"""What a shift is: at each limit and just short of it, over days made up for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

import pytest

from shopdata.abnormal.shifting import Bounds, Compared, Series, Shift, compared, shifts

FIRST = date(2026, 6, 1)  # a Monday
WEEKS = 8


def series(
    value: Callable[[date], float], *, n: float = 10_000, scale: str = "amount", days: int = 7 * WEEKS + 7
) -> Series:
    every = [FIRST + timedelta(days=place) for place in range(days)]
    values = {day: value(day) for day in every}
    sizes = {day: values[day] if scale == "amount" and n == 0 else n for day in every}
    return Series("figure", scale, values, sizes)  # type: ignore[arg-type]


def found(*every: Series, bounds: Bounds | None = None) -> tuple[Shift, ...]:
    tests: list[Sequence[Compared]] = []
    for one in every:
        days = sorted(one.values)[-7:]
        tests.append([beside for day in days if (beside := compared(one, day)) is not None])
    return shifts(tests, bounds or Bounds())


def on(day: date, other: float, usual: float = 10_000.0) -> Callable[[date], float]:
    return lambda one: other if one == day else usual


DAY = FIRST + timedelta(days=7 * WEEKS + 3)


@pytest.mark.parametrize(("value", "fires"), [(8_000, True), (8_100, False), (12_000, True), (11_900, False)])
def test_an_amount_that_changes_by_a_fifth(value: float, fires: bool) -> None:
    shift = found(series(on(DAY, value)))
    assert [(one.first, one.last, one.value, round(one.usual)) for one in shift] == (
        [(DAY, DAY, value, 10_000)] if fires else []
    )


@pytest.mark.parametrize(("value", "fires"), [(0.85, True), (0.8501, False), (0.95, True), (0.9499, False)])
def test_a_share_that_changes_by_five_points(value: float, fires: bool) -> None:
    assert bool(found(series(on(DAY, value, 0.9), scale="share"))) is fires


@pytest.mark.parametrize(("value", "fires"), [(0.12, True), (0.1199, False), (0.08, True)])
def test_a_rate_that_changes_by_a_fifth_of_itself(value: float, fires: bool) -> None:
    assert bool(found(series(on(DAY, value, 0.1), scale="rate"))) is fires


@pytest.mark.parametrize(("n", "fires"), [(30, True), (29, False)])
def test_thirty_orders_are_needed(n: float, fires: bool) -> None:
    assert bool(found(series(on(DAY, 0.9, 0.1), scale="rate", n=n))) is fires


@pytest.mark.parametrize(("usual", "fires"), [(30, True), (29, False)])
def test_a_day_without_orders_counts_by_the_usual_number(usual: float, fires: bool) -> None:
    assert bool(found(series(on(DAY, 0, usual), n=0))) is fires


@pytest.mark.parametrize(("deviations", "fires"), [(4.05, True), (3.95, False)])
def test_four_deviations_are_needed(deviations: float, fires: bool) -> None:
    """Of 2,500 orders a day chance alone makes 2 %; the median of eight such weekdays adds to it."""
    spread = 1 / 50 * (1 + 1.5708 / WEEKS) ** 0.5
    usual = series(on(DAY, 2_500 * 2.718281828 ** (deviations * spread), 2_500), n=0)
    assert bool(found(usual, bounds=Bounds(change=0))) is fires


def test_a_weekday_is_compared_with_its_like() -> None:
    def value(day: date) -> float:
        return 20_000 if day.weekday() >= 5 else 10_000

    assert found(series(value)) == ()
    saturday = FIRST + timedelta(days=7 * WEEKS + 5)
    (shift,) = found(series(lambda day: 10_000 if day == saturday else value(day)))
    assert (shift.first, round(shift.usual)) == (saturday, 20_000)


def wave(day: date) -> float:
    """A fifth of deviation around 10,000, no weekday like the next."""
    return 10_000 * (1 + 0.1 * (((day - FIRST).days * 5) % 11 - 5) / 5)


@pytest.mark.parametrize(("length", "fires"), [(3, True), (2, False)])
def test_three_days_in_a_row_make_a_level(length: int, fires: bool) -> None:
    """Each day alone is within four deviations, together they are not."""
    changed = {DAY + timedelta(days=place) for place in range(length)}
    one = series(lambda day: 7_700 if day in changed else wave(day))
    days = [beside for day in sorted(changed) if (beside := compared(one, day))]
    assert all(2 < abs(beside.z) < 4 for beside in days)
    shift = found(one)
    assert [(one.first, one.last) for one in shift] == ([(min(changed), max(changed))] if fires else [])


def test_days_in_a_row_that_are_off_are_one_shift() -> None:
    last = DAY + timedelta(days=2)
    (shift,) = found(series(lambda day: 5_000 if DAY <= day <= last else 10_000))
    assert (shift.first, shift.last, shift.value, round(shift.change, 2)) == (DAY, last, 5_000, -0.5)


def test_days_off_to_either_side_are_two_shifts() -> None:
    other = DAY + timedelta(days=1)
    shift = found(series(lambda day: {DAY: 5_000, other: 20_000}.get(day, 10_000)))
    assert [(one.first, one.change > 0) for one in shift] == [(DAY, False), (other, True)]


@pytest.mark.parametrize(("days", "fires"), [(21, True), (20, False)])
def test_three_weeks_before_it_are_needed(days: int, fires: bool) -> None:
    last = FIRST + timedelta(days=days)
    one = series(on(last, 5_000), days=days + 1)
    assert (compared(one, last) is not None) is fires


def test_many_figures_of_chance_seldom_pass_the_budget_together() -> None:
    """A thousand noisy figures of a week each: single days four deviations off occur, and do not pass."""
    draw = Random(5)  # noqa: S311
    noisy = [series(lambda day: 10_000 * 2.718281828 ** draw.gauss(0, 0.15)) for _ in range(1_000)]
    assert len(found(*noisy, bounds=Bounds(false_share=1.0))) > 0
    assert len(found(*noisy)) <= 2
    assert len(found(*noisy, series(on(DAY, 2_000)))) >= 1

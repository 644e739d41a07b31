"""Intervals by resampling hold what they promise on data whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shopdata.analysis.resampling import Interval, ratio_of_sums, resampled


def test_an_interval_of_a_mean_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(1).normal(50, 10, size=(400, 1))
    found = resampled(values, lambda rows: float(rows[:, 0].mean()))
    assert found
    assert found.low is not None
    assert found.high is not None
    half = 1.96 * values.std() / math.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)


def test_a_95_percent_interval_of_a_ratio_holds_the_truth_about_95_times_in_100() -> None:
    draw = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        weight = draw.lognormal(3, 1, 300)
        found = ratio_of_sums(weight * draw.binomial(1, 0.3, 300), weight, resamples=300)
        assert found
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.3 <= found.high
    assert 178 <= hits <= 199


def test_the_same_data_gives_the_same_interval() -> None:
    assert ratio_of_sums([1, 2, 3, 4, 5, 6], [9] * 6) == ratio_of_sums([1, 2, 3, 4, 5, 6], [9] * 6)


def test_few_units_have_a_value_and_no_bounds() -> None:
    assert ratio_of_sums([1, 1], [2, 2]) == Interval(0.5, None, None, 2)
    assert resampled([[1.0], [3.0]], lambda rows: float(rows.mean())) == Interval(2.0, None, None, 2)


def test_nothing_to_divide_by_is_no_figure() -> None:
    assert ratio_of_sums([], []) is None
    assert ratio_of_sums([1.0], [0.0]) is None
    assert resampled(np.empty((0, 1)), lambda rows: float(rows.mean())) is None


def test_a_difference_is_clear_only_where_its_interval_leaves_out_zero() -> None:
    assert Interval(2.0, 1.0, 3.0, 9).clear
    assert not Interval(2.0, -1.0, 3.0, 9).clear
    assert not Interval(2.0, None, None, 2).clear

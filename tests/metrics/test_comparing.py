"""Periods against periods, points of a series, intervals: what is certain and what is not."""

from datetime import datetime, time, timedelta

import pytest

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.compare import base_period, compare, latest_day
from shopdata.metrics.intervals import newcombe, wilson
from shopdata.metrics.maturity import OWN_ORDERS
from shopdata.metrics.series import metric_series
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from tests.metrics.world import AS_OF, FIRST, MemoryStore, Row, day, order_row, simple_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def paid_orders(count: int, at: datetime, **more: object) -> list[Row]:
    return [order_row(f"{at:%d%H}-{n}-{len(more)}", at, paid_at=at, **more) for n in range(count)]


@pytest.mark.parametrize(
    ("hits", "trials", "expected"),
    [
        (0, 10, (0.0, 0.27753)),
        (5, 10, (0.23659, 0.76341)),
        (10, 10, (0.72247, 1.0)),
        (81, 263, (0.25529, 0.36621)),
    ],
)
def test_wilson_intervals_equal_published_values(
    hits: int, trials: int, expected: tuple[float, float]
) -> None:
    assert wilson(hits, trials) == pytest.approx(expected, abs=2e-5)


def test_no_trials_have_no_interval() -> None:
    assert wilson(0, 0) is None
    assert newcombe(0, 0, 1, 2) is None


def test_newcombe_interval_equals_the_published_example() -> None:
    """Newcombe 1998, method 10: 56/70 against 48/80."""
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=2e-4)


def test_base_periods() -> None:
    scope = Scope(start=day(30), end=day(36))
    starts = {against: base_period(scope, against) for against in ("previous", "week", "year")}
    assert {name: base and base.start for name, base in starts.items()} == {
        "previous": day(23),
        "week": day(23),
        "year": day(30) - timedelta(days=364),
    }
    month = base_period(Scope(start=day(30), end=day(59)), "week")
    assert month is not None
    assert (month.start, month.days) == (day(-5), 30)
    assert base_period(Scope(), "previous") is None


def test_growth_from_nothing_is_new() -> None:
    store = simple_world(paid_orders(5, FIRST + 8 * DAY + HOUR)).stored()
    change = compare(store, Scope(start=day(8), end=day(8)), ("orders_paid",))["orders_paid"]
    assert (change.value, change.base, change.is_new, change.relative) == (5, 0, True, None)


def test_a_change_from_three_orders_is_not_clear_but_one_from_many_is() -> None:
    few = simple_world(paid_orders(3, FIRST + 7 * DAY) + paid_orders(5, FIRST + 8 * DAY)).stored()
    many = simple_world(paid_orders(100, FIRST + 7 * DAY) + paid_orders(180, FIRST + 8 * DAY)).stored()
    scope = Scope(start=day(8), end=day(8))
    for key in ("orders_paid", "paid_amount"):
        small, large = (compare(store, scope, (key,))[key] for store in (few, many))
        assert (small.is_clear, large.is_clear) == (False, True)
        assert large.relative == pytest.approx(0.8)


def test_rates_compare_matured_orders_with_an_interval_in_points() -> None:
    before = paid_orders(60, FIRST + 7 * DAY) + paid_orders(
        40, FIRST + 7 * DAY, is_refunded=True, refund_applied_at=FIRST + 8 * DAY
    )
    after = paid_orders(90, FIRST + 8 * DAY) + paid_orders(
        10, FIRST + 8 * DAY, is_refunded=True, refund_applied_at=FIRST + 9 * DAY
    )
    store = simple_world(before + after).stored()
    change = compare(store, Scope(start=day(8), end=day(8)), ("refund_rate",))["refund_rate"]
    assert change.difference == pytest.approx(-0.3)
    assert (change.low, change.high) == pytest.approx(newcombe(10, 100, 40, 100))
    assert change.is_clear


def test_an_unfinished_last_day_is_compared_at_the_same_clock_time() -> None:
    morning, evening = time(9), time(22)
    today, yesterday = AS_OF.date(), AS_OF.date() - DAY
    orders = paid_orders(4, datetime.combine(today, morning))
    orders += paid_orders(4, datetime.combine(yesterday, morning))
    orders += paid_orders(9, datetime.combine(yesterday, evening))
    store = simple_world(orders).stored()
    scope = latest_day(store, Scope())
    assert scope == Scope(start=today, end=today)
    change = compare(store, scope, ("orders_paid",))["orders_paid"]
    assert (change.value, change.base, change.difference) == (4, 4, 0.0)
    assert change.clock == (AS_OF + timedelta(seconds=1)).time()
    assert not change.is_clear


def test_a_period_no_file_covers_has_no_comparison() -> None:
    store = simple_world(paid_orders(5, FIRST + DAY)).stored()
    change = compare(store, Scope(start=day(1), end=day(1)), ("orders_paid",), "year")["orders_paid"]
    assert (change.base, change.difference, change.is_new) == (None, None, False)


def test_the_last_day_of_a_series_is_partial_and_says_up_to_when() -> None:
    store = simple_world(paid_orders(3, AS_OF - 5 * HOUR)).stored()
    points = metric_series(store, Scope(start=AS_OF.date() - DAY, end=AS_OF.date()), "orders_paid").points
    assert [(point.value, point.partial) for point in points] == [(0, False), (3, True)]
    assert points[-1].up_to == AS_OF


def test_a_week_cut_by_the_period_is_partial() -> None:
    store = simple_world(paid_orders(3, FIRST + 20 * DAY)).stored()
    points = metric_series(store, Scope(start=day(14), end=day(27)), "orders_paid", "week").points
    assert [point.partial for point in points] == [True, False, True]


def test_a_series_of_a_ratio_carries_its_sample_and_interval() -> None:
    store = simple_world(paid_orders(3, FIRST + DAY)).stored()
    document = metric_series(store, Scope(start=day(1), end=day(1)), "pay_rate").as_json()
    (row,) = document["rows"]
    assert (row["key"], row["value"], row["n"]) == (day(1).isoformat(), 1.0, 3)
    assert (row["low"], row["high"]) == pytest.approx(wilson(3, 3))


def test_the_shops_own_p95_is_the_horizon_where_enough_old_orders_made_the_step() -> None:
    old = [order_row(f"o{n}", FIRST, paid_at=FIRST + HOUR) for n in range(OWN_ORDERS)]
    waiting = [order_row("w", AS_OF - 2 * HOUR)]
    own = metric_table(simple_world(old + waiting).stored(), Scope(), keys=("pay_rate",)).total
    few = metric_table(simple_world(old[1:] + waiting).stored(), Scope(), keys=("pay_rate",)).total
    assert (own["pay_rate_pending"], few["pay_rate_pending"]) == (0, 1)


def test_a_filter_does_not_change_the_horizon() -> None:
    old = [order_row(f"o{n}", FIRST, paid_at=FIRST + HOUR) for n in range(OWN_ORDERS)]
    waiting = [order_row("w", AS_OF - 2 * HOUR)]
    day = AS_OF.date()
    store = simple_world(old + waiting).stored()
    found = metric_table(store, Scope(start=day, end=day), keys=("pay_rate",)).total
    assert found["pay_rate_pending"] == 0


def test_buyers_are_counted_once_and_new_is_first_in_the_data() -> None:
    orders = [
        order_row("1", FIRST + DAY, paid_at=FIRST + DAY, buyer_id="ann"),
        order_row("2", FIRST + 2 * DAY, paid_at=FIRST + 2 * DAY, buyer_id="ann"),
        order_row("3", FIRST + 2 * DAY, paid_at=FIRST + 2 * DAY, buyer_id="bob"),
        order_row("4", FIRST + 2 * DAY, buyer_id="eve"),
    ]
    keys = ("buyers", "new_buyers", "repeat_rate", "amount_per_buyer")
    table = metric_table(simple_world(orders).stored(), Scope(), by="day", keys=keys)
    assert [table.total[key] for key in keys] == [2, 2, 0.5, 15_000]
    row = table.row(day(2).isoformat())
    assert row is not None
    assert [row[key] for key in keys] == [2, 1, 0.5, 10_000]


def test_the_spread_of_the_world_is_the_same_in_both_periods(store: MemoryStore) -> None:
    keys = tuple(key for key, metric in CATALOGUE.items() if metric.shown)
    changes = compare(store, Scope(start=day(30), end=day(36)), keys, "week")
    assert changes.keys() == set(keys)
    for change in changes.values():
        if change.low is not None and change.high is not None and change.difference is not None:
            assert change.low <= change.difference + 1e-9
            assert change.difference <= change.high + 1e-9

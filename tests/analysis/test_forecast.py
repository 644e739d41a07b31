"""A forecast is shown only where it stood its test; its intervals hold what they say; gaps are no zeros."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from shopdata.analysis import backtest, guesses
from shopdata.analysis.forecast import Forecast, forecast, forecast_of
from shopdata.analysis.forecast_told import document, rows, sentences
from shopdata.analysis.outlook import Marks, Outlook, Scale, outlook
from shopdata.analysis.product_forecast import forecast_products
from shopdata.analysis.promotion_calendar import given_events
from shopdata.analysis.resampling import Numbers
from shopdata.analysis.smoothing import Smoothing, warm_up
from shopdata.errors import BadUsage
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.world import MemoryStore, Row, import_row, line_row, order_row, shop_row, simple_world

WEEK = np.array([0.8, 0.85, 0.9, 0.95, 1.1, 1.3, 1.1])
BEGIN = date(2025, 3, 3)


def seasonal(days: int, noise: float, draw: np.random.Generator) -> Numbers:
    values: Numbers = 100 * WEEK[np.arange(days) % 7] * np.exp(draw.normal(0, noise, days))
    return values


def told(values: Numbers, count: int = 7, skipped: int = 0) -> Outlook:
    return outlook(
        values,
        season=7,
        skipped=skipped,
        count=count,
        scale=Scale.log(values, 7),
        marks=Marks.none(len(values) + skipped + count),
        adds_up=True,
    )


def of_days(values: Sequence[float | None], begin: date = BEGIN, count: int = 7) -> Forecast:
    days = [begin + timedelta(days=offset) for offset in range(len(values))]
    return forecast_of("orders_paid", "day", values, [(day, day) for day in days], count, given_events())


def test_an_80_percent_interval_holds_about_80_of_100_days_to_come() -> None:
    draw, inside, wide, seen = np.random.default_rng(3), 0, 0, 0
    for _ in range(60):
        series = seasonal(134, 0.2, draw)
        known, came = series[:120], series[120:]
        method = Smoothing.over(Scale.log(known, 7).forth(known), np.zeros((134, 0)), (), 7, 14)
        band = backtest.bands(method, 120, Scale.log(known, 7).back)
        inside += int(((band.low <= came) & (came <= band.high)).sum())
        wide += int(((band.low95 <= came) & (came <= band.high95)).sum())
        seen += len(came)
    assert 0.75 <= inside / seen <= 0.85
    assert 0.92 <= wide / seen <= 0.98


def test_the_model_wins_where_weeks_repeat_and_finds_their_pattern() -> None:
    found = told(seasonal(150, 0.1, np.random.default_rng(5)))
    assert found.model == "smoothing"
    assert found.accuracy
    assert found.bar
    assert found.accuracy.wape < found.bar.wape
    truth = 100 * WEEK[np.arange(150, 157) % 7]
    assert [step.value for step in found.steps] == pytest.approx(truth, rel=0.1)
    assert found.total
    assert found.total.value == pytest.approx(sum(step.value for step in found.steps))
    assert found.total.low < truth.sum() < found.total.high


@pytest.mark.parametrize("seed", range(4))
def test_noise_around_a_level_and_a_random_walk_are_not_given_to_the_model(seed: int) -> None:
    draw = np.random.default_rng(seed)
    noise = 100 * np.exp(draw.normal(0, 0.25, 150))
    walk = 100 * np.exp(np.cumsum(draw.normal(0, 0.08, 150)))
    assert told(noise).model in {"recent_mean", None}
    assert told(walk).model in {"last_value", None}


def test_nothing_is_shown_where_last_week_says_it_all() -> None:
    found = told(100 * WEEK[np.arange(140) % 7] * (1 + np.arange(140) % 7))
    assert found.reason == "not_better"
    assert found.steps == ()
    assert found.bar
    assert found.bar.wape == pytest.approx(0)


def test_a_short_history_is_told_and_nothing_forecast() -> None:
    values: list[float | None] = [*seasonal(200, 0.1, np.random.default_rng(2))]
    needed = backtest.needed(7, warm_up(7), 7)
    short, enough = of_days(values[: needed - 1]), of_days(values[:needed])
    assert (short.outlook.reason, short.outlook.known, short.outlook.needed) == ("short", needed - 1, needed)
    assert short.steps == ()
    assert str(needed) in sentences(short, words("zh"))[0]
    assert enough.outlook.reason is None
    assert enough.outlook.accuracy
    assert enough.outlook.accuracy.origins == 8


def test_a_gap_is_not_a_zero() -> None:
    whole = seasonal(150, 0.05, np.random.default_rng(8))
    holes = {30, 71, 72, 73, 120, 141}
    gaps = of_days([None if day in holes else float(value) for day, value in enumerate(whole)])
    zeros = of_days([0.0 if day in holes else float(value) for day, value in enumerate(whole)])
    full = of_days([float(value) for value in whole])
    assert gaps.outlook.known == 144
    assert [band.value for _, band in gaps.steps] == pytest.approx([b.value for _, b in full.steps], rel=0.05)
    assert gaps.outlook.accuracy
    assert full.outlook.accuracy
    assert gaps.outlook.accuracy.wape == pytest.approx(full.outlook.accuracy.wape, abs=0.02)
    assert zeros.outlook.others["smoothing"].wape > 2 * gaps.outlook.accuracy.wape


def test_days_that_are_not_final_are_stepped_over_and_the_test_reaches_as_far() -> None:
    values: list[float | None] = [*seasonal(150, 0.1, np.random.default_rng(4)), None, None, None]
    found = of_days(values, count=7)
    assert found.keys[0] == (BEGIN + timedelta(days=153)).isoformat()
    assert found.until == BEGIN + timedelta(days=149)
    assert [band.value for _, band in found.steps] == pytest.approx(
        100 * WEEK[np.arange(153, 160) % 7], rel=0.1
    )


def test_wape_mase_bias_coverage_are_those_of_plain_python() -> None:
    raw = seasonal(100, 0.3, np.random.default_rng(6))
    scale = Scale.log(raw, 7)
    origins = backtest.origins_of(100, 7, warm_up(7), 7)
    method = Smoothing.over(scale.forth(raw), np.zeros((107, 0)), (), 7, 7)
    tried = backtest.tested(method, raw, origins, 0, scale.back)
    found = backtest.accuracy(tried, raw, 7)
    assert found
    pairs, scaled, inside, width = [], [], 0, 0.0
    for origin in origins:
        past = [float(value) for value in raw[:origin]]
        changes = [abs(past[day] - past[day - 7]) for day in range(7, origin)]
        scale_here = sum(changes) / len(changes)
        said = backtest.bands(method, origin, scale.back)
        for step in range(7):
            actual, value = float(raw[origin + step]), float(said.values[step])
            pairs.append((actual, value))
            scaled.append(abs(actual - value) / scale_here)
            inside += said.low[step] <= actual <= said.high[step]
            width += float(said.high[step] - said.low[step])
    size = sum(actual for actual, _ in pairs)
    assert len(origins) >= 8
    assert found.n == len(pairs)
    assert found.wape == pytest.approx(sum(abs(a - f) for a, f in pairs) / size)
    assert found.mase == pytest.approx(sum(scaled) / len(scaled))
    assert found.bias == pytest.approx(sum(f - a for a, f in pairs) / size)
    assert found.coverage80 == pytest.approx(inside / len(pairs))
    assert found.width80 == pytest.approx(width / size)


def test_an_origin_knows_nothing_of_what_comes_after_it() -> None:
    raw = seasonal(120, 0.2, np.random.default_rng(9))
    changed = np.concatenate([raw[:90], raw[90:] * 5])
    for made in (raw, changed):
        scale = Scale.log(made, 7)
        method = Smoothing.over(scale.forth(made), np.zeros((127, 0)), (), 7, 7)
        every = [
            method,
            *(one(scale.forth(made), 7, 7) for one in (guesses.seasonal_naive, guesses.recent_mean)),
        ]
        said = [backtest.bands(one, 90, scale.back) for one in every]
        if made is raw:
            before = said
    for one, other in zip(before, said, strict=True):
        assert one.values == pytest.approx(other.values)
        assert one.high95 == pytest.approx(other.high95)


def test_the_simple_guesses_are_those_of_plain_python() -> None:
    raw = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, np.nan, 10, 11])
    naive = guesses.seasonal_naive(raw, 7, 9).told[-1]
    assert naive.tolist() == [5, 6, 7, 8, 2, 10, 11, 5, 6]
    assert guesses.last_value(raw, 7, 2).told[8:].tolist() == [[8, 8], [10, 10], [11, 11]]
    assert guesses.recent_mean(raw, 7, 1).told[-1, 0] == pytest.approx(57 / 10)


def promoted(days: int, begin: date, marked: Sequence[date], factor: float) -> list[float | None]:
    values = seasonal(days, 0.05, np.random.default_rng(7))
    places = [(day - begin).days for day in marked]
    for place in places:
        values[place] *= factor
    return [float(value) for value in values]


def test_a_promotion_day_that_was_seen_twice_is_counted_in() -> None:
    begin, eve = date(2024, 9, 2), date(2026, 11, 8)
    seen = [date(2024, 11, 11), date(2025, 11, 11)]
    found = of_days(promoted((eve - begin).days, begin, seen, 4.0), begin)
    by_key = dict(found.steps)
    usual = 100 * WEEK[(date(2026, 11, 11) - begin).days % 7]
    assert by_key["2026-11-11"].value > 2.5 * usual
    assert by_key["2026-11-12"].value == pytest.approx(
        100 * WEEK[(date(2026, 11, 12) - begin).days % 7], rel=0.15
    )
    (effect,) = [one for one in found.effects if one.mark.is_last_day]
    assert (effect.mark.event.key, effect.change > 1.5) == ("double_11", True)
    assert "双11最后一天" in " ".join(sentences(found, words("zh")))


def test_a_promotion_nobody_here_has_seen_is_not_counted_in_but_named() -> None:
    begin, eve = date(2026, 6, 25), date(2026, 11, 8)
    found = of_days(promoted((eve - begin).days, begin, [], 1.0), begin)
    usual = 100 * WEEK[(date(2026, 11, 11) - begin).days % 7]
    assert dict(found.steps)["2026-11-11"].value == pytest.approx(usual, rel=0.15)
    assert found.effects == ()
    assert [one.key for one in found.unseen] == ["double_11"]
    assert "双11" in sentences(found, words("zh"))[-1]


def orders_of(first: datetime, counts: Sequence[int], hours: int = 24) -> list[Row]:
    made = []
    for offset, count in enumerate(counts):
        for number in range(count):
            at = first + timedelta(days=offset, minutes=1 + number * (hours * 60 - 3) / max(count - 1, 1))
            made.append(order_row(f"{offset}-{number}", at, paid_at=at))
    return made


FIRST, DAYS = datetime(2026, 4, 1), 90


@pytest.fixture(scope="module")
def shop() -> MemoryStore:
    """A quiet shop of 90 days whose last day ends at noon; one product sells all, another a tenth."""
    draw = np.random.default_rng(12)
    counts = [int(count) for count in draw.poisson(20 * WEEK[np.arange(DAYS) % 7])]
    orders = orders_of(FIRST, [*counts[:-1], 3])
    world = simple_world(orders)
    last = FIRST + timedelta(days=DAYS - 1, hours=12)
    world.imports = [import_row(kind, as_of=last, first_at=FIRST) for kind in ("orders", "aftersales")]
    world.lines = [
        line_row(order, product_id="p1" if place % 10 else "p2", product_name="Cup")
        for place, order in enumerate(orders)
    ]
    return world.stored()


def test_the_unfinished_last_day_is_neither_learned_from_nor_forecast(shop: MemoryStore) -> None:
    found = forecast(shop, Scope(basis="paid"), "orders_paid", count=7)
    last = (FIRST + timedelta(days=DAYS - 1)).date()
    assert found.until == last - timedelta(days=1)
    assert found.keys[0] == (last + timedelta(days=1)).isoformat()
    assert found.outlook.known == DAYS - 1
    assert all(10 < band.value < 40 for _, band in found.steps)


def test_a_rate_that_ripens_is_learned_from_days_that_will_not_change(shop: MemoryStore) -> None:
    paid = forecast(shop, Scope(basis="paid"), "paid_amount")
    refunds = forecast(shop, Scope(basis="paid"), "refund_rate")
    event = forecast(shop, Scope(basis="event"), "refund_amount")
    assert paid.until == (FIRST + timedelta(days=DAYS - 2)).date()
    assert refunds.outlook.reason in {"short", "nothing"}
    assert event.outlook.reason == "nothing"


def test_days_one_of_two_shops_has_no_file_for_are_gaps() -> None:
    world = simple_world([*orders_of(FIRST, [20] * DAYS), *orders_of(FIRST, [20] * (DAYS - 20))])
    ends = FIRST + timedelta(days=DAYS, minutes=-1)
    world.shops = [shop_row(1), shop_row(2)]
    early = ends - timedelta(days=20)
    for place, order in enumerate(world.orders):
        if place >= 20 * DAYS:
            order |= {"shop_id": 2, "order_id": f"two-{place}"}
    world.lines = [line_row(order) for order in world.orders]
    world.imports = [
        import_row("orders", as_of=ends, first_at=FIRST),
        import_row("orders", as_of=early, first_at=FIRST, shop_id=2, id=2),
    ]
    found = forecast(world.stored(), Scope(basis="paid"), "orders_paid")
    assert found.until == early.date()
    assert found.keys[0] == (ends.date() + timedelta(days=1)).isoformat()


def test_products_are_forecast_by_how_much_they_sell_and_progress_is_told(shop: MemoryStore) -> None:
    said: list[tuple[int, int]] = []
    found = forecast_products(shop, Scope(), 7, progress=lambda done, every: said.append((done, every)))
    assert [one.product for one in found] == ["p1", "p2"]
    assert said == [(1, 2), (2, 2)]
    assert found[0].sold > 5 * found[1].sold
    total = found[0].forecast.outlook.total
    assert total
    assert total.low < 7 * 18 < total.high


def test_the_document_tells_method_test_and_rows(shop: MemoryStore) -> None:
    found = forecast(shop, Scope(basis="paid"), "orders_paid", count=7)
    told_of = document(found, words("en"))
    assert told_of["model"] in {"smoothing", "recent_mean"}
    assert told_of["origins"] >= 8
    assert set(told_of["coverage"]) == {"80", "95"}
    assert told_of["wape"] < told_of["bar"]["wape"]
    row = rows(found)[0]
    assert row["forecast"] is True
    assert row["low95"] <= row["low"] <= row["value"] <= row["high"] <= row["high95"]


def test_what_cannot_be_meant_is_refused(shop: MemoryStore) -> None:
    for by, count in (("hour", 7), ("day", 0), ("day", 91)):
        with pytest.raises(BadUsage):
            forecast(shop, Scope(), "orders_paid", by, count)

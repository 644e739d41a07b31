"""A promotion beside the one before, presales and their fate, and the calendar a shop keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from shopdata.analysis.forecast import Forecast, forecast
from shopdata.analysis.forecast_told import document, sentences
from shopdata.analysis.inventory import Terms
from shopdata.analysis.presale import presale
from shopdata.analysis.promotion_calendar import Event, calendar, event_before, save_own, taken_out
from shopdata.analysis.promotion_report import known_events, promotion_report
from shopdata.analysis.promotion_stock import Scenario, prepare
from shopdata.analysis.promotion_uplift import past_events
from shopdata.analysis.trends import trend
from shopdata.errors import BadUsage, NotAllowed
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store, open_store, own_entities
from shopdata.store.tables import ORDER_LINES, imports, orders, shops
from shopdata.words import words
from tests.metrics.world import import_row, line_row, order_row, shop_row, simple_world

UNTIL = datetime(2026, 11, 20, 12)
DOUBLE_11 = Event("double_11", date(2026, 11, 1), date(2026, 11, 11))
BEFORE = Event("double_11", date(2025, 11, 3), date(2025, 11, 11))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A shop whose files reach from October 2025 to the 20th of November 2026."""
    with open_store(Settings(tmp_path, f"duckdb:///{tmp_path}/shopdata.duckdb", fixed_now=UNTIL)) as opened:
        with opened.write() as connection:
            connection.execute(insert(shops).values(shop_row()))
            for number, kind in enumerate(("orders", "aftersales"), start=1):
                known = {"id": number, "first_at": datetime(2025, 10, 1), "last_at": UNTIL}
                connection.execute(insert(imports).values(import_row(kind, UNTIL) | known))
        yield opened


def sell(store: Store, day: date, amounts: list[int]) -> None:
    at = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
    with store.write() as connection:
        for place, amount in enumerate(amounts):
            paid = {"paid_at": at + timedelta(minutes=2), "paid_amount": amount}
            connection.execute(insert(orders).values(order_row(f"{day}-{place}", at, **paid)))


def test_a_promotion_without_the_shop_is_out_of_its_year_until_it_is_back(
    store: Store,
) -> None:
    usual = calendar(store)
    edition = next(one.edition for one in usual if one.key == "double_11")
    save_own(store, Scope(), [], [edition])
    assert calendar(store) == tuple(one for one in usual if one.edition != edition)
    assert taken_out(store) == {edition}
    save_own(store, Scope(), [])
    assert calendar(store) == usual


def test_days_stand_beside_those_as_far_from_the_last_day(store: Store) -> None:
    save_own(store, Scope(), [DOUBLE_11, BEFORE])
    sell(store, date(2025, 11, 11), [1_000, 3_000])
    sell(store, date(2025, 11, 3), [500])
    sell(store, date(2026, 11, 11), [9_000])
    sell(store, date(2026, 11, 3), [700])
    sell(store, date(2026, 11, 1), [50])
    found = promotion_report(store, Scope(), DOUBLE_11)
    by_end = {pair.to_end: pair for pair in found.pairs}
    assert [pair.to_end for pair in found.pairs] == list(range(10, -1, -1))
    assert (by_end[0].day, by_end[0].before_day) == (date(2026, 11, 11), date(2025, 11, 11))
    assert by_end[0].now is not None
    assert by_end[0].before is not None
    assert (by_end[0].now["paid_amount"], by_end[0].before["paid_amount"]) == (9_000, 4_000)
    assert (by_end[10].day, by_end[10].before_day) == (date(2026, 11, 1), None)


def test_only_days_of_both_sides_are_compared(store: Store) -> None:
    save_own(store, Scope(), [DOUBLE_11, BEFORE])
    sell(store, date(2025, 11, 11), [4_000])
    sell(store, date(2026, 11, 11), [5_000])
    sell(store, date(2026, 11, 1), [100_000])
    found = promotion_report(store, Scope(), DOUBLE_11)
    assert (found.shared, found.now["paid_amount"], found.before["paid_amount"]) == (9, 5_000, 4_000)
    assert found.whole["paid_amount"] == 105_000
    assert found.change == pytest.approx(0.25)


def test_an_unfinished_day_is_not_compared(store: Store) -> None:
    running = Event("double_11", date(2026, 11, 18), date(2026, 11, 22))
    save_own(store, Scope(), [running, Event("double_11", date(2025, 11, 18), date(2025, 11, 22))])
    sell(store, date(2026, 11, 19), [1_000])
    sell(store, date(2026, 11, 20), [10])
    sell(store, date(2025, 11, 19), [2_000])
    sell(store, date(2025, 11, 20), [7_777])
    found = promotion_report(store, Scope(), running)
    assert (found.shared, found.now["paid_amount"], found.before["paid_amount"]) == (2, 1_000, 2_000)
    assert [pair.partial for pair in found.pairs] == [False, False, True, True, True]


def test_a_usual_day_is_one_outside_any_promotion(store: Store) -> None:
    fair = Event("fair", date(2026, 10, 20), date(2026, 10, 31), "fair")
    save_own(store, Scope(), [DOUBLE_11, fair])
    for place in range(1, 12):
        sell(store, date(2026, 11, place), [3_000])
    for place in range(20, 32):
        sell(store, date(2026, 10, place), [99_000])
    for place in range(28):
        sell(store, date(2026, 9, 22) + timedelta(days=place), [1_000])
    found = promotion_report(store, Scope(), DOUBLE_11)
    assert (found.usual, found.usual_days) == (1_000, 28)
    assert found.uplift == pytest.approx(3.0)


def test_without_the_time_before_nothing_is_compared(store: Store) -> None:
    alone = Event("fair", date(2026, 11, 2), date(2026, 11, 4), "fair")
    save_own(store, Scope(), [alone])
    sell(store, date(2026, 11, 3), [1_000])
    found = promotion_report(store, Scope(), alone)
    assert (found.earlier, found.shared, found.change) == (None, 0, None)


def presale_order(number: str, **changes: Any) -> dict[str, Any]:
    return order_row(number, datetime(2026, 9, 10, 12), is_presale=True, payable_amount=10_000, **changes)


def test_presales_are_paid_waiting_lost_or_without_a_deposit() -> None:
    paid_at = datetime(2026, 9, 12, 12)
    rows = [
        *(presale_order(f"p{n}", paid_at=paid_at, paid_amount=10_000) for n in range(6)),
        *(presale_order(f"w{n}", deposit_pending=True) for n in range(3)),
        *(presale_order(f"l{n}", deposit_pending=True, is_closed=True) for n in range(2)),
        presale_order("u"),
        order_row("plain", datetime(2026, 9, 10, 12)),
    ]
    found = presale(simple_world(rows).stored(), Scope())
    assert (found.placed, found.paid, found.waiting, found.lost, found.unpaid) == (12, 6, 3, 2, 1)
    assert (found.paid_amount, found.waiting_amount, found.lost_amount) == (60_000, 30_000, 20_000)
    assert found.rate == pytest.approx(6 / 8)
    assert found.hours_p50 == pytest.approx(48)
    assert found.deposits is None


def test_the_calendar_is_the_given_one_with_what_the_owner_changed(store: Store) -> None:
    given = len(calendar(store))
    moved = Event("double_11", date(2026, 10, 15), date(2026, 11, 12))
    fair = Event("店庆", date(2026, 5, 1), date(2026, 5, 3), "店庆", date(2026, 5, 2), date(2026, 5, 3))
    save_own(store, Scope(), [moved, fair])
    events = calendar(store)
    assert len(events) == given + 1
    (own,) = [one for one in events if one.key == "店庆"]
    assert (own.name, own.balance_end, own.is_own) == ("店庆", date(2026, 5, 3), True)
    (eleven,) = [one for one in events if one.key == "double_11" and one.start.year == 2026]
    assert eleven.end == date(2026, 11, 12)
    before = event_before(events, eleven)
    assert before is not None
    assert before.start.year == 2025
    save_own(store, Scope(), [])
    assert len(calendar(store)) == given


@pytest.mark.parametrize(
    "event",
    [
        Event("", date(2026, 5, 1), date(2026, 5, 3)),
        Event("x" * 31, date(2026, 5, 1), date(2026, 5, 3)),
        Event("fair", date(2026, 5, 1), date(2026, 5, 3), "a\nb"),
        Event("fair", date(2026, 5, 4), date(2026, 5, 3)),
        Event("fair", date(2026, 1, 1), date(2026, 12, 31)),
        Event("fair", date(2026, 5, 1), date(2026, 5, 3), "", date(2026, 5, 2)),
        Event("fair", date(2026, 5, 1), date(2026, 5, 3), "", date(2026, 5, 3), date(2026, 5, 2)),
    ],
    ids=["no name", "long name", "two lines", "reversed", "a year", "half a window", "window reversed"],
)
def test_an_event_that_cannot_be_is_refused(store: Store, event: Event) -> None:
    with pytest.raises(BadUsage):
        save_own(store, Scope(), [event])
    assert not any(one.is_own for one in calendar(store))


def test_a_viewer_does_not_change_the_calendar(store: Store) -> None:
    with pytest.raises(NotAllowed):
        save_own(store, Scope(role="viewer"), [])


def test_events_outside_the_data_are_not_offered(store: Store) -> None:
    known = known_events(store, Scope())
    assert all(one.start <= UNTIL.date() and one.end >= date(2025, 10, 1) for one in known)
    assert known[0].key == "double_11"


DAY = timedelta(days=1)
FAIR = Event("店庆", date(2026, 8, 20), date(2026, 8, 22), "店庆")


def sell_daily(store: Store, first: date, units: list[int]) -> None:
    """One order a day of so many units of one article, for 1 yuan each."""
    placed, lines = [], []
    for place, pieces in enumerate(units):
        at = datetime.combine(first + place * DAY, time(9))
        order = order_row(f"d{place}", at, paid_at=at, units=pieces, paid_amount=100 * pieces)
        placed.append(order)
        lines.append(line_row(order, sku_code="A", product_id="id A", quantity=pieces))
    with store.write() as connection:
        connection.execute(insert(orders), placed)
        connection.execute(insert(ORDER_LINES.table), lines)


def test_saving_the_calendar_makes_every_kept_answer_new(store: Store) -> None:
    before = store.version
    save_own(store, Scope(), [FAIR])
    assert store.version > before


def test_an_event_of_ones_own_is_named_on_the_trends_of_its_days_until_it_is_removed(store: Store) -> None:
    def named(first: date, last: date) -> list[str]:
        found = trend(store, Scope(start=first, end=last), "orders_placed")
        return [one.name for one in found.promotions]

    august = date(2026, 8, 1), date(2026, 8, 31)
    assert named(*august) == []
    save_own(store, Scope(), [FAIR])
    assert named(*august) == ["店庆"]
    assert named(FAIR.end, FAIR.end + DAY) == ["店庆"]
    assert named(FAIR.end + DAY, FAIR.end + 9 * DAY) == []
    save_own(store, Scope(), [])
    assert named(*august) == []


def test_an_event_of_ones_own_counts_as_a_past_one_for_stock_until_it_is_removed(store: Store) -> None:
    first = FAIR.start - 40 * DAY
    days = [first + place * DAY for place in range(60)]
    sell_daily(store, first, [12 if FAIR.meets(day, day) else 4 for day in days])
    counted = {"shop_id": 1, "entry": "A", "snapshot_at": UNTIL, "sku_code": "A", "on_hand": 10}
    with store.write() as connection:
        connection.execute(insert(own_entities.STOCK.table).values(counted))
    assert past_events(store, Scope()) == ()
    save_own(store, Scope(), [FAIR])
    (past,) = past_events(store, Scope())
    assert (past.promotion.name, past.whole.value, past.whole.days) == ("店庆", pytest.approx(3), 3)
    start = UNTIL.date() + 9 * DAY
    alike = Scenario(start, start + 2 * DAY, event=past.promotion)
    (need,) = prepare(store, Scope(), alike, Terms(history=180)).needs
    assert need.uplift == pytest.approx(3)
    with_fair = need.ordinary_days
    save_own(store, Scope(), [])
    assert past_events(store, Scope()) == ()
    (need,) = prepare(store, Scope(), alike, Terms(history=180)).needs
    assert (need.uplift, need.ordinary_days) == (1, with_fair + FAIR.days)


MEMBERS = [
    Event("会员日", day, day, "会员日") for day in (date(2026, 8, 25), date(2026, 9, 15), date(2026, 11, 24))
]


def test_the_forecast_counts_in_an_event_of_ones_own_until_it_is_removed(store: Store) -> None:
    first, usual = date(2026, 7, 20), np.array([40, 44, 48, 56, 72, 96, 80])
    days = [first + place * DAY for place in range((UNTIL.date() - first).days)]
    noise = np.exp(np.random.default_rng(7).normal(0, 0.15, len(days)))
    times = [4 if any(one.meets(day, day) for one in MEMBERS) else 1 for day in days]
    sold = usual[[day.weekday() for day in days]] * noise * times
    sell_daily(store, first, [round(pieces) for pieces in sold])

    def told() -> tuple[Forecast, float]:
        found = forecast(store, Scope(basis="paid"), "paid_amount")
        return found, dict(found.steps)["2026-11-24"].value

    without, plain = told()
    save_own(store, Scope(), MEMBERS)
    found, marked = told()
    (effect,) = found.effects
    assert (effect.mark.event.name, effect.mark.is_last_day) == ("会员日", True)
    assert effect.change > 1.5
    assert marked > 2 * plain
    assert "会员日最后一天" in " ".join(sentences(found, words("zh")))
    assert document(found, words("zh"))["effects"][0]["key"] == "会员日"
    save_own(store, Scope(), MEMBERS[-1:])
    assert [one.name for one in told()[0].unseen] == ["会员日"]
    assert "会员日" in sentences(told()[0], words("en"))[-1]
    save_own(store, Scope(), [])
    assert told() == (without, plain)
    assert (without.effects, without.unseen) == ((), ())


def test_an_event_of_ones_own_may_come_several_times_a_year(store: Store) -> None:
    save_own(store, Scope(), MEMBERS)
    assert [one.start for one in calendar(store) if one.key == "会员日"] == [one.start for one in MEMBERS]

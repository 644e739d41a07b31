"""Stock: matched without guessing, chances against closed forms, orders that serve, promotions as planted."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from math import exp, lgamma, log
from typing import Any

import numpy as np
import pytest

from shopdata.analysis.daily_demand import Futures
from shopdata.analysis.inventory import Inventory, StockRow, Terms, inventory, served, stockout_curve
from shopdata.analysis.inventory_document import document
from shopdata.analysis.promotion_calendar import given_events, next_event
from shopdata.analysis.promotion_stock import Scenario, prepare
from shopdata.analysis.promotion_uplift import past_events, uplift
from shopdata.scope import Scope
from shopdata.store import own_entities
from shopdata.words import words
from tests.metrics.world import (
    AS_OF,
    FIRST,
    MemoryStore,
    Row,
    World,
    import_row,
    line_row,
    order_row,
    shop_row,
)

DAY = timedelta(days=1)
ENDS = AS_OF.date() - DAY


def stock_row(code: str | None, pieces: int, **more: Any) -> Row:
    at = more.pop("snapshot_at", datetime.combine(AS_OF.date(), time()))
    return {
        "shop_id": 1, "entry": f"{at}/{code}/{more}", "snapshot_at": at, "sku_code": code, "on_hand": pieces,
    } | more  # fmt: skip


def sales(code: str, units: list[int], last: date = ENDS, **more: Any) -> tuple[list[Row], list[Row]]:
    """One order a day that sold anything, the last of ``units`` on ``last``."""
    orders, lines = [], []
    for place, quantity in enumerate(reversed(units)):
        if quantity:
            paid = datetime.combine(last - place * DAY, time(12))
            order = order_row(f"{code}{place}", paid, paid_at=paid, units=quantity, **more)
            orders.append(order)
            lines.append(line_row(order, sku_code=code, product_id=f"id {code}", quantity=quantity))
    return orders, lines


def stored(stock: list[Row], *sold: tuple[list[Row], list[Row]], first: datetime = FIRST) -> MemoryStore:
    world = World(
        shops=[shop_row()],
        imports=[import_row("orders", first_at=first)],
        orders=[order for orders, _ in sold for order in orders],
        lines=[line for _, lines in sold for line in lines],
    )
    store = world.stored()
    store.add(own_entities.STOCK.table, stock)
    return store


def only(found: Inventory) -> StockRow:
    (row,) = found.rows
    return row


def poisson(rate: float, days: int, seed: int = 1) -> list[int]:
    return [int(one) for one in np.random.default_rng(seed).poisson(rate, days)]


def beyond(stock: int, mean: float) -> float:
    """The chance that a Poisson count of that mean is above ``stock``."""
    return 1 - sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(stock + 1))


def test_the_stock_out_chance_equals_the_closed_form_of_poisson_demand() -> None:
    history = poisson(3, 360, seed=5)
    rate = sum(history) / len(history)
    first = datetime.combine(ENDS - 380 * DAY, time())
    store = stored([stock_row("A", 45)], sales("A", history), first=first)
    row = only(inventory(store, Scope(), Terms(history=360)))
    assert (row.days, row.units, row.stock) == (360, sum(history), 45)
    curve = stockout_curve(row, 30)
    for days in (7, 12, 14, 16, 21, 30):
        assert curve[days - 1] == pytest.approx(beyond(45, rate * days), abs=0.06)
    assert row.stockout[14] == pytest.approx(curve[13], abs=0.01)
    assert list(curve) == sorted(curve)


def test_the_reorder_quantity_serves_95_percent_of_another_simulation() -> None:
    draw = np.random.default_rng(11)
    coming = draw.poisson(4, size=(20_000, 14)).sum(axis=1)
    store = stored([stock_row("A", 20, in_transit=5)], sales("A", poisson(4, 56, 2)))
    row = only(inventory(store, Scope(), Terms(lead=7, every=7)))
    futures = Futures.over(56, 14)
    assert row.reorder_quantity == served(futures.total(np.asarray(row.history), 14)) - 25
    stocks = [served(futures.total(np.array(poisson(4, 56, seed), float), 14)) for seed in range(400)]
    services = [(coming <= stock).mean() for stock in stocks]
    assert 0.95 <= np.mean(services) < 0.98


def test_a_short_history_makes_wide_futures_and_a_shorter_one_none() -> None:
    long, short = (np.array(poisson(3, days, 2), float) for days in (364, 28))
    spread = [Futures.over(len(one), 28).total(one, 28).std() / one.mean() for one in (long, short)]
    assert spread[1] > 1.15 * spread[0]
    first = datetime.combine(ENDS - 20 * DAY, time())
    row = only(inventory(stored([stock_row("A", 9)], sales("A", [1] * 20), first=first), Scope()))
    assert (row.days, row.cover_days, row.reorder_quantity, row.stockout) == (21, None, None, {})


def test_cover_days_are_stock_over_units_a_day_with_an_interval() -> None:
    row = only(inventory(stored([stock_row("A", 30)], sales("A", [0, 3] * 28)), Scope()))
    assert row.cover_days == pytest.approx(20)
    assert row.cover_low is not None
    assert row.cover_high is not None
    assert row.cover_low < 20 < row.cover_high


def test_stock_is_the_newest_count_of_each_warehouse_minus_what_was_sold_since() -> None:
    counted = datetime.combine(ENDS - 2 * DAY, time())
    rows = [
        stock_row("A", 10, warehouse="east", snapshot_at=counted),
        stock_row("A", 99, warehouse="east", snapshot_at=counted - 9 * DAY),
        stock_row("A", 20, warehouse="west", reserved=4, snapshot_at=counted),
        stock_row("B", 50, available=7, snapshot_at=counted),
    ]
    store = stored(rows[:3], sales("A", [1] * 60))
    assert only(inventory(store, Scope())).stock == 10 + 20 - 4 - 2
    assert only(inventory(stored(rows[3:], sales("B", [1] * 60)), Scope())).stock == 7 - 2


def test_stock_and_sales_that_do_not_match_are_listed_with_their_numbers() -> None:
    rows = [stock_row("A", 5), stock_row("a", 6), stock_row("GONE", 7)]
    found = inventory(stored(rows, sales("A", [1] * 40), sales("OTHER", [2] * 40)), Scope())
    assert [row.item.code for row in found.rows] == ["A"]
    assert {row.item.code: row.stock for row in found.unmatched} == {"a": 6, "GONE": 7}
    assert [(one.article.sku_code, units) for one, units in found.unmatched_sold] == [("OTHER", 80)]


def test_a_stock_row_without_a_code_is_matched_by_product_and_never_twice() -> None:
    rows = [stock_row("A", 5), stock_row(None, 8, product_id="id A"), stock_row(None, 9, product_id="id B")]
    found = inventory(stored(rows, sales("A", [1] * 40), sales("B", [2] * 40)), Scope())
    assert {row.item.code: row.units for row in found.rows} == {"A": 40, "id B": 80}
    assert [row.item.code for row in found.unmatched] == ["id A"]


def test_dead_stock_sold_nothing_for_that_long_and_has_pieces_left() -> None:
    old = [1] * 30 + [0] * 35
    rows = [stock_row("DEAD", 4), stock_row("EMPTY", 0), stock_row("LIVE", 4)]
    store = stored(rows, sales("DEAD", old), sales("EMPTY", old), sales("LIVE", [1] * 65))
    found = inventory(store, Scope(), Terms(dead_days=30))
    assert {row.item.code: row.is_dead for row in found.rows} == {"DEAD": True, "EMPTY": False, "LIVE": False}
    dead = next(row for row in found.rows if row.is_dead)
    assert dead.last_sold == ENDS - 35 * DAY


def test_whether_stock_is_dead_is_unknown_where_orders_do_not_cover_the_days() -> None:
    first = datetime.combine(ENDS - 20 * DAY, time())
    store = stored([stock_row("A", 4)], sales("A", [1] + [0] * 15), first=first)
    assert only(inventory(store, Scope(), Terms(dead_days=30))).is_dead is None


def test_orders_refunded_before_shipping_are_no_demand_and_gifts_are() -> None:
    left = {"is_refunded": True, "refund_applied_at": FIRST}
    store = stored([stock_row("A", 4)], sales("A", [1] * 40, **left), sales("G", [1] * 40, paid_amount=0))
    assert inventory(store, Scope()).rows == ()
    gifts = stored([stock_row("G", 4)], sales("G", [1] * 40, paid_amount=0))
    assert only(inventory(gifts, Scope())).units == 40


def test_the_lead_time_typed_comes_before_that_of_the_table() -> None:
    store = stored([stock_row("A", 4, lead_days=12.0)], sales("A", [1] * 60))
    assert only(inventory(store, Scope())).lead == 12
    assert only(inventory(store, Scope(), Terms(lead=3))).lead == 3
    row = only(inventory(store, Scope(), Terms(lead=3, every=4)))
    assert (row.reorder_point, row.reorder_quantity, row.should_order) == (3, 7 - 4, False)


def test_without_a_stock_table_the_file_to_upload_is_said() -> None:
    found = inventory(stored([], sales("A", [1] * 40)), Scope())
    assert not found.has_stock
    told: Any = document(found, None, (), words("zh"))
    assert told["rows"] == []
    assert told["missing"] == {"rows": "stock"}
    assert "库存" in told["notes"][0]


EVENT = next(one for one in given_events() if one.key == "mid_618" and one.end.year == 2026)


def around(times: int) -> list[int]:
    """Units from 40 days before 618 to ten days after: Mondays sell 4, others 2, in the event ``times``."""
    start = EVENT.start - 40 * DAY
    days = [start + place * DAY for place in range((EVENT.end - start).days + 11)]
    return [
        (4 if day.weekday() == 0 else 2) * (times if EVENT.start <= day <= EVENT.end else 1) for day in days
    ]


def test_the_uplift_of_a_planted_event_is_found_for_the_product_and_the_shop() -> None:
    first = datetime.combine(EVENT.start - 50 * DAY, time())
    last = EVENT.end + 10 * DAY
    planted = sales("A", around(3), last)
    flat = sales("B", around(1), last)
    (event,) = past_events(stored([], planted, flat, first=first), Scope())
    assert event.promotion == EVENT
    assert event.products["id A"].value == pytest.approx(3)
    assert event.products["id A"].is_clear
    assert event.products["id B"].value == pytest.approx(1)
    assert not event.products["id B"].is_clear
    assert event.whole.value == pytest.approx(2)
    assert event.products["id A"].days == (EVENT.end - EVENT.start).days + 1


def test_few_units_give_no_interval_and_noise_is_called_no_change() -> None:
    days = [EVENT.start - 28 * DAY + place * DAY for place in range(63)]
    few = uplift(days, np.array([0, 0, 0, 1] * 15 + [0, 0, 0], float), EVENT, given_events())
    assert (few.low, few.high) == (None, None)
    wrong = sum(
        uplift(days, np.random.default_rng(seed).poisson(5, 63).astype(float), EVENT, given_events()).is_clear
        for seed in range(200)
    )
    assert wrong <= 20


def test_a_scenario_multiplies_the_events_days_only() -> None:
    store = stored([stock_row("A", 10)], sales("A", [2] * 60))
    start = ENDS + 11 * DAY
    found = prepare(store, Scope(), Scenario(start, start + 3 * DAY, uplift=5.0))
    (need,) = found.needs
    assert (need.until_p50, need.event_p50) == (10 * 2 + 4 * 2 * 5, 4 * 2 * 5)
    assert (need.shortage, need.by, need.ordinary_days) == (60 - 10, "hand", 56)
    assert prepare(store, Scope(), Scenario(ENDS - 9 * DAY, ENDS, uplift=5.0)).needs[0].until_p95 == 0


def test_the_next_promotion_is_the_first_one_to_begin() -> None:
    coming = next_event(given_events(), date(2026, 11, 22))
    assert coming is not None
    assert (coming.key, coming.start) == ("double_12", date(2026, 12, 9))


def test_served_is_the_least_stock_that_serves() -> None:
    asked = np.arange(100, dtype=float)
    assert served(asked) == 94
    assert (asked <= served(asked)).mean() >= 0.95

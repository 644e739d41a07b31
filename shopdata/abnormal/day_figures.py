"""The figures ``metric_shift`` watches, day by day: only days that files hold whole, that are old enough for
the figure, and that no promotion touches. Values come from the metric table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from shopdata.abnormal.covered import Days
from shopdata.abnormal.definition import Ground
from shopdata.abnormal.shifting import DAY, REACH, Scale, Series
from shopdata.analysis.promotion_calendar import calendar
from shopdata.metrics.catalogue import chosen
from shopdata.metrics.constructs import day_of
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.dimensions import dimensions_of
from shopdata.metrics.maturity import Horizons, horizon
from shopdata.metrics.query import Question, read_sums
from shopdata.metrics.table import steps_of
from shopdata.metrics.values import Judge, Value
from shopdata.scope import Basis, Scope
from shopdata.store.tables import orders

# Days that are tested; the newest refunds of a month ago are known now.
TESTED, OLDEST = timedelta(days=30), timedelta(days=30)
# A day on which more orders tell no source says nothing of the others.
MOST_UNTOLD, UNTOLD = 0.05, ("pending", "unknown")
SOURCE, DURATION = "source", "ship_to_sign_hours_p50"
Table = Mapping[tuple[Any, ...], Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Watched:
    """One figure by the day its orders were placed: what it is called, its value and size among the metrics
    (``of``: the value is a part of that one), what says how many orders are still too young, after which step
    it no longer changes, and the kind of file that tells it."""

    key: str
    scale: Scale
    value: str
    n: str
    young: str
    step: str
    kind: str = "orders"
    of: str = ""


@dataclass(frozen=True, slots=True)
class DayFigure:
    """A figure, how long after its day it is known, and what one order (one fen of money) of it is worth."""

    series: Series
    lag: timedelta
    worth: float


WATCHED = (
    Watched("orders_paid", "amount", "orders_paid", "orders_paid", "pay_rate_pending", "pay"),
    Watched("paid_amount", "amount", "paid_amount", "orders_paid", "pay_rate_pending", "pay"),
    Watched(
        "unpaid_rate", "rate", "orders_unpaid", "orders_placed", "pay_rate_pending", "pay", of="orders_placed"
    ),
    Watched(
        "refund_rate_1h", "rate", "refund_rate_1h", "refund_rate_1h_d", "refund_rate_1h_pending",
        "refund_soon", kind="aftersales",
    ),
    Watched(
        "refund_rate", "rate", "refund_rate", "refund_rate_d", "refund_rate_pending", "refund",
        kind="aftersales",
    ),
    Watched(
        "ship_promise_rate", "share", "ship_promise_rate", "ship_promise_rate_d", "ship_promise_rate_pending",
        "ship",
    ),
)  # fmt: skip
KEYS = (
    "orders_placed", "orders_paid", "paid_amount", "orders_unpaid", "pay_rate", "refund_rate_1h",
    "refund_rate", "ship_promise_rate",
)  # fmt: skip


def day_figures(ground: Ground) -> tuple[DayFigure, ...]:
    """Every figure the shop's files tell."""
    up_to = ground.shop.as_of["orders"].date()
    usable = _each(ground.whole_days("orders")) - _of_promotions(ground)
    table, horizons = _table(ground, "day", KEYS, (up_to - OLDEST - TESTED - REACH, up_to))
    rows = {day: values for (day,), values in table.items() if day in usable}
    order = _sum(rows.values(), "paid_amount") / max(_sum(rows.values(), "orders_paid"), 1)
    found = [_figure(ground, one, rows, horizons, order) for one in WATCHED]
    known = frozenset(found[0].series.values)
    found += _sources(ground, known, (up_to - TESTED - REACH, up_to), found[0])
    return (*found, _duration(ground, usable, (up_to - TESTED - REACH, up_to)))


def _table(
    ground: Ground, by: str, keys: Sequence[str], days: Days, basis: Basis = "placed"
) -> tuple[Table, Horizons]:
    scope = Scope(shops=(ground.shop.id,), start=days[0], end=days[1], basis=basis)
    frame, metrics = frame_of(ground.reads, scope), chosen(keys)
    horizons = horizons_of(ground.reads, frame, steps_of(metrics))
    with ground.reads.read() as connection:
        sums = read_sums(connection, frame, horizons, Question(scope, dimensions_of(by), metrics))
    judge = Judge(frame, basis)
    return {key: judge.values(metrics, found) for key, found in sums.items()}, horizons


def _each(runs: Sequence[Days]) -> frozenset[date]:
    return frozenset(first + n * DAY for first, last in runs for n in range((last - first).days + 1))


def _of_promotions(ground: Ground) -> frozenset[date]:
    """Days of promotions, the day before and the day after."""
    return _each([(event.start - DAY, event.end + DAY) for event in calendar(ground.reads)])


def _sum(rows: Any, key: str) -> float:
    return sum(float(row[key] or 0) for row in rows)


def _figure(
    ground: Ground, one: Watched, rows: Mapping[date, Mapping[str, Value]], horizons: Horizons, order: float
) -> DayFigure:
    lag = timedelta(seconds=horizon(horizons, ground.shop.id, one.step))
    told = _told_until(ground, one.kind, lag)
    values, sizes = {}, {}
    for day in told & rows.keys():
        row = rows[day]
        value, n = row[one.value], row[one.n]
        if value is None or not n or row[one.young] != 0:
            continue
        values[day], sizes[day] = float(value) / (float(row[one.of] or 1) if one.of else 1.0), float(n)
    worth = 1.0 if one.key == "paid_amount" else order
    return DayFigure(Series(one.key, one.scale, values, sizes), lag, worth)


def _told_until(ground: Ground, kind: str, lag: timedelta) -> frozenset[date]:
    """Days from which on files of the kind tell everything for so long."""
    runs = ground.whole_days(kind)
    if kind != "orders":
        runs = tuple((first, last - lag) for first, last in runs)
    return _each(runs)


def _sources(ground: Ground, known: frozenset[date], days: Days, paid: DayFigure) -> Iterator[DayFigure]:
    """Of the orders paid, the part of each source; orders of several sources are one of their own."""
    by_day: dict[date, dict[str, int]] = {}
    with ground.reads.read() as connection:
        for day, source, n in connection.execute(_by_source(ground, days)):
            if day in known:
                by_day.setdefault(day, {})[source] = n
    told = {}
    for day, parts in by_day.items():
        if sum(parts.get(name, 0) for name in UNTOLD) <= MOST_UNTOLD * sum(parts.values()):
            told[day] = {name: n for name, n in parts.items() if name not in UNTOLD}
    sizes = {day: float(sum(parts.values())) for day, parts in told.items()}
    for name in sorted({name for parts in told.values() for name in parts}):
        shares = {day: parts.get(name, 0) / sizes[day] for day, parts in told.items()}
        yield DayFigure(Series(f"{SOURCE}.{name}", "share", shares, sizes), paid.lag, paid.worth)


def _by_source(ground: Ground, days: Days) -> Select[Any, Any, int]:
    """Paid orders by day of placing and source. The metric table would cut up orders by their lines for it,
    which takes ten times as long."""
    o = orders.c
    day, source = day_of(o.placed_at), func.coalesce(o.source, UNTOLD[1])
    start, end = (datetime.combine(one, time.min) for one in (days[0], days[1] + DAY))
    inside = (o.shop_id == ground.shop.id, o.is_paid, o.placed_at >= start, o.placed_at < end)
    return select(day, source, func.count()).where(*inside).group_by(day, source)


def _duration(ground: Ground, usable: frozenset[date], days: Days) -> DayFigure:
    """Half of the orders signed on a day took no longer."""
    table, _ = _table(ground, "day", (DURATION,), days, "event")
    told = usable & _each(ground.whole_days("parcels"))
    rows = {day: row for (day,), row in table.items() if day in told and row[DURATION] is not None}
    values = {day: float(row[DURATION] or 0) for day, row in rows.items()}
    sizes = {day: float(row["ship_to_sign_hours_n"] or 0) for day, row in rows.items()}
    return DayFigure(Series(DURATION, "time", values, sizes), timedelta(0), 0.0)

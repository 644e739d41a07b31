"""What the pages ask of the store against SQL written by hand for the same figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.engine import Row

from bench import rivals
from bench.measure import Result, best
from shopdata.analysis.funnel import funnel
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.maturity import OWN, horizon
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.settings import read_settings
from shopdata.store import Store, open_store
from shopdata.store.tables import orders

CARDS = ("paid_amount", "orders_paid", "pay_rate", "average_order_value", "orders_completed")
CLOCKS = ("orders", "parcels", "aftersales")
BY_DAY = {"key": "CAST(placed_at AS DATE)", "group": "GROUP BY GROUPING SETS ((1), ())"}
REPEAT_SECONDS = 0.005


def measure(home: Path, lines: int) -> list[Result]:
    """Cards, cards by day, content types and the funnel over 90 days of the store at ``home``."""
    with open_store(read_settings({"SHOPDATA_HOME": str(home)})) as store:
        with store.read() as connection:
            last = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
        scope = Scope(start=(last - timedelta(days=89)).date(), end=last.date())
        asked: tuple[tuple[str, str | None, str], ...] = (
            ("cards", None, rivals.statement("cards", key="NULL", group="")),
            ("cards by day", "day", rivals.statement("cards", **BY_DAY)),
            ("by content type", "source", rivals.statement("sources")),
        )
        results = [pair(store, scope, lines, name, by, CARDS, sql) for name, by, sql in asked]
        results.append(_funnel(store, scope, lines))
        repeat = best(lambda: metric_table(store, scope, by="day", keys=CARDS))
    what = f"the same question again, {lines:,} lines"
    return [*results, Result(what, "5 ms", repeat, REPEAT_SECONDS, at_most=1.0)]


def pair(
    store: Store, scope: Scope, lines: int, name: str, by: str | None, keys: tuple[str, ...], sql: str
) -> Result:
    """A table of metrics against ``sql``, once both have said the same.

    Ours is asked afresh each time: the user's name is part of the cache key and changes no figure.
    """
    bounds, asked = _bounds(store, scope), iter(range(1000))

    def by_the_product() -> object:
        return metric_table(store, replace(scope, user=f"nobody-{next(asked)}"), by=by, keys=keys)

    different = rivals.differences(metric_table(store, scope, by=by, keys=keys), _rows(store, sql, bounds))
    if different:
        raise ValueError(f"{name}: the rival says something else: {different[:5]}")
    by_hand = best(lambda: _rows(store, sql, bounds))
    return Result(f"{name}, {_of(lines)}", "SQL by hand", best(by_the_product), by_hand, at_most=1.3)


def _funnel(store: Store, scope: Scope, lines: int) -> Result:
    """The funnel against the same chain and exits by hand."""
    bounds, asked = _bounds(store, scope), iter(range(1000))
    ours, chain_sql, exits_sql = funnel(store, scope), *map(rivals.statement, ("funnel", "exits"))
    (chain,) = _rows(store, chain_sql, bounds)
    exits = _rows(store, exits_sql, bounds)
    told = [(step.n, step.pending, step.unclear, step.median_hours) for step in ours.steps]
    if told != rivals.steps(chain) or sum(one.n for one in ours.exits) != sum(row.n for row in exits):
        raise ValueError(f"funnel: the rival says something else: {told} against {rivals.steps(chain)}")

    def by_the_product() -> object:
        return funnel(store, replace(scope, user=f"nobody-{next(asked)}"))

    def by_sql() -> object:
        return _rows(store, chain_sql, bounds), _rows(store, exits_sql, bounds)

    what = f"funnel, {_of(lines)}"
    return Result(what, "SQL by hand", best(by_the_product), best(by_sql), at_most=1.3)


def _of(lines: int) -> str:
    return f"90 days of {lines:,} lines"


def _rows(store: Store, sql: str, bounds: dict[str, object]) -> list[Row[tuple[object, ...]]]:
    with store.read() as connection:
        return list(connection.execute(text(sql), bounds).all())


def _bounds(store: Store, scope: Scope) -> dict[str, object]:
    """What the statements by hand are told: the period, how far files reach, how old is old enough."""
    if scope.start is None or scope.end is None:
        raise ValueError("a period has a first and a last day")
    frame = frame_of(store, scope)
    horizons, shop = horizons_of(store, frame), frame.ids[0]
    bounds: dict[str, object] = {
        "start": datetime.combine(scope.start, time.min),
        "end": datetime.combine(scope.end + timedelta(days=1), time.min),
    }
    bounds |= {f"{kind}_as_of": frame.as_of(kind).get(shop) for kind in CLOCKS}
    return bounds | {step: horizon(horizons, shop, step) for step in OWN}

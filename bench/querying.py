"""What the pages ask of the store against SQL written by hand for the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from bench.measure import Result, best
from shopdata.analysis.funnel import funnel
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.settings import read_settings
from shopdata.store import Store, open_store
from shopdata.store.tables import orders

CARDS = ("paid_amount", "orders_paid", "pay_rate", "average_order_value", "orders_completed")
CARDS_SQL = """
SELECT {key} count(*), count(*) FILTER (WHERE is_paid), sum(paid_amount) FILTER (WHERE is_paid),
       count(*) FILTER (WHERE is_completed),
       count(*) FILTER (WHERE is_paid) / nullif(count(*), 0)
FROM orders WHERE placed_at >= :start AND placed_at < :end {group}
"""
SOURCES_SQL = """
WITH parts AS (
  SELECT l.source, l.order_id, sum(l.paid_amount) AS paid, any_value(o.is_paid) AS is_paid,
         any_value(o.is_completed) AS is_completed
  FROM order_lines l JOIN orders o ON o.shop_id = l.shop_id AND o.order_id = l.order_id
  WHERE l.counted AND o.placed_at >= :start AND o.placed_at < :end GROUP BY ALL)
SELECT source, count(*), count(*) FILTER (WHERE is_paid), sum(paid) FILTER (WHERE is_paid),
       count(*) FILTER (WHERE is_completed) FROM parts GROUP BY source
"""
FUNNEL_SQL = """
SELECT count(*), count(*) FILTER (WHERE is_paid), count(*) FILTER (WHERE is_paid AND is_shipped),
       count(*) FILTER (WHERE is_paid AND is_shipped AND is_completed),
       median(epoch(paid_at - placed_at)), median(epoch(shipped_at - paid_at)),
       median(epoch(completed_at - shipped_at))
FROM orders WHERE placed_at >= :start AND placed_at < :end
"""
REPEAT_SECONDS = 0.005


def measure(home: Path, lines: int) -> list[Result]:
    """Cards, cards by day, content types and the funnel over 90 days of the store at ``home``."""
    with open_store(read_settings({"SHOPDATA_HOME": str(home)})) as store:
        with store.read() as connection:
            last = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
        scope = Scope(start=(last - timedelta(days=89)).date(), end=last.date())
        by_day = CARDS_SQL.format(key="CAST(placed_at AS DATE),", group="GROUP BY 1")
        pairs: tuple[tuple[str, Callable[[Scope], object], str], ...] = (
            ("cards", lambda one: metric_table(store, one, keys=CARDS), CARDS_SQL.format(key="", group="")),
            ("cards by day", lambda one: metric_table(store, one, by="day", keys=CARDS), by_day),
            ("by content type", lambda one: metric_table(store, one, by="source", keys=CARDS), SOURCES_SQL),
            ("funnel", lambda one: funnel(store, one), FUNNEL_SQL),
        )
        results = [pair(store, scope, lines, *one) for one in pairs]
        metric_table(store, scope, by="day", keys=CARDS)
        repeat = best(lambda: metric_table(store, scope, by="day", keys=CARDS))
    what = f"the same question again, {lines:,} lines"
    return [*results, Result(what, "5 ms", repeat, REPEAT_SECONDS, at_most=1.0)]


def pair(
    store: Store, scope: Scope, lines: int, name: str, ask: Callable[[Scope], object], sql: str
) -> Result:
    """Ours asked afresh each time: the user's name is part of the cache key and changes no figure."""
    bounds = {"start": scope.start, "end": scope.end and scope.end + timedelta(days=1)}
    asked = iter(range(1000))

    def by_hand() -> object:
        with store.read() as connection:
            return connection.execute(text(sql), bounds).all()

    ours = best(lambda: ask(replace(scope, user=f"nobody-{next(asked)}")))
    return Result(f"{name}, 90 days of {lines:,} lines", "SQL by hand", ours, best(by_hand), at_most=1.3)

"""The tables that analyses rest on against SQL written by hand for the same figures.

Compared over a shop with all its files. What analyses add to them (intervals, standardising, comparisons)
has no counterpart by hand and is part of the first views (``viewing``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from bench.measure import Result
from bench.querying import pair
from shopdata.analysis import logistics, products
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import orders

DAYS = 90
HOURS = "epoch({end} - {start}) / 3600"
LEGS = (("paid_at", "shipped_at"), ("shipped_at", "picked_up_at"), ("picked_up_at", "signed_at"),
        ("shipped_at", "signed_at"))  # fmt: skip
LEG = (
    "avg({hours}), quantile_cont({hours}, 0.5), quantile_cont({hours}, 0.9), "
    "count(*) FILTER (WHERE {end} >= {start})"
)
PROVINCES_SQL = """
SELECT {key} count(*), count(*) FILTER (WHERE is_shipped), count(*) FILTER (WHERE signed_at IS NOT NULL),
       count(*) FILTER (WHERE is_transit), {legs},
       count(*) FILTER (WHERE shipped_at <= paid_at + INTERVAL 48 HOUR),
       count(*) FILTER (WHERE paid_at + INTERVAL 48 HOUR <= as_of),
       count(*) FILTER (WHERE shipped_at <= promised_ship_at), count(promised_ship_at),
       count(*) FILTER (WHERE picked_up_at <= shipped_at + INTERVAL 24 HOUR), count(picked_up_at),
       count(*) FILTER (WHERE is_returned)
FROM orders WHERE is_paid AND paid_at >= :start AND paid_at < :end {group}
"""
PRODUCTS_SQL = """
WITH sold AS (
  SELECT l.product_id, l.order_id, l.shop_id, sum(l.paid_amount) AS paid, sum(l.quantity) AS units,
         sum(a.refund_amount) AS refund
  FROM order_lines l JOIN orders o ON o.shop_id = l.shop_id AND o.order_id = l.order_id
  LEFT JOIN (SELECT shop_id, line_id, sum(refund_amount) AS refund_amount FROM aftersales
             WHERE refunded_at IS NOT NULL GROUP BY ALL) a
         ON a.shop_id = l.shop_id AND a.line_id = l.line_id
  WHERE l.counted AND o.is_paid AND o.paid_at >= :start AND o.paid_at < :end GROUP BY ALL)
SELECT product_id, count(*), sum(paid), sum(refund), sum(paid) - sum(refund), sum(refund) / sum(paid),
       count(*) FILTER (WHERE refund > 0) / count(*), sum(units), sum(paid) / sum(units)
FROM sold GROUP BY product_id
"""
INFLUENCERS_SQL = """
WITH sold AS (
  SELECT l.influencer_id, l.order_id, l.shop_id, sum(l.paid_amount) AS paid,
         sum(c.estimated) AS estimated, sum(c.settled) AS settled
  FROM order_lines l JOIN orders o ON o.shop_id = l.shop_id AND o.order_id = l.order_id
  LEFT JOIN (SELECT shop_id, line_id, sum(commission_estimated) AS estimated,
                    sum(commission_settled) AS settled FROM commissions GROUP BY ALL) c
         ON c.shop_id = l.shop_id AND c.line_id = l.line_id
  WHERE l.counted AND o.is_paid AND o.paid_at >= :start AND o.paid_at < :end GROUP BY ALL)
SELECT influencer_id, count(*), sum(paid), sum(estimated), sum(settled) FROM sold GROUP BY influencer_id
"""
INFLUENCERS = ("orders_paid", "paid_amount", "commission_estimated", "commission_settled")


def measure(store: Store, lines: int) -> list[Result]:
    """Tables of the pages on logistics, products and influencers over 90 days."""
    with store.read() as connection:
        last: datetime = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
    scope = Scope(start=(last - timedelta(days=DAYS - 1)).date(), end=last.date(), basis="paid")
    legs = ", ".join(
        LEG.format(hours=HOURS.format(start=start, end=end), start=start, end=end) for start, end in LEGS
    )
    by_province = PROVINCES_SQL.format(key="province,", group="GROUP BY province", legs=legs)
    asked: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("logistics by province", "province", logistics.KEYS, by_province),
        ("products", "product", products.KEYS, PRODUCTS_SQL),
        ("influencers", "influencer", INFLUENCERS, INFLUENCERS_SQL),
    )
    return [
        pair(store, scope, lines, name, partial(_table, store, by, keys), sql)
        for name, by, keys, sql in asked
    ]


def _table(store: Store, by: str, keys: tuple[str, ...], scope: Scope) -> object:
    return metric_table(store, scope, by=by, keys=keys)

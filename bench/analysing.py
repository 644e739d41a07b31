"""The tables that analyses rest on against SQL written by hand for the same figures.

Compared over a shop with all its files. What analyses add to them (intervals, standardising, comparisons)
has no counterpart by hand and is part of the first views (``viewing``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from bench.measure import Result
from bench.querying import pair
from bench.rivals import statement
from shopdata.analysis import logistics, products
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import orders

DAYS = 90
INFLUENCERS = ("orders_paid", "paid_amount", "commission_estimated", "commission_settled")


def measure(store: Store, lines: int) -> list[Result]:
    """Tables of the pages on logistics, products and influencers over 90 days."""
    with store.read() as connection:
        last: datetime = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
    scope = Scope(start=(last - timedelta(days=DAYS - 1)).date(), end=last.date(), basis="paid")
    asked: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("logistics by province", "province", logistics.KEYS, statement("provinces")),
        ("products", "product", products.KEYS, statement("products")),
        ("influencers", "influencer", INFLUENCERS, statement("influencers")),
    )
    return [pair(store, scope, lines, *one) for one in asked]

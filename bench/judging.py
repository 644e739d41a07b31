"""What judging every rule costs: a whole shop with all its files, and what a small import touched."""

from __future__ import annotations

import time

from sqlalchemy import insert, literal, select

from bench.measure import Result
from shopdata.abnormal.judging import judge
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_due, note_shop
from shopdata.store.tables import orders, shops

TOUCHED = 10_000
# Seconds: every rule over a million lines, and over the orders an import of TOUCHED lines touched.
WHOLE, PART = 5.0, 1.0
TIMES = 3


def measure(store: Store, lines: int) -> list[Result]:
    """The rules over everything, then over the newest orders alone."""
    judge(store)
    whole = min(_seconds(store, None) for _ in range(TIMES))
    part = min(_seconds(store, TOUCHED) for _ in range(TIMES))
    what = f"every rule over {lines:,} lines"
    return [
        Result(what, f"{WHOLE:g} s", whole, WHOLE, at_most=1.0),
        Result(
            f"every rule over {TOUCHED:,} orders of {lines:,} lines", f"{PART:g} s", part, PART, at_most=1.0
        ),
    ]


def _seconds(store: Store, touched: int | None) -> float:
    with store.write(figures=False) as connection:
        for shop_id in connection.scalars(select(shops.c.id)).all():
            if touched is None:
                note_shop(connection, shop_id)
                continue
            newest = (
                select(literal(shop_id), orders.c.order_id)
                .where(orders.c.shop_id == shop_id)
                .order_by(orders.c.placed_at.desc())
                .limit(touched)
            )
            connection.execute(insert(abnormal_due).from_select(["shop_id", "order_id"], newest))
    started = time.perf_counter()
    judge(store)
    return time.perf_counter() - started

"""What the rules for abnormal orders keep: hits with their history, orders to judge anew, limits of shops.

``abnormal_hits``: one row a time that something was found; while ``gone_at`` is null it stands. A hit that
comes back is a new row. Moments say from when it holds (``since``, maybe in the future), from when it is high
(``high_from``), when it ends by itself (``until``), and from when nothing can be done (``past_from``).
``measure`` is null where it is the time from (or to) ``counted_from``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Date, Float, Integer, Table, insert, literal, select

from shopdata.store.schema import MOMENT, MONEY, TEXT, metadata
from shopdata.store.tables import shops
from shopdata.store.touched import Touched

HIT_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("order_id", TEXT),
    ("line_id", TEXT),
    ("dated_at", MOMENT),
    ("since", MOMENT),
    ("high_from", MOMENT),
    ("until", MOMENT),
    ("past_from", MOMENT),
    ("deadline_at", MOMENT),
    ("counted_from", MOMENT),
    ("measure", Float(53)),
    ("limit_value", Float(53)),
    ("amount", MONEY),
    ("evidence", TEXT),
    ("as_of", MOMENT),
)

abnormal_hits = Table(
    "abnormal_hits",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False, comment="id of what it is about: order, line, parcel …"),
    *(Column(name, kind, nullable=name != "since") for name, kind in HIT_COLUMNS),
    Column("version", Integer, comment="of the rule that found it"),
    Column("found_at", MOMENT),
    Column("found_import", Integer),
    Column("gone_at", MOMENT),
    Column("gone_import", Integer),
)

abnormal_due = Table(
    "abnormal_due",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("order_id", TEXT, comment="null: the whole shop; empty: what is judged over whole shops only"),
)

abnormal_limits = Table(
    "abnormal_limits",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("value", Float(53), comment="null: the default again"),
    Column("from_day", Date, nullable=False),
    Column("user", TEXT),
    Column("at", MOMENT, nullable=False),
)


def note_due(connection: Connection, shop_id: int, touched: Touched) -> None:
    """Remember, in the transaction that touched them, which orders have to be judged anew."""
    whole = None if touched.everything else ""
    connection.execute(insert(abnormal_due).values(shop_id=shop_id, order_id=whole))
    if not touched.everything:
        changed = select(literal(shop_id, Integer), touched.table.c.order_id).distinct()
        connection.execute(insert(abnormal_due).from_select(["shop_id", "order_id"], changed))


def note_order(connection: Connection, shop_id: int, order_id: str) -> None:
    """Remember that one order has to be judged anew."""
    rows = [{"shop_id": shop_id, "order_id": one} for one in ("", order_id)]
    connection.execute(insert(abnormal_due).values(rows))


def note_comparisons(connection: Connection) -> None:
    """Remember that what is judged over whole shops has to be judged anew, in every shop."""
    every = select(shops.c.id, literal(""))
    connection.execute(insert(abnormal_due).from_select(["shop_id", "order_id"], every))


def note_shop(connection: Connection, shop_id: int) -> None:
    """Remember that a whole shop has to be judged anew."""
    connection.execute(insert(abnormal_due).values(shop_id=shop_id, order_id=None))

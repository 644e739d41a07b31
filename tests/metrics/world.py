"""A small invented shop world with seeded randomness, as plain Python rows and as a store holding them.

The rows are what tests recompute figures from, in loops; the store is what the product is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy import Connection, Table, create_engine
from sqlalchemy.pool import NullPool

from shopdata.settings import Settings
from shopdata.store import own_entities, tables

Row = dict[str, Any]
FIRST, DAYS = datetime(2026, 7, 1), 80
AS_OF = FIRST + timedelta(days=DAYS, hours=-4)
COLUMNS = {
    "orders": [column.name for column in tables.ORDER_LINES.table.c],
    "aftersales": [column.name for column in tables.AFTERSALES.table.c],
    "commissions": [column.name for column in tables.COMMISSIONS.table.c],
    "parcels": [column.name for column in tables.PARCELS.table.c],
    "settlements": [column.name for column in tables.SETTLEMENTS.table.c],
    "funds": [column.name for column in tables.FUNDS.table.c],
    "costs": [column.name for column in own_entities.COSTS.table.c],
    "ads": [column.name for column in own_entities.ADS.table.c],
    "traffic": [column.name for column in own_entities.TRAFFIC.table.c],
}


class MemoryStore:
    """What the metrics need of a store, in memory."""

    def __init__(self, fixed_now: datetime | None = None) -> None:
        self.settings = Settings(Path("unused"), "duckdb:///:memory:", fixed_now=fixed_now)
        self.version = 1
        self.root = duckdb.connect(":memory:")
        self.engine = create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(self.root.cursor()), poolclass=NullPool
        )
        tables.metadata.create_all(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    def add(self, table: Table, rows: list[Row]) -> None:
        """Append rows; absent columns are null."""
        if not rows:
            return
        names = list(dict.fromkeys(name for row in rows for name in row))
        source = pa.table({name: [row.get(name) for row in rows] for name in names})
        self.root.register("new_rows", source)
        listed = ", ".join(f'"{name}"' for name in names)
        self.root.execute(f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM new_rows")  # noqa: S608
        self.root.unregister("new_rows")
        self.version += 1

    def sql(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of SQL written by hand."""
        return self.root.cursor().execute(text, list(values)).fetchall()


def shop_row(shop_id: int = 1, **changes: Any) -> Row:
    return {
        "id": shop_id,
        "name": f"Shop {shop_id}",
        "platform": "douyin",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "is_sample": False,
        "own_accounts": json.dumps(["own-account"]),
    } | changes


def import_row(kind: str, as_of: datetime = AS_OF, shop_id: int = 1, **changes: Any) -> Row:
    return {
        "id": 1,
        "shop_id": shop_id,
        "file_name": f"{kind}.csv",
        "sha256": "0",
        "format": f"douyin_{kind}",
        "kind": kind,
        "accepted": 1,
        "as_of": as_of,
        "first_at": FIRST,
        "last_at": as_of,
        "columns": json.dumps(COLUMNS[kind]),
    } | changes


@dataclass
class World:
    """Rows of every table, as plain dictionaries."""

    shops: list[Row] = field(default_factory=list)
    imports: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    aftersales: list[Row] = field(default_factory=list)
    commissions: list[Row] = field(default_factory=list)
    parcels: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    funds: list[Row] = field(default_factory=list)
    costs: list[Row] = field(default_factory=list)
    ads: list[Row] = field(default_factory=list)
    traffic: list[Row] = field(default_factory=list)
    agreed_rates: list[Row] = field(default_factory=list)

    def stored(self, fixed_now: datetime | None = None) -> MemoryStore:
        """A store with these rows."""
        store = MemoryStore(fixed_now)
        for table, rows in (
            (tables.shops, self.shops),
            (tables.imports, self.imports),
            (tables.orders, self.orders),
            (tables.ORDER_LINES.table, self.lines),
            (tables.AFTERSALES.table, self.aftersales),
            (tables.COMMISSIONS.table, self.commissions),
            (tables.PARCELS.table, self.parcels),
            (tables.SETTLEMENTS.table, self.settlements),
            (tables.FUNDS.table, self.funds),
            (own_entities.COSTS.table, self.costs),
            (own_entities.ADS.table, self.ads),
            (own_entities.TRAFFIC.table, self.traffic),
            (own_entities.AGREED_RATES.table, self.agreed_rates),
        ):
            store.add(table, rows)
        return store

    def lines_of(self, order: Row) -> list[Row]:
        """The counted lines of an order."""
        return [
            line
            for line in self.lines
            if (line["shop_id"], line["order_id"]) == (order["shop_id"], order["order_id"])
            and line["counted"]
        ]


def order_row(order_id: str, placed_at: datetime, **changes: Any) -> Row:
    """One order as the store rolls it up: unpaid and open unless told otherwise."""
    paid = changes.get("paid_at") is not None
    defaults: Row = {
        "shop_id": 1,
        "order_id": order_id,
        "platform": "douyin",
        "currency": "CNY",
        "placed_at": placed_at,
        "status": "paid" if paid else "unpaid",
        "is_paid": paid,
        "is_shipped": changes.get("shipped_at") is not None,
        "is_completed": changes.get("completed_at") is not None,
        "is_closed": False,
        "is_presale": False,
        "is_transit": False,
        "is_cash_on_delivery": False,
        "deposit_pending": False,
        "lines": 1,
        "units": 1,
        "paid_amount": 10_000,
        "payable_amount": 10_000,
        "is_refunded": False,
        "is_returned": False,
        "is_disputed": False,
        "has_open_aftersale": False,
        "refund_amount": 0,
        "parcels": 0,
        "parcels_signed": 0,
        "parcels_tracked": 0,
        "as_of": AS_OF,
    }
    return defaults | changes


def line_row(order: Row, number: int = 1, **changes: Any) -> Row:
    """One counted line of an order."""
    return {
        "shop_id": order["shop_id"],
        "grain": "line",
        "line_id": f"{order['order_id']}-{number}",
        "order_id": order["order_id"],
        "counted": True,
        "quantity": 1,
        "unit_price": order["paid_amount"],
        "paid_amount": order["paid_amount"],
        "payable_amount": order["payable_amount"],
    } | changes


def simple_world(orders: list[Row], kinds: tuple[str, ...] = ("orders", "aftersales", "parcels")) -> World:
    """A world of hand-made orders with one line each, every file present."""
    return World(
        shops=[shop_row()],
        imports=[import_row(kind) for kind in kinds],
        orders=orders,
        lines=[line_row(order) for order in orders],
    )


def day(offset: int) -> date:
    """The day so many days after the world's first."""
    return (FIRST + timedelta(days=offset)).date()

"""One order as a list shows it: the row of ``orders`` and what its lines, after-sales and marks add."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, case, func, or_, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.refund_lines import APART
from shopdata.orders.privacy import MONEY, RowRights, masked
from shopdata.orders.selection import LINES, is_stale
from shopdata.store.tables import AFTERSALES, marks, orders, shops

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the list shows it. Money in fen (``None`` where the role sees no money, or not paid)."""

    shop_id: int
    shop: str
    order_id: str
    platform: str
    currency: str
    status: str | None
    placed_at: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    signed_at: datetime | None
    completed_at: datetime | None
    payable_amount: int | None
    paid_amount: int | None
    refund_amount: int | None
    units: int | None
    lines: int | None
    source: str | None
    influencer_id: str | None
    pay_method: str | None
    province: str | None
    city: str | None
    courier: str | None
    waybill: str | None
    cancel_reason: str | None
    buyer_id: str | None
    as_of: datetime | None
    stale: bool
    open_aftersale: bool
    refunded: bool
    status_raw: str | None = None
    products: tuple[str, ...] = ()
    influencer_name: str | None = None
    receiver: str | None = None
    phone: str | None = None
    seller_note: str | None = None
    flag: str | None = None
    aftersales: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


_NAMES = frozenset(field.name for field in fields(OrderRow))
_FROM_ORDERS = tuple(column for column in orders.c if column.name in _NAMES - {"paid_amount"})
_FROM_LINES = ("status_raw", "influencer_name", "receiver", "phone", "seller_note", "flag")


def row_query() -> Select[Any]:
    """The columns of ``OrderRow`` that the order itself and its shop know."""
    return select(
        *_FROM_ORDERS,
        case((orders.c.is_paid, orders.c.paid_amount)).label("paid_amount"),
        shops.c.name.label("shop"),
        func.coalesce(is_stale(), False).label("stale"),
        func.coalesce(orders.c.has_open_aftersale, False).label("open_aftersale"),
        func.coalesce(orders.c.is_refunded, False).label("refunded"),
    ).join_from(orders, shops, shops.c.id == orders.c.shop_id)


def order_rows(connection: Connection, listed: Sequence[Row[Any]], rights: RowRights) -> tuple[OrderRow, ...]:
    """Complete rows for what ``row_query`` found, as ``rights`` may see them."""
    keys = [(row.shop_id, row.order_id) for row in listed]
    lines = _grouped(connection, LINES, ("counted", "product_name", *_FROM_LINES), keys, *_lately(listed))
    aftersales = _grouped(connection, AFTERSALES.table, ("status",), keys)
    marked = _grouped(connection, marks, ("mark",), keys)
    rows = []
    for row, key in zip(listed, keys, strict=True):
        goods = [line for line in lines[key] if line["counted"]]
        values = {name: value for name, value in row._mapping.items() if name in _NAMES}
        values |= {name: _first(lines[key], name) for name in _FROM_LINES}
        values = {name: _shown(name, value, rights) for name, value in values.items()}
        rows.append(
            OrderRow(
                **values,
                products=_distinct(goods, "product_name"),
                aftersales=_distinct(aftersales[key], "status"),
                marks=_distinct(marked[key], "mark"),
            )
        )
    return tuple(rows)


def _lately(listed: Sequence[Row[Any]]) -> tuple[ColumnElement[bool], ...]:
    """Condition: lines that may be of these orders by their time, so that those of years need not be read."""
    placed = [row.placed_at for row in listed]
    if not placed or None in placed:
        return ()
    at = LINES.c.placed_at
    return (or_(at >= min(placed) - APART, at.is_(None)),)


def _grouped(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    keys: Sequence[Key],
    *where: ColumnElement[bool],
) -> Mapping[Key, list[Mapping[str, Any]]]:
    """Rows of ``table`` by the order they belong to; a page's worth of orders at a time."""
    grouped: defaultdict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    if not keys:
        return grouped
    shops, numbers = ({key[place] for key in keys} for place in (0, 1))
    # Two shops may have one number: what is found beyond the keys is asked for by nobody.
    wanted = (table.c.shop_id.in_(shops), table.c.order_id.in_(numbers), *where)
    query = select(table.c.shop_id, table.c.order_id, *(table.c[name] for name in columns)).where(*wanted)
    if "counted" in table.c:
        query = query.order_by(table.c.counted.desc(), table.c.line_id)
    for row in connection.execute(query):
        grouped[row.shop_id, row.order_id].append(dict(row._mapping))
    return grouped


def _first(rows: Sequence[Mapping[str, Any]], name: str) -> object:
    return next((row[name] for row in rows if row[name]), None)


def _distinct(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row[name]) for row in rows if row[name]))


def _shown(name: str, value: Any, rights: RowRights) -> Any:
    if name in MONEY and not rights.money:
        return None
    return value if rights.buyers or not isinstance(value, str) else masked(name, value)

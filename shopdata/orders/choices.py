"""What can be chosen from in a filter of orders: the values that occur in the shops asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from shopdata.errors import BadUsage
from shopdata.imports.scoping import shops_in
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import ORDER_LINES, orders

MOST = 200
_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "pay_methods": orders.c.pay_method,
    "couriers": orders.c.courier,
    "provinces": orders.c.province,
    "flags": ORDER_LINES.table.c.flag,
}


def choices(store: Store, scope: Scope, field: str) -> tuple[str, ...]:
    """Values of the filter ``field`` in the scope's shops, the most frequent first, at most ``MOST``."""
    if field not in _COLUMNS:
        raise BadUsage("bad_filter", name=field, value="")
    column = _COLUMNS[field]
    with store.read() as connection:
        query = (
            select(column)
            .where(column.table.c.shop_id.in_(shops_in(connection, scope)), column.is_not(None), column != "")
            .group_by(column)
            .order_by(func.count().desc(), column)
            .limit(MOST)
        )
        return tuple(connection.scalars(query))

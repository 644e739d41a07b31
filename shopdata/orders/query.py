"""A page of orders and the totals of a selection, straight from the store: never all of it in memory.

Pages go by key, not by offset: the next page starts after the last row's (sort value, order, shop), so the
last page of millions costs what the first one costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from shopdata.errors import BadUsage
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import row_rights
from shopdata.orders.rows import OrderRow, order_rows, row_query
from shopdata.orders.selection import Condition, condition
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import orders

Sort = Literal["placed", "paid", "shipped", "amount", "refund", "units"]
SORTS: tuple[Sort, ...] = get_args(Sort)
PAGE = 50
_COLUMNS = {
    "placed": orders.c.placed_at,
    "paid": orders.c.paid_at,
    "shipped": orders.c.shipped_at,
    "amount": orders.c.paid_amount,
    "refund": orders.c.refund_amount,
    "units": orders.c.units,
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the sort value of its last row, its order and shop."""

    value: datetime | int | None
    order_id: str
    shop_id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and where the next page starts (``None`` on the last one)."""

    rows: tuple[OrderRow, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a whole selection. Money in fen of ``currency``; ``None`` where it holds several currencies."""

    orders: int
    orders_paid: int
    units: int
    paid_amount: int | None
    refund_amount: int | None
    currency: str | None


def order_page(
    store: Store,
    scope: Scope,
    chosen: OrderFilter,
    *,
    sort: Sort = "placed",
    ascending: bool = False,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Page:
    """The next ``limit`` orders of the selection after ``after``; ``NotAllowed`` for roles without rows."""
    if sort not in SORTS:
        raise BadUsage("bad_filter", name="sort", value=sort)
    rights = row_rights(scope.role)
    with store.read() as connection:
        wanted = condition(connection, scope, chosen, store)
        query = row_query().where(wanted, *_following(sort, ascending, after))
        column = _COLUMNS[sort]
        ends = (column, orders.c.order_id, orders.c.shop_id)
        ordering = [(end.asc() if ascending else end.desc()).nulls_last() for end in ends]
        query = query.add_columns(column.label("sorted_by")).order_by(*ordering).limit(limit + 1)
        listed = connection.execute(query).all()
        rows = order_rows(connection, listed[:limit], rights)
    last = listed[limit - 1] if len(listed) > limit else None
    return Page(rows, Cursor(last.sorted_by, last.order_id, last.shop_id) if last else None)


def order_totals(store: Store, scope: Scope, chosen: OrderFilter) -> Totals:
    """Count and sums of the whole selection."""
    rights = row_rights(scope.role)
    paid = orders.c.is_paid.is_(True)
    query = select(
        func.count().label("orders"),
        func.count(case((paid, 1))).label("orders_paid"),
        func.coalesce(func.sum(orders.c.units), 0).label("units"),
        func.coalesce(func.sum(case((paid, orders.c.paid_amount))), 0).label("paid_amount"),
        func.coalesce(func.sum(orders.c.refund_amount), 0).label("refund_amount"),
        func.min(orders.c.currency).label("currency"),
        func.count(orders.c.currency.distinct()).label("currencies"),
    )
    with store.read() as connection:
        row = connection.execute(query.where(condition(connection, scope, chosen, store))).one()
    money = rights.money and row.currencies < 2
    return Totals(
        orders=row.orders,
        orders_paid=row.orders_paid,
        units=int(row.units),
        paid_amount=int(row.paid_amount) if money else None,
        refund_amount=int(row.refund_amount) if money else None,
        currency=row.currency if row.currencies < 2 else None,
    )


def _following(sort: Sort, ascending: bool, after: Cursor | None) -> list[Condition]:
    """Rows behind the cursor in (value, order, shop), unknown values last."""
    if after is None:
        return []
    column = _COLUMNS[sort]
    tie = or_(
        _beyond(orders.c.order_id, after.order_id, ascending),
        and_(orders.c.order_id == after.order_id, _beyond(orders.c.shop_id, after.shop_id, ascending)),
    )
    if after.value is None:
        return [and_(column.is_(None), tie)]
    return [or_(_beyond(column, after.value, ascending), and_(column == after.value, tie), column.is_(None))]


def _beyond(column: ColumnElement[Any], value: object, ascending: bool) -> Condition:
    return column > value if ascending else column < value

"""From a scope and a filter to a condition on the ``orders`` table.

Nothing is fetched here. What only lines, after-sales, parcels or marks know is asked by EXISTS, so an order
is never repeated and its amounts can be summed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, true
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage
from shopdata.imports.scoping import shops_in
from shopdata.metrics.behind import rows_behind
from shopdata.metrics.frame import Reads
from shopdata.orders.filters import NO_AFTERSALE, UNKNOWN, OrderFilter
from shopdata.orders.privacy import row_rights
from shopdata.scope import Basis, Scope
from shopdata.store.tables import AFTERSALES, ORDER_LINES, PARCELS, imports, marks, orders

Condition = ColumnElement[bool]

LINES = ORDER_LINES.table
UNFINISHED = ("unpaid", "deposit_paid", "paid", "part_shipped", "shipped")
TO_SHIP = ("paid", "part_shipped")
MIXED = "mixed"
_TIMES = {
    "placed": orders.c.placed_at,
    "paid": orders.c.paid_at,
    "shipped": orders.c.shipped_at,
    "signed": orders.c.signed_at,
    "completed": orders.c.completed_at,
    "applied": orders.c.refund_applied_at,
    "refunded": orders.c.refunded_at,
}


def condition(
    connection: Connection, scope: Scope, chosen: OrderFilter, store: Reads | None = None
) -> Condition:
    """What an order row must satisfy. The scope's days apply, by its basis, where the filter names none.

    ``store`` is needed where the filter asks for the orders behind a figure.
    """
    parts = [
        orders.c.shop_id.in_(shops_in(connection, scope)),
        *_by_role(scope),
        *_by_order(chosen),
        *_by_state(chosen),
        *(_behind(store, scope, chosen) if chosen.behind else _by_time(scope, chosen)),
        *_by_origin(scope, chosen),
        *_by_place(chosen),
    ]
    return and_(true(), *parts)


def is_stale() -> Condition:
    """Unfinished, and not in the shop's newest order file: its state must be exported again."""
    newest = (
        select(func.max(imports.c.as_of))
        .where(
            imports.c.shop_id == orders.c.shop_id, imports.c.kind == "orders", imports.c.undone_at.is_(None)
        )
        .scalar_subquery()
    )
    return and_(orders.c.status.in_(UNFINISHED), orders.c.as_of < newest)


def _of_order(table: Table, *conditions: Condition) -> Condition:
    """Some row of ``table`` belongs to the order and satisfies the conditions."""
    joined = and_(table.c.shop_id == orders.c.shop_id, table.c.order_id == orders.c.order_id, *conditions)
    return exists(select(table.c.shop_id).where(joined))


def _line(*conditions: Condition) -> Condition:
    """Some goods of the order satisfy the conditions."""
    return _of_order(LINES, LINES.c.counted, *conditions)


def _row(*conditions: Condition) -> Condition:
    """Some row of an order file about the order, of whichever form, satisfies the conditions."""
    return _of_order(LINES, *conditions)


def _has(column: ColumnElement[str], text: str) -> Condition:
    return column.icontains(text, autoescape=True)


def _among(column: ColumnElement[str], values: Sequence[str]) -> Condition:
    known = column.in_(values)
    return or_(known, column.is_(None)) if UNKNOWN in values else known


def _by_role(scope: Scope) -> list[Condition]:
    part = row_rights(scope.role).part
    if part == "aftersales":
        return [or_(_of_order(AFTERSALES.table), _of_order(marks, marks.c.mark == "abnormal"))]
    return [orders.c.status.in_(TO_SHIP)] if part == "to_ship" else []


def _by_order(chosen: OrderFilter) -> list[Condition]:
    parts: list[Condition] = []
    if numbers := chosen.order_numbers:
        parts.append(or_(orders.c.order_id.in_(numbers), _row(LINES.c.line_id.in_(numbers))))
    if chosen.product:
        parts.append(
            _line(or_(LINES.c.product_id == chosen.product, _has(LINES.c.product_name, chosen.product)))
        )
    if chosen.sku:
        parts.append(_line(LINES.c.sku_code == chosen.sku))
    if chosen.buyer:
        parts.append(
            or_(
                orders.c.buyer_id == chosen.buyer,
                _row(or_(_has(LINES.c.receiver, chosen.buyer), _has(LINES.c.phone, chosen.buyer))),
            )
        )
    if chosen.note:
        parts.append(_row(or_(_has(LINES.c.buyer_note, chosen.note), _has(LINES.c.seller_note, chosen.note))))
    if chosen.flags:
        parts.append(_row(LINES.c.flag.in_(chosen.flags)))
    if chosen.marks:
        parts.append(_of_order(marks, marks.c.mark.in_(chosen.marks)))
    return parts


def _by_state(chosen: OrderFilter) -> list[Condition]:
    parts: list[Condition] = []
    aftersales = AFTERSALES.table
    if chosen.statuses:
        parts.append(_among(orders.c.status, chosen.statuses))
    if chosen.aftersales:
        wanted = [status for status in chosen.aftersales if status != NO_AFTERSALE]
        either = [
            _of_order(aftersales, aftersales.c.status.in_(wanted)),
            _row(LINES.c.aftersale_status.in_(wanted)),
        ]
        if NO_AFTERSALE in chosen.aftersales:
            either.append(and_(~_of_order(aftersales), ~_row(LINES.c.aftersale_status.is_not(None))))
        parts.append(or_(*either))
    if chosen.pay_methods:
        parts.append(_among(orders.c.pay_method, chosen.pay_methods))
    if chosen.reason:
        parts.append(
            or_(
                _has(orders.c.cancel_reason, chosen.reason),
                _of_order(aftersales, _has(aftersales.c.reason, chosen.reason)),
            )
        )
    if chosen.amount_min is not None:
        parts.append(orders.c.paid_amount >= chosen.amount_min)
    if chosen.amount_max is not None:
        parts.append(orders.c.paid_amount <= chosen.amount_max)
    return [*parts, is_stale()] if chosen.stale else parts


def _behind(store: Reads | None, scope: Scope, chosen: OrderFilter) -> list[Condition]:
    """The orders a figure counted, by its own basis."""
    if store is None:
        raise BadUsage("bad_filter", name="behind", value=chosen.behind)
    basis, _, metric = chosen.behind.partition(".")
    days = (chosen.start, chosen.end) if chosen.start or chosen.end else (scope.start, scope.end)
    return [rows_behind(store, replace(scope, basis=cast(Basis, basis)).between(*days), metric)]


def _by_time(scope: Scope, chosen: OrderFilter) -> list[Condition]:
    column, start, end = _TIMES[chosen.time], chosen.start, chosen.end
    if start is None and end is None:
        column = orders.c.paid_at if scope.basis == "paid" else orders.c.placed_at
        start, end = scope.start, scope.end
    parts: list[Condition] = []
    if start is not None:
        parts.append(column >= start)
    if end is not None:
        parts.append(column < end + timedelta(days=1))
    return parts


def _by_origin(scope: Scope, chosen: OrderFilter) -> list[Condition]:
    parts: list[Condition] = []
    for sources in filter(None, (scope.sources, chosen.sources)):
        mixed = and_(orders.c.source == MIXED, _line(_among(LINES.c.source, sources)))
        parts.append(or_(_among(orders.c.source, sources), mixed))
    if chosen.influencer:
        named = _line(
            or_(LINES.c.influencer_id == chosen.influencer, _has(LINES.c.influencer_name, chosen.influencer))
        )
        parts.append(or_(orders.c.influencer_id == chosen.influencer, named))
    return parts


def _by_place(chosen: OrderFilter) -> list[Condition]:
    parts: list[Condition] = []
    parcels = PARCELS.table
    if chosen.provinces:
        parts.append(_among(orders.c.province, chosen.provinces))
    if chosen.cities:
        parts.append(_among(orders.c.city, chosen.cities))
    if chosen.couriers:
        parts.append(
            or_(
                _among(orders.c.courier, chosen.couriers),
                _of_order(parcels, parcels.c.courier.in_(chosen.couriers)),
            )
        )
    if chosen.waybill:
        parts.append(
            or_(orders.c.waybill == chosen.waybill, _of_order(parcels, parcels.c.waybill == chosen.waybill))
        )
    return parts

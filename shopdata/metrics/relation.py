"""The relations figures of orders are read from: orders as they are, or cut by the keys of their lines.

Orders with a single key are taken whole. Only the lines of the others are read one by one: their money is
the lines' own where it adds up to the order's, else the order's allocated by price × quantity, so that parts
always add up to the fen.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, and_, case, func, not_, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.allocation import allocated
from shopdata.metrics.constructs import Expression
from shopdata.metrics.dimensions import DIMENSIONS, MIXED, Dimension, known, line_key
from shopdata.metrics.frame import Frame
from shopdata.scope import Scope
from shopdata.store import tables

OF_RECORD = ("paid_amount", "payable_amount")
AS_EXPORTED = (
    "freight_amount",
    "discount_amount",
    "platform_subsidy",
    "influencer_subsidy",
    "payment_discount",
)
NO_REFUND_KINDS = ("exchange", "resend", "repair")


def key_name(dimension: Dimension) -> str:
    """The column a relation carries a line key in."""
    return f"key_{dimension.key}"


def refund_succeeded(row: Any) -> ColumnElement[bool]:
    """Whether an after-sale row paid money back for good."""
    return and_(row.status == "refunded", func.coalesce(row.kind, "").not_in(NO_REFUND_KINDS))


def cuts(dimensions: tuple[Dimension, ...], scope: Scope) -> tuple[Dimension, ...]:
    """The line keys a question needs, the filter's included."""
    found = [dimension for dimension in dimensions if dimension.level == "line"]
    if scope.sources and DIMENSIONS["source"] not in found:
        found.append(DIMENSIONS["source"])
    return tuple(found)


def orders_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """Orders, or parts of orders, with one ``key_…`` column a line dimension asked for."""
    wanted = cuts(dimensions, scope)
    if not wanted:
        return tables.orders
    shown = tuple(dimension for dimension in dimensions if dimension.level == "line")
    easy = all(dimension.on_order for dimension in wanted)
    single = _single(wanted, easy)
    whole = _whole_by_order(shown, scope) if easy else _whole_by_line(shown, frame, scope)
    return union_all(whole.where(single), _parts(shown, frame, scope, not_(single))).subquery("parts")


def _single(wanted: tuple[Dimension, ...], easy: bool) -> ColumnElement[bool]:
    """Orders whose lines all have the same keys, as far as the order row tells."""
    orders = tables.orders.c
    if not easy:
        return orders.lines == 1
    return and_(*(known(orders[dimension.on_order or ""]) != MIXED for dimension in wanted))


def _in_sources(source: Expression, scope: Scope) -> list[ColumnElement[bool]]:
    return [source.in_(scope.sources)] if scope.sources else []


def _whole_by_order(shown: tuple[Dimension, ...], scope: Scope) -> Select[Any]:
    orders = tables.orders.c
    keys = [known(orders[dimension.on_order or ""]).label(key_name(dimension)) for dimension in shown]
    return select(*orders, *keys).where(*_in_sources(known(orders.source), scope))


def _on_order(rows: Any) -> ColumnElement[bool]:
    orders = tables.orders.c
    return and_(orders.shop_id == rows.shop_id, orders.order_id == rows.order_id)


def _whole_by_line(shown: tuple[Dimension, ...], frame: Frame, scope: Scope) -> Select[Any]:
    lines = tables.ORDER_LINES.table
    keys = [line_key(dimension, lines.c, frame).label(key_name(dimension)) for dimension in shown]
    return (
        select(*tables.orders.c, *keys)
        .select_from(tables.orders.join(lines, _on_order(lines.c)))
        .where(lines.c.counted, *_in_sources(known(lines.c.source), scope))
    )


def _parts(
    shown: tuple[Dimension, ...], frame: Frame, scope: Scope, shared: ColumnElement[bool]
) -> Select[Any]:
    """The orders with several keys: one row for each order and combination of shown keys."""
    lines = _shared_money(_shared_lines(shown, frame, shared))
    grouping = [lines.c.shop_id, lines.c.order_id, *(lines.c[key_name(dimension)] for dimension in shown)]
    sums = [
        func.sum(lines.c[name]).label(name) for name in (*OF_RECORD, *AS_EXPORTED, "refund_amount", "units")
    ]
    grouped = (
        select(*grouping, *sums)
        .where(*_in_sources(lines.c.line_source, scope))
        .group_by(*grouping)
        .subquery("order_parts")
    )
    replaced = {column.name for column in sums}
    columns = [grouped.c[column.name] if column.name in replaced else column for column in tables.orders.c]
    keys = [grouped.c[key_name(dimension)] for dimension in shown]
    return select(*columns, *keys).select_from(tables.orders.join(grouped, _on_order(grouped.c)))


def _shared_lines(shown: tuple[Dimension, ...], frame: Frame, shared: ColumnElement[bool]) -> FromClause:
    """Lines of orders with several keys, beside the amounts of their order and their own refunds."""
    orders, lines, refunds = tables.orders, tables.ORDER_LINES.table, _refunds_by_line()
    on_line = and_(
        refunds.c.shop_id == lines.c.shop_id,
        refunds.c.order_id == lines.c.order_id,
        refunds.c.line_id == lines.c.line_id,
    )
    amounts = (*OF_RECORD, "refund_amount")
    return (
        select(
            *(lines.c[name] for name in ("shop_id", "order_id", "line_id", *OF_RECORD, *AS_EXPORTED)),
            lines.c.quantity.label("units"),
            known(lines.c.source).label("line_source"),
            func.coalesce(lines.c.unit_price * lines.c.quantity, 0).label("list_amount"),
            func.coalesce(lines.c.paid_amount, lines.c.unit_price * lines.c.quantity, 0).label("paid_weight"),
            *(orders.c[name].label(f"order_{name}") for name in amounts),
            func.coalesce(refunds.c.refund_amount, 0).label("own_refund"),
            *(line_key(dimension, lines.c, frame).label(key_name(dimension)) for dimension in shown),
        )
        .select_from(lines.join(orders, _on_order(lines.c)).outerjoin(refunds, on_line))
        .where(lines.c.counted, shared)
        .subquery("shared_lines")
    )


def _shared_money(lines: Any) -> Any:
    """Each line's amounts of record and its refunds; refunds without a line go by what was paid."""
    order = (lines.c.shop_id, lines.c.order_id)
    over = {name: func.sum(lines.c[name]).over(partition_by=order) for name in (*OF_RECORD, "own_refund")}
    known_sums = select(
        *lines.c,
        *(over[name].label(f"lines_{name}") for name in OF_RECORD),
        (lines.c.order_refund_amount - over["own_refund"]).label("other_refund"),
    ).subquery("line_sums")
    split = allocated(
        known_sums,
        {
            "paid_amount": ("order_paid_amount", "list_amount"),
            "payable_amount": ("order_payable_amount", "list_amount"),
            "other_refund": ("other_refund", "paid_weight"),
        },
    )
    money = {name: _of_record(split, name) for name in OF_RECORD}
    money["refund_amount"] = split.c.own_refund + func.coalesce(split.c.share_other_refund, 0)
    kept = [column for column in split.c if column.name not in money]
    return select(*kept, *(amount.label(name) for name, amount in money.items())).subquery("shared_money")


def _of_record(split: Any, name: str) -> Expression:
    whole = split.c[f"order_{name}"]
    adds_up = or_(split.c[f"lines_{name}"] == whole, whole.is_(None))
    return case((adds_up, split.c[name]), else_=split.c[f"share_{name}"])


def _refunds_by_line() -> FromClause:
    rows = tables.AFTERSALES.table.c
    key = (rows.shop_id, rows.order_id, rows.line_id)
    return (
        select(*key, func.sum(rows.refund_amount).label("refund_amount"))
        .where(refund_succeeded(rows), rows.line_id.is_not(None))
        .group_by(*key)
        .subquery("line_refunds")
    )

"""Refunds and the lines of the order they are about.

An after-sale that names no line is about the line of its merchant code or product: Taobao's refunds name a
code (商家编码), never a line.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import FromClause, and_, func, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store import tables

NO_REFUND_KINDS = ("exchange", "resend", "repair")
# Two files may date one order differently; never by so much, nor an after-sale before its order.
APART = timedelta(days=31)


def refund_succeeded(row: Any) -> ColumnElement[bool]:
    """Whether an after-sale row paid money back for good."""
    return and_(row.status == "refunded", func.coalesce(row.kind, "").not_in(NO_REFUND_KINDS))


def dated_since(moment: ColumnElement[datetime], since: datetime | None) -> list[ColumnElement[bool]]:
    """Rows that may belong to orders placed from ``since`` on; rows without the time may too."""
    return [] if since is None else [or_(moment >= since - APART, moment.is_(None))]


def named_lines(since: datetime | None, *where: Any) -> FromClause:
    """``shop_id``, ``aftersale_id``, ``order_id``, ``line_id`` and ``refund_amount`` of after-sales without a
    line whose code, else whose product, is that of a counted line. Of several such lines it is the first:
    ``is_sure`` says that none of them is of another code.

    ``since``: when the first of the orders was placed. ``where``: conditions on ``tables.AFTERSALES``.
    """
    rows, line = tables.AFTERSALES.table.c, tables.ORDER_LINES.table.alias("named_line").c
    of_code, of_product = line.sku_code == rows.sku_code, line.product_id == rows.product_id
    of_order = and_(line.shop_id == rows.shop_id, line.order_id == rows.order_id, line.counted)
    by_code, by_product = (func.min(line.line_id).filter(one) for one in (of_code, of_product))
    alone = by_product == func.max(line.line_id).filter(of_product)
    return (
        select(
            rows.shop_id,
            rows.aftersale_id,
            func.min(rows.order_id).label("order_id"),
            func.coalesce(by_code, by_product).label("line_id"),
            or_(by_code.is_not(None), alone).label("is_sure"),
            func.min(rows.refund_amount).label("refund_amount"),
        )
        .select_from(tables.AFTERSALES.table.join(line.shop_id.table, of_order))
        .where(rows.line_id.is_(None), or_(of_code, of_product), *where)
        .where(*dated_since(rows.applied_at, since), *dated_since(line.placed_at, since))
        .group_by(rows.shop_id, rows.aftersale_id)
        .subquery("named_lines")
    )


def refunds_by_line(since: datetime | None) -> FromClause:
    """``refund_amount`` by ``shop_id``, ``order_id`` and ``line_id``, of refunds that succeeded and are about
    a line."""
    rows = tables.AFTERSALES.table.c
    names = ("shop_id", "order_id", "line_id", "refund_amount")
    told = select(*(rows[name] for name in names)).where(
        refund_succeeded(rows), rows.line_id.is_not(None), *dated_since(rows.applied_at, since)
    )
    named = named_lines(since, refund_succeeded(rows)).c
    every = union_all(told, select(*(named[name] for name in names))).subquery("refunds_of_lines").c
    return (
        select(*(every[name] for name in names[:3]), func.sum(every.refund_amount).label("refund_amount"))
        .group_by(*(every[name] for name in names[:3]))
        .subquery("line_refunds")
    )

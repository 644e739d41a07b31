"""What each paid order is worth now, to the fen: one row an order, from every file that tells its money."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, and_, case, func, select, union_all

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.constructs import month_of
from shopdata.metrics.frame import Frame
from shopdata.metrics.row_relations import settled_commissions
from shopdata.store.closing_tables import AMOUNTS
from shopdata.store.tables import ORDER_LINES, SETTLEMENTS, orders

OF_ORDER = ("paid_amount", "platform_subsidy", "influencer_subsidy", "refund_amount")


def order_money(frame: Frame) -> FromClause:
    """Paid orders of the scope's shops with ``paid_month`` and the amounts of ``closing_tables.AMOUNTS``.

    An amount no file tells is null. Commissions and bills are joined to an order as one sum each, so that no
    amount is counted once a line. An order without a time of payment belongs to the month it was placed in.
    """
    bills = _summed(_of_order(SETTLEMENTS.table, ("platform_fee", "settled_amount")), "bills")
    fees = _summed(_of_order(settled_commissions(), ("commission_settled",)), "fees")
    amounts = {
        **{name: orders.c[name] for name in OF_ORDER},
        "platform_fee": bills.c.platform_fee,
        "commission_settled": fees.c.commission_settled,
        "settled_amount": bills.c.settled_amount,
    }
    return (
        select(
            orders.c.shop_id,
            orders.c.order_id,
            month_of(func.coalesce(orders.c.paid_at, orders.c.placed_at)).label("paid_month"),
            *(_told(frame, name, amounts[name]).label(name) for name in AMOUNTS),
        )
        .select_from(orders.outerjoin(bills, _same(bills)).outerjoin(fees, _same(fees)))
        .where(orders.c.shop_id.in_(frame.ids), orders.c.is_paid)
        .subquery("order_money")
    )


def _told(frame: Frame, name: str, amount: Any) -> Any:
    """The amount in shops whose files tell it, null in the others: unknown is not zero."""
    lacking = frame.lacking(CATALOGUE[name].needs if name in CATALOGUE else ())
    told = amount if name in OF_ORDER else func.coalesce(amount, 0)
    return case((orders.c.shop_id.not_in(list(lacking)), told))


def _of_order(rows: Any, amounts: tuple[str, ...]) -> Any:
    """Rows with the order they belong to; those that name none are looked up by their sub order."""
    lines = ORDER_LINES.table.c
    line = and_(lines.shop_id == rows.c.shop_id, lines.line_id == rows.c.line_id, lines.counted)
    told = [rows.c[name] for name in amounts]
    by_line = select(rows.c.shop_id, lines.order_id, *told).select_from(rows.join(ORDER_LINES.table, line))
    return union_all(
        select(rows.c.shop_id, rows.c.order_id, *told).where(rows.c.order_id.is_not(None)),
        by_line.where(rows.c.order_id.is_(None)),
    ).subquery(f"{rows.name}_of_orders")


def _summed(rows: Any, name: str) -> Any:
    amounts = [func.sum(column).label(column.name) for column in list(rows.c)[2:]]
    return (
        select(rows.c.shop_id, rows.c.order_id, *amounts)
        .group_by(rows.c.shop_id, rows.c.order_id)
        .subquery(name)
    )


def _same(rows: Any) -> Any:
    return and_(rows.c.shop_id == orders.c.shop_id, rows.c.order_id == orders.c.order_id)

"""After-sales, parcels and commissions, each summed up to one row a main order, for the rollup."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, null, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Subquery

from shopdata.store.tables import AFTERSALES, COMMISSIONS, ORDER_LINES, PARCELS
from shopdata.store.touched import Touched

REFUNDED = "refunded"
NO_REFUND_KINDS = ("exchange", "resend", "repair")
RETURN_KIND = "return_refund"
OPEN_STATES = (
    "merchant_pending",
    "buyer_return",
    "merchant_receive",
    "refunding",
    "arbitration",
    "buyer_receive",
    "failed",
)


def refunds(shop_id: int, touched: Touched) -> Subquery:
    """Refunds, returns, disputes and open cases by order. Only successful refunds are money."""
    rows = AFTERSALES.table
    kind = func.coalesce(rows.c.kind, "unknown")
    success = and_(rows.c.status == REFUNDED, kind.not_in(NO_REFUND_KINDS))
    paid_back_at = func.coalesce(rows.c.refunded_at, rows.c.arrived_at, rows.c.finished_at)
    return (
        select(
            rows.c.order_id,
            func.bool_or(success).label("is_refunded"),
            func.bool_or(and_(success, kind == RETURN_KIND)).label("is_returned"),
            func.bool_or(rows.c.dispute).label("is_disputed"),
            func.bool_or(rows.c.status.in_(OPEN_STATES)).label("is_open"),
            func.sum(rows.c.refund_amount).filter(success).label("refund_amount"),
            func.min(rows.c.applied_at).filter(success).label("refund_applied_at"),
            func.min(paid_back_at).filter(success).label("refunded_at"),
        )
        .where(rows.c.shop_id == shop_id, touched.among(rows.c.order_id))
        .group_by(rows.c.order_id)
        .subquery("refunds")
    )


def parcels(shop_id: int, touched: Touched) -> Subquery:
    """Parcels by order. A waybill of the order's own rows that no parcel row knows is one more, unsigned.

    Of a parcel in transit the first leg is shown only: where that ends is no word on signing.
    """
    every = union_all(_known_parcels(shop_id, touched), _named_parcels(shop_id, touched)).subquery()
    all_signed = func.count() == func.count(every.c.signed_at)
    return (
        select(
            every.c.order_id,
            func.count().label("parcels"),
            func.count(every.c.signed_at).label("parcels_signed"),
            func.count().filter(every.c.tracked).label("parcels_tracked"),
            func.min(every.c.shipped_at).label("shipped_at"),
            func.min(every.c.picked_up_at).label("picked_up_at"),
            case((all_signed, func.max(every.c.signed_at))).label("signed_at"),
            func.min(every.c.courier).label("courier"),
            func.min(every.c.waybill).label("waybill"),
            func.bool_or(every.c.transit).label("is_transit"),
        )
        .group_by(every.c.order_id)
        .subquery("parcels_by_order")
    )


def _known_parcels(shop_id: int, touched: Touched) -> Select[Any]:
    """Parcels with a row of their own."""
    rows = PARCELS.table
    names = ("order_id", "waybill", "courier", "shipped_at", "picked_up_at")
    on_its_way = func.coalesce(rows.c.transit, False)
    return select(
        *(rows.c[name] for name in names),
        case((~on_its_way, rows.c.signed_at)).label("signed_at"),
        and_(rows.c.tracked, ~on_its_way).label("tracked"),
        on_its_way.label("transit"),
    ).where(rows.c.shop_id == shop_id, touched.among(rows.c.order_id))


def _named_parcels(shop_id: int, touched: Touched) -> Select[Any]:
    """Waybills that only the order's own rows name."""
    rows, lines = PARCELS.table, ORDER_LINES.table
    has_row = exists().where(
        rows.c.shop_id == shop_id, rows.c.waybill == lines.c.waybill, rows.c.order_id == lines.c.order_id
    )
    nothing: list[ColumnElement[Any]] = [null(), null(), null(), literal(False), literal(False)]
    return (
        select(lines.c.order_id, lines.c.waybill, func.min(lines.c.courier), *nothing)
        .where(lines.c.shop_id == shop_id, touched.among(lines.c.order_id))
        .where(lines.c.waybill.is_not(None), lines.c.waybill != "", ~has_row)
        .group_by(lines.c.order_id, lines.c.waybill)
    )


def balances(shop_id: int, touched: Touched) -> Subquery:
    """Presale facts of the commission file by order: was there a deposit, and when was the balance paid."""
    rows, lines = COMMISSIONS.table, ORDER_LINES.table
    presale = or_(rows.c.deposit_amount > 0, rows.c.balance_paid_at.is_not(None))
    return (
        select(lines.c.order_id, func.max(rows.c.balance_paid_at).label("balance_paid_at"))
        .select_from(rows.join(lines, and_(lines.c.shop_id == shop_id, lines.c.line_id == rows.c.line_id)))
        .where(rows.c.shop_id == shop_id, presale, touched.among(lines.c.order_id))
        .group_by(lines.c.order_id)
        .subquery("balances")
    )

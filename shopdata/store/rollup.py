"""``orders``: one row a main order, made again from its lines, after-sales, parcels and commissions.

Called in the transaction of an import for the orders it touched. An after-sale or a parcel without its order
waits; it never makes an order. What each column means is written beside it in ``tables``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from shopdata.store import line_marks, side_files
from shopdata.store.abnormal_tables import note_due
from shopdata.store.line_totals import FIRST_KNOWN, MONEY, PROGRESS, line_totals
from shopdata.store.tables import orders, shops
from shopdata.store.touched import Touched

Values = dict[str, ColumnElement[Any]]
AS_THEY_ARE = (
    *("order_id", "placed_at", "promised_ship_at", "is_cash_on_delivery", "deposit_pending"),
    *("lines", "units", "source", "influencer_id", "as_of", *MONEY, *FIRST_KNOWN),
)


def refresh_orders(connection: Connection, shop_id: int, touched: Touched) -> None:
    """Make the rows of ``orders`` of the touched orders of a shop again from what is stored now."""
    if touched.any:
        _roll_up(connection, shop_id, touched)
    note_due(connection, shop_id, touched)


def _roll_up(connection: Connection, shop_id: int, touched: Touched) -> None:
    doubled = line_marks.mark_counted(connection, shop_id, touched)
    line_marks.fill_sources(connection, shop_id, touched)
    connection.execute(delete(orders).where(orders.c.shop_id == shop_id, touched.among(orders.c.order_id)))
    query = order_rows(connection, shop_id, touched, doubled=doubled)
    connection.execute(insert(orders).from_select(list(orders.columns.keys()), query))


def order_rows(connection: Connection, shop_id: int, touched: Touched, *, doubled: bool) -> Select[Any]:
    """The query whose rows are the ``orders`` of a shop, its columns those of the table in their order. All
    orders of a shop are not sorted by time: their lines already lie so."""
    shop = connection.execute(select(shops).where(shops.c.id == shop_id)).one()
    lines = line_totals(shop_id, touched, doubled=doubled)
    refunds = side_files.refunds(shop_id, touched)
    parcels = side_files.parcels(shop_id, touched)
    balances = side_files.balances(shop_id, touched)
    joined = lines
    for side in (refunds, parcels, balances):
        joined = joined.outerjoin(side, side.c.order_id == lines.c.order_id)  # type: ignore[assignment]
    values: Values = {
        "shop_id": literal(shop_id, Integer),
        "platform": literal(shop.platform),
        "currency": literal(shop.currency),
    }
    values |= {name: lines.c[name] for name in AS_THEY_ARE}
    values |= _states(lines) | _payment(lines, balances)
    values |= _after_sales(lines, refunds) | _parcels(lines, parcels)
    query = select(*(cast(values[column.name], column.type).label(column.name) for column in orders.columns))
    query = query.select_from(joined)
    return query if touched.everything else query.order_by(lines.c.placed_at.nulls_last())


def _states(lines: FromClause) -> Values:
    done = and_(lines.c.any_done, ~lines.c.any_undone)
    return {
        "status": case(
            *((lines.c.progress == place, name) for place, name in enumerate(PROGRESS)),
            (lines.c.all_closed, "closed"),
            else_="unknown",
        ),
        "is_completed": done,
        "completed_at": case((done, lines.c.completed_at)),
        "is_closed": lines.c.all_closed,
    }


def _payment(lines: FromClause, balances: FromClause) -> Values:
    """Paid by one line is paid; the payment of a presale is its balance."""
    return {
        "is_paid": case((lines.c.any_paid, True), (lines.c.payment_known, False)),
        "paid_at": case((lines.c.any_paid, func.greatest(lines.c.paid_at, balances.c.balance_paid_at))),
        "is_presale": or_(lines.c.is_presale, balances.c.order_id.is_not(None)),
    }


def _after_sales(lines: FromClause, refunds: FromClause) -> Values:
    """Without an after-sale row the order file's after-sale word tells whether, but not how much."""
    untold = refunds.c.order_id.is_(None)
    still_open = func.coalesce(refunds.c.is_open, False)
    return {
        "is_refunded": or_(func.coalesce(refunds.c.is_refunded, False), lines.c.refunded_by_line),
        "is_returned": func.coalesce(refunds.c.is_returned, False),
        "is_disputed": func.coalesce(refunds.c.is_disputed, False),
        "has_open_aftersale": case((untold, lines.c.open_by_line), else_=still_open),
        "refund_amount": func.coalesce(refunds.c.refund_amount, 0),
        "refund_applied_at": refunds.c.refund_applied_at,
        "refunded_at": refunds.c.refunded_at,
    }


def _parcels(lines: FromClause, parcels: FromClause) -> Values:
    shipped_at = func.coalesce(lines.c.shipped_at, parcels.c.shipped_at)
    return {
        "shipped_at": shipped_at,
        "is_shipped": or_(lines.c.any_shipped, shipped_at.is_not(None)),
        "parcels": func.coalesce(parcels.c.parcels, 0),
        "parcels_signed": func.coalesce(parcels.c.parcels_signed, 0),
        "parcels_tracked": func.coalesce(parcels.c.parcels_tracked, 0),
        "picked_up_at": parcels.c.picked_up_at,
        "signed_at": case((~lines.c.is_transit, parcels.c.signed_at)),
        "is_transit": or_(lines.c.is_transit, func.coalesce(parcels.c.is_transit, False)),
        "courier": func.coalesce(parcels.c.courier, lines.c.courier),
        "waybill": func.coalesce(parcels.c.waybill, lines.c.waybill),
    }

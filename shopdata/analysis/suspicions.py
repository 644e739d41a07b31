"""Orders that look wrong by themselves: a waybill used twice, a price far below the product's usual."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, distinct, func, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.constructs import moment, quantiles, real
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame
from shopdata.store import tables

MOST = 5_000
PRICE_DAYS = timedelta(days=90)
FEWEST_PRICES = 20
MEDIAN_REACH = 6 * 1.4826
LOWEST_SHARE = 0.7


def shared_waybills(connection: Connection, frame: Frame) -> tuple[tuple[str, int], ...]:
    """Orders (number, fen paid) whose waybill also stands on an order of another receiver.

    Receivers are told apart by name, phone and address as exported; orders without any are left out.
    """
    parcels, lines, orders = tables.PARCELS.table, tables.ORDER_LINES.table, tables.orders
    key = (parcels.c.shop_id, parcels.c.waybill)
    repeated = (
        select(*key)
        .where(parcels.c.shop_id.in_(frame.ids))
        .group_by(*key)
        .having(func.count(distinct(parcels.c.order_id)) > 1)
        .subquery("repeated")
    )
    receiver = func.concat_ws("|", lines.c.receiver, lines.c.phone, lines.c.address)
    used_again = _same(repeated.c, parcels.c, "waybill")
    rows = (
        select(*key, parcels.c.order_id, func.max(receiver).label("receiver"))
        .select_from(parcels.join(repeated, used_again).join(lines, _same(lines.c, parcels.c, "order_id")))
        .where(receiver != "")
        .group_by(*key, parcels.c.order_id)
        .subquery("receivers")
    )
    shared = (
        select(rows.c.shop_id, rows.c.waybill)
        .group_by(rows.c.shop_id, rows.c.waybill)
        .having(func.count(distinct(rows.c.receiver)) > 1)
        .subquery("shared")
    )
    of_shared = rows.join(shared, _same(shared.c, rows.c, "waybill"))
    statement = (
        select(orders.c.order_id, func.coalesce(orders.c.paid_amount, 0))
        .distinct()
        .select_from(of_shared.join(orders, _same(orders.c, rows.c, "order_id")))
        .order_by(orders.c.order_id)
        .limit(MOST)
    )
    return tuple((order, int(amount)) for order, amount in connection.execute(statement))


def _same(left: Any, right: Any, name: str) -> ColumnElement[bool]:
    return and_(left.shop_id == right.shop_id, left[name] == right[name])


def low_prices(connection: Connection, frame: Frame) -> tuple[tuple[str, int], ...]:
    """Paid orders (number, fen paid) of the last 90 days with a line far below its product's usual price.

    Unit price < median − 6·1.4826·MAD and < 70 % of the median, among at least 20 paid prices of the product
    (0 yuan left out).
    """
    prices = _recent_prices(frame)
    key = (prices.c.shop_id, prices.c.product_id)
    middle = (
        select(*key, quantiles(prices.c.price)[1].label("usual"))
        .group_by(*key)
        .having(func.count() >= FEWEST_PRICES)
        .cte("usual_prices")
    )
    same = _same(middle.c, prices.c, "product_id")
    spread = (
        select(*key, quantiles(func.abs(prices.c.price - middle.c.usual))[1].label("spread"))
        .select_from(prices.join(middle, same))
        .group_by(*key)
        .cte("spreads")
    )
    statement = (
        select(prices.c.order_id, prices.c.paid_amount)
        .select_from(prices.join(middle, same).join(spread, _same(spread.c, prices.c, "product_id")))
        .where(
            prices.c.price < middle.c.usual - MEDIAN_REACH * spread.c.spread,
            prices.c.price < LOWEST_SHARE * middle.c.usual,
        )
        .order_by(prices.c.order_id)
        .limit(MOST)
    )
    return tuple((order, int(amount)) for order, amount in connection.execute(statement))


def _recent_prices(frame: Frame) -> Any:
    lines = tables.ORDER_LINES.table.c
    since = {
        shop.id: shop.as_of["orders"] - PRICE_DAYS if "orders" in shop.as_of else None for shop in frame.shops
    }
    price = (real(lines.paid_amount) / lines.quantity).label("price")
    return (
        select(lines.shop_id, lines.order_id, lines.product_id, lines.paid_amount, price)
        .where(
            lines.shop_id.in_(frame.ids),
            lines.counted,
            lines.paid_at >= per_shop(lines.shop_id, since, moment),
            lines.paid_amount > 0,
            lines.quantity > 0,
            lines.product_id.is_not(None),
        )
        .cte("prices")
    )

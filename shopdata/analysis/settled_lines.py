"""Lines a commission file tells as settled: what was charged on which base, for orders paid in a period.

A rate that was really charged is a sum of these charges over the sum of the same rows' bases. Bonuses and
promotion fees stand in columns of their own and are no part of it; the settlement bill has no base.
"""

from __future__ import annotations

from sqlalchemy import Subquery, and_, func, select

from shopdata.metrics.dimensions import known, line_key
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame
from shopdata.metrics.partners import LEADER, LED_BY
from shopdata.metrics.query import window
from shopdata.metrics.relation import key_name
from shopdata.scope import Scope
from shopdata.store import tables


def settled_lines(frame: Frame, scope: Scope) -> Subquery:
    """One row a settled row of a party with a base: who sold, who led, product, plan, pay time, fen."""
    rows, lines, orders = tables.COMMISSIONS.table, tables.ORDER_LINES.table, tables.orders
    line = and_(lines.c.shop_id == rows.c.shop_id, lines.c.line_id == rows.c.line_id, lines.c.counted)
    order = and_(orders.c.shop_id == lines.c.shop_id, orders.c.order_id == lines.c.order_id)
    columns = [
        rows.c.shop_id,
        rows.c.line_id,
        (rows.c.party + " " + rows.c.party_id).label("row_key"),
        (rows.c.party == LEADER).label("to_leader"),
        line_key(LED_BY, lines.c, frame).label(key_name(LED_BY)),
        lines.c.influencer_id,
        func.coalesce(lines.c.influencer_name, rows.c.party_name).label("influencer_name"),
        func.coalesce(lines.c.product_id, rows.c.product_id).label("product_id"),
        func.coalesce(lines.c.product_name, rows.c.product_name).label("product_name"),
        rows.c.plan_type,
        orders.c.paid_at,
        rows.c.commission_settled.label("charged"),
        rows.c.settled_base.label("base"),
    ]
    chosen = (
        select(*columns)
        .select_from(rows.join(lines, line).join(orders, order))
        .where(
            *window(scope, Facts(orders.c, frame, {}, "paid_at"), "paid_at"),
            rows.c.settled_at.is_not(None),
            rows.c.settled_base > 0,
            rows.c.commission_settled.is_not(None),
        )
    )
    if scope.sources:
        chosen = chosen.where(known(lines.c.source).in_(scope.sources))
    return chosen.subquery("settled_lines")

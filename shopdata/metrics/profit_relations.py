"""Relations of what sold goods cost, and of what insurance and compensation took from the account.

Goods count on their order's day, one row a line. Movements hang on no order for the most part: they count on
their own day whatever the basis.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Subquery, and_, case, exists, func, not_, or_, select, true

from shopdata.metrics.constructs import Expression
from shopdata.metrics.dimensions import Dimension, known, line_key
from shopdata.metrics.frame import Frame
from shopdata.metrics.refund_lines import refund_succeeded
from shopdata.metrics.relation import key_name
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.store.own_entities import COSTS

OF_ORDER = ("placed_at", "paid_at", "is_paid", "province", "city", "courier", "pay_method", "payable_amount")
INSURANCE, COMPENSATION = ("insurance",), ("compensation", "small_payment")
LINES, ORDERS = tables.ORDER_LINES.table, tables.orders


def goods_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row a counted line: what its pieces cost, and how many of them have no cost in any file.

    A line whose goods came back, or never left, costs nothing: refunded in full and returned or not shipped.
    Money refunded without the goods coming back leaves the cost.
    """
    goods, packaging = _prices("goods"), _prices("packaging")
    day = func.coalesce(ORDERS.c.paid_at, ORDERS.c.placed_at)
    joined = LINES.join(ORDERS, _same_order(LINES.c))
    joined = joined.outerjoin(goods, _holds(goods, day)).outerjoin(packaging, _holds(packaging, day))
    units = func.coalesce(LINES.c.quantity, 1)
    price = goods.c.amount + func.coalesce(packaging.c.amount, 0)
    columns = [
        LINES.c.shop_id,
        LINES.c.order_id,
        *(ORDERS.c[name] for name in OF_ORDER),
        and_(func.coalesce(ORDERS.c.is_paid, False), not_(_came_back())).label("is_kept"),
        (units * price).label("line_cost"),
        case((goods.c.amount.is_(None), units), else_=0).label("uncosted"),
        *(
            known(line_key(one, LINES.c, frame)).label(key_name(one))
            for one in dimensions
            if one.level == "line"
        ),
    ]
    chosen = select(*columns).select_from(joined).where(LINES.c.counted)
    if scope.sources:
        chosen = chosen.where(known(LINES.c.source).in_(scope.sources))
    return chosen.subquery("goods_rows")


def funds_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row a movement: what it took for insurance, and for compensation and small payments to buyers."""
    flow = tables.FUNDS.table.c
    taken = case((flow.direction == "out", flow.amount), (flow.direction == "in", -flow.amount), else_=0)

    def of(scenes: tuple[str, ...]) -> Expression:
        return case((flow.scene.in_(scenes), taken), else_=0)

    return (
        select(
            flow.shop_id,
            flow.moved_at.label("placed_at"),
            flow.moved_at.label("paid_at"),
            true().label("is_paid"),
            of(INSURANCE).label("moved_insurance"),
            of(COMPENSATION).label("moved_compensation"),
        )
        .where(flow.scene.in_((*INSURANCE, *COMPENSATION)))
        .subquery("fund_rows")
    )


def _same_order(rows: Any) -> Any:
    return and_(ORDERS.c.shop_id == rows.shop_id, ORDERS.c.order_id == rows.order_id)


def _prices(kind: str) -> Subquery:
    """What a piece of each merchant code costs and from when to when; the next row of the code ends the one
    before it."""
    rows = COSTS.table.c
    one = (
        select(rows.shop_id, rows.sku_code, rows.from_day, func.max(rows.amount).label("amount"))
        .where(rows.kind == kind, rows.sku_code.is_not(None))
        .group_by(rows.shop_id, rows.sku_code, rows.from_day)
        .subquery(f"{kind}_costs")
    )
    until = func.lead(one.c.from_day).over(
        partition_by=(one.c.shop_id, one.c.sku_code), order_by=one.c.from_day.asc().nulls_first()
    )
    return select(*one.c, until.label("until")).subquery(f"{kind}_prices")


def _holds(price: Subquery, day: Expression) -> Any:
    return and_(
        price.c.shop_id == LINES.c.shop_id,
        price.c.sku_code == LINES.c.sku_code,
        or_(price.c.from_day.is_(None), price.c.from_day <= day),
        or_(price.c.until.is_(None), day < price.c.until),
    )


def _came_back() -> Any:
    """Whether the goods of the line are with the shop: refunded in full, and returned or never shipped.

    A refund of the line tells it, else those of the whole order. A line refunded as never shipped stayed,
    though others of its order were shipped.
    """
    rows = tables.AFTERSALES.table.c
    stayed = not_(func.coalesce(ORDERS.c.is_shipped, False))
    whole = and_(
        ORDERS.c.refund_amount > 0,
        ORDERS.c.refund_amount >= ORDERS.c.paid_amount,
        or_(func.coalesce(ORDERS.c.is_returned, False), stayed),
    )
    line = exists().where(
        rows.shop_id == LINES.c.shop_id,
        rows.line_id == LINES.c.line_id,
        refund_succeeded(rows),
        rows.refund_amount > 0,
        rows.refund_amount >= LINES.c.paid_amount,
        or_(rows.kind == "return_refund", stayed, and_(ORDERS.c.lines > 1, rows.kind == "refund_unshipped")),
    )
    return func.coalesce(or_(whole, line), False)

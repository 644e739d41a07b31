"""Relations whose rows are not orders: after-sales, commissions, settlements, parcels, buyers.

After-sales, commissions and settlements keep every row (outer joins): one whose order or line no file has
brought is ``unknown``, not lost.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    Boolean,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from shopdata.metrics.constructs import Expression
from shopdata.metrics.dimensions import Dimension, known, line_key
from shopdata.metrics.frame import Frame
from shopdata.metrics.refund_lines import refund_succeeded
from shopdata.metrics.relation import key_name, orders_relation
from shopdata.metrics.row_periods import Period, bill_entries, counted_lines
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.store.personal import buyer_of

OF_ORDER = (
    "placed_at", "paid_at", "completed_at", "is_paid", "is_cash_on_delivery", "is_refunded", "as_of",
)  # fmt: skip
SPLIT_BY = ("province", "city", "courier", "pay_method", "payable_amount")
LEADER = "leader"
LAYERS = ("influencer", "leader", "service")
ENDED = ("refunded", "invalid")


def aftersales_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row an after-sale, with its order's columns and its line's keys."""
    rows = tables.AFTERSALES.table
    succeeded = refund_succeeded(rows.c)
    columns = [
        rows.c.shop_id,
        rows.c.order_id,
        func.coalesce(rows.c.refunded_at, rows.c.arrived_at, rows.c.finished_at).label("refunded_at"),
        rows.c.applied_at,
        rows.c.refund_amount.label("refund_row_amount"),
        succeeded.label("refund_succeeded"),
        and_(succeeded, rows.c.kind == "return_refund").label("return_succeeded"),
        rows.c.dispute.label("dispute_raised"),
    ]
    return _with_order_and_line(rows, columns, frame, scope, dimensions, "aftersale_rows")


def commissions_relation(
    frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...], period: Period | None = None
) -> FromClause:
    """One row an order line of the commission files: all layers, what was paid for it, and when.

    What they do not tell as settled of a line, its influencer's or its leader's part, is told by the bill's
    entries beside it (``by_file`` false). Rows that cannot belong to ``period`` may be left out.
    """
    rows = _line_commissions(period)
    own_paid = func.coalesce(counted_lines(period).c.paid_amount, rows.c.row_paid_amount)
    columns = [
        *rows.c,
        *(_all_layers(rows.c, stage) for stage in ("estimated", "settled", "unsettled")),
        own_paid.label("line_paid"),
    ]
    return _with_order_and_line(rows, columns, frame, scope, dimensions, "commission_lines", period)


def settled_commissions() -> Subquery:
    """``commission_settled`` of all layers a row of ``commissions_relation``, without its order and line."""
    rows = _line_commissions().c
    return select(rows.shop_id, rows.line_id, rows.order_id, _all_layers(rows, "settled")).subquery(
        "settled_commissions"
    )


def _line_commissions(period: Period | None = None) -> Subquery:
    by_file = _commissions_by_line(period)
    return union_all(select(*by_file.c), _charged_by_bill(by_file, period)).subquery("line_commissions")


def settlements_relation(
    frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...], period: Period | None = None
) -> FromClause:
    """One row an entry of a settlement bill, with its order's columns and its line's keys.

    Entries that cannot belong to ``period`` may be left out.
    """
    rows = bill_entries(period)
    columns = [
        rows.c.shop_id,
        rows.c.order_id,
        rows.c.settled_at.label("row_settled_at"),
        rows.c.settled_amount.label("row_settled_amount"),
        rows.c.platform_fee.label("row_platform_fee"),
    ]
    return _with_order_and_line(rows, columns, frame, scope, dimensions, "settlement_rows", period)


def _commissions_by_line(period: Period | None) -> Any:
    """What the commission files say of each line, all parties added up."""
    rows = tables.COMMISSIONS.table.c
    leads, others = rows.party == LEADER, rows.party != LEADER
    waits = and_(not_(_is_settled(rows)), func.coalesce(rows.status, "").not_in(ENDED))
    layers = {
        "estimated_influencer": _sum(case((others, _plus(rows.commission_estimated, rows.bonus_estimated)))),
        "estimated_leader": _sum(case((leads, rows.commission_estimated))),
        "estimated_service": _sum(rows.promotion_estimated),
        "settled_influencer": _sum(case((others, _plus(rows.commission_settled, rows.bonus_settled)))),
        "settled_leader": _sum(case((leads, rows.commission_settled))),
        "settled_service": _sum(rows.promotion_settled),
        "unsettled_influencer": _sum(
            case((and_(others, waits), _plus(rows.commission_estimated, rows.bonus_estimated)))
        ),
        "unsettled_leader": _sum(case((and_(leads, waits), rows.commission_estimated))),
        "unsettled_service": _sum(case((waits, rows.promotion_estimated))),
    }
    return (
        select(
            rows.shop_id,
            rows.line_id,
            func.max(rows.order_id).label("order_id"),
            true().label("by_file"),
            func.bool_or(and_(leads, _is_settled(rows)), type_=Boolean).label("leader_told"),
            func.bool_or(and_(others, _is_settled(rows)), type_=Boolean).label("influencer_told"),
            *(total.label(f"commission_{name}") for name, total in layers.items()),
            func.max(rows.settled_base).label("settled_base"),
            func.max(rows.paid_amount).label("row_paid_amount"),
            func.min(rows.paid_at).label("row_paid_at"),
            func.max(rows.settled_at).label("row_settled_at"),
        )
        .where(*([rows.line_id.in_(period.told_lines)] if period else []))
        .group_by(rows.shop_id, rows.line_id)
        .cte("filed_commissions")
    )


def _is_settled(rows: Any) -> Expression:
    amounts = (rows.commission_settled, rows.bonus_settled, rows.promotion_settled)
    return or_(rows.settled_at.is_not(None), *(func.coalesce(amount, 0) != 0 for amount in amounts))


def _charged_by_bill(by_file: Any, period: Period | None) -> Select[Any]:
    """The bill's entries in the columns of ``by_file``, each layer only where no commission file told it.

    Promotion fees stand in the influencer's file, so they go with that layer.
    """
    entries = bill_entries(period)
    rows: Any = entries.c
    of_leader, of_influencer = (
        not_(func.coalesce(by_file.c[f"{party}_told"], False)) for party in ("leader", "influencer")
    )
    service = (rows.commission_service, rows.offsite_promotion, rows.commission_channel)
    own = {
        "shop_id": rows.shop_id,
        "line_id": rows.line_id,
        "order_id": rows.order_id,
        "by_file": false(),
        "commission_settled_influencer": case((of_influencer, rows.commission_influencer)),
        "commission_settled_leader": case((of_leader, rows.commission_leader)),
        "commission_settled_service": case((of_influencer, _added(*service))),
        "row_settled_at": rows.settled_at,
    }
    columns = [own.get(one.name, cast(null(), one.type)).label(one.name) for one in by_file.c]
    same = and_(by_file.c.shop_id == rows.shop_id, by_file.c.line_id == rows.line_id)
    joined = entries.outerjoin(by_file, same)
    return select(*columns).select_from(joined).where(or_(of_leader, of_influencer))


def parcels_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row a parcel a parcel file told about, with the columns of its order and its own times; parcels in
    transit left out: their file shows the first leg only."""
    parcels = tables.PARCELS.table.c
    base = orders_relation(frame, scope, dimensions)
    own = {
        "courier": func.coalesce(parcels.courier, base.c.courier),
        "shipped_at": func.coalesce(parcels.shipped_at, base.c.shipped_at),
        "picked_up_at": parcels.picked_up_at,
        "signed_at": parcels.signed_at,
    }
    columns = [own.get(column.key, column).label(column.key) for column in base.c]
    same = and_(parcels.shop_id == base.c.shop_id, parcels.order_id == base.c.order_id, parcels.tracked)
    same = and_(same, ~func.coalesce(parcels.transit, base.c.is_transit, False))
    return select(*columns).select_from(base.join(tables.PARCELS.table, same)).subquery("parcel_rows")


def buyers_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """Orders with the time their buyer first paid anything in the data."""
    base, orders = orders_relation(frame, scope, dimensions), tables.orders.c
    buyer, own = same_buyer(orders.buyer_id, frame), same_buyer(base.c.buyer_id, frame)
    first = (
        select(orders.shop_id, buyer.label("buyer_id"), func.min(orders.paid_at).label("first_paid_at"))
        .where(orders.is_paid, orders.buyer_id.is_not(None))
        .group_by(orders.shop_id, buyer)
        .subquery("first_paid")
    )
    joined = base.join(first, and_(first.c.shop_id == base.c.shop_id, first.c.buyer_id == own))
    columns = [first.c.buyer_id if column.key == "buyer_id" else column for column in base.c]
    return select(*columns, first.c.first_paid_at).select_from(joined).subquery("buyer_orders")


def same_buyer(buyer_id: Expression, frame: Frame) -> Expression:
    """A buyer's id in one form before and after it was erased."""
    return buyer_id if frame.buyer_secret is None else buyer_of(buyer_id, frame.buyer_secret)


def _all_layers(columns: Any, stage: str) -> Expression:
    name = f"commission_{stage}"
    return _added(*(columns[f"{name}_{layer}"] for layer in LAYERS)).label(name)


def _added(*amounts: Expression) -> Expression:
    """The sum of the amounts there are; null where there are none."""
    given = or_(*(amount.is_not(None) for amount in amounts))
    return case((given, reduce(add, (func.coalesce(amount, 0) for amount in amounts))))


def _plus(amount: Expression, bonus: Expression) -> Expression:
    return func.coalesce(amount, 0) + func.coalesce(bonus, 0)


def _sum(amount: Expression) -> Expression:
    return func.coalesce(func.sum(amount), 0)


def _with_order_and_line(
    rows: Any,
    columns: list[Any],
    frame: Frame,
    scope: Scope,
    dimensions: tuple[Dimension, ...],
    name: str,
    period: Period | None = None,
) -> FromClause:
    orders, lines = tables.orders, counted_lines(period)
    line = and_(lines.c.shop_id == rows.c.shop_id, lines.c.line_id == rows.c.line_id)
    own_order = func.coalesce(rows.c.order_id, lines.c.order_id)
    order = and_(orders.c.shop_id == rows.c.shop_id, orders.c.order_id == own_order)
    keys = [
        known(line_key(dimension, lines.c, frame)).label(key_name(dimension))
        for dimension in dimensions
        if dimension.level == "line"
    ]
    carried = [orders.c[column] for column in (*OF_ORDER, *SPLIT_BY)]
    chosen = select(*columns, *carried, *keys).select_from(
        rows.outerjoin(lines, line).outerjoin(orders, order)
    )
    if scope.sources:
        chosen = chosen.where(known(lines.c.source).in_(scope.sources))
    return chosen.subquery(name)

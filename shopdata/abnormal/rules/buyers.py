"""Buyers who do not pay, buy or send back out of the ordinary. Suspicions only: they accuse nobody.

A buyer is known by the platform's buyer id, an address only where it is told in full. Neither is kept with a
hit: it speaks of an order.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    FrameClause,
    FrameClauseType,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, no, yes
from shopdata.abnormal.rules.words import told
from shopdata.metrics.constructs import Expression, real
from shopdata.metrics.definition import Need
from shopdata.store.engine_duckdb import quantile
from shopdata.store.personal import CIPHER, HIDING
from shopdata.store.tables import ORDER_LINES, orders

BUYER = (Need("orders", "buyer_id"),)
LOOK_BACK, RECENT = timedelta(days=90), timedelta(days=21)
Z, RARE = 1.96, 0.999


def _since(ground: Ground, back: timedelta = LOOK_BACK) -> Any:
    return ground.shop.as_of["orders"] - back


def address_of(lines: Any) -> Expression:
    """Where an order goes, as one text without blanks; null where it is hidden or not told."""
    whole = func.replace(func.concat(lines.province, lines.city, lines.district, lines.address), " ", "")
    secret = or_(*(lines.address.startswith(sign, autoescape=True) for sign in CIPHER))
    hidden = or_(*(lines.address.contains(sign, autoescape=True) for sign in HIDING))
    return case((or_(lines.address.is_(None), lines.address == "", secret), null()), (not_(hidden), whole))


def _often(ground: Ground, rows: Any, times: int) -> Select[Any]:
    """Orders of ``rows`` (``who``, ``placed_at`` …) that are at least the so-manieth of theirs in time."""
    before = func.lag(rows.c.placed_at, times - 1).over(partition_by=rows.c.who, order_by=rows.c.placed_at)
    counted = select(rows, before.label("before")).subquery("counted")
    c = counted.c
    within = c.placed_at - c.before <= literal(ground.span("within"))
    return hit(
        ground,
        counted,
        (c.before.is_not(None), within, *ground.recent(c.placed_at)),
        subject=c.order_id,
        order_id=c.order_id,
        dated_at=c.placed_at,
        since=c.placed_at,
        measure=literal(times),
        amount=c.amount,
        as_of=c.as_of,
        evidence={"first_at": c.before, "orders": literal(times)},
    )


def _unpaid_repeat(ground: Ground) -> Select[Any]:
    o, lines = orders.c, ORDER_LINES.table.c
    who = func.coalesce(o.buyer_id, address_of(lines))
    recent = lines.placed_at >= _since(ground, RECENT)
    of_order = and_(lines.shop_id == o.shop_id, lines.order_id == o.order_id, lines.counted, recent)
    never = (o.is_paid.is_(False), no(o.is_cash_on_delivery), no(o.deposit_pending))
    rows = (
        select(
            o.order_id,
            func.min(who).label("who"),
            func.min(o.placed_at).label("placed_at"),
            func.min(o.payable_amount).label("amount"),
            func.min(o.as_of).label("as_of"),
        )
        .select_from(orders.join(ORDER_LINES.table, of_order))
        .where(o.shop_id == ground.shop.id, o.placed_at >= _since(ground, RECENT), *never, who.is_not(None))
        .group_by(o.order_id)
        .subquery("unpaid_orders")
    )
    return _often(ground, rows, round(ground.limit("orders")))


def _frequent(ground: Ground) -> Select[Any]:
    """Orders that make it as many within the days as one buyer of a thousand has at most, or more."""
    o = orders.c
    week = FrameClause(ground.span("within"), None, FrameClauseType.PRECEDING, FrameClauseType.CURRENT)
    lately = func.count().over(partition_by=o.buyer_id, order_by=o.placed_at, range_=week)
    rows = (
        select(o.order_id, o.buyer_id, o.placed_at, o.paid_amount, o.as_of, lately.label("orders"))
        .where(o.shop_id == ground.shop.id, o.placed_at >= _since(ground), o.is_paid, o.buyer_id.is_not(None))
        .cte("paid_orders")
    )
    c = rows.c
    most = select(func.max(c.orders).label("orders")).group_by(c.buyer_id).subquery("most_of_buyers")
    usual = select(quantile(most.c.orders, RARE)).scalar_subquery()
    limit = func.greatest(ground.limit("orders"), usual)
    return hit(
        ground,
        rows,
        (c.orders >= limit, *ground.recent(c.placed_at)),
        subject=c.order_id,
        order_id=c.order_id,
        dated_at=c.placed_at,
        since=c.placed_at,
        measure=c.orders,
        limit_value=limit,
        amount=c.paid_amount,
        as_of=c.as_of,
    )


def _lower_bound(part: Expression, whole: Expression) -> Expression:
    """The lower end of Wilson's 95 % interval of a share."""
    n, share = real(whole), real(part) / whole
    middle, spread = share + Z * Z / (2 * n), Z * func.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (middle - spread) / (1 + Z * Z / n)


def refunders(ground: Ground) -> Any:
    """Buyers of the last 90 days: orders, refunds, the latest refunded order, beside it the shop's rate."""
    o = orders.c
    mine = (o.shop_id == ground.shop.id, o.is_paid, o.placed_at >= _since(ground))
    rate = select(func.avg(case((yes(o.is_refunded), 1.0), else_=0.0))).where(*mine).scalar_subquery()
    refunded = func.count().filter(yes(o.is_refunded))
    return (
        select(
            o.buyer_id,
            func.count().label("orders"),
            refunded.label("refunds"),
            func.max(o.order_id).filter(yes(o.is_refunded)).label("order_id"),
            func.max(o.placed_at).filter(yes(o.is_refunded)).label("placed_at"),
            func.sum(o.refund_amount).label("amount"),
            func.max(o.as_of).label("as_of"),
            rate.label("shop_rate"),
        )
        .where(*mine, o.buyer_id.is_not(None))
        .group_by(o.buyer_id)
        .having(refunded >= ground.limit("refunds"))
        .subquery("refunders")
    )


def _refunds_often(ground: Ground) -> Select[Any]:
    buyers = refunders(ground)
    c = buyers.c
    above = _lower_bound(c.refunds, c.orders) > ground.limit("times") * c.shop_rate
    return hit(
        ground,
        buyers,
        (above, *ground.recent(c.placed_at)),
        subject=c.order_id,
        order_id=c.order_id,
        dated_at=c.placed_at,
        since=c.placed_at,
        measure=c.refunds,
        amount=c.amount,
        as_of=c.as_of,
        evidence={"orders": c.orders, "refunds": c.refunds, "shop_rate": c.shop_rate},
    )


def _cluster(ground: Ground) -> Select[Any]:
    """Several receivers at one address within days, points of collection left out."""
    o, lines = orders.c, ORDER_LINES.table.c
    place = address_of(lines)
    of_order = and_(o.shop_id == lines.shop_id, o.order_id == lines.order_id)
    receiver = func.coalesce(o.buyer_id, func.concat_ws("|", lines.receiver, lines.phone))
    first = (
        select(
            place.label("who"),
            func.min(o.placed_at).label("placed_at"),
            func.min(o.order_id).label("order_id"),
            func.min(o.paid_amount).label("amount"),
            func.min(o.as_of).label("as_of"),
        )
        .select_from(ORDER_LINES.table.join(orders, of_order))
        .where(
            lines.shop_id == ground.shop.id,
            lines.placed_at >= _since(ground, RECENT),
            o.placed_at >= _since(ground, RECENT),
            o.is_paid,
            place.is_not(None),
            receiver != "",
            not_(told(lines.address, "collection_point")),
        )
        .group_by(place, receiver)
        .subquery("first_orders")
    )
    return _often(ground, first, round(ground.limit("buyers")))


WITHIN, REFUNDS = Limit("within", 7, "days"), Limit("refunds", 3, "orders", ours=True)
RULES = (
    Rule(
        "unpaid_repeat", "order", "medium", "orders", _unpaid_repeat, whole=True,
        confidence=0.5, acts_within=7, version=2,
        limits=(Limit("orders", 3, "orders", ours=True), WITHIN), needs=(Need("orders", "paid_at"),),
    ),
    Rule(
        "buyer_frequent", "order", "medium", "orders", _frequent, whole=True,
        confidence=0.5, acts_within=7, version=2,
        limits=(Limit("orders", 10, "orders", ours=True), WITHIN), needs=BUYER,
    ),
    Rule(
        "buyer_refunds_often", "order", "medium", "orders", _refunds_often, whole=True,
        confidence=0.5, acts_within=30,
        limits=(REFUNDS, Limit("times", 2, "number", ours=True)), needs=BUYER,
    ),
    Rule(
        "address_cluster", "order", "low", "buyers", _cluster, whole=True,
        confidence=0.5, acts_within=7, version=2,
        limits=(Limit("buyers", 5, "buyers", ours=True), WITHIN), needs=(Need("orders", "address"),),
    ),
)  # fmt: skip

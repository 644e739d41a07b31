"""Rows that contradict themselves: times in the wrong order, states without proof, sums that do not add up.

They are checks of data: most of them ask for another look or another export.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, no, yes
from shopdata.abnormal.rules.words import told
from shopdata.metrics.constructs import Expression, seconds_between
from shopdata.metrics.definition import Need

TOLERANCE = Limit("tolerance", 5, "fen")


def _of_order(ground: Ground, *where: Any, **columns: object) -> Select[Any]:
    c = ground.orders.c
    common = {
        "subject": c.order_id,
        "order_id": c.order_id,
        "dated_at": c.placed_at,
        "amount": c.paid_amount,
        "as_of": c.as_of,
    }
    return hit(ground, ground.orders, (ground.mine(ground.orders), *where), **common | columns)


def _inverted(ground: Ground) -> Select[Any]:
    """How far the worst pair of times is in the wrong order, in seconds."""
    c = ground.orders.c
    pairs = (
        (c.placed_at, c.paid_at),
        (c.paid_at, c.shipped_at),
        (c.shipped_at, c.signed_at),
        (c.signed_at, c.completed_at),
        (c.refund_applied_at, c.refunded_at),
    )
    wrong = or_(*(later < earlier for earlier, later in pairs))
    by = func.greatest(*(func.coalesce(seconds_between(later, earlier), 0) for earlier, later in pairs))
    early = seconds_between(c.shipped_at, c.paid_at) >= ground.span("shipped_early").total_seconds()
    return _of_order(
        ground,
        wrong,
        by > ground.limit("tolerance"),
        no(c.is_cash_on_delivery),
        since=c.placed_at,
        high_from=case((yes(early), c.placed_at)),
        measure=by,
        evidence={one.name: one for one in dict.fromkeys(at for pair in pairs for at in pair)},
    )


def _contradiction(ground: Ground) -> Select[Any]:
    c = ground.orders.c
    unpaid = and_(c.is_completed, c.is_paid.is_(False))
    unsent = and_(c.is_completed, c.shipped_at.is_(None), c.waybill.is_(None))
    nowhere = and_(c.status == "shipped", c.shipped_at.is_(None), c.waybill.is_(None))
    return _of_order(
        ground,
        or_(unpaid, unsent, nowhere),
        since=func.coalesce(c.completed_at, c.paid_at, c.placed_at),
        evidence={"status": c.status, "paid_at": c.paid_at, "shipped_at": c.shipped_at, "waybill": c.waybill},
    )


def _paid_nothing(ground: Ground) -> Select[Any]:
    """0 yuan, unless it is a gift, a lucky bag or a replacement by the order's type or a line's name."""
    c, lines = ground.orders.c, ground.lines.c
    gift = or_(*(told(lines[name], "gift") for name in ("order_type", "product_name", "seller_note")))
    zero = (lines.counted, c.is_paid, c.paid_amount == 0, func.coalesce(c.lines, 1) == 1)
    return hit(
        ground,
        ground.with_order(ground.lines),
        # Words are looked for last: what else holds is told in a moment.
        (ground.mine(ground.lines), *zero, case((c.paid_amount == 0, no(gift)))),
        subject=c.order_id,
        order_id=c.order_id,
        dated_at=c.placed_at,
        since=func.coalesce(c.paid_at, c.placed_at),
        measure=c.paid_amount,
        limit_value=0,
        amount=c.payable_amount,
        as_of=c.as_of,
        evidence={"payable_amount": c.payable_amount, "discount_amount": c.discount_amount},
    )


def _paid_too_much(ground: Ground) -> Select[Any]:
    c = ground.orders.c
    over = c.paid_amount - c.payable_amount
    return _of_order(
        ground,
        c.is_paid,
        over > ground.limit("over"),
        since=func.coalesce(c.paid_at, c.placed_at),
        measure=over,
        amount=over,
        evidence={"paid_amount": c.paid_amount, "payable_amount": c.payable_amount},
    )


def _of_line(ground: Ground, off: Expression, names: tuple[str, ...], *where: Any) -> Select[Any]:
    line = ground.lines.c
    told = (line[name] for name in ("line_id", "order_id", "placed_at", "as_of", *names))
    mine = (ground.mine(ground.lines), line.counted, *where)
    rows = select(*told, off.label("off")).where(*mine).subquery("sums")
    c = rows.c
    return hit(
        ground,
        rows,
        (c.off > ground.limit("tolerance"),),
        subject=c.line_id,
        order_id=c.order_id,
        line_id=c.line_id,
        dated_at=c.placed_at,
        since=c.placed_at,
        measure=c.off,
        amount=c.off,
        as_of=c.as_of,
        evidence={name: c[name] for name in names},
    )


def _discounts(ground: Ground) -> Select[Any]:
    """The parts of the discount do not make its sum, with or without what only some exports count in."""
    c = ground.lines.c
    names = ("platform_discount", "merchant_discount", "influencer_discount")
    told_parts = and_(*(c[name].is_not(None) for name in names[:2]))
    base = sum((func.coalesce(c[name], 0) for name in names[1:]), func.coalesce(c[names[0]], 0))
    also = (0, *(func.coalesce(c[name], 0) for name in ("payment_discount", "red_packet_amount")))
    off = func.least(*(func.abs(c.discount_amount - base - more) for more in also))
    return _of_line(ground, off, ("discount_amount", *names), c.discount_amount.is_not(None), told_parts)


def _sums(ground: Ground) -> Select[Any]:
    """Price × pieces + freight − discount is not what was to be paid, however the export counts freight,
    changed prices and discounts that come later."""
    c = ground.lines.c
    goods, freight = c.unit_price * c.quantity - c.discount_amount, func.coalesce(c.freight_amount, 0)
    changed = func.coalesce(c.price_change_amount, 0)
    later = func.coalesce(c.payment_discount, 0) + func.coalesce(c.red_packet_amount, 0)
    sums = [goods + a + b + d for a in (0, freight) for b in (0, changed, -changed) for d in (0, -later)]
    off = func.least(*(func.abs(c.payable_amount - one) for one in sums))
    names = ("unit_price", "quantity", "discount_amount", "freight_amount", "payable_amount")
    return _of_line(ground, off, names)


RULES = (
    Rule(
        "time_inverted", "order", "low", "seconds", _inverted,
        limits=(Limit("tolerance", 60, "seconds"), Limit("shipped_early", 1, "hours")),
        needs=(Need("orders", "paid_at"),),
    ),
    Rule(
        "status_contradiction", "order", "low", "number", _contradiction,
        needs=(Need("orders", "status"), Need("orders", "shipped_at")),
    ),
    Rule(
        "paid_zero", "order", "medium", "fen", _paid_nothing, acts_within=30,
        needs=(Need("orders", "paid_amount"),),
    ),
    Rule(
        "paid_over_payable", "order", "high", "fen", _paid_too_much, acts_within=90,
        limits=(Limit("over", 1, "fen"),),
        needs=(Need("orders", "paid_amount"), Need("orders", "payable_amount")),
    ),
    Rule(
        "discount_mismatch", "line", "low", "fen", _discounts, limits=(TOLERANCE,), acts_within=90,
        needs=(Need("orders", "discount_amount"), Need("orders", "merchant_discount")),
    ),
    Rule(
        "order_sum_mismatch", "line", "low", "fen", _sums, limits=(TOLERANCE,), acts_within=90,
        needs=tuple(Need("orders", name) for name in ("unit_price", "discount_amount", "payable_amount")),
    ),
)  # fmt: skip

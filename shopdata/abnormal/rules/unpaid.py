"""Orders placed and not paid: while they can still be won, and those too large to be true."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, func
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, no
from shopdata.metrics.constructs import Expression, real
from shopdata.metrics.definition import Need

AGE, PAYS_WITHIN = Limit("age", 10, "minutes"), Limit("pays_within", 24, "hours")
# Where amounts are alike, the median deviation is next to nothing: a twentieth of the median is the least.
LEAST_DEVIATION = 0.05
PAYMENT = (Need("orders", "paid_at"),)


def _still_payable(ground: Ground) -> ColumnElement[bool]:
    """No pay time, neither closed nor to be paid on delivery, and no deposit waiting for its balance."""
    c = ground.orders.c
    aside = (
        c.is_closed,
        c.is_completed,
        c.is_shipped,
        c.is_cash_on_delivery,
        c.is_presale,
        c.deposit_pending,
    )
    return and_(ground.mine(ground.orders), c.is_paid.is_(False), *(no(flag) for flag in aside))


def _amount(ground: Ground) -> Expression:
    return func.coalesce(ground.orders.c.payable_amount, ground.orders.c.paid_amount)


def _hit(ground: Ground, where: ColumnElement[bool], **columns: object) -> Select[Any]:
    c = ground.orders.c
    deadline = c.placed_at + ground.span("pays_within")
    since = c.placed_at + ground.span("age")
    common = {
        "subject": c.order_id,
        "order_id": c.order_id,
        "dated_at": c.placed_at,
        "since": since,
        "past_from": deadline,
        "deadline_at": deadline,
        "amount": _amount(ground),
        "as_of": c.as_of,
    }
    return hit(ground, ground.orders, (_still_payable(ground), where), **common | columns)


def _unpaid(ground: Ground) -> Select[Any]:
    c = ground.orders.c
    soon = c.placed_at + ground.span("pays_within") - ground.span("high")
    large = ground.typical.p90
    high = soon if large is None else case((_amount(ground) >= large, c.placed_at), else_=soon)
    return _hit(
        ground,
        c.placed_at.is_not(None),
        high_from=high,
        counted_from=c.placed_at,
        evidence={"placed_at": c.placed_at, "payable_amount": c.payable_amount},
    )


def _unpaid_large(ground: Ground) -> Select[Any] | None:
    usual, deviation = ground.typical.median, ground.typical.deviation
    if usual is None or deviation is None:
        return None
    spread = max(deviation, usual * LEAST_DEVIATION)
    away = (real(_amount(ground)) - usual) / spread
    return _hit(
        ground,
        away > ground.limit("deviations"),
        measure=away,
        evidence={
            "payable_amount": _amount(ground),
            "median": func.round(usual),
            "deviation": func.round(spread),
        },
    )


RULES = (
    Rule(
        "unpaid", "order", "medium", "hours", _unpaid,
        limits=(PAYS_WITHIN, AGE, Limit("high", 4, "hours")), needs=PAYMENT,
    ),
    Rule(
        "unpaid_large", "order", "high", "number", _unpaid_large,
        limits=(Limit("deviations", 6, "number", ours=True), PAYS_WITHIN, AGE), needs=PAYMENT,
    ),
)  # fmt: skip

"""Refunds of a product that surge: far more of what was signed on one day came back than is usual of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import DateTime, Float, Integer, Select, String, and_, case, cast, func, or_, select

from shopdata.abnormal.definition import Ground, Limit, Rule, hit
from shopdata.abnormal.rules.aftersales import GIVEN_UP
from shopdata.metrics.constructs import day_of, real
from shopdata.metrics.definition import Need
from shopdata.store.engine_duckdb import each_number
from shopdata.store.side_files import NO_REFUND_KINDS
from shopdata.store.tables import AFTERSALES, ORDER_LINES, orders

USUAL_DAYS, ON_THE_WAY, DAY = timedelta(days=90), timedelta(days=60), timedelta(days=1)
# A product with fewer other lines goes by what is usual in the shop.
FEWEST = 30


def _refunds(ground: Ground) -> Any:
    """By order, and by line where it is told: what was asked back soon after signing."""
    o, a = orders.c, AFTERSALES.table.c
    of_order = and_(o.shop_id == ground.shop.id, o.order_id == a.order_id)
    soon = a.applied_at.between(o.signed_at, o.signed_at + ground.span("after_signing"))
    newest = ground.shop.as_of["aftersales"]
    return (
        select(a.order_id, a.line_id, func.max(a.refund_amount).label("amount"))
        .select_from(AFTERSALES.table.join(orders, of_order))
        .where(a.shop_id == ground.shop.id, a.applied_at >= newest - USUAL_DAYS)
        .where(o.placed_at >= newest - USUAL_DAYS - ON_THE_WAY)
        .where(soon, func.coalesce(a.kind, "unknown").not_in(NO_REFUND_KINDS), a.status.not_in(GIVEN_UP))
        .group_by(a.order_id, a.line_id)
        .cte("refunds_soon")
    )


def _signed(ground: Ground) -> Any:
    """Lines by the day their order was signed, each with the refund soon after signing, if there was one."""
    line, o = ORDER_LINES.table.c, orders.c
    newest, day = ground.shop.as_of["aftersales"], day_of(o.signed_at)
    refunds = _refunds(ground)
    by_line, by_order = refunds.alias("by_line"), refunds.alias("by_order")
    rows = ORDER_LINES.table.join(orders, and_(o.shop_id == ground.shop.id, o.order_id == line.order_id))
    rows = rows.outerjoin(by_line, by_line.c.line_id == line.line_id)
    whole = and_(by_order.c.order_id == line.order_id, by_order.c.line_id.is_(None))
    rows = rows.outerjoin(by_order, whole)
    told = [
        ground.on_whole_days(kind, o.signed_at, later)
        for kind, later in (("parcels", 0), ("aftersales", 0), ("aftersales", _wait(ground)))
    ]
    refunded = or_(by_line.c.order_id.is_not(None), by_order.c.order_id.is_not(None))
    return (
        select(
            line.product_id,
            line.product_name,
            day.label("day"),
            case((refunded, 1), else_=0).label("refunded"),
            func.coalesce(by_line.c.amount, by_order.c.amount).label("amount"),
        )
        .select_from(rows)
        .where(
            line.shop_id == ground.shop.id,
            line.counted,
            line.product_id.is_not(None),
            line.placed_at >= newest - USUAL_DAYS - ON_THE_WAY,
            o.signed_at >= newest - USUAL_DAYS,
            cast(day + DAY, DateTime) + ground.span("after_signing") <= newest,
            *told,
        )
        .subquery("signed_lines")
    )


def _wait(ground: Ground) -> int:
    """Days until the last line of a day had its time, as whole days."""
    return -(-ground.span("after_signing") // DAY)


def _product_days(ground: Ground) -> Any:
    """Products and days with many refunds: lines signed, of them refunded, what other days let expect."""
    rows = _signed(ground)
    c = rows.c
    days = (
        select(
            c.product_id,
            c.day,
            func.max(c.product_name).label("product_name"),
            func.count().label("n"),
            func.sum(c.refunded).label("refunds"),
            func.sum(c.amount).label("amount"),
        )
        .group_by(c.product_id, c.day)
        .subquery("product_days")
    )
    d = days.c
    others = {
        (name, scope): func.sum(d[name]).over(partition_by=by) - d[name]
        for name in ("n", "refunds")
        for scope, by in (("product", d.product_id), ("shop", None))
    }
    known = others["n", "product"] >= FEWEST
    n, refunds = (
        case((known, others[name, "product"]), else_=others[name, "shop"]) for name in ("n", "refunds")
    )
    whole = select(*d, n.label("other_n"), refunds.label("other_refunds")).subquery("days_beside_others")
    w = whole.c
    usual = real(w.other_refunds) * w.n / func.nullif(w.other_n, 0)
    # One more of each keeps a product without refunds from making any refund impossible.
    share = real(w.other_refunds + 1) / (w.other_n + 2)
    return (
        select(*w, func.coalesce(usual, 0.0).label("usual"), share.label("share"))
        .where(w.refunds >= ground.limit("refunds"))
        .where(w.refunds + 1e-9 >= ground.limit("times") * func.coalesce(usual, 0.0))
        .cte("days_with_many")
    )


def _chance(days: Any) -> Any:
    """By product and day: how likely at least so many refunds are if each line had the usual chance."""
    fewer = select(*days.c, each_number(0, cast(days.c.refunds, Integer) - 1).label("k")).subquery("fewer")
    f = fewer.c
    n, k = real(f.n), real(f.k)
    ways = func.lgamma(n + 1) - func.lgamma(k + 1) - func.lgamma(n - k + 1)
    term = func.exp(ways + k * func.ln(f.share) + (n - k) * func.ln(1 - f.share))
    return (
        select(f.product_id, f.day, (1 - func.sum(term, type_=Float)).label("chance"))
        .group_by(f.product_id, f.day)
        .subquery("chances")
    )


def _surge(ground: Ground) -> Select[Any] | None:
    if not {"aftersales", "parcels"} <= ground.files.keys():
        return None
    days = _product_days(ground)
    chances = _chance(days)
    d = days.c
    same = and_(chances.c.product_id == d.product_id, chances.c.day == d.day)
    start = cast(d.day, DateTime)
    return hit(
        ground,
        days.join(chances, same),
        (chances.c.chance < ground.limit("chance"), *ground.recent(start)),
        subject=d.product_id + "|" + cast(d.day, String),
        dated_at=start,
        since=start + DAY + ground.span("after_signing"),
        measure=d.refunds,
        amount=d.amount,
        as_of=ground.shop.as_of["aftersales"],
        evidence={
            "product_id": d.product_id, "product_name": d.product_name, "day": cast(d.day, String),
            "n": d.n, "usual": func.round(d.usual, 1), "chance": chances.c.chance,
        },
    )  # fmt: skip


RULES = (
    Rule(
        "refund_surge", "product_day", "high", "orders", _surge, clock="aftersales", whole=True,
        acts_within=14,
        limits=(
            Limit("refunds", 5, "orders", ours=True), Limit("times", 2, "number", ours=True),
            Limit("chance", 0.001, "number", ours=True), Limit("after_signing", 72, "hours"),
        ),
        needs=(Need("aftersales"), Need("parcels", "signed_at"), Need("orders", "product_id")),
    ),
)  # fmt: skip

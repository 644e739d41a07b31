"""Parcels: never collected, stuck, signed too fast, and waybills that cannot be right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import INCIDENT, Ground, Limit, Rule, hit, hours_between, latest, no, yes
from shopdata.abnormal.rules.shipping import refunded_whole
from shopdata.metrics.constructs import Expression, seconds_between, text_number
from shopdata.metrics.definition import Need
from shopdata.platforms.couriers import ODD_SHARE, waybill_lengths
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.engine_duckdb import quantile
from shopdata.store.tables import ORDER_LINES, PARCELS, orders

FILE = (Need("parcels", "signed_at"),)
SCANS = (Need("parcels", "picked_up_at"),)
MOVING = ("picked_up", "in_transit", "delivering")
ARRIVED = ("signed", "returned")
FEWEST_OF_LANE = 100
BEFORE_FIRST = Limit("before_first", 24, "hours")
EVIDENCE = ("courier", "shipped_at", "picked_up_at", "signed_at", "status_raw", "exception")


def _hit(ground: Ground, rows: Any, where: tuple[Any, ...], p: Any, **columns: object) -> Select[Any]:
    o = ground.orders.c
    common = {
        "subject": p.waybill + "|" + p.order_id,
        "order_id": p.order_id,
        "dated_at": o.placed_at,
        "amount": o.paid_amount,
        "as_of": p.as_of,
        "evidence": {"waybill": p.waybill, **{name: p[name] for name in EVIDENCE}},
    }
    return hit(ground, rows, (p.shop_id == ground.shop.id, *where), **common | columns)


def _on_its_way(ground: Ground) -> ColumnElement[bool]:
    """A parcel a waybill file told of, not signed, of an order that still waits for it."""
    p, o = ground.parcels.c, ground.orders.c
    arrived = func.coalesce(p.status, "").in_(ARRIVED)
    waits = and_(no(o.is_closed), no(o.is_completed), not_(refunded_whole(o)))
    return and_(yes(p.tracked), no(p.transit), p.signed_at.is_(None), not_(arrived), waits)


def _shipped(ground: Ground) -> Expression:
    return func.coalesce(ground.parcels.c.shipped_at, ground.orders.c.shipped_at)


def _pickup_overdue(ground: Ground) -> Select[Any]:
    p, shipped = ground.parcels.c, _shipped(ground)
    unscanned = and_(p.picked_up_at.is_(None), func.coalesce(p.status, "").not_in(MOVING))
    since = shipped + ground.span("after_shipping")
    return _hit(
        ground, ground.with_order(ground.parcels), (_on_its_way(ground), unscanned), p,
        since=since, counted_from=shipped, deadline_at=since,
    )  # fmt: skip


def _stale(ground: Ground) -> Select[Any]:
    """No scan at all for a while, or none since the last one that the file tells."""
    p, shipped = ground.parcels.c, _shipped(ground)
    before, moving = ground.span("before_first"), ground.span("in_transit")
    last = func.coalesce(p.picked_up_at, shipped)
    since = case((p.picked_up_at.is_(None), shipped + before), else_=p.picked_up_at + moving)
    limit = case((p.picked_up_at.is_(None), ground.limit("before_first")), else_=ground.limit("in_transit"))
    unseen = or_(p.picked_up_at.is_not(None), func.coalesce(p.status, "").not_in(MOVING))
    return _hit(
        ground, ground.with_order(ground.parcels), (_on_its_way(ground), unseen), p,
        since=since, until=latest(since, shipped + ground.span("until")), counted_from=last,
        limit_value=limit,
    )  # fmt: skip


def _shared(ground: Ground) -> Select[Any]:
    """One waybill on orders of several receivers, told apart by name, phone and address as exported.

    Looked at are the waybills of the parcels to judge, and those of the hits that stand.
    """
    rows, mine = _receivers(ground), ground.shop.id
    shared = (
        select(rows.c.waybill, func.count(distinct(rows.c.receiver)).label("receivers"))
        .group_by(rows.c.waybill)
        .having(func.count(distinct(rows.c.receiver)) >= ground.limit("receivers"))
        .subquery("shared")
    )
    of_shared = rows.join(shared, shared.c.waybill == rows.c.waybill)
    of_order = and_(orders.c.shop_id == mine, orders.c.order_id == rows.c.order_id)
    return hit(
        ground,
        of_shared.join(orders, of_order),
        (orders.c.shop_id == mine,),
        subject=rows.c.waybill + "|" + rows.c.order_id,
        order_id=rows.c.order_id,
        dated_at=orders.c.placed_at,
        since=func.coalesce(orders.c.shipped_at, orders.c.paid_at, orders.c.placed_at),
        measure=shared.c.receivers,
        amount=orders.c.paid_amount,
        as_of=orders.c.as_of,
        evidence={"waybill": rows.c.waybill, "receivers": shared.c.receivers, "courier": orders.c.courier},
    )


def _receivers(ground: Ground) -> Any:
    """Orders whose waybill stands on several, each with its receiver."""
    p, lines, mine = PARCELS.table, ORDER_LINES.table, ground.shop.id
    repeated = (
        select(text_number(p.c.waybill).label("number"))
        .where(p.c.shop_id == mine, *_groups(ground, p.c.waybill))
        .group_by(text_number(p.c.waybill))
        .having(func.count() > 1)
        .subquery("repeated")
    )
    suspects = (
        select(p.c.waybill, p.c.order_id)
        .select_from(p.join(repeated, repeated.c.number == text_number(p.c.waybill)))
        .where(p.c.shop_id == mine)
        .cte("suspects")
        .prefix_with("MATERIALIZED")
    )
    receiver = func.concat_ws("|", lines.c.receiver, lines.c.phone, lines.c.address)
    of_line = and_(lines.c.shop_id == mine, lines.c.order_id == suspects.c.order_id)
    return (
        select(suspects.c.waybill, suspects.c.order_id, func.max(receiver).label("receiver"))
        .select_from(suspects.join(lines, of_line))
        .group_by(suspects.c.waybill, suspects.c.order_id)
        .having(func.max(receiver) != "")
        .cte("receivers")
    )


def _groups(ground: Ground, waybill: Expression) -> tuple[ColumnElement[bool], ...]:
    judged = ground.due["parcels"]
    if judged is PARCELS.table:
        return ()
    h = abnormal_hits.c
    standing = select(func.split_part(h.subject, "|", 1)).where(
        h.shop_id == ground.shop.id, h.rule == ground.rule.key, h.gone_at.is_(None)
    )
    return (waybill.in_(union(select(judged.c.waybill), standing)),)


def _odd_lengths(ground: Ground) -> Any:
    """Couriers with the lengths of waybills that are not theirs, where few of their waybills are so long."""
    every = PARCELS.table.c
    lengths = (
        select(every.courier, func.length(every.waybill).label("length"), func.count().label("n"))
        .where(every.shop_id == ground.shop.id, every.courier.is_not(None))
        .group_by(every.courier, func.length(every.waybill))
        .cte("lengths")
        .prefix_with("MATERIALIZED")
    )
    c = lengths.c
    odd = _misshapen(c.courier, c.length)
    of_courier = [func.sum(n).over(partition_by=c.courier) for n in (case((odd, c.n), else_=0), c.n)]
    few = (of_courier[0] <= of_courier[1] * ground.limit("share")).label("few")
    told = select(c.courier, c.length, odd.label("odd"), few).subquery("couriers")
    return select(told.c.courier, told.c.length).where(told.c.odd, told.c.few).subquery("odd_lengths")


def _misshapen(courier: Expression, length: Expression) -> Expression:
    """Whether a waybill is not as long as its courier's are."""
    of_courier = [
        (or_(*(courier.contains(name, autoescape=True) for name in names)), length.not_in(lengths))
        for names, lengths in waybill_lengths()
    ]
    return case(*of_courier, else_=False)


def _invalid(ground: Ground) -> Select[Any]:
    """A waybill that cannot be its courier's, or one on an order never paid.

    Where many of a courier's waybills are of another length, it is our table that is wrong: left out.
    """
    p, o, odd = ground.parcels.c, ground.orders.c, _odd_lengths(ground)
    as_long = and_(odd.c.courier == p.courier, odd.c.length == func.length(p.waybill))
    unpaid = and_(o.is_paid.is_(False), no(o.is_cash_on_delivery), no(o.deposit_pending))
    return _hit(
        ground,
        ground.with_order(ground.parcels).outerjoin(odd, as_long),
        (or_(odd.c.courier.is_not(None), unpaid),),
        p,
        since=func.coalesce(p.shipped_at, o.shipped_at, o.placed_at),
        measure=func.length(p.waybill),
        limit_value=None,
        evidence={"waybill": p.waybill, "courier": p.courier, "unpaid": case((unpaid, True))},
    )


def _before_order(ground: Ground) -> Select[Any]:
    p, o = ground.parcels.c, ground.orders.c
    first = o.placed_at - ground.span("before")
    early = and_(o.picked_up_at < first, p.picked_up_at < first)  # the order's is that of its first parcel
    return _hit(
        ground, ground.with_order(ground.parcels), (yes(p.tracked), early), p,
        since=o.placed_at, measure=hours_between(p.picked_up_at, o.placed_at),
    )  # fmt: skip


def _too_long(ground: Ground) -> Select[Any]:
    """Longer on the way than a fixed time and than 99 of 100 parcels to the same province."""
    p, o, shipped = ground.parcels.c, ground.orders.c, _shipped(ground)
    known = orders.alias("delivered").c
    took = seconds_between(known.shipped_at, known.signed_at)
    lanes = (
        select(known.province, case((func.count() >= FEWEST_OF_LANE, quantile(took, 0.99))).label("p99"))
        .where(known.shop_id == ground.shop.id, took >= 0)
        .group_by(known.province)
        .subquery("lanes")
    )
    seconds = func.greatest(func.coalesce(lanes.c.p99, 0), ground.span("days").total_seconds())
    rows = ground.with_order(ground.parcels).outerjoin(lanes, lanes.c.province == o.province)
    return _hit(
        ground, rows, (_on_its_way(ground),), p,
        since=shipped + cast(seconds, BigInteger) * literal(timedelta(seconds=1)),
        counted_from=shipped, limit_value=seconds / 86_400.0,
    )  # fmt: skip


def _signed_too_fast(ground: Ground) -> Select[Any] | None:
    """Another province, and signed within hours of shipping."""
    if not ground.origins:
        return None
    p, o = ground.parcels.c, ground.orders.c
    houses = [(o.warehouse_name == name, code) for name, code in ground.origins.items() if name]
    default = ground.origins.get("", null())
    origin = case(*houses, else_=default) if houses else default
    shipped = _shipped(ground)
    took = hours_between(shipped, p.signed_at)
    fast = and_(took >= 0, took < ground.limit("hours"), o.province != origin, no(o.is_transit))
    return _hit(
        ground, ground.with_order(ground.parcels), (yes(p.tracked), fast), p,
        since=p.signed_at, measure=took,
    )  # fmt: skip


RULES = (
    Rule(
        "pickup_overdue", "parcel", "high", "hours", _pickup_overdue, clock="parcels", suspendable=True,
        limits=(Limit("after_shipping", 24, "hours"), INCIDENT), needs=SCANS, version=2,
    ),
    Rule(
        "tracking_stale", "parcel", "medium", "hours", _stale, clock="parcels", suspendable=True,
        limits=(Limit("in_transit", 72, "hours"), BEFORE_FIRST, Limit("until", 15, "days"), INCIDENT),
        needs=(*SCANS, *FILE), version=2,
    ),
    Rule(
        "tracking_shared", "parcel", "high", "number", _shared, clock="parcels", whole=True, acts_within=30,
        limits=(Limit("receivers", 2, "number"),), needs=(Need("parcels"), Need("orders", "receiver")),
    ),
    Rule(
        "tracking_invalid", "parcel", "medium", "number", _invalid, clock="parcels", acts_within=30,
        limits=(Limit("share", ODD_SHARE, "ratio", ours=True),), needs=(Need("parcels"),),
    ),
    Rule(
        "tracking_before_order", "parcel", "high", "hours", _before_order, clock="parcels", acts_within=30,
        limits=(Limit("before", 24, "hours"),), needs=SCANS,
    ),
    Rule(
        "in_transit_too_long", "parcel", "medium", "days", _too_long, clock="parcels", acts_within=60,
        limits=(Limit("days", 15, "days", ours=True), INCIDENT), needs=FILE, suspendable=True, version=2,
    ),
    Rule(
        "signed_too_fast", "parcel", "medium", "hours", _signed_too_fast, clock="parcels", acts_within=30,
        limits=(Limit("hours", 2, "hours", ours=True),), needs=FILE,
    ),
)  # fmt: skip

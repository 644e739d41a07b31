"""Orders that look made up: several signs at once, none of which says much alone. Suspected, never accused.

Signs that a shop's files cannot tell count as absent. What names a receiver is compared, never kept.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, distinct, false, func, literal, not_, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, yes
from shopdata.abnormal.rules.buyers import LOOK_BACK, address_of
from shopdata.abnormal.rules.words import told
from shopdata.metrics.constructs import seconds_between
from shopdata.metrics.definition import Need
from shopdata.store.engine_duckdb import quantile
from shopdata.store.personal import CIPHER
from shopdata.store.tables import ORDER_LINES, orders

TAIL = 4
# A product and amount bought more often in an hour than so many times what its hours usually see.
BURST_TIMES = 5
SIGNS = ("same_place", "same_phone", "same_amount", "same_note", "paid_fast", "never_scanned", "ended_fast")
# Two names of one sign: an address and the end of a phone number both tell where it goes.
ONE_SIGN = {"same_phone": "same_place"}


def _lines(ground: Ground) -> Any:
    """Paid lines of the last 90 days with what they are compared by."""
    line = ORDER_LINES.table.c
    hidden = or_(*(line.phone.startswith(sign, autoescape=True) for sign in CIPHER))
    tail = func.concat_ws("|", line.city, func.right(line.phone, TAIL))
    rows = (
        select(
            line.order_id,
            line.product_id,
            line.paid_amount,
            func.date_trunc("day", line.placed_at).label("day"),
            func.date_trunc("hour", line.placed_at).label("hour"),
            address_of(line).label("place"),
            case((and_(line.phone != "", not_(hidden)), tail)).label("tail"),
            func.nullif(func.trim(line.buyer_note), "").label("note"),
        )
        .where(
            line.shop_id == ground.shop.id,
            line.counted,
            line.placed_at >= ground.shop.as_of["orders"] - LOOK_BACK,
            line.paid_at.is_not(None),
        )
        .subquery("paid_lines")
    )
    private = case((not_(told(rows.c.place, "collection_point")), rows.c.place)).label("place")
    return select(*(private if column.name == "place" else column for column in rows.c)).cte("lines_lately")


def _alike(ground: Ground, lines: Any, *names: str, usual: Any = None) -> Select[Any]:
    """Orders of lines that share what ``names`` say with so many others, and with far more than usual."""
    keys = [lines.c[name] for name in names]
    many = func.count(distinct(lines.c.order_id))
    groups = (
        select(*keys, many.label("n"))
        .where(*(key.is_not(None) for key in keys))
        .group_by(*keys)
        .cte(f"groups_by_{names[0]}")
    )
    g = groups.c
    bursts = select(*g).where(g.n >= ground.limit("burst"))
    if usual is not None:
        of_kind = [g[name] for name in usual]
        often = select(*of_kind, quantile(g.n, 0.5).label("usual")).group_by(*of_kind).subquery("often")
        same = and_(*(often.c[name] == g[name] for name in usual))
        bursts = bursts.join(often, same).where(g.n >= BURST_TIMES * often.c.usual)
    found = bursts.subquery()
    same = and_(*(found.c[name] == lines.c[name] for name in names))
    return select(lines.c.order_id).select_from(lines.join(found, same))


def _never_scanned(ground: Ground, o: Any) -> ColumnElement[bool]:
    """A courier's file told of the parcel, without any scan, though it had its time or the order ended."""
    if not ground.shop.has(Need("parcels", "picked_up_at")) or "parcels" not in ground.shop.as_of:
        return false()
    old = o.shipped_at <= ground.shop.as_of["parcels"] - ground.span("unscanned")
    return and_(o.parcels_tracked > 0, o.picked_up_at.is_(None), or_(yes(o.is_completed), old))


def _by_itself(ground: Ground) -> dict[str, Select[Any]]:
    """Orders with the signs that need no other order but what is usual in the shop."""
    o = orders.c
    lately = (o.shop_id == ground.shop.id, o.is_paid, o.placed_at >= ground.shop.as_of["orders"] - LOOK_BACK)
    took, ended = seconds_between(o.placed_at, o.paid_at), seconds_between(o.signed_at, o.completed_at)
    usual = select(quantile(took, 0.5)).where(*lately, took >= 0).scalar_subquery()
    within = ground.span("ended_within").total_seconds()
    found = {
        "paid_fast": and_(took >= 0, took * ground.limit("faster") <= usual, usual > 0),
        "never_scanned": _never_scanned(ground, o),
        "ended_fast": and_(ended >= 0, ended < within),
    }
    return {name: select(o.order_id).where(*lately, sign) for name, sign in found.items()}


def _brushing(ground: Ground) -> Select[Any]:
    lines, o = _lines(ground), orders.c
    found = _by_itself(ground) | {
        "same_place": _alike(ground, lines, "place", "day"),
        "same_phone": _alike(ground, lines, "tail", "day"),
        "same_amount": _alike(
            ground, lines, "product_id", "paid_amount", "hour", usual=("product_id", "paid_amount")
        ),
        "same_note": _alike(ground, lines, "note", "day"),
    }
    rows = [
        select(rows.subquery().c.order_id, literal(ONE_SIGN.get(name, name)).label("sign"))
        for name, rows in found.items()
    ]
    every = union_all(*rows).subquery("signs")
    names = [name for name in SIGNS if name not in ONE_SIGN]
    several = (
        select(
            every.c.order_id,
            func.count(distinct(every.c.sign)).label("n"),
            *(func.bool_or(every.c.sign == name).label(name) for name in names),
        )
        .group_by(every.c.order_id)
        .having(func.count(distinct(every.c.sign)) >= ground.limit("signs"))
        .subquery("several_signs")
    )
    s = several.c
    return hit(
        ground,
        several.join(orders, and_(o.shop_id == ground.shop.id, o.order_id == s.order_id)),
        (o.is_paid, *ground.recent(o.placed_at)),
        subject=o.order_id,
        order_id=o.order_id,
        dated_at=o.placed_at,
        since=o.paid_at,
        measure=s.n,
        amount=o.paid_amount,
        as_of=o.as_of,
        evidence={name: s[name] for name in names},
    )


RULES = (
    Rule(
        "brushing_suspected", "order", "high", "number", _brushing, whole=True, acts_within=30,
        confidence=0.5,
        limits=(
            Limit("signs", 3, "number", ours=True), Limit("burst", 5, "orders", ours=True),
            Limit("faster", 10, "number", ours=True), Limit("ended_within", 10, "minutes", ours=True),
            Limit("unscanned", 3, "days", ours=True),
        ),
        needs=(Need("orders", "paid_at"), Need("orders", "product_id"), Need("orders", "paid_amount")),
    ),
)  # fmt: skip

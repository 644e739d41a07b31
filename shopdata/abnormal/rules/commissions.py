"""Commissions charged beyond what was agreed, on what was refunded, and rows that miss their counterpart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, no, yes
from shopdata.analysis.agreements import agreed_of_lines
from shopdata.metrics.channels import channel_words
from shopdata.metrics.constructs import Expression, real
from shopdata.metrics.definition import Need
from shopdata.metrics.dimensions import INFLUENCER
from shopdata.metrics.frame import Frame
from shopdata.metrics.partners import LEADER
from shopdata.store.tables import COMMISSIONS, ORDER_LINES, orders

FILE = (Need("commissions"),)
ENDED = ("refunded", "invalid")


def _joined(ground: Ground) -> Any:
    """Commission rows with their line and its order, of the orders to judge."""
    rows, lines, of = COMMISSIONS.table, ground.lines, ground.orders
    line = and_(ground.mine(lines), lines.c.line_id == rows.c.line_id, lines.c.counted)
    order = and_(ground.mine(of), of.c.order_id == lines.c.order_id)
    return rows.join(lines, line).join(of, order)


def _key(rows: Any) -> Any:
    return rows.party + "|" + func.coalesce(rows.party_id, "") + "|" + rows.line_id


def _hit(ground: Ground, rows: Any, where: tuple[Any, ...], **columns: object) -> Select[Any]:
    c = COMMISSIONS.table.c
    common = {
        "subject": _key(c),
        "order_id": ground.orders.c.order_id,
        "line_id": c.line_id,
        "dated_at": ground.orders.c.placed_at,
        "as_of": c.as_of,
    }
    return hit(ground, rows, (c.shop_id == ground.shop.id, *where), **common | columns)


def _rate(ground: Ground) -> Select[Any]:
    """The rate really charged is above the agreed one (where one is given, else the platform's own)."""
    c, rows = COMMISSIONS.table.c, _joined(ground)
    rate: Expression = c.rate
    given: Expression = literal(False)
    if "agreed_rates" in ground.shop.columns:
        agreed = agreed_of_lines(Frame((ground.shop,)))
        same = and_(agreed.c.line_id == c.line_id, agreed.c.row_key == c.party + " " + c.party_id)
        rows = rows.outerjoin(agreed, same)
        rate, given = func.coalesce(agreed.c.agreed, c.rate), agreed.c.agreed.is_not(None)
    charged = real(c.commission_settled) / func.nullif(c.settled_base, 0)
    over = charged - rate
    too_much = c.commission_settled - rate * c.settled_base
    settled = (c.settled_at.is_not(None), c.settled_base > 0)
    beyond = (over > ground.limit("points") + 1e-9, too_much > ground.limit("amount"))
    return _hit(
        ground,
        rows,
        (*settled, *beyond, *ground.recent(ground.orders.c.placed_at), *ground.recent(c.paid_at)),
        since=c.settled_at,
        measure=charged,
        limit_value=rate,
        amount=too_much,
        evidence={
            "party_name": c.party_name, "agreed": given,
            "rate": rate, "settled_base": c.settled_base, "commission_settled": c.commission_settled,
        },
    )  # fmt: skip


def _on_refund(ground: Ground) -> Select[Any]:
    c, o = COMMISSIONS.table.c, ground.orders.c
    whole = and_(o.is_paid, o.paid_amount > 0, o.refund_amount >= o.paid_amount)
    kept = and_(c.commission_settled > ground.limit("amount"), func.coalesce(c.status, "").not_in(ENDED))
    return _hit(
        ground,
        _joined(ground),
        (whole, kept),
        since=func.coalesce(func.greatest(c.settled_at, o.refunded_at), o.refunded_at, o.placed_at),
        measure=c.commission_settled,
        amount=c.commission_settled,
        evidence={
            "party_name": c.party_name, "commission_settled": c.commission_settled,
            "refund_amount": o.refund_amount, "paid_amount": o.paid_amount, "refunded_at": o.refunded_at,
        },
    )  # fmt: skip


def _missing(ground: Ground) -> Select[Any] | None:
    """An influencer's line without a row, a row without its order, two influencers on one line."""
    parts = [one for one in (_no_row(ground), _no_order(ground)) if one is not None]
    every = union_all(*parts, _two_rows(ground)).subquery("commission_gaps")
    return select(*every.c)


def _no_row(ground: Ground) -> Select[Any] | None:
    line, o = ORDER_LINES.table.c, orders.c
    covered = ground.covered("commissions", line.paid_at)
    if covered is None:
        return None
    c = COMMISSIONS.table.c
    told = (
        select(c.line_id).where(c.shop_id == ground.shop.id, *ground.recent(c.paid_at)).subquery("lines_told")
    )
    theirs = [
        line.influencer_id.is_not(None),
        or_(line.channel.is_(None), line.channel.in_(channel_words()[INFLUENCER])),
        func.coalesce(line.influencer_id, "").not_in(ground.shop.own_accounts),
        func.coalesce(line.influencer_name, "").not_in(ground.shop.own_accounts),
    ]
    names = ("order_id", "line_id", "placed_at", "paid_at", "paid_amount", "influencer_name")
    gaps = (
        select(*(line[name] for name in names))
        .select_from(ORDER_LINES.table.outerjoin(told, told.c.line_id == line.line_id))
        .where(line.shop_id == ground.shop.id, line.counted, line.paid_amount > 0, covered, *theirs)
        .where(told.c.line_id.is_(None), *ground.recent(line.placed_at))
        .subquery("lines_without_a_row")
    )
    g = gaps.c
    of_order = and_(o.shop_id == ground.shop.id, o.order_id == g.order_id, *ground.around(o.placed_at))
    return hit(
        ground,
        gaps.join(orders, of_order),
        (yes(o.is_paid), no(o.is_refunded), no(o.is_closed)),
        subject=g.line_id,
        order_id=g.order_id,
        line_id=g.line_id,
        dated_at=g.placed_at,
        since=g.paid_at + ground.span("after_paying"),
        counted_from=g.paid_at,
        amount=g.paid_amount,
        as_of=o.as_of,
        evidence={"gap": literal("no_row"), "influencer_name": g.influencer_name},
    )


def _no_order(ground: Ground) -> Select[Any] | None:
    c, line = COMMISSIONS.table.c, ORDER_LINES.table.c
    covered = ground.covered("orders", c.paid_at)
    if covered is None:
        return None
    of_line = and_(line.shop_id == ground.shop.id, line.line_id == c.line_id, *ground.around(line.placed_at))
    return hit(
        ground,
        COMMISSIONS.table.outerjoin(ORDER_LINES.table, of_line),
        (c.shop_id == ground.shop.id, covered, line.line_id.is_(None), *ground.recent(c.paid_at)),
        subject=_key(c),
        order_id=c.order_id,
        line_id=c.line_id,
        dated_at=c.paid_at,
        since=c.paid_at + ground.span("after_paying"),
        counted_from=c.paid_at,
        amount=c.commission_estimated,
        as_of=c.as_of,
        evidence={"gap": literal("no_order"), "party_name": c.party_name},
    )


def _two_rows(ground: Ground) -> Select[Any]:
    c, line = COMMISSIONS.table.c, ORDER_LINES.table.c
    ours = and_(c.shop_id == ground.shop.id, c.party != LEADER, func.coalesce(c.status, "").not_in(ENDED))
    several = (
        select(c.line_id, func.min(c.paid_at).label("paid_at"), func.count().label("n"))
        .where(ours, *ground.recent(c.paid_at))
        .group_by(c.line_id)
        .having(func.count() > 1)
        .subquery("several")
    )
    of_line = and_(
        line.shop_id == ground.shop.id, line.line_id == several.c.line_id, line.counted,
        *ground.around(line.placed_at),
    )  # fmt: skip
    return hit(
        ground,
        several.join(ORDER_LINES.table, of_line),
        ground.recent(line.placed_at),
        subject="two|" + several.c.line_id,
        order_id=line.order_id,
        line_id=several.c.line_id,
        dated_at=line.placed_at,
        since=several.c.paid_at,
        counted_from=several.c.paid_at,
        amount=line.paid_amount,
        as_of=line.as_of,
        evidence={"gap": literal("two_influencers"), "rows": several.c.n},
    )


RULES = (
    Rule(
        "commission_rate_mismatch", "commission", "high", "ratio", _rate, clock="commissions", whole=True,
        limits=(Limit("points", 0.005, "ratio", ours=True), Limit("amount", 10, "fen", ours=True)),
        needs=(*FILE, Need("commissions", "settled_base")), acts_within=30,
    ),
    Rule(
        "commission_on_refund", "commission", "high", "fen", _on_refund, clock="commissions",
        limits=(Limit("amount", 0, "fen"),), acts_within=90,
        needs=(Need("commissions", "commission_settled"), Need("aftersales")),
    ),
    Rule(
        "commission_missing", "line", "medium", "hours", _missing, whole=True, acts_within=60,
        limits=(Limit("after_paying", 48, "hours", ours=True),),
        needs=(*FILE, Need("orders", "influencer_id")),
    ),
)  # fmt: skip

"""Which order belongs to which live session, in the store.

Only orders whose content type is live count. By its time of payment (or of placing) an order belongs to a
session of its shop that ran then, or had ended no longer than ``TAIL`` ago:

1. a session of the account or influencer one of its live lines names;
2. where it names nobody, any session; so it does where the sessions' names are in no order at all
   (``linked`` false) and the shop sold it itself;
3. of several, the one still running, then the one that began last. An order that names nobody while
   sessions of two accounts were equally possible belongs to none: it is ``ambiguous``.

So each order belongs to one session at most, whatever overlaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import FromClause, and_, case, func, literal, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.channels import channel_words
from shopdata.metrics.constructs import Expression, seconds_between
from shopdata.metrics.dimensions import DIMENSIONS, OWN, known, line_key
from shopdata.metrics.frame import Frame
from shopdata.metrics.relation import lines_with_money
from shopdata.store import tables
from shopdata.store.own_entities import LIVE_SESSIONS

TAIL = timedelta(minutes=30)
LIVE = "live"
IDS, NAMES = ("account_id", "influencer_id"), ("account_name", "influencer_name", "room_name")
LINES, ORDERS = tables.ORDER_LINES.table, tables.orders


@dataclass(frozen=True, slots=True)
class Span:
    """The sessions asked about: those that began from ``first`` to before ``last``."""

    first: datetime
    last: datetime


def is_live(lines: Any) -> ColumnElement[bool]:
    """Lines that count and were sold live."""
    return and_(lines.counted, known(lines.source) == LIVE)


def _named(rows: Any, people: Any) -> ColumnElement[bool]:
    """Whether a session carries an id or a name of a line's account or influencer."""
    ids, names = [rows[name] for name in IDS], [rows[name] for name in NAMES]
    found = or_(people.influencer_id.in_(ids), people.influencer_name.in_(names))
    return func.coalesce(found, False)


def sessions_of(frame: Frame, span: Span) -> Any:
    """The sessions, with whose they are (``account``) and whether any live line names them (``linked``)."""
    rows = LIVE_SESSIONS.table.c
    people = (
        select(LINES.c.shop_id, LINES.c.influencer_id, LINES.c.influencer_name)
        .where(
            is_live(LINES.c), or_(LINES.c.influencer_id.is_not(None), LINES.c.influencer_name.is_not(None))
        )
        .distinct()
        .cte("live_people")
    )
    linked = select(literal(1)).where(people.c.shop_id == rows.shop_id, _named(rows, people.c)).exists()
    account = func.coalesce(*(rows[name] for name in (*IDS, *NAMES, "room_id")), "")
    return (
        select(*rows, account.label("account"), linked.label("linked"))
        .where(rows.shop_id.in_(frame.ids), rows.started_at >= span.first, rows.started_at < span.last)
        .cte("sessions")
    )


def assigned(sessions: Any, frame: Frame, span: Span, moment: str) -> Any:
    """One row an order: the session (``entry``) it belongs to by its ``moment``, and whether that is
    ``ambiguous``."""
    at: Expression = ORDERS.c[moment]
    s, order = sessions.c, ORDERS.c
    nobody = and_(LINES.c.influencer_id.is_(None), LINES.c.influencer_name.is_(None))
    tier = case((_named(s, LINES.c), 0), (or_(nobody, and_(not_(s.linked), _sold_by_shop(frame))), 1))
    over = case((at <= s.ended_at, 0), else_=1)
    within = and_(
        s.shop_id == order.shop_id, at >= s.started_at, seconds_between(s.ended_at, at) <= TAIL.seconds
    )
    same = and_(LINES.c.shop_id == order.shop_id, LINES.c.order_id == order.order_id)
    candidates = (
        select(
            order.shop_id,
            order.order_id,
            s.entry,
            s.account,
            s.started_at,
            tier.label("tier"),
            over.label("over"),
        )
        .select_from(ORDERS.join(LINES, same).join(sessions, within))
        .where(
            order.shop_id.in_(frame.ids),
            at >= span.first,
            at < span.last + timedelta(days=2),
            is_live(LINES.c),
            s.ended_at > s.started_at,
            tier.is_not(None),
            *([order.is_paid] if moment == "paid_at" else []),
        )
        .subquery("candidates")
    )
    return _best(candidates.c, f"by_{moment}")


def _sold_by_shop(frame: Frame) -> ColumnElement[bool]:
    own = line_key(DIMENSIONS["account"], LINES.c, frame) == OWN
    return or_(own, func.coalesce(LINES.c.channel.in_(channel_words()[OWN]), False))


def _best(c: Any, name: str) -> Any:
    order, alike = (c.shop_id, c.order_id), (c.shop_id, c.order_id, c.tier, c.over)
    place = func.row_number().over(
        partition_by=order, order_by=(c.tier, c.over, c.started_at.desc(), c.entry)
    )
    several = func.min(c.account).over(partition_by=alike) != func.max(c.account).over(partition_by=alike)
    ranked = select(*c, place.label("place"), several.label("several")).subquery(f"{name}_ranked")
    ambiguous = and_(ranked.c.tier == 1, ranked.c.several)
    return (
        select(ranked.c.shop_id, ranked.c.order_id, ranked.c.entry, ambiguous.label("ambiguous"))
        .where(ranked.c.place == 1)
        .cte(name)
    )


def sold_lines(picked: Any, only: Sequence[ColumnElement[bool]] = ()) -> Any:
    """The live lines of the orders ``picked`` assigns, with money of record and refunds of their own."""
    held = (
        select(literal(1))
        .where(
            picked.c.shop_id == ORDERS.c.shop_id,
            picked.c.order_id == ORDERS.c.order_id,
            not_(picked.c.ambiguous),
            *only,
        )
        .exists()
    )
    keys = [LINES.c.product_id, LINES.c.product_name]
    lines = lines_with_money(keys, and_(ORDERS.c.source.in_((LIVE, "mixed")), held))
    return select(*lines.c).where(lines.c.line_source == LIVE).subquery("sold_lines")


def sold_orders(picked: Any, lines: Any) -> FromClause:
    """One row an order of a session: times, fate, and the money of its live lines."""
    money = ("paid_amount", "refund_amount", "units")
    whole = (
        select(lines.c.shop_id, lines.c.order_id, *(func.sum(lines.c[name]).label(name) for name in money))
        .group_by(lines.c.shop_id, lines.c.order_id)
        .subquery("order_money")
    )
    carried = ("placed_at", "paid_at", "is_refunded", "refund_applied_at", "refunded_at")
    mine = and_(
        picked.c.shop_id == whole.c.shop_id, picked.c.order_id == whole.c.order_id, not_(picked.c.ambiguous)
    )
    order = and_(ORDERS.c.shop_id == whole.c.shop_id, ORDERS.c.order_id == whole.c.order_id)
    return (
        select(
            picked.c.shop_id,
            picked.c.order_id,
            picked.c.entry,
            *(ORDERS.c[name] for name in carried),
            *(whole.c[name] for name in money),
        )
        .select_from(whole.join(picked, mine).join(ORDERS, order))
        .subquery("sold_orders")
    )

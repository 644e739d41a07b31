"""Which hits are put aside: conditions that join a hit with its case and with the answer somebody gave it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import ORDER, WAYBILL, abnormal_answers, cases
from shopdata.store.tables import PARCELS, orders

# Kinds of cases that are about several orders, and the column that tells which.
OF_ORDERS: Mapping[str, Any] = {"influencer": orders.c.influencer_id, WAYBILL: PARCELS.table.c.waybill}
PUT_ASIDE = ("waiting", "resolved", "false_alarm")


def of_case() -> ColumnElement[bool]:
    """Condition: a hit belongs to a case."""
    h, c = abnormal_hits.c, cases.c
    kind = case((h.order_id.is_not(None), ORDER), else_=h.rule)
    return and_(c.shop_id == h.shop_id, c.kind == kind, c.subject == func.coalesce(h.order_id, h.subject))


def has_hit(kinds: Collection[str], *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on cases: there is such a hit on them, or on an order they are about.

    ``kinds``: the kinds of cases there are.
    """
    h, c = abnormal_hits.c, cases.c
    found: list[ColumnElement[bool]] = [exists(select(h.rule).where(of_case(), *where))]
    for kind, column in OF_ORDERS.items():
        if kind in kinds:
            about = column.table.c
            of_order = and_(about.shop_id == h.shop_id, about.order_id == h.order_id)
            hits = select(h.rule).join(column.table, of_order)
            mine = (about.shop_id == c.shop_id, column == c.subject)
            found.append(and_(c.kind == kind, exists(hits.where(*mine, *where))))
    return or_(*found)


def answered() -> ColumnElement[bool]:
    """Condition: an answer was given to a hit."""
    h, a = abnormal_hits.c, abnormal_answers.c
    return and_(a.shop_id == h.shop_id, a.rule == h.rule, a.subject == h.subject)


def put_aside() -> ColumnElement[bool]:
    """Condition on hits and their answers: it is out of the queue.

    A false alarm stays away. What is settled, or done in the platform, comes back where a newer export still
    shows it; what was settled and has no deadline does not.
    """
    h, a = abnormal_hits.c, abnormal_answers.c
    as_then = func.coalesce(h.as_of <= a.as_of, true())
    return or_(
        a.answer == "false_alarm",
        and_(a.answer == "waiting", as_then),
        and_(a.answer == "resolved", or_(h.deadline_at.is_(None), as_then)),
    )

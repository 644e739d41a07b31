"""Which hits are put aside: conditions that join a hit with its case and with the answer somebody gave it."""

from __future__ import annotations

from sqlalchemy import and_, case, func, or_, true
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import ORDER, abnormal_answers, cases

PUT_ASIDE = ("waiting", "resolved", "false_alarm")


def of_case() -> ColumnElement[bool]:
    """Condition: a hit belongs to a case."""
    h, c = abnormal_hits.c, cases.c
    kind = case((h.order_id.is_not(None), ORDER), else_=h.rule)
    return and_(c.shop_id == h.shop_id, c.kind == kind, c.subject == func.coalesce(h.order_id, h.subject))


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

"""The queue in figures: how many hits are open and of which rules, how urgent, how much money is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select

from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.reading import Choice, chosen, held
from shopdata.abnormal.rules import RULES
from shopdata.metrics.context import frame_of
from shopdata.scope import Scope
from shopdata.store.abnormal_tables import abnormal_due
from shopdata.store.tables import audit, imports


@dataclass(frozen=True, slots=True)
class Summary:
    """``n`` hits about ``orders`` orders; ``high`` of high severity; ``overdue``: their deadline is over by
    the wall clock; ``ahead``: the next deadline that is not; ``amount``: fen at stake, where an order with
    several hits counts once, with the largest; ``by_rule`` in the order rules are declared."""

    n: int = 0
    orders: int = 0
    high: int = 0
    overdue: int = 0
    ahead: datetime | None = None
    amount: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)


def below_budget(store: Judges, scope: Scope, choice: Choice | None = None) -> int:
    """How many hits only the alarm budget keeps from being listed as open."""
    frame = frame_of(store, scope)
    if not frame.shops:
        return 0
    where = chosen(held(store, frame).c, scope, replace(choice or Choice(), below_budget=True))
    with store.read() as connection:
        return connection.scalar(select(func.count()).where(*where)) or 0


def summary(store: Judges, scope: Scope, choice: Choice | None = None) -> Summary:
    """The figures of what a choice lists of the scope."""
    judge_if_free(store)
    frame = frame_of(store, scope)
    if not frame.shops:
        return Summary()
    now = store.settings.now()
    c = held(store, frame).c
    subject = func.coalesce(c.order_id, func.concat(c.rule, " ", c.subject))
    each = (
        select(
            c.rule,
            func.count().label("n"),
            func.count().filter(c.is_high).label("high"),
            func.count().filter(c.deadline_at < now).label("overdue"),
            func.min(c.deadline_at).filter(c.deadline_at >= now).label("ahead"),
        )
        .where(*chosen(c, scope, choice or Choice()))
        .group_by(c.rule)
    )
    stakes = (
        select(func.max(c.amount).label("amount"), func.bool_or(c.order_id.is_not(None)).label("is_order"))
        .where(*chosen(c, scope, choice or Choice()))
        .group_by(c.shop_id, subject)
        .subquery("stakes")
    )
    whole = select(func.coalesce(func.sum(stakes.c.amount), 0), func.count().filter(stakes.c.is_order))
    with store.read() as connection:
        rows = {row.rule: row for row in connection.execute(each)}
        amount, orders = connection.execute(whole).one()
    return Summary(
        n=sum(row.n for row in rows.values()),
        orders=orders,
        high=sum(row.high for row in rows.values()),
        overdue=sum(row.overdue for row in rows.values()),
        ahead=min((row.ahead for row in rows.values() if row.ahead), default=None),
        amount=int(amount),
        by_rule={key: rows[key].n for key in RULES if key in rows},
    )


def found_since(store: Judges, scope: Scope, import_id: int) -> Summary | None:
    """The figures of the open hits that imports after this one brought; ``None`` while what they brought
    waits to be judged."""
    if state_of_queue(store)[1]:
        return None
    return summary(store, scope, Choice(after_import=import_id))


def newest_import(store: Judges, shop_ids: tuple[int, ...]) -> int:
    """The newest import of these shops; 0 for none."""
    newest = select(func.coalesce(func.max(imports.c.id), 0)).where(imports.c.shop_id.in_(shop_ids))
    with store.read() as connection:
        return connection.scalar(newest) or 0


def state_of_queue(store: Judges) -> tuple[int, int]:
    """How many things people have done, and how much waits to be judged (judging waits for whoever writes):
    what a page remembers of the queue is old when either changes."""
    judge_if_free(store)
    with store.read() as connection:
        done, due = (
            connection.scalar(select(func.count()).select_from(table)) for table in (audit, abnormal_due)
        )
    return done or 0, due or 0

"""Hits as people read them: which hold now, how severe they are, and whether something can still be done.

Deadlines run on the wall clock, states on the data. A row its shop's newest export showed is judged by the
wall clock while that export is at most a day old, else at the time of its data; a row the newest export did
not show is judged at its own as-of: it asks for a new export and is never newly late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, case, false, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import SECONDS, Severity
from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.rules import RULES
from shopdata.metrics.constructs import Expression, day_of, moment, seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame, ShopFrame
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store.abnormal_tables import abnormal_hits

WALL_CLOCK_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Flag:
    """One hit that holds. ``measure`` and ``limit`` are in the rule's unit, ``amount`` in fen; ``open``:
    something can still be done; ``as_of``: the state of the data it rests on."""

    shop_id: int
    rule: str
    subject: str
    order_id: str | None
    line_id: str | None
    severity: Severity
    measure: float | None
    limit: float | None
    since: datetime
    deadline: datetime | None
    amount: int | None
    open: bool
    as_of: datetime | None
    found_at: datetime | None
    evidence: str | None


def clock_of(shop: ShopFrame, kind: str, settings: Settings) -> datetime | None:
    """The moment states of a kind are judged at in a shop, for rows its newest file showed."""
    as_of = shop.as_of.get(kind)
    if as_of is None:
        return None
    now = settings.now()
    return now if settings.fixed_now is not None or now - as_of <= WALL_CLOCK_FOR else as_of


def held(frame: Frame, settings: Settings) -> Any:
    """Standing hits that hold now, as a relation with their ``clock``, ``is_high`` and ``is_open``."""
    h = abnormal_hits.c
    clock = _clock(frame, settings)
    high = h.rule.in_([key for key, rule in RULES.items() if rule.severity == "high"])
    rows = select(
        abnormal_hits,
        clock.label("clock"),
        or_(high, func.coalesce(h.high_from <= clock, false())).label("is_high"),
        func.coalesce(h.past_from > clock, h.past_from.is_(None)).label("is_open"),
    ).where(h.shop_id.in_(frame.ids), h.gone_at.is_(None))
    inner = rows.subquery("judged")
    c = inner.c
    return (
        select(inner)
        .where(c.since <= c.clock, or_(c.until.is_(None), c.until > c.clock))
        .subquery("hits_held")
    )


def _clock(frame: Frame, settings: Settings) -> Expression:
    h = abnormal_hits.c
    cases: list[tuple[ColumnElement[bool], Expression]] = []
    for kind in sorted({rule.clock for rule in RULES.values()}):
        keys = [key for key, rule in RULES.items() if rule.clock == kind]
        newest = {
            shop.id: datetime.combine(shop.as_of[kind].date(), time.min) if kind in shop.as_of else None
            for shop in frame.shops
        }
        now = {shop.id: clock_of(shop, kind, settings) for shop in frame.shops}
        shown = or_(h.as_of.is_(None), h.as_of >= per_shop(h.shop_id, newest, moment))
        cases.append((and_(h.rule.in_(keys), shown), per_shop(h.shop_id, now, moment)))
    return case(*cases, else_=h.as_of)


def measured(c: Any) -> Expression:
    """The measure of a hit in the rule's unit: stored, or the time from (or to) ``counted_from``."""
    passed = seconds_between(c.counted_from, c.clock)
    times = [
        (c.rule == key, passed * (-1.0 if rule.counts_down else 1.0) / SECONDS[rule.unit])
        for key, rule in RULES.items()
        if rule.unit in SECONDS
    ]
    return func.coalesce(c.measure, case(*times))


def flags(
    store: Judges, scope: Scope, rules: Sequence[str] = (), *, with_past: bool = False
) -> tuple[Flag, ...]:
    """Hits of the scope, the most urgent first. ``from`` and ``to`` are days of placing the order."""
    judge_if_free(store)
    frame = frame_of(store, scope)
    if not frame.shops:
        return ()
    with store.read() as connection:
        return tuple(map(_flag, connection.execute(_listed(frame, store.settings, scope, rules, with_past))))


def _listed(
    frame: Frame, settings: Settings, scope: Scope, rules: Sequence[str], with_past: bool
) -> Select[Any]:
    rows = held(frame, settings)
    c = rows.c
    query = select(rows, measured(c).label("measured")).where(
        *within(c, scope), *((c.rule.in_(rules),) if rules else ()), *(() if with_past else (c.is_open,))
    )
    first = (c.is_open.desc(), c.is_high.desc(), c.deadline_at.nulls_last(), c.amount.desc().nulls_last())
    return query.order_by(*first, c.rule, c.subject)


def within(c: Any, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Conditions: hits of orders placed in the days of the scope."""
    day = day_of(c.dated_at)
    after = () if scope.start is None else (day >= scope.start,)
    return (*after, *(() if scope.end is None else (day <= scope.end,)))


def _flag(row: Row[Any]) -> Flag:
    rule = RULES[row.rule]
    return Flag(
        shop_id=row.shop_id,
        rule=row.rule,
        subject=row.subject,
        order_id=row.order_id,
        line_id=row.line_id,
        severity="high" if row.is_high else rule.severity,
        measure=None if row.measured is None else round(float(row.measured), 4),
        limit=row.limit_value,
        since=row.since,
        deadline=row.deadline_at,
        amount=row.amount,
        open=row.is_open,
        as_of=row.as_of,
        found_at=row.found_at,
        evidence=row.evidence,
    )


def counts(found: Sequence[Flag]) -> Mapping[str, int]:
    """How many of each rule, in the order rules are declared."""
    return {key: n for key in RULES if (n := sum(flag.rule == key for flag in found))}

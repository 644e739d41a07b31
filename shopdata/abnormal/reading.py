"""Hits as people read them: which hold now, how severe they are, and whether something can still be done.

Deadlines run on the wall clock, states on the data. A row its shop's newest export showed is judged by the
wall clock while that export is at most a day old, else at the time of its data; a row the newest export did
not show is judged at its own as-of: it asks for a new export and is never newly late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, false, func, literal, not_, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.aside import OF_ORDERS, PUT_ASIDE, answered, of_case, put_aside
from shopdata.abnormal.budget import within_budget
from shopdata.abnormal.causes import Cause, has_cause, has_none_of
from shopdata.abnormal.definition import SECONDS, Severity
from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.suspensions import Suspension, in_force, openness, with_place
from shopdata.metrics.constructs import Expression, day_of, moment, seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame, ShopFrame
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import ORDER, abnormal_answers, cases
from shopdata.store.engine_duckdb import one_of

DAYS_ALONE = ("metric", "product_day")
WALL_CLOCK_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseKey:
    """What a case is about. ``kind``: ``order``, ``influencer``, ``waybill``, or the key of a rule whose hit
    belongs to no order; ``subject``: its id."""

    shop_id: int
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Held:
    """The case a hit belongs to, once there is one: who works it, in which state."""

    id: int
    state: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which hits are listed; what is empty chooses nothing.

    ``state``: of their case, also those put aside with it. ``with_past``: also those nothing can be done
    about any more, and suspended ones. ``suspended``: those alone. ``below_budget``: only what the alarm
    budget alone keeps from being open. ``about``: one case's; ``orders``: of orders with these numbers.
    ``cause``: one incident's; ``besides``: none of these. ``after_import``: brought by later imports.
    """

    rules: tuple[str, ...] = ()
    severity: str = ""
    state: str = ""
    assignee: str = ""
    with_past: bool = False
    suspended: bool = False
    below_budget: bool = False
    about: CaseKey | None = None
    orders: tuple[str, ...] = ()
    cause: Cause | None = None
    besides: tuple[Cause, ...] = ()
    after_import: int = 0


@dataclass(frozen=True, slots=True)
class Flag:
    """One hit that holds. ``measure`` and ``limit`` are in the rule's unit, ``amount`` in fen; ``open``:
    something can still be done and nobody has put it aside; ``as_of``: the state of the data it rests on;
    ``suspended_until``: it would be open but for a suspension, whose last day this is; ``below_budget``: it
    would be open but for the alarm budget."""

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
    case: Held | None = None
    suspended_until: date | None = None
    below_budget: bool = False

    @property
    def number(self) -> str:
        """The number people know it by: of its order, else of what it is about; a day's figure has none."""
        return self.order_id or ("" if RULES[self.rule].subject in DAYS_ALONE else self.subject)

    @property
    def key(self) -> CaseKey:
        """The case it belongs to, whether there is one yet or not."""
        kind, subject = (ORDER, self.order_id) if self.order_id else (self.rule, self.subject)
        return CaseKey(self.shop_id, kind, subject)


def clock_of(shop: ShopFrame, kind: str, settings: Settings) -> datetime | None:
    """The moment states of a kind are judged at in a shop, for rows its newest file showed; without a file of
    the kind (what people mark needs none) that of its orders."""
    as_of = shop.as_of.get(kind, shop.as_of.get("orders"))
    if as_of is None:
        return None
    now = settings.now()
    return now if settings.fixed_now is not None or now - as_of <= WALL_CLOCK_FOR else as_of


def held(store: Judges, frame: Frame) -> Any:
    """Standing hits that hold now, as a relation with their ``clock``, ``is_high`` and ``is_open``, with id,
    state and assignee of their case, and ``suspension`` and ``suspended_until`` where only a suspension
    keeps them from being open; ``is_live`` also where only the alarm budget does (``below_budget``)."""
    clock = _clock(frame, store.settings)
    with store.read() as connection:
        suspensions = in_force(connection, frame.ids, store.settings.now().date())
        return within_budget(connection, frame, store.settings, _holding(frame, clock, suspensions))


def _holding(frame: Frame, clock: Expression, suspensions: Sequence[Suspension]) -> Any:
    """Standing hits that hold by their clock, before the budget."""
    h = abnormal_hits.c
    at_once = [key for key, rule in RULES.items() if rule.at_once]
    high = one_of(h.rule, (key for key, rule in RULES.items() if rule.severity == "high"))
    left = func.coalesce(h.past_from > clock, h.past_from.is_(None))
    would_be = and_(left, func.coalesce(not_(put_aside()), true()))
    is_live, which, until = openness(would_be, suspensions)
    hits = abnormal_hits.outerjoin(cases, of_case()).outerjoin(abnormal_answers, answered())
    rows = (
        select(
            abnormal_hits,
            clock.label("clock"),
            or_(high, func.coalesce(h.high_from <= clock, false())).label("is_high"),
            is_live.label("is_live"),
            and_(left, which.is_(None), h.deadline_at.is_(None), h.rule.not_in(at_once)).label("takes_part"),
            which.label("suspension"),
            until.label("suspended_until"),
            *(cases.c[name].label(f"case_{name}") for name in ("id", "state", "assignee")),
        )
        .select_from(with_place(hits, suspensions))
        .where(h.shop_id.in_(frame.ids), h.gone_at.is_(None))
    )
    inner = rows.subquery("judged")
    c = inner.c
    return (
        select(inner)
        .where(c.since <= c.clock, or_(c.until.is_(None), c.until > c.clock))
        .subquery("hits_that_hold")
    )


def _clock(frame: Frame, settings: Settings) -> Expression:
    h = abnormal_hits.c
    cases: list[tuple[ColumnElement[bool], Expression]] = []
    for kind in sorted({rule.clock for rule in RULES.values()}):
        keys = (key for key, rule in RULES.items() if rule.clock == kind)
        newest = {
            shop.id: datetime.combine(shop.as_of[kind].date(), time.min) if kind in shop.as_of else None
            for shop in frame.shops
        }
        now = {shop.id: clock_of(shop, kind, settings) for shop in frame.shops}
        shown = or_(h.as_of.is_(None), h.as_of >= per_shop(h.shop_id, newest, moment))
        cases.append((and_(one_of(h.rule, keys), shown), per_shop(h.shop_id, now, moment)))
    return case(*cases, else_=h.as_of)


def measured(c: Any, now: datetime) -> Expression:
    """The measure of a hit in the rule's unit: stored, or the time since ``counted_from`` as the state is
    known; the time left to a deadline goes by the wall clock, as the deadline itself does."""
    passed, left = seconds_between(c.counted_from, c.clock), seconds_between(literal(now), c.counted_from)
    times = [
        (c.rule == key, (left if rule.counts_down else passed) / SECONDS[rule.unit])
        for key, rule in RULES.items()
        if rule.unit in SECONDS
    ]
    return func.coalesce(c.measure, case(*times))


def flags(
    store: Judges, scope: Scope, choice: Choice | None = None, *, most: int | None = None
) -> tuple[Flag, ...]:
    """Hits of the scope, the most urgent first, at most ``most``. ``from`` and ``to`` are days of placing
    the order."""
    judge_if_free(store)
    frame = frame_of(store, scope)
    if not frame.shops:
        return ()
    c = (rows := held(store, frame)).c
    first = (c.is_open.desc(), c.is_high.desc(), c.deadline_at.nulls_last(), c.amount.desc().nulls_last())
    query = (
        select(rows, measured(c, store.settings.now()).label("measured"))
        .where(*chosen(c, scope, choice or Choice()))
        .order_by(*first, c.rule, c.subject)
        .limit(most)
    )
    with store.read() as connection:
        return tuple(map(_flag, connection.execute(query)))


def chosen(c: Any, scope: Scope, choice: Choice) -> tuple[ColumnElement[bool], ...]:
    """Conditions on ``held``: what the choice lists of the scope."""
    where = list(within(c, scope))
    if choice.rules:
        where.append(c.rule.in_(choice.rules))
    if choice.severity:
        severity = case((c.is_high, "high"), *((c.rule == key, rule.severity) for key, rule in RULES.items()))
        where.append(severity == choice.severity)
    if choice.state:
        where.append(func.coalesce(c.case_state, "open") == choice.state)
    if choice.assignee:
        where.append(c.case_assignee == choice.assignee)
    if choice.orders:
        where.append(c.order_id.in_(choice.orders))
    if choice.about is not None:
        where += about(c, choice.about)
    if choice.cause is not None:
        where.append(has_cause(c, choice.cause))
    if choice.after_import:
        where.append(c.found_import > choice.after_import)
    return (*where, *has_none_of(c, choice.besides), *_standing(c, choice))


def _standing(c: Any, choice: Choice) -> tuple[ColumnElement[bool], ...]:
    """Conditions: those something can be done about, or what is asked for instead of them."""
    if choice.suspended:
        return (c.suspended_until.is_not(None),)
    if choice.below_budget:
        return (c.below_budget,)
    if choice.with_past or choice.state in PUT_ASIDE:
        return ()
    return (c.is_open if choice.cause is None else c.is_live,)


def about(c: Any, key: CaseKey) -> list[ColumnElement[bool]]:
    """Conditions: what is found about the subject of a case, or about the orders it is of."""
    mine: ColumnElement[bool] = c.shop_id == key.shop_id
    if key.kind in OF_ORDERS:
        column = OF_ORDERS[key.kind]
        table: Any = column.table
        of_it = select(table.c.order_id).where(table.c.shop_id == key.shop_id, column == key.subject)
        return [mine, c.order_id.in_(of_it)]
    kind = case((c.order_id.is_not(None), ORDER), else_=c.rule)
    return [mine, kind == key.kind, func.coalesce(c.order_id, c.subject) == key.subject]


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
        case=None if row.case_id is None else Held(row.case_id, row.case_state, row.case_assignee),
        suspended_until=row.suspended_until,
        below_budget=row.below_budget,
    )


def counts(found: Sequence[Flag]) -> Mapping[str, int]:
    """How many of each rule, in the order rules are declared."""
    return {key: n for key in RULES if (n := sum(flag.rule == key for flag in found))}

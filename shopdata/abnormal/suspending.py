"""Suspending rules and ending that, how many hits it concerns, and the next holiday as a proposal.

For who works cases; every change is audited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, insert, select, update

from shopdata.abnormal.judging import Judges
from shopdata.abnormal.reading import held
from shopdata.abnormal.suspensions import SUSPENDABLE, Suspension, every_suspension
from shopdata.abnormal.working import may_work
from shopdata.abnormal.working_days import next_holiday
from shopdata.analysis.promotion_calendar import calendar
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.scoping import shops_in
from shopdata.metrics.context import frame_of
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.suspension_tables import suspensions

LONGEST, LONGEST_TEXT, LONGEST_COURIER = timedelta(days=92), 200, 40
LONG_HOLIDAY, AHEAD = 5, timedelta(days=90)
FESTIVAL = "spring_festival"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A holiday parcels may wait for. ``key``: under ``abnormal.holidays``; not ``is_announced``: the days
    are the promotion calendar's, since the State Council's are not known yet."""

    key: str
    first: date
    last: date
    is_announced: bool


def suspend(
    store: Store,
    scope: Scope,
    shop_id: int,
    *,
    from_day: date,
    to_day: date,
    rules: Sequence[str] = SUSPENDABLE,
    province: str | None = None,
    courier: str | None = None,
    reason: str = "",
) -> int:
    """Suspend rules of a shop on days, for a province (a code) or courier where given; returns its number.

    Raises ``NotAllowed`` for who does not work cases, ``NotFound`` for a shop outside the scope, ``BadUsage``
    for rules that cannot be suspended, days the wrong way round, or more than three months.
    """
    told: dict[str, object] = {"province": province or None, "courier": (courier or "").strip() or None}
    _check(scope, rules, (from_day, to_day), (province, courier or "", reason))
    with store.write(figures=False) as connection:
        if shop_id not in shops_in(connection, scope):
            raise NotFound("not_found", what=shop_id)
        now, c = store.settings.now(), suspensions.c
        number = 1 + (connection.scalar(select(func.coalesce(func.max(c.id), 0))) or 0)
        told |= {"shop_id": shop_id, "from_day": from_day, "to_day": to_day, "reason": reason.strip() or None}
        row = {**told, "id": number, "rules": json.dumps(list(rules)), "user": scope.user, "at": now}
        connection.execute(insert(suspensions).values(row))
        record_action(connection, now, scope.user, "suspended", role=scope.role, rules=list(rules), **told)
    return number


def _check(
    scope: Scope, rules: Sequence[str], days: tuple[date, date], texts: tuple[str | None, str, str]
) -> None:
    if not may_work(scope.role):
        raise NotAllowed(role=scope.role)
    if not rules or set(rules) - set(SUSPENDABLE):
        raise BadUsage("suspension_rules")
    if not timedelta(0) <= days[1] - days[0] <= LONGEST:
        raise BadUsage("suspension_days", limit=LONGEST.days)
    province, courier, reason = texts
    if province and province not in places().provinces:
        raise BadUsage("value_unknown", name="province", value=province, choices="110000–820000")
    if len(courier) > LONGEST_COURIER or len(reason) > LONGEST_TEXT:
        raise BadUsage("suspension_text", limit=LONGEST_TEXT)


def end_suspension(store: Store, scope: Scope, number: int) -> None:
    """Let the rules count again from now on. Raises ``NotAllowed``, ``NotFound`` for one that is over."""
    if not may_work(scope.role):
        raise NotAllowed(role=scope.role)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        every = every_suspension(connection, shops_in(connection, scope))
        if number not in {one.id for one in every if not one.is_over(now.date())}:
            raise NotFound("not_found", what=number)
        ended = update(suspensions).where(suspensions.c.id == number)
        connection.execute(ended.values(ended_at=now, ended_by=scope.user))
        record_action(connection, now, scope.user, "suspension_ended", role=scope.role, suspension=number)


def suspended(store: Judges, scope: Scope) -> Mapping[Suspension, int]:
    """The suspensions that hold today or later, and how many hits each keeps from being open now."""
    frame = frame_of(store, scope.between(None, None))
    if not frame.shops:
        return {}
    c = held(store, frame).c
    count = select(c.suspension, func.count()).where(c.suspension.is_not(None)).group_by(c.suspension)
    with store.read() as connection:
        counted = dict(tuple(row) for row in connection.execute(count))
        every = every_suspension(connection, frame.ids)
    today = store.settings.now().date()
    return {one: counted.get(one.id, 0) for one in every if not one.is_over(today)}


def proposal(store: Judges) -> Proposal | None:
    """The next holiday of some length, from ``working_days``; before it is announced, the Spring Festival as
    the promotion calendar has it; ``None`` where none comes soon."""
    today = store.settings.now().date()
    found = next_holiday(today, at_least=LONG_HOLIDAY)
    if found is not None:
        coming = Proposal(found.key, found.first, found.last, True)
    else:
        festivals = (one for one in calendar(store) if one.key == FESTIVAL and one.end >= today)
        event = next(festivals, None)
        if event is None:
            return None
        coming = Proposal(FESTIVAL, event.start, event.end, False)
    return coming if coming.first - today <= AHEAD else None

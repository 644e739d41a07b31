"""The promotion calendar as this shop keeps it: the calendar that comes along, and what the owner changed.

An entry of the owner's replaces the one of the same key and year, or adds one. Windows of a presale (when
deposits and balances are due) are known only where the owner gave them: no export tells them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from shopdata.analysis.trends import promotions
from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import settings

KEY = "promotions.own"
MAY_CHANGE = ("owner", "operator")
LONGEST_NAME, LONGEST_DAYS = 30, 100
DAYS = ("start", "end", "balance_start", "balance_end")


@dataclass(frozen=True, slots=True)
class Event:
    """A promotion of one year. ``name`` is empty where the words know ``key``; days are inclusive."""

    key: str
    start: date
    end: date
    name: str = ""
    balance_start: date | None = None
    balance_end: date | None = None
    is_own: bool = False

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.end - self.start).days + 1


def calendar(store: Reads) -> tuple[Event, ...]:
    """Every promotion, oldest first."""

    def read() -> tuple[Event, ...]:
        with store.read() as connection:
            held = connection.scalar(select(settings.c.value).where(settings.c.key == KEY))
        own = {(one.key, one.start.year): one for one in map(_event, json.loads(held or "[]"))}
        given = {(one.key, one.start.year): Event(one.key, one.start, one.end) for one in promotions()}
        return tuple(sorted((given | own).values(), key=lambda one: (one.start, one.key)))

    return remembered(store, ("promotion_calendar",), read)


def event_before(events: Sequence[Event], event: Event) -> Event | None:
    """The same promotion the time before: what its days are compared with."""
    earlier = [one for one in events if one.key == event.key and one.end < event.start]
    return max(earlier, key=lambda one: one.start, default=None)


def save_own(store: Store, scope: Scope, events: Sequence[Event]) -> None:
    """Keep the owner's entries in place of those kept before.

    Raises ``NotAllowed`` by role, ``BadUsage`` ``promotion_invalid`` for a name or days that cannot be.
    """
    if scope.role not in MAY_CHANGE:
        raise NotAllowed(role=scope.role)
    for event in events:
        _check(event)
    rows = [_row(event) for event in events]
    with store.write() as connection:
        connection.execute(delete(settings).where(settings.c.key == KEY))
        connection.execute(insert(settings).values(key=KEY, value=json.dumps(rows, ensure_ascii=False)))
        now = store.settings.now()
        record_action(connection, now, scope.user, "promotions", role=scope.role, events=len(rows))


def _check(event: Event) -> None:
    named = event.key.isprintable() and 0 < len(event.key) <= LONGEST_NAME
    balance = (event.balance_start, event.balance_end)
    ordered = event.start <= event.end and event.days <= LONGEST_DAYS
    whole = balance == (None, None) or (None not in balance and balance[0] <= balance[1])  # type: ignore[operator]
    if not (named and ordered and whole):
        raise BadUsage("promotion_invalid", name=event.name or event.key)


def _row(event: Event) -> dict[str, Any]:
    days = {name: value.isoformat() for name in DAYS if (value := getattr(event, name)) is not None}
    return {"key": event.key, "name": event.name, **days}


def _event(row: Mapping[str, Any]) -> Event:
    days = {name: date.fromisoformat(row[name]) if row.get(name) else None for name in DAYS}
    start, end = days.pop("start"), days.pop("end")
    if start is None or end is None:
        raise BadUsage("promotion_invalid", name=row.get("name"))
    return Event(row["key"], start, end, row.get("name", ""), **days, is_own=True)

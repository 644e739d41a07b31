"""The promotion calendar as this shop keeps it: the calendar that comes along, and what the owner changed.

All that speaks of promotions reads it here: the bands on charts, uplifts, forecasts, the page Promotions. An
entry of the owner's replaces what came along of the same key and year, or adds one; what came along can also
be taken out, where a shop takes no part. Windows of a presale
(when deposits and balances are due) are known only where the owner gave them: no export tells them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import note_comparisons
from shopdata.store.tables import settings
from shopdata.words import Words

KEY, GONE = "promotions.own", "gone"
MAY_CHANGE = ("owner", "operator")
LONGEST_NAME, LONGEST_DAYS = 30, 100
DAYS = ("start", "end", "balance_start", "balance_end")
# A promotion by its key and the year it begins in.
Edition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """A promotion of one year. ``name`` is empty where the words know ``key``; days are inclusive. ``end`` is
    its last day and, for one-day events, the day it is named for."""

    key: str
    start: date
    end: date
    name: str = ""
    balance_start: date | None = None
    balance_end: date | None = None
    is_own: bool = False

    @property
    def edition(self) -> Edition:
        """Which promotion of which year it is."""
        return self.key, self.start.year

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.end - self.start).days + 1

    def meets(self, first: date, last: date) -> bool:
        """Whether any of its days lies between ``first`` and ``last``."""
        return self.start <= last and first <= self.end


@cache
def given_events() -> tuple[Event, ...]:
    """The calendar that comes along, oldest first: what a shop has that changed nothing."""
    path = Path(__file__).with_name("promotions.toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["promotion"]
    found = (Event(entry["key"], days["start"], days["end"]) for entry in entries for days in entry["days"])
    return _in_order(found)


def calendar(store: Reads) -> tuple[Event, ...]:
    """Every promotion, oldest first."""

    def read() -> tuple[Event, ...]:
        held = _held(store)
        own = {(one.key, one.start): one for one in map(_event, (row for row in held if GONE not in row))}
        changed = {one.edition for one in own.values()} | _gone(held)
        return _in_order([*own.values(), *(one for one in given_events() if one.edition not in changed)])

    return remembered(store, ("promotion_calendar",), read)


def taken_out(store: Reads) -> frozenset[Edition]:
    """What came along and was taken out."""
    return _gone(_held(store))


def _held(store: Reads) -> list[dict[str, Any]]:
    with store.read() as connection:
        held = connection.scalar(select(settings.c.value).where(settings.c.key == KEY))
    found: list[dict[str, Any]] = json.loads(held or "[]")
    return found


def _gone(held: Iterable[Mapping[str, Any]]) -> frozenset[Edition]:
    return frozenset((row["key"], row[GONE]) for row in held if GONE in row)


def event_before(events: Sequence[Event], event: Event) -> Event | None:
    """The same promotion the time before: what its days are compared with."""
    earlier = [one for one in events if one.key == event.key and one.end < event.start]
    return max(earlier, key=lambda one: one.start, default=None)


def next_event(events: Sequence[Event], up_to: date) -> Event | None:
    """The first promotion that begins after a day."""
    return min((one for one in events if one.start > up_to), key=lambda one: one.start, default=None)


def label_of(event: Event, spoken: Words) -> str:
    """What the promotion is called: as the owner typed it, else as the words have it. Not escaped."""
    return event.name or spoken.get(f"analysis.promotions.{event.key}", event.key)


def save_own(store: Store, scope: Scope, events: Sequence[Event], out: Collection[Edition] = ()) -> None:
    """Keep the owner's entries, and what is taken out of the calendar, in place of those kept before.

    Raises ``NotAllowed`` by role, ``BadUsage`` ``promotion_invalid`` for a name or days that cannot be.
    """
    if scope.role not in MAY_CHANGE:
        raise NotAllowed(role=scope.role)
    for event in events:
        _check(event)
    rows = [_row(event) for event in events] + [{"key": key, GONE: year} for key, year in sorted(out)]
    with store.write() as connection:
        connection.execute(delete(settings).where(settings.c.key == KEY))
        connection.execute(insert(settings).values(key=KEY, value=json.dumps(rows, ensure_ascii=False)))
        note_comparisons(connection)
        now = store.settings.now()
        record_action(connection, now, scope.user, "promotions", role=scope.role, events=len(rows))


def _check(event: Event) -> None:
    texts = (event.key, event.name or event.key)
    named = all(text.isprintable() and 0 < len(text) <= LONGEST_NAME for text in texts)
    balance = (event.balance_start, event.balance_end)
    ordered = event.start <= event.end and event.days <= LONGEST_DAYS
    whole = balance == (None, None) or (None not in balance and balance[0] <= balance[1])  # type: ignore[operator]
    if not (named and ordered and whole):
        raise BadUsage("promotion_invalid", name=event.name or event.key)


def _in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda one: (one.start, one.key)))


def _row(event: Event) -> dict[str, Any]:
    days = {name: value.isoformat() for name in DAYS if (value := getattr(event, name)) is not None}
    return {"key": event.key, "name": event.name, **days}


def _event(row: Mapping[str, Any]) -> Event:
    days = {name: date.fromisoformat(row[name]) if row.get(name) else None for name in DAYS}
    start, end = days.pop("start"), days.pop("end")
    if start is None or end is None:
        raise BadUsage("promotion_invalid", name=row.get("name"))
    return Event(row["key"], start, end, row.get("name", ""), **days, is_own=True)

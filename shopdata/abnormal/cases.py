"""A case as people read it: its hits now and before, and everything that was done in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from shopdata.abnormal.aside import OF_ORDERS
from shopdata.abnormal.judging import Judges
from shopdata.abnormal.reading import CaseKey, Choice, Flag, about, flags
from shopdata.errors import NotFound
from shopdata.imports.scoping import shops_in
from shopdata.scope import Scope
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import ORDER, case_events, cases
from shopdata.store.tables import imports, orders

OPEN = "open"
SUBJECTS: Mapping[str, Any] = {ORDER: orders.c.order_id, **OF_ORDERS}
STATES = (OPEN, "in_work", "waiting", "resolved", "false_alarm")


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing done in a case; ``user`` is ``None`` where an import did it. ``action``: ``comment``,
    ``assigned``, ``state``, ``returned``, ``cleared`` or what other parts add."""

    id: int
    at: datetime
    user: str | None
    action: str
    text: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PastHit:
    """A hit that held and stands no more: found and gone when, and the file that resolved it."""

    rule: str
    found_at: datetime | None
    gone_at: datetime
    file: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ``id`` is ``None`` and the rest empty until somebody does something."""

    key: CaseKey
    id: int | None
    state: str
    assignee: str | None
    opened_at: datetime | None
    opened_by: str | None
    events: tuple[CaseEvent, ...]
    hits: tuple[Flag, ...]
    gone: tuple[PastHit, ...]

    @property
    def newest(self) -> int:
        """The newest event somebody who reads the case has seen; 0 for none."""
        return self.events[-1].id if self.events else 0


def read_case(store: Judges, scope: Scope, key: CaseKey) -> Case:
    """The case, whether anybody opened it or not. Raises ``NotFound`` for a subject outside the scope."""
    asked = scope.between(None, None)
    hits = flags(store, asked, Choice(with_past=True, about=key))
    with store.read() as connection:
        check_subject(connection, scope, key)
        row = connection.execute(select(cases).where(is_about(key))).one_or_none()
        events = _events(connection, row.id) if row else ()
        gone = _gone(connection, key)
    return Case(
        key,
        row.id if row else None,
        row.state if row else OPEN,
        row.assignee if row else None,
        row.opened_at if row else None,
        row.opened_by if row else None,
        events,
        hits,
        gone,
    )


def is_about(key: CaseKey) -> Any:
    """Condition on ``cases``: the case of this key."""
    c = cases.c
    return and_(c.shop_id == key.shop_id, c.kind == key.kind, c.subject == key.subject)


def check_subject(connection: Connection, scope: Scope, key: CaseKey) -> None:
    """Raise ``NotFound`` where the scope's shops hold nothing a case of this key could be about."""
    if key.shop_id not in shops_in(connection, scope) or not connection.execute(_subject(key)).first():
        raise NotFound("case_not_found", subject=key.subject)


def _subject(key: CaseKey) -> Any:
    column = SUBJECTS.get(key.kind)
    if column is None:
        h = abnormal_hits.c
        return select(h.rule).where(h.shop_id == key.shop_id, h.rule == key.kind, h.subject == key.subject)
    return select(column).where(column.table.c.shop_id == key.shop_id, column == key.subject).limit(1)


def _events(connection: Connection, case_id: int) -> tuple[CaseEvent, ...]:
    e = case_events.c
    query = select(case_events).where(e.case_id == case_id).order_by(e.id)
    return tuple(map(_event, connection.execute(query)))


def _event(row: Row[Any]) -> CaseEvent:
    return CaseEvent(row.id, row.at, row.user, row.action, row.text, json.loads(row.detail or "{}"))


def _gone(connection: Connection, key: CaseKey) -> tuple[PastHit, ...]:
    h = abnormal_hits.c
    query = (
        select(h.rule, h.found_at, h.gone_at, imports.c.file_name)
        .select_from(abnormal_hits.outerjoin(imports, imports.c.id == h.gone_import))
        .where(*about(h, key), h.gone_at.is_not(None), h.since <= h.gone_at)
        .order_by(h.gone_at, h.rule)
    )
    return tuple(PastHit(*row) for row in connection.execute(query))

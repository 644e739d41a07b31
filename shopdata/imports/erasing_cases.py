"""What a purge does to cases. While one goes on, its order keeps its buyer and the case its texts and files;
once it is closed, what is older than the day goes with the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.case_tables import (
    CASE_ORDERS,
    GOING_ON,
    case_claims,
    case_events,
    case_rows,
    cases,
    evidence,
    has_case,
    is_going_on,
)
from shopdata.store.personal import told
from shopdata.store.tables import ORDER_LINES

LINES = ORDER_LINES.table


def _closed(case_id: Any) -> ColumnElement[bool]:
    """Condition: the case is closed."""
    return not_(exists(select(cases.c.id).where(cases.c.id == case_id, cases.c.state.in_(GOING_ON))))


def _old_parts(started: datetime) -> tuple[tuple[Any, ColumnElement[bool], dict[str, Any]], ...]:
    """Tables of cases, which of their rows go, and what they become."""
    t, c = case_events.c, case_claims.c
    texts = and_(t.at < started, t.text.is_not(None), _closed(t.case_id))
    found = and_(c.changed_at < started, c.inspection.is_not(None), _closed(c.case_id))
    return (case_events, texts, {"text": None}), (case_claims, found, {"inspection": None})


def _old_evidence(started: datetime) -> ColumnElement[bool]:
    e = evidence.c
    told_of = or_(e.removed_at.is_(None), e.file_name.is_not(None), e.note.is_not(None))
    return and_(e.added_at < started, told_of, _closed(e.case_id))


def erase_cases(connection: Connection, started: datetime, now: datetime) -> dict[str, int]:
    """Erase what closed cases told before ``started``; returns rows changed by table. The files themselves
    go with ``evidence_files.tidy``."""
    changed: dict[str, int] = {}
    for table, where, values in _old_parts(started):
        changed[table.name] = _count(connection, table, where)
        connection.execute(update(table).where(where).values(values))
    e, old = evidence.c, _old_evidence(started)
    changed[evidence.name] = _count(connection, evidence, old)
    gone = {"file_name": None, "note": None, "removed_at": func.coalesce(e.removed_at, now)}
    connection.execute(update(evidence).where(old).values(gone))
    aside = _closed(case_rows.c.case_id)
    changed[case_rows.name] = _count(connection, case_rows, aside)
    connection.execute(delete(case_rows).where(aside))
    return {name: count for name, count in changed.items() if count}


def _count(connection: Connection, table: Any, where: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count()).select_from(table).where(where)) or 0)


def are_due(connection: Connection, old: Any, started: datetime) -> bool:
    """Whether a case was closed since the last purge, so that there is something to erase."""
    closed = has_case(LINES.c.shop_id, LINES.c.order_id, CASE_ORDERS.c.state.not_in(GOING_ON))
    left = [
        exists(select(LINES.c.order_id).where(LINES.c.import_id.in_(old), told(LINES), closed)),
        exists(select(evidence.c.id).where(_old_evidence(started))),
        exists(select(case_rows.c.row).where(_closed(case_rows.c.case_id))),
        *(exists(select(table.c.case_id).where(where)) for table, where, _ in _old_parts(started)),
    ]
    return bool(connection.scalar(select(or_(*left))))


def orders_kept(connection: Connection, old: Any) -> int:
    """Orders of old imports that keep their buyer because their case goes on."""
    kept = and_(LINES.c.import_id.in_(old), told(LINES), _lines_go_on())
    orders = select(LINES.c.shop_id, LINES.c.order_id).where(kept).distinct().subquery()
    return int(connection.scalar(select(func.count()).select_from(orders)) or 0)


def _lines_go_on() -> ColumnElement[bool]:
    return is_going_on(LINES.c.shop_id, LINES.c.order_id)

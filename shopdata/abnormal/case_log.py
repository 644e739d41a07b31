"""Writing down what happens in cases: events are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from shopdata.store.case_tables import case_events


def note(
    connection: Connection,
    ids: Iterable[int],
    now: datetime,
    user: str | None,
    action: str,
    *,
    text: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add an event to cases. ``text`` may name a buyer, ``detail`` must not."""
    first = 1 + (connection.scalar(select(func.coalesce(func.max(case_events.c.id), 0))) or 0)
    told = json.dumps(dict(detail or {}), ensure_ascii=False, default=str)
    same = {"at": now, "user": user, "action": action, "text": text, "detail": told}
    rows = [{"id": first + place, "case_id": one, **same} for place, one in enumerate(ids)]
    if rows:
        connection.execute(insert(case_events).values(rows))

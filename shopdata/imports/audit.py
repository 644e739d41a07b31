"""Who did what, when: one row an action, written in the transaction of the action itself."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from shopdata.store.tables import audit


def record_action(
    connection: Connection, at: datetime, user: str, action: str, *, role: str = "owner", **detail: object
) -> None:
    """Write one action; ``detail`` holds ids and counts, never buyer data."""
    text = json.dumps(detail, ensure_ascii=False, default=str)
    connection.execute(insert(audit).values(at=at, user=user, role=role, action=action, detail=text))

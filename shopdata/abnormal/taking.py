"""Taking lists of abnormal orders away as files: who may, and that it is written down as every export is."""

from __future__ import annotations

from shopdata.errors import NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders.privacy import ROW_RIGHTS
from shopdata.scope import Scope
from shopdata.store import Store


def may_take(role: str) -> bool:
    """Whether a role may take such lists away: it exports orders."""
    rights = ROW_RIGHTS.get(role)
    return rights is not None and rights.rows and rights.export


def record_export(store: Store, scope: Scope, what: str, rows: int, **detail: object) -> None:
    """Note in the audit log that somebody fetched so many rows. Raises ``NotAllowed`` for a role that may
    not take rows away."""
    if not may_take(scope.role):
        raise NotAllowed(role=scope.role)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        noted = {"what": what, "rows": rows, **detail}
        record_action(connection, now, scope.user, "export", role=scope.role, **noted)

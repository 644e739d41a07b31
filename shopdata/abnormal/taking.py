"""Taking lists of abnormal orders away as files: written down as every export is."""

from __future__ import annotations

from shopdata.errors import NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders.privacy import may_export
from shopdata.scope import Scope
from shopdata.store import Store


def record_export(store: Store, scope: Scope, what: str, rows: int, **detail: object) -> None:
    """Note in the audit log that somebody fetched so many rows. Raises ``NotAllowed`` for a role that may
    not take rows away."""
    if not may_export(scope.role):
        raise NotAllowed(role=scope.role)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        noted = {"what": what, "rows": rows, **detail}
        record_action(connection, now, scope.user, "export", role=scope.role, **noted)

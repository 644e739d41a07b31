"""Taking the queue away as a file: written down, as every export is."""

from __future__ import annotations

from shopdata.errors import NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders.privacy import ROW_RIGHTS
from shopdata.scope import Scope
from shopdata.store import Store


def record_export(store: Store, scope: Scope, rows: int) -> None:
    """Note in the audit log that somebody fetched so many rows. Raises ``NotAllowed`` for a role that may
    not take rows away."""
    rights = ROW_RIGHTS.get(scope.role)
    if rights is None or not rights.export:
        raise NotAllowed(role=scope.role)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        record_action(connection, now, scope.user, "abnormal_exported", role=scope.role, rows=rows)

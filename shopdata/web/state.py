"""What this serving process holds open, for routes and pages alike: one store, read once, kept in one place.

Pages import this module; it must never live in a page script, which runs anew at every click.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from shopdata.errors import StoreError
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.tables import audit as audit_table
from shopdata.web.identity import Identity


@dataclass(frozen=True, slots=True)
class Opened:
    """The open store and what it was opened with."""

    store: Store
    settings: Settings

    def audit(self, who: Identity, action: str, detail: Mapping[str, object]) -> None:
        """Write down who did what; called for every export and unmasked reading."""
        row = {
            "at": self.settings.now(),
            "user": who.user,
            "role": who.role,
            "action": action,
            "detail": json.dumps(detail, ensure_ascii=False),
        }
        with self.store.write() as connection:
            connection.execute(audit_table.insert().values(**row))


_opened: Opened | None = None


def use(opened: Opened | None) -> None:
    """Make ``opened`` what :func:`opened` returns: the lifespan at start and end, tests with their own store."""
    global _opened
    _opened = opened


def opened() -> Opened:
    """The open store of this process. Raises ``StoreError`` (``not_open``) before the start and after the end."""
    if _opened is None:
        raise StoreError("not_open")
    return _opened


def store() -> Store:
    """The open store of this process."""
    return opened().store

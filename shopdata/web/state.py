"""What this serving process holds open, for routes and pages alike: one store, read once, kept in one place.

Pages import this module; it must never live in a page script, which runs anew at every click.
"""

from __future__ import annotations

from dataclasses import dataclass

from shopdata.errors import StoreError
from shopdata.imports.audit import record_action
from shopdata.imports.queue import Worker
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.web.background import Background
from shopdata.web.identity import Identity


@dataclass(frozen=True, slots=True)
class Opened:
    """The open store, what it was opened with, the queue of jobs and what runs by itself
    (a test may do without)."""

    store: Store
    settings: Settings
    worker: Worker | None = None
    background: Background | None = None

    def audit(self, who: Identity, action: str, **detail: object) -> None:
        """Write down who did what; called for every export and unmasked reading."""
        with self.store.write(figures=False) as connection:
            record_action(connection, self.settings.now(), who.user, action, role=who.role, **detail)


_opened: Opened | None = None


def use(opened: Opened | None) -> None:
    """Make ``opened`` what :func:`opened` returns: called by the lifespan, and by tests with a store."""
    global _opened
    _opened = opened


def opened() -> Opened:
    """The open store. Raises ``StoreError`` (``not_open``) before the start and after the end."""
    if _opened is None:
        raise StoreError("not_open")
    return _opened


def store() -> Store:
    """The open store of this process."""
    return opened().store


def worker() -> Worker:
    """The import queue of this process; it outlives every page and tab."""
    found = opened().worker
    if found is None:
        raise StoreError("not_open")
    return found

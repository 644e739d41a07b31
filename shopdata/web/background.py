"""What the server does by itself: take files from the watched folder, erase buyers whose time is over, open
its pages once their figures have changed, tell the group robot of new findings.

The first two only put jobs into the queue, whose worker does them in their turn; pages are opened while it is
empty.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from shopdata.errors import ShopdataError
from shopdata.imports.erasing import due_day, is_due
from shopdata.imports.preferences import watch_folder
from shopdata.imports.queue import Worker
from shopdata.imports.results import Refusal
from shopdata.imports.watching import INTERVAL, Watcher, take
from shopdata.report.notifying import Notifier
from shopdata.store import Store
from shopdata.web.visits import Visits

log = logging.getLogger(__name__)

USER = "shopdata"
BETWEEN_ERASURES = 3600.0


class Background:
    """The thread. ``trouble`` is why the watched folder cannot be read, for the Import page."""

    def __init__(self, store: Store, worker: Worker, visits: Visits | None = None) -> None:
        self.trouble: Refusal | None = None
        self.notifier = Notifier(store)
        self._visits = visits
        self._store = store
        self._worker = worker
        self._watcher: Watcher | None = None
        self._erase_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        """Begin; the first look comes at once."""
        self._thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """End after the look at work."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except (ShopdataError, OSError, SQLAlchemyError) as fault:
                log.error("background work failed: %s", type(fault).__name__)
            self._stopping.wait(INTERVAL)

    def tick(self) -> None:
        """One look at everything there is to do."""
        self._watch()
        if time.monotonic() >= self._erase_at:
            self._erase_at = time.monotonic() + BETWEEN_ERASURES
            self._erase()
        if not self._worker.busy:
            self.notifier.tick()
            if self._visits is not None:
                self._visits.next()

    def _watch(self) -> None:
        named = watch_folder(self._store)
        if named is None:
            self._watcher, self.trouble = None, None
            return
        if self._watcher is None or str(self._watcher.folder) != named:
            self._watcher = Watcher(Path(named))
        try:
            ready = self._watcher.look()
        except ShopdataError as fault:
            self.trouble = Refusal(fault.code, fault.details)
            return
        self.trouble = None
        if given := take(self._store, self._watcher.folder, ready) if ready else ():
            self._worker.enqueue([(one.path, one.name) for one in given], user=USER, owned=False)

    def _erase(self) -> None:
        if is_due(self._store) and not any(job.kind == "purge" for job in self._worker.unfinished()):
            self._worker.add("purge", {"before": due_day(self._store).isoformat()}, user=USER)

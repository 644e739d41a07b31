"""Uploads that wait for a yes: looked at as soon as they arrive, imported once somebody says so.

They belong to the server, not to a page: a closed tab loses nothing. They end with the server, whose start
empties the folder they lie in.
"""

from __future__ import annotations

import logging
import queue
import shutil
import tempfile
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shopdata.errors import NotFound, ShopdataError
from shopdata.imports.archive import Origin
from shopdata.imports.preview import Looker, rests_on
from shopdata.imports.results import Preview, Refusal
from shopdata.imports.uploads import sha256_of
from shopdata.web.state import Opened

log = logging.getLogger(__name__)

KEPT_WARM = 20.0
LOCKED = frozenset({"password_needed", "password_wrong"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One upload. ``looks`` says what it is (an archive holds several files); ``None`` while it is read;
    ``error`` where it could not be read at all; ``known``: what that rests on, which is old while it is
    looked at ``again``; ``origin``: what it was before it was unlocked."""

    id: str
    name: str
    path: Path
    size: int
    user: str
    arrived_at: datetime
    format_key: str | None = None
    looks: tuple[Preview, ...] | None = None
    error: Refusal | None = None
    known: tuple[int, int] = (0, 0)
    again: bool = False
    origin: Origin | None = None

    @property
    def is_read(self) -> bool:
        """Whether it is known what the upload is."""
        return self.looks is not None or self.error is not None

    @property
    def is_settled(self) -> bool:
        """Whether that is so by what the store holds now."""
        return self.is_read and not self.again

    @property
    def is_understood(self) -> bool:
        """Whether a file of it is known for what it is."""
        return any(look.error is None for look in self.looks or ())

    @property
    def is_locked(self) -> bool:
        """Whether it is one workbook that waits for its password."""
        looks = self.looks or ()
        if len(looks) != 1 or looks[0].file != self.name or looks[0].error is None:
            return False
        return looks[0].error.code in LOCKED

    @property
    def can_import(self) -> bool:
        """Whether anything of it would be stored."""
        return any(look.error is None and not look.duplicate for look in self.looks or ())


class Waitings:
    """The uploads of this process that wait, and the thread that looks at them. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Waiting] = {}
        self._unread: queue.SimpleQueue[tuple[Opened, str, tuple[str, ...]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def hold(self, opened: Opened, files: Sequence[tuple[Path, str]], user: str) -> tuple[str, ...]:
        """Keep uploads (path, name), each in a folder of its own, and begin to look at them; their ids."""
        now, added = opened.settings.now(), []
        with self._lock:
            for path, name in files:
                one = Waiting(uuid.uuid4().hex, name, path, path.stat().st_size, user, now)
                self._held[one.id] = one
                added.append(one.id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._read_on, name="previews", daemon=True)
                self._thread.start()
        for waiting_id in added:
            self._unread.put((opened, waiting_id, ()))
        return tuple(added)

    def held(self) -> tuple[Waiting, ...]:
        """Every upload that waits, in the order they came."""
        with self._lock:
            return tuple(self._held.values())

    def look_again(self, opened: Opened, waiting_id: str, format_key: str | None) -> None:
        """Read an upload as the format somebody chose for it."""
        with self._lock:
            one = self._held.get(waiting_id)
            if one is None:
                return
            self._held[waiting_id] = replace(one, format_key=format_key, looks=None, error=None)
        self._unread.put((opened, waiting_id, ()))

    def unlock(self, opened: Opened, waiting_id: str, password: str) -> None:
        """Read a locked upload with a password, which is forgotten once it was tried."""
        with self._lock:
            one = self._held.get(waiting_id)
            if one is None:
                return
            self._held[waiting_id] = replace(one, looks=None, error=None)
        self._unread.put((opened, waiting_id, (password,)))

    def look_at_outdated(self, opened: Opened) -> bool:
        """Look again at what was understood before the figures changed, for its shop may be known by now or
        the file be imported already; whether there was any. While imports run they change: it waits."""
        understood = [one for one in self.held() if one.is_understood and not one.again]
        if not understood or (opened.worker is not None and opened.worker.busy):
            return False
        known = rests_on(opened.store)
        outdated = [one for one in understood if one.known != known]
        for one in outdated:
            self._keep(replace(one, again=True))
            self._unread.put((opened, one.id, ()))
        return bool(outdated)

    def look_at_refused(self, opened: Opened) -> None:
        """Read again what was no known file: there is a new format."""
        for one in self.held():
            if one.is_read and not one.can_import:
                self.look_again(opened, one.id, one.format_key)

    def drop(self, waiting_id: str) -> None:
        """Forget an upload and remove its file."""
        with self._lock:
            one = self._held.pop(waiting_id, None)
        if one is not None:
            shutil.rmtree(one.path.parent, ignore_errors=True)

    def release(
        self, opened: Opened, ids: Sequence[str], user: str, shop: str | None = None, role: str = "owner"
    ) -> str:
        """Queue the uploads as one import, so that its files find their shop together; the job's id."""
        with self._lock:
            chosen = [self._held.pop(one) for one in ids if one in self._held]
        if not chosen or opened.worker is None:
            raise NotFound(what="upload")
        folder = Path(tempfile.mkdtemp(prefix="import-", dir=opened.settings.temporary))
        files: list[tuple[Path, str]] = []
        origins: dict[Path, Origin] = {}
        for place, one in enumerate(chosen):
            target = folder / f"{place}{one.path.suffix}"
            shutil.move(one.path, target)
            shutil.rmtree(one.path.parent, ignore_errors=True)
            files.append((target, one.name))
            origins |= {target: one.origin} if one.origin else {}
        formats = {one.format_key for one in chosen}
        format_key = formats.pop() if len(formats) == 1 else None
        return opened.worker.enqueue(
            files, user=user, role=role, shop=shop, format_key=format_key, folder=folder, origins=origins
        )

    def _read_on(self) -> None:
        """Look at what has come, one after the other; the reading process is kept as long as more comes."""
        looker = Looker()
        while True:
            try:
                opened, waiting_id, passwords = self._unread.get(timeout=KEPT_WARM)
            except queue.Empty:
                looker.rest()
                opened, waiting_id, passwords = self._unread.get()
            with self._lock:
                one = self._held.get(waiting_id)
            if one is not None:
                self._keep(self._looked_at(opened, looker, one, passwords))

    @staticmethod
    def _looked_at(opened: Opened, looker: Looker, one: Waiting, passwords: tuple[str, ...]) -> Waiting:
        one = replace(one, known=rests_on(opened.store), again=False)
        try:
            one = _opened_up(looker, one, passwords)
            name, key = one.name, one.format_key
            found = looker.look(opened.store, one.path, file_name=name, format_key=key, origin=one.origin)
            return replace(one, looks=tuple(found), error=None)
        except ShopdataError as fault:
            refusal = Refusal(fault.code, fault.details)
            if fault.code in LOCKED:
                return replace(one, looks=(Preview(one.name, error=refusal),))
            return replace(one, error=refusal)
        except OSError:
            log.exception("upload %s cannot be read", one.id)
            return replace(one, error=Refusal("fault"))

    def _keep(self, one: Waiting) -> None:
        with self._lock:
            if one.id in self._held:
                self._held[one.id] = one


def _opened_up(looker: Looker, one: Waiting, passwords: tuple[str, ...]) -> Waiting:
    """The upload in its plain form, in the place of the locked one."""
    plain = looker.unlocked(one.path, one.path.with_name("plain.xlsx"), one.name, passwords)
    if plain is None:
        return one
    origin = Origin(sha256_of(one.path), one.size)
    one.path.unlink()
    return replace(one, path=plain, origin=origin)


WAITING = Waitings()

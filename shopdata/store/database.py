"""Opening, reading, writing and closing the store.

One process owns the store (``lock``), one DuckDB instance lives in it, every connection is a cursor of its
own, and one writer works at a time. What the tables are is in ``tables``; how files get in is in ``upsert``.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shopdata.errors import DiskFull, StoreDamaged, StoreError, Unsupported
from shopdata.settings import Settings
from shopdata.store import engine_duckdb, ledger, migrations
from shopdata.store.ledger import Damage
from shopdata.store.lock import take_lock

SPARE_BYTES = 64 << 20
REOPEN_SECONDS = 60


class Store:
    """An open store. Made by :func:`open_store`; share one object over all threads of the process.

    ``version`` grows with every commit that may change a figure: it belongs in every cache key. ``damage``
    lists where the store differs from its import log (see ``ledger``), for a banner.
    """

    def __init__(self, settings: Settings, lock: FileLock) -> None:
        self.settings = settings
        self.version = 1
        self.damage: tuple[Damage, ...] = ()
        self._lock = lock
        self._writer = threading.RLock()
        self._idle = threading.Condition()
        self._busy = 0
        self._reopening = False
        self._root, self.engine = self._connect()

    def _connect(self) -> tuple[duckdb.DuckDBPyConnection, Engine]:
        try:
            root = engine_duckdb.open_instance(self.settings.database_file, self.settings.temporary)
        except duckdb.Error as fault:
            raise StoreDamaged("store_unreadable", file=str(self.settings.database_file)) from fault
        return root, engine_duckdb.engine_for(root)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._idle:
            self._idle.wait_for(lambda: not self._reopening, REOPEN_SECONDS)
            self._busy += 1
        try:
            with self.engine.connect() as connection:
                yield connection
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection of one's own that sees the last committed state."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A reading connection while nobody writes: for what must see one state throughout (backup)."""
        with self._writer, self._connection() as connection:
            yield connection

    @contextmanager
    def write(self, *, figures: bool = True) -> Iterator[Connection]:
        """The one writer's transaction: committed as a whole, or nothing of it when anything raises.

        ``figures=False`` for what no figure depends on (jobs, audit, marks): ``version`` stays. Raises
        :class:`DiskFull` where the disk has no room left; then nothing was stored.
        """
        with self._writer:
            try:
                with self._connection() as connection, connection.begin():
                    yield connection
            except (DBAPIError, duckdb.Error) as fault:
                self._after(fault)
                raise
            if figures:
                self.version += 1

    @contextmanager
    def unless_busy(self) -> Iterator[bool]:
        """Whether nobody else writes; then nobody does until the end of the block."""
        free = self._writer.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._writer.release()

    def _after(self, fault: DBAPIError | duckdb.Error) -> None:
        cause = fault.orig if isinstance(fault, DBAPIError) else fault
        if isinstance(cause, engine_duckdb.FATAL):
            self.reopen()
        if isinstance(cause, engine_duckdb.OUT_OF_SPACE) and not self.has_room(0):
            raise DiskFull(folder=str(self.settings.home)) from fault

    def has_room(self, wanted: int) -> bool:
        """Whether ``wanted`` bytes fit on the disk of the store with some to spare."""
        return shutil.disk_usage(self.settings.home).free >= wanted + SPARE_BYTES

    def require_room(self, wanted: int) -> None:
        """Raises :class:`DiskFull` where ``wanted`` bytes do not fit. Ask before an import."""
        if not self.has_room(wanted):
            raise DiskFull(folder=str(self.settings.home), wanted=wanted)

    def seal(self) -> None:
        """Fold the log into the file and note counts and sums in ``imports.jsonl``. Call after an import."""
        with self._writer:
            try:
                engine_duckdb.checkpoint(self.engine)
            except (DBAPIError, duckdb.Error) as fault:
                self._after(fault)
                if not self.has_room(0):
                    return
                raise
            with self.read() as connection:
                ledger.append(self.settings.home, ledger.measure(connection))

    def rewrite(self, look: Callable[[Path], None]) -> None:
        """Write the store file anew: bytes of deleted and changed values stay in the old one until then.

        ``look`` is shown the new file before it takes the old one's place. Raises :class:`DiskFull`, and
        :class:`StoreError` ``store_busy`` where readers did not let go; then the old file stands.
        """
        copy = self.settings.temporary / "rewritten.duckdb"
        with self._writer:
            self.require_room(self.settings.database_file.stat().st_size)
            copy.unlink(missing_ok=True)
            engine_duckdb.checkpoint(self.engine)
            engine_duckdb.copy_database(self.engine, copy)
            look(copy)
            self.reopen(copy)

    def reopen(self, instead: Path | None = None) -> None:
        """Let go of the instance (it may be dead) and open the file again, or ``instead`` in its place; waits
        until every reader has let go."""
        with self._idle:
            self._reopening = True
            idle = self._idle.wait_for(lambda: self._busy == 0, REOPEN_SECONDS)
        try:
            if instead is not None and not idle:
                raise StoreError("store_busy")
            self.engine.dispose()
            self._root.close()
            if instead is not None:
                file = self.settings.database_file
                instead.replace(file)
                file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
            self._root, self.engine = self._connect()
            self.version += 1
        finally:
            with self._idle:
                self._reopening = False
                self._idle.notify_all()

    def close(self) -> None:
        """Close the file and give the lock back."""
        with self._writer:
            self.engine.dispose()
            self._root.close()
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def make_home(settings: Settings) -> None:
    """The folders of the store, for nobody else to read."""
    os.umask(0o077)
    for folder in (settings.home, settings.temporary, settings.uploads, settings.evidence):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.home.chmod(0o700)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """Own and open the store, bring its schema up to date and compare it with its import log.

    Raises :class:`StoreLocked` where another process owns it, :class:`StoreError` ``store_missing`` where
    there is none and ``create`` is false, ``store_from_future`` where a newer product wrote it.
    """
    if not settings.database_url.startswith("duckdb:///"):
        raise Unsupported(engine=settings.database_url.partition(":")[0])
    if not create and not settings.database_file.exists():
        raise StoreError("store_missing", file=str(settings.database_file))
    make_home(settings)
    lock = take_lock(settings.lock_file)
    try:
        _empty(settings.temporary)
        store = Store(settings, lock)
    except BaseException:
        lock.release()
        raise
    try:
        migrations.migrate(store)
        with store.read() as connection:
            store.damage = ledger.compare(settings.home, connection)
    except BaseException:
        store.close()
        raise
    return store

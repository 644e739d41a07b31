"""A folder whose new files are imported once, after they stopped growing; nothing in it is moved or changed.

The folder is looked at every few seconds: name, size and time of each file, nothing else, which for a
folder of a thousand exports takes milliseconds. A library that waits for the system's own notices would also
have to look (network drives and many synced folders send none), and could still not tell when a download is
whole. A file is ready once two looks in a row saw the same size and time. What was taken is remembered by the
hash of its bytes, so neither a restart nor an undo brings it in again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import insert, select

from shopdata.errors import Refused
from shopdata.imports.archive import Given, is_skipped, is_skipped_folder
from shopdata.imports.uploads import sha256_of
from shopdata.store import Store
from shopdata.store.tables import imports
from shopdata.store.upkeep_tables import watched

log = logging.getLogger(__name__)

INTERVAL = 2.0
MOST_FILES = 5_000
Look = tuple[int, int]


class Watcher:
    """Tells which files of a folder have stopped growing since it was last asked. Knows no store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[Path, Look] = {}
        self._told: dict[Path, Look] = {}

    def look(self) -> tuple[Path, ...]:
        """Files whose size and time are those of the last look; each is told once a state.

        Raises ``Refused`` ``watch_folder_gone`` where the folder cannot be read.
        """
        now = dict(_files(self.folder))
        quiet = [path for path, look in now.items() if self._seen.get(path) == look != self._told.get(path)]
        self._seen = now
        self._told = {path: look for path, look in self._told.items() if path in now}
        self._told |= {path: now[path] for path in quiet}
        return tuple(quiet)

    def again(self, paths: Sequence[Path]) -> None:
        """Tell these files once more: nothing came of them (the store was busy, the file locked)."""
        for path in paths:
            self._told.pop(path, None)


def take(store: Store, folder: Path, paths: Sequence[Path]) -> tuple[Given, ...]:
    """Those of the files that were never taken from the folder nor imported; remembers them as taken."""
    own = select(watched.c.sha256).where(watched.c.folder == str(folder))
    with store.read() as connection:
        known = {*connection.scalars(own), *connection.scalars(select(imports.c.sha256))}
    fresh: dict[str, Given] = {}
    for path in paths:
        try:
            digest = sha256_of(path)
        except OSError as fault:
            log.info("a watched file cannot be read: %s", type(fault).__name__)
            continue
        if digest not in known:
            fresh.setdefault(digest, Given(path, str(path.relative_to(folder))))
    if fresh:
        now = store.settings.now()
        rows = [
            {"folder": str(folder), "sha256": digest, "file_name": given.name, "seen_at": now}
            for digest, given in fresh.items()
        ]
        with store.write(figures=False) as connection:
            connection.execute(insert(watched), rows)
    return tuple(fresh.values())


def _files(folder: Path) -> Iterator[tuple[Path, Look]]:
    """What may be an export below the folder, with size and time; half downloads and lock files left out."""
    denied: list[OSError] = []
    count = 0
    for root, folders, names in os.walk(folder, onerror=denied.append):
        folders[:] = sorted(name for name in folders if not is_skipped_folder(name))
        for path in (Path(root) / name for name in sorted(names) if not is_skipped(name)):
            try:
                stat = path.stat()
            except OSError:  # gone between the two questions
                continue
            if path.is_file() and stat.st_size and count < MOST_FILES:
                count += 1
                yield path, (stat.st_size, stat.st_mtime_ns)
    if any(str(fault.filename) == str(folder) for fault in denied):
        raise Refused("watch_folder_gone", folder=str(folder))

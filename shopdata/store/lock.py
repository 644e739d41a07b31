"""Who owns the store: one process, told apart by a whole-file lock taken before the store is opened."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from shopdata.errors import StoreLocked


def owner_file(lock_file: Path) -> Path:
    """Where the owner writes its process id; beside the lock, which other systems cannot read while held."""
    return lock_file.with_suffix(".pid")


def owner(lock_file: Path) -> int | None:
    """Process id of the last owner, or ``None`` where nobody wrote one."""
    try:
        return int(owner_file(lock_file).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def take_lock(lock_file: Path) -> FileLock:
    """Own the store until the lock is released. Raises :class:`StoreLocked`: ``holder`` is a process id."""
    lock = FileLock(lock_file, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as fault:
        raise StoreLocked(holder=owner(lock_file), file=str(lock_file)) from fault
    owner_file(lock_file).write_text(str(os.getpid()), encoding="ascii")
    return lock

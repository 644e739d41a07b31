"""A checked copy of the open store, and the way back from one.

A backup is one DuckDB file and, beside it, a manifest (``<file>.manifest.json``) with its hash, size and the
counts and sums it must hold, and where files are attached to cases an archive of them
(``<file>.evidence.zip``), whose hash the manifest knows too. A plain copy of an open store can lose rows;
this one is made by the engine.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from shopdata.errors import StoreDamaged, StoreError
from shopdata.settings import Settings
from shopdata.store import attachments, engine_duckdb, ledger
from shopdata.store.attachments import attachments_of, sha256_of
from shopdata.store.database import Store, open_store
from shopdata.store.lock import take_lock
from shopdata.store.upkeep_tables import backups


@dataclass(frozen=True, slots=True)
class Backup:
    """Where a backup lies, its size in bytes and the SHA-256 of its content; ``attachments``: the archive of
    attached files beside it, if there are any."""

    path: Path
    size: int
    sha256: str
    attachments: Path | None = None


def manifest_of(path: Path) -> Path:
    """The manifest that belongs to the backup at ``path``."""
    return path.with_name(path.name + ".manifest.json")


def backup(store: Store, path: Path) -> Backup:
    """Copy the open store to ``path`` (a new file) with its manifest and the files attached to cases.

    Raises :class:`DiskFull` where the copy would not fit; then nothing is left at ``path``.
    """
    settings, beside = store.settings, attachments_of(path)
    store.require_room(settings.database_file.stat().st_size + attachments.size(settings))
    copy = settings.temporary / f"backup-{path.name}"
    copy.unlink(missing_ok=True)
    with store.alone() as connection:
        line = ledger.measure(connection)
        engine_duckdb.copy_database(store.engine, copy)
        packed = attachments.pack(settings, copy.with_suffix(".evidence"))
    made = Backup(path, copy.stat().st_size, sha256_of(copy), beside if packed else None)
    manifest: dict[str, object] = {"size": made.size, "sha256": made.sha256, "line": asdict(line)}
    if packed:
        shutil.move(copy.with_suffix(".evidence"), beside)
        manifest["evidence"] = {"size": beside.stat().st_size, "sha256": sha256_of(beside)}
    shutil.move(copy, path)
    path.chmod(0o600)
    manifest_of(path).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    with store.write(figures=False) as connection:
        values = {"path": str(path.absolute()), "sha256": made.sha256, "made_at": store.settings.now()}
        connection.execute(insert(backups).values(values))
    return made


def restore(settings: Settings, path: Path) -> Path | None:
    """Put the backup at ``path`` in the place of the store; nothing may serve or hold the store meanwhile.

    Returns where the store that was there before is kept, or ``None``. Raises :class:`StoreError`
    ``backup_missing`` or ``backup_no_manifest``, :class:`StoreDamaged` ``backup_damaged`` where the file is
    not what its manifest says (the store stays as it was), :class:`StoreLocked` where somebody owns it.
    """
    manifest = _checked_manifest(path)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = take_lock(settings.lock_file)
    try:
        arriving = settings.database_file.with_suffix(".restoring")
        shutil.copyfile(path, arriving)
        arriving.chmod(0o600)
        kept = _set_aside(settings)
        arriving.replace(settings.database_file)
        if "evidence" in manifest:
            attachments.unpack(settings, attachments_of(path))
        ledger.append(settings.home, ledger.Line(**manifest["line"]))
    finally:
        lock.release()
    with open_store(settings, create=False) as store:
        if store.damage:
            raise StoreDamaged("backup_damaged", file=str(path))
    return kept


def _checked_manifest(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise StoreError("backup_missing", file=str(path))
    try:
        manifest: dict[str, Any] = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StoreError("backup_no_manifest", file=str(path)) from fault
    if manifest.get("sha256") != sha256_of(path):
        raise StoreDamaged("backup_damaged", file=str(path))
    beside = attachments_of(path)
    told = manifest.get("evidence")
    if told and not (beside.is_file() and sha256_of(beside) == told["sha256"]):
        raise StoreDamaged("backup_damaged", file=str(beside))
    return manifest


def _set_aside(settings: Settings) -> Path | None:
    """Keep the present store (and its log) under a name of its own, so that a restore can be taken back."""
    current = settings.database_file
    if not current.exists():
        return None
    backups = settings.home / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    number = sum(1 for _ in backups.glob("before-restore-*.duckdb")) + 1
    kept = backups / f"before-restore-{number}.duckdb"
    attachments.set_aside(settings, attachments_of(kept))
    for suffix in ("", ".wal"):
        part = current.with_name(current.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept

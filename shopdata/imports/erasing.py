"""``purge``: buyer data whose time is over leaves the store, the uploads and the backups, with proof.

Erased is what was imported before a day: names, phones, streets, notes, the raw cells of rejected rows,
results of old jobs, notes on marks, texts and files of closed cases, the uploads and the backups made before.
Provinces, cities, figures and a keyed hash of the receiver stay. An order whose case goes on keeps its buyer,
and its rows are put aside before their upload goes. The store file is written anew, because deleted values
stay in its old bytes.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, not_, or_, select, update
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports import remains
from shopdata.imports.audit import record_action
from shopdata.imports.erasing_cases import are_due, erase_cases, orders_kept
from shopdata.imports.evidence_files import tidy
from shopdata.imports.preferences import retention_days
from shopdata.imports.raw_rows import put_rows_aside
from shopdata.imports.uploads import sha256_of, upload_path
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.attachments import attachments_of
from shopdata.store.backup import manifest_of
from shopdata.store.case_tables import is_going_on
from shopdata.store.personal import erase
from shopdata.store.tables import imports, jobs, marks, rejects, settings
from shopdata.store.upkeep_tables import backups, erasures

KEY_FILE = "buyers.key"
PENDING = "erasure.pending"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Removed:
    """Files that went: uploads by hash and size, backups by path and hash; backups not found any more; how
    many attached files, and how many rows of cases that go on were put aside from the uploads."""

    uploads: tuple[dict[str, object], ...]
    backups: tuple[dict[str, object], ...]
    missing: tuple[str, ...]
    evidence: int
    rows_aside: int


def purge(store: Store, before: date, user: str, *, role: str = "owner") -> Document:
    """Erase what was imported before the day ``before``; returns the proof, which is stored and audited.

    Raises ``NotAllowed`` for anybody but the owner, ``BadUsage`` ``purge_in_future`` for a day after
    tomorrow, ``DiskFull`` where the new store file does not fit (what was erased stays erased, and the next
    purge writes the file anew).
    """
    if role != "owner":
        raise NotAllowed(role=role)
    now = store.settings.now()
    if before > now.date() + timedelta(days=1):
        raise BadUsage("purge_in_future", day=before)
    started = datetime.combine(before, time.min)
    sought = remains.sample(store, _old(started))
    with store.write() as connection:
        rows = _erase_everything(connection, started, buyers_key(store.settings))
        rows |= erase_cases(connection, started, now)
        kept = orders_kept(connection, _old(started))
        pending = _is_pending(connection)
        if rows and not pending:
            connection.execute(insert(settings).values(key=PENDING, value=json.dumps(before.isoformat())))
    removed = _remove_files(store, started)
    found = remains.Search(store, sought)
    if rows or pending:
        size = store.settings.database_file.stat().st_size
        store.rewrite(found.look_into)
        rewritten: Document = {"before": size, "after": store.settings.database_file.stat().st_size}
    else:
        rewritten = {}
    found.look_everywhere()
    document = _document(before, now, rows, removed, rewritten, found)
    document["cases"] = {"orders_kept": kept, "rows_aside": removed.rows_aside, "files": removed.evidence}
    with store.write(figures=False) as connection:
        connection.execute(delete(settings).where(settings.c.key == PENDING))
        _write_down(connection, now, before, document, user, role)
    return document


def due_day(store: Store) -> date:
    """The first day whose imports may keep their buyers: older ones are due."""
    return store.settings.now().date() - timedelta(days=retention_days(store) - 1)


def is_due(store: Store) -> bool:
    """Whether something older than the retention period is still there, or a purge was cut short."""
    started = datetime.combine(due_day(store), time.min)
    with store.read() as connection:
        kept = exists().where(imports.c.imported_at < started, imports.c.upload_kept)
        made = exists().where(backups.c.made_at < started)
        due = bool(connection.scalar(select(or_(kept, made)))) or _is_pending(connection)
        due = due or are_due(connection, _old(started), started)
    return due or bool(_old_copies(store, started))


def last_erasure(store: Store) -> Document | None:
    """The proof of the newest purge."""
    with store.read() as connection:
        text = connection.scalar(select(erasures.c.document).order_by(erasures.c.id.desc()).limit(1))
    return json.loads(text) if text else None


def buyers_key(own: Settings) -> str:
    """The key of the buyers' hashes: made once, kept in the home folder for its owner alone."""
    path = own.home / KEY_FILE
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def held_key(own: Settings) -> str | None:
    """The same key where it was made already: reading figures makes none."""
    path = own.home / KEY_FILE
    return path.read_text(encoding="ascii") if path.exists() else None


def _old(started: datetime) -> Any:
    return select(imports.c.id).where(imports.c.imported_at < started)


def _is_pending(connection: Connection) -> bool:
    return bool(connection.scalar(select(exists().where(settings.c.key == PENDING))))


def _erase_everything(connection: Connection, started: datetime, key: str) -> dict[str, int]:
    """Rows changed by table; empty where nothing was left to erase."""
    old = _old(started)
    rows = erase(connection, old, key)
    cells = and_(
        rejects.c.import_id.in_(old), or_(rejects.c.value.is_not(None), rejects.c.cells.is_not(None))
    )
    goes_on = is_going_on(marks.c.shop_id, marks.c.order_id)
    noted = and_(marks.c.marked_at < started, marks.c.note.is_not(None), not_(goes_on))
    ended = and_(jobs.c.created_at < started, jobs.c.ended_at.is_not(None))
    for table, where, change in (
        (rejects, cells, update(rejects).values(value=None, cells=None)),
        (marks, noted, update(marks).values(note=None)),
        (jobs, ended, delete(jobs)),
    ):
        count = connection.scalar(select(func.count()).select_from(table).where(where)) or 0
        if count:
            connection.execute(change.where(where))
            rows[table.name] = int(count)
    return rows


def _remove_files(store: Store, started: datetime) -> _Removed:
    """Uploads that only old imports brought, and backups made before; the store forgets them with that."""
    uploads, aside = _remove_uploads(store, started)
    gone: list[dict[str, object]] = []
    missing: list[str] = []
    with store.read() as connection:
        made = connection.execute(select(backups).where(backups.c.made_at < started)).all()
    for row in made:
        path = Path(row.path)
        if path.is_file() and sha256_of(path) == row.sha256:
            gone.append(_unlinked(path, row.sha256))
        else:
            missing.append(row.path)
    gone += [_unlinked(path, sha256_of(path)) for path in _old_copies(store, started) if path.exists()]
    with store.write(figures=False) as connection:
        connection.execute(delete(backups).where(backups.c.made_at < started))
    return _Removed(uploads, tuple(gone), tuple(missing), tidy(store), aside)


def _old_copies(store: Store, started: datetime) -> list[Path]:
    """Copies of the store the product itself put aside before a day (upgrades, restores)."""
    found = sorted((store.settings.home / "backups").glob("*"))
    return [
        path for path in found if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime) < started
    ]


def _unlinked(path: Path, sha256: str) -> dict[str, object]:
    gone: dict[str, object] = {"file": str(path), "sha256": sha256, "size": path.stat().st_size}
    path.unlink()
    manifest_of(path).unlink(missing_ok=True)
    attachments_of(path).unlink(missing_ok=True)
    return gone


def _remove_uploads(store: Store, started: datetime) -> tuple[tuple[dict[str, object], ...], int]:
    query = (
        select(
            imports.c.sha256,
            func.max(imports.c.size).label("size"),
            func.min(imports.c.file_name).label("file"),
        )
        .group_by(imports.c.sha256)
        .having(func.max(imports.c.imported_at) < started, func.bool_or(imports.c.upload_kept))
    )
    with store.read() as connection:
        rows = connection.execute(query.order_by(imports.c.sha256)).all()
    aside = put_rows_aside(store, [row.sha256 for row in rows])
    gone = []
    for row in rows:
        path = upload_path(store.settings.uploads, row.sha256)
        if path.is_file():
            gone.append({"file": row.file, "sha256": row.sha256, "size": path.stat().st_size})
            path.unlink()
    with store.write(figures=False) as connection:
        hashes = [row.sha256 for row in rows]
        connection.execute(update(imports).where(imports.c.sha256.in_(hashes)).values(upload_kept=False))
    return tuple(gone), aside


def _document(
    before: date,
    now: datetime,
    rows: dict[str, int],
    removed: _Removed,
    rewritten: Document,
    found: remains.Search,
) -> Document:
    return {
        "before": before.isoformat(),
        "at": now.isoformat(),
        "rows": rows,
        "uploads": list(removed.uploads),
        "backups": list(removed.backups),
        "backups_missing": list(removed.missing),
        "store_bytes": rewritten or None,
        "search": found.as_json(),
    }


def _write_down(
    connection: Connection, now: datetime, before: date, document: Document, user: str, role: str
) -> None:
    number = int(connection.scalar(select(func.coalesce(func.max(erasures.c.id), 0))) or 0) + 1
    text = json.dumps(document, ensure_ascii=False)
    connection.execute(insert(erasures).values(id=number, at=now, user=user, before=before, document=text))
    record_action(
        connection, now, user, "purge",
        role=role, before=before, rows=document["rows"], uploads=len(document["uploads"]),
        backups=len(document["backups"]), found=len(document["search"]["found"]),
    )  # fmt: skip

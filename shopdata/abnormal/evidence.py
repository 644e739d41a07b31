"""Files attached to cases: taken in by what they are, kept under their hash, handed out only as downloads.

Attaching, removing and fetching are for those who work cases; each is an event of the case and audited.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from shopdata.abnormal.case_log import note as write_down
from shopdata.abnormal.cases import check_subject, is_about
from shopdata.abnormal.checklists import PIECES
from shopdata.abnormal.evidence_kinds import KINDS, clean_name, kind_of
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import LONGEST_TEXT, may_work, open_cases
from shopdata.errors import BadUsage, NotAllowed, NotFound, Refused
from shopdata.imports.audit import record_action
from shopdata.imports.evidence_files import evidence_path, picture, put, taken_aside, tidy
from shopdata.imports.uploads import sha256_of
from shopdata.orders.privacy import row_rights
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.case_tables import cases, evidence

MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attached file; ``size`` in bytes. ``given_sha256`` differs from ``sha256`` where metadata was taken
    out. ``item``: the piece of the checklist it is, if any."""

    id: int
    file_name: str | None
    kind: str
    size: int
    sha256: str
    given_sha256: str
    item: str | None
    note: str | None
    added_at: datetime
    added_by: str | None

    @property
    def is_stripped(self) -> bool:
        """Whether it was written again without metadata."""
        return self.sha256 != self.given_sha256


FIELDS = tuple(one.name for one in fields(Evidence))


def attach(
    store: Store,
    scope: Scope,
    key: CaseKey,
    name: str,
    path: Path,
    *,
    strip_exif: bool = True,
    note: str = "",
    item: str | None = None,
) -> int:
    """Attach the file at ``path``, given as ``name``, to the case; returns its id.

    A file the case has already is not attached again. ``strip_exif``: pictures are written again without
    metadata (place, camera, comments), upright. Raises ``Refused`` where it may not be attached, ``BadUsage``
    for too many files, a piece nobody knows or a long note, ``NotAllowed``, ``NotFound``, ``DiskFull``.
    """
    if not may_work(scope.role):
        raise NotAllowed(role=scope.role)
    _check_words(note, item)
    kind = kind_of(path, name)
    store.require_room(path.stat().st_size)
    given = sha256_of(path)
    with _taken(store, path, kind, strip_exif=strip_exif) as copy:
        row = {
            "file_name": clean_name(name), "kind": kind, "size": copy.stat().st_size,
            "sha256": sha256_of(copy), "given_sha256": given, "item": item, "note": note.strip() or None,
        }  # fmt: skip
        try:
            return _store(store, scope, key, row, copy)
        except BaseException:
            tidy(store)
            raise


@contextmanager
def _taken(store: Store, path: Path, kind: str, *, strip_exif: bool) -> Iterator[Path]:
    """A copy of the file on our disk, checked, and cleaned where that is wished."""
    clean = store.settings.temporary / f"picture-{uuid.uuid4().hex}"
    copy = None
    try:
        if KINDS[kind].is_picture and picture(path, clean=clean if strip_exif else None) != kind:
            raise Refused("evidence_damaged")
        copy = taken_aside(store.settings, clean if clean.exists() else path)
        yield copy
    finally:
        clean.unlink(missing_ok=True)
        if copy is not None:
            copy.unlink(missing_ok=True)


def _store(store: Store, scope: Scope, key: CaseKey, row: dict[str, object], copy: Path) -> int:
    e = evidence.c
    with store.write(figures=False) as connection:
        now = store.settings.now()
        (case_id,) = open_cases(connection, scope, [key], now)
        live = (e.case_id == case_id, e.removed_at.is_(None))
        same = or_(e.sha256 == row["sha256"], e.given_sha256 == row["given_sha256"])
        known: int | None = connection.scalar(select(e.id).where(*live, same).limit(1))
        if known is not None:
            return known
        if (connection.scalar(select(func.count()).select_from(evidence).where(*live)) or 0) >= MOST_FILES:
            raise BadUsage("evidence_count", limit=MOST_FILES)
        put(store.settings, copy, str(row["sha256"]))
        number = 1 + (connection.scalar(select(func.coalesce(func.max(e.id), 0))) or 0)
        who = {"id": number, "case_id": case_id, "added_at": now, "added_by": scope.user}
        connection.execute(insert(evidence).values(row | who))
        told = {"evidence": number, "sha256": row["sha256"], "kind": row["kind"], "size": row["size"]}
        _written(connection, scope, key, case_id, now, "evidence_added", str(row["file_name"]), told)
    return number


def _check_words(note: str, item: str | None) -> None:
    if len(note) > LONGEST_TEXT:
        raise BadUsage("case_text_length", limit=LONGEST_TEXT)
    if item is not None and item not in PIECES:
        raise BadUsage("value_unknown", name="item", value=item, choices=", ".join(PIECES))


def _written(
    connection: Connection,
    scope: Scope,
    key: CaseKey,
    case_id: int,
    now: datetime,
    action: str,
    name: str | None,
    told: dict[str, object],
) -> None:
    """The event and the audit entry; only the event says the file's name, which may name a buyer."""
    write_down(connection, [case_id], now, scope.user, action, text=name, detail=told)
    about = [key.shop_id, key.kind, key.subject]
    record_action(connection, now, scope.user, f"case_{action}", role=scope.role, key=about, **told)


def attached(store: Store, scope: Scope, key: CaseKey) -> tuple[Evidence, ...]:
    """The files of the case, the oldest first. Raises ``NotFound`` for a case outside the scope."""
    e = evidence.c
    with store.read() as connection:
        check_subject(connection, scope, key)
        case_id = connection.scalar(select(cases.c.id).where(is_about(key)))
        query = (
            select(*(e[name] for name in FIELDS))
            .where(e.case_id == case_id, e.removed_at.is_(None))
            .order_by(e.id)
        )
        rows = connection.execute(query).all()
    return tuple(Evidence(*row) for row in rows)


def remove(store: Store, scope: Scope, key: CaseKey, evidence_id: int) -> None:
    """Take a file out of the case; its bytes go where no other case needs them."""
    with store.write(figures=False) as connection:
        now = store.settings.now()
        case_id, row = _mine(connection, scope, key, evidence_id, now)
        change = {"removed_at": now, "removed_by": scope.user}
        connection.execute(update(evidence).where(evidence.c.id == evidence_id).values(change))
        told: dict[str, object] = {"evidence": evidence_id, "sha256": row.sha256}
        _written(connection, scope, key, case_id, now, "evidence_removed", row.file_name, told)
    tidy(store)


def set_item(store: Store, scope: Scope, key: CaseKey, evidence_id: int, item: str | None) -> None:
    """Say which piece of the checklist a file is, or that it is none."""
    _check_words("", item)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        case_id, row = _mine(connection, scope, key, evidence_id, now)
        connection.execute(update(evidence).where(evidence.c.id == evidence_id).values(item=item))
        told: dict[str, object] = {"evidence": evidence_id, "item": item}
        _written(connection, scope, key, case_id, now, "evidence_item", row.file_name, told)


def _mine(
    connection: Connection, scope: Scope, key: CaseKey, evidence_id: int, now: datetime
) -> tuple[int, Row[Any]]:
    """The case's id and the row of its file. Raises ``NotAllowed`` and ``NotFound``."""
    (case_id,) = open_cases(connection, scope, [key], now)
    e = evidence.c
    query = select(evidence).where(e.id == evidence_id, e.case_id == case_id, e.removed_at.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("evidence_not_found")
    return case_id, row


def may_fetch(scope: Scope, one: Evidence) -> bool:
    """Whether somebody may have the bytes, which nothing can mask: who sees buyers, and who attached them."""
    return may_work(scope.role) and (row_rights(scope.role).buyers or one.added_by == scope.user)


def fetch(store: Store, scope: Scope, key: CaseKey, evidence_id: int, path: Path) -> None:
    """Copy a file of the case to ``path``, audited. Raises ``NotAllowed``, ``NotFound``."""
    found = {one.id: one for one in attached(store, scope, key)}
    one = found.get(evidence_id)
    if one is None:
        raise NotFound("evidence_not_found")
    if not may_fetch(scope, one):
        raise NotAllowed(role=scope.role)
    source = evidence_path(store.settings, one.sha256)
    if not source.is_file():
        raise NotFound("evidence_gone")
    shutil.copyfile(source, path)
    with store.write(figures=False) as connection:
        now, about = store.settings.now(), [key.shop_id, key.kind, key.subject]
        record_action(
            connection, now, scope.user, "evidence_fetched",
            role=scope.role, key=about, evidence=one.id, sha256=one.sha256,
        )  # fmt: skip

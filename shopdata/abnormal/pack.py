"""The evidence pack of a case: one ZIP with PDF, tables, rows as imported, attached files and checksums.

It is written to disk piece by piece and appears whole or not at all; making one is an event of the case and
audited.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shopdata.abnormal import pack_pdf, pack_tables
from shopdata.abnormal.case_log import note
from shopdata.abnormal.evidence_kinds import KINDS
from shopdata.abnormal.pack_contents import KEPT, Contents, collect
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import open_cases
from shopdata.errors import DiskFull
from shopdata.imports.audit import record_action
from shopdata.imports.evidence_files import evidence_path, previews
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import Words, words

PIECE = 1 << 20
CHECKSUMS = "checksums.txt"


@dataclass(slots=True)
class _Pack:
    """A ZIP that is being written, and the checksum of everything in it so far."""

    archive: zipfile.ZipFile
    now: datetime
    sums: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> None:
        """Add a file, a piece at a time."""
        info = zipfile.ZipInfo(name, self.now.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest = hashlib.sha256()
        with self.archive.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
        self.sums[name] = digest.hexdigest()


def pack(
    store: Store, scope: Scope, key: CaseKey, path: Path, *, language: str = "zh", reveal: bool = False
) -> tuple[str, ...]:
    """Write the pack of a case to ``path`` (a new ZIP); returns the names of what is in it.

    ``reveal``: buyers as they are, only for roles that may see them. Raises ``NotAllowed``, ``NotFound``,
    ``DiskFull``.
    """
    contents, spoken = collect(store, scope, key, reveal=reveal), words(language)
    kept = [one for one in contents.attachments if one.state == KEPT]
    store.require_room(sum(one.one.size for one in kept))
    with _unfinished(path) as file, _folder(store) as folder:
        _write(store, contents, spoken, file, folder)
        with zipfile.ZipFile(file) as archive:
            names = tuple(archive.namelist())
        file.replace(path)
    told = {"files": len(names), "attachments": len(kept), "reveal": reveal}
    with store.write(figures=False) as connection:
        now = store.settings.now()
        ids = open_cases(connection, scope, [key], now)
        note(connection, ids, now, scope.user, "pack", detail=told)
        about = [key.shop_id, key.kind, key.subject]
        record_action(connection, now, scope.user, "case_pack", role=scope.role, key=about, **told)
    return names


@contextmanager
def _folder(store: Store) -> Iterator[Path]:
    """A folder to work in, gone afterwards."""
    folder = store.settings.temporary / f"pack-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    file = path.with_name(f".{path.name}.part")
    try:
        file.touch(mode=0o600)
        yield file
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=str(path)) from fault
        raise
    finally:
        file.unlink(missing_ok=True)


def _write(store: Store, contents: Contents, spoken: Words, file: Path, folder: Path) -> None:
    settings = store.settings
    kept = [one for one in contents.attachments if one.state == KEPT]
    pictures = [one for one in kept if KINDS[one.one.kind].is_picture]
    small = previews({one.number: evidence_path(settings, one.one.sha256) for one in pictures}, folder)
    pdf = folder / "case.pdf"
    pack_pdf.write(pdf, contents, spoken, small)
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        making = _Pack(archive, contents.now)
        making.put("case.pdf", _pieces(pdf))
        making.put("timeline.csv", pack_tables.csv_of(pack_tables.timeline(contents, spoken)))
        making.put("log.csv", pack_tables.csv_of(pack_tables.log(contents, spoken)))
        for one in contents.raw:
            making.put(one.member, pack_tables.csv_of(pack_tables.raw(one, spoken)))
        for attachment in kept:
            source = evidence_path(settings, attachment.one.sha256)
            making.put(attachment.place, _pieces(source), packed=False)
        sums = "".join(f"{digest}  {name}\n" for name, digest in making.sums.items())
        making.put(CHECKSUMS, [sums.encode()])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def pack_name(key: CaseKey, now: datetime, spoken: Words) -> str:
    """A file name for a pack made ``now``."""
    subject = "".join(sign for sign in key.subject if sign.isalnum() or sign in "-_")[:40]
    return spoken("abnormal.pack.file_name", subject=subject, at=f"{now:%Y%m%d-%H%M%S}") + ".zip"

"""The files attached to cases beside the store: copied with a backup, put back with it, and checked."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from pathlib import Path

from sqlalchemy import Connection, select

from shopdata.errors import StoreDamaged
from shopdata.settings import Settings
from shopdata.store.case_tables import evidence

NAME = re.compile(r"[0-9a-f]{64}")
PIECE = 1 << 20


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def attachments_of(path: Path) -> Path:
    """The archive of attached files that belongs to the backup at ``path``."""
    return path.with_name(path.name + ".evidence.zip")


def _files(settings: Settings) -> list[Path]:
    folder = settings.evidence
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name)) if folder.is_dir() else []


def size(settings: Settings) -> int:
    """How many bytes the attached files have."""
    return sum(path.stat().st_size for path in _files(settings))


def pack(settings: Settings, target: Path) -> bool:
    """Write the attached files into the archive ``target``; whether there are any."""
    files = _files(settings)
    if files:
        target.touch(mode=0o600)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path in files:
                archive.write(path, path.name)
    return bool(files)


def unpack(settings: Settings, archive_path: Path) -> None:
    """Put the files of an archive into the folder. Raises :class:`StoreDamaged` where one is not what its
    name says; what is there already stays."""
    settings.evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    with zipfile.ZipFile(archive_path) as archive:
        for member in archive.infolist():
            if not NAME.fullmatch(member.filename):
                raise StoreDamaged("backup_damaged", file=str(archive_path))
            arriving = settings.evidence / f"{member.filename}.part"
            with archive.open(member) as source, arriving.open("wb") as file:
                arriving.chmod(0o600)
                shutil.copyfileobj(source, file, PIECE)
            if sha256_of(arriving) != member.filename:
                arriving.unlink()
                raise StoreDamaged("backup_damaged", file=str(archive_path))
            arriving.replace(settings.evidence / member.filename)


def set_aside(settings: Settings, target: Path) -> None:
    """Move the attached files into the archive ``target``, so that a restore can be taken back."""
    if pack(settings, target):
        for path in _files(settings):
            path.unlink()


def lost(settings: Settings, connection: Connection) -> tuple[int, int]:
    """How many attached files there should be, and how many are missing or not what their hash says."""
    query = select(evidence.c.sha256).where(evidence.c.removed_at.is_(None)).distinct()
    hashes = list(connection.scalars(query))
    paths = {one: settings.evidence / one for one in hashes}
    return len(hashes), sum(not (path.is_file() and sha256_of(path) == one) for one, path in paths.items())

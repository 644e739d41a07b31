"""The bytes of an import: taken aside so that nobody changes them meanwhile, hashed, kept until ``purge``."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shopdata.imports.archive import Found

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Staged:
    """A file's bytes in our work folder, 0600."""

    path: Path
    size: int


def stage(found: Found, work: Path) -> Staged:
    """Take a copy of the file (or the file itself where it is ours) into ``work``."""
    target = work / f"file-{len(os.listdir(work))}"
    if found.owned:
        os.replace(found.path, target)
    else:
        shutil.copyfile(found.path, target)
    target.chmod(0o600)
    return Staged(target, target.stat().st_size)


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def upload_path(uploads: Path, sha256: str) -> Path:
    """Where the bytes of an import are kept."""
    return uploads / sha256


def keep(staged: Path, uploads: Path, sha256: str) -> bool:
    """Move the staged bytes to their place for good; whether they were not there before."""
    target = upload_path(uploads, sha256)
    if target.exists():
        return False
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    with staged.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(staged, target)
    return True


def forget(uploads: Path, sha256: str) -> None:
    """Remove bytes of an import that did not commit."""
    with suppress(FileNotFoundError):
        upload_path(uploads, sha256).unlink()

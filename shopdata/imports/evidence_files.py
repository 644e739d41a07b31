"""Where the files attached to cases lie: in one folder, named by their hash, 0600. What they are to a case is
told by the table ``evidence``."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from shopdata.errors import Refused
from shopdata.imports.reading import one_parser
from shopdata.ingest.results import Limits
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.case_tables import evidence


def evidence_path(settings: Settings, sha256: str) -> Path:
    """Where the bytes of an attached file are kept."""
    return settings.evidence / sha256


def picture(path: Path, *, clean: Path | None = None, preview: Path | None = None) -> str:
    """The kind of a picture, read whole in a child process; see ``Parser.picture``. Raises ``Refused``."""
    with one_parser(None) as parser:
        return parser.picture(path, clean=clean, preview=preview, limits=Limits())


def previews(pictures: Mapping[int, Path], folder: Path) -> dict[int, Path]:
    """Small JPEGs of pictures by their number, written into ``folder``; what cannot be read has none."""
    made: dict[int, Path] = {}
    with one_parser(None) as parser:
        for number, path in pictures.items():
            target = folder / f"preview-{number}.jpg"
            try:
                parser.picture(path, preview=target, limits=Limits())
            except Refused:
                continue
            made[number] = target
    return made


def taken_aside(settings: Settings, source: Path) -> Path:
    """A copy of a file, safe on the disk of the store, ready for ``put``."""
    copy = settings.temporary / f"evidence-{uuid.uuid4().hex}"
    shutil.copyfile(source, copy)
    copy.chmod(0o600)
    with copy.open("rb+") as stream:
        os.fsync(stream.fileno())
    return copy


def put(settings: Settings, copy: Path, sha256: str) -> None:
    """Bring a copy to its place at once and whole. Only within a transaction of the store's writer."""
    settings.evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy.replace(evidence_path(settings, sha256))


def tidy(store: Store) -> int:
    """Delete files no case needs any more; returns how many."""
    folder = store.settings.evidence
    if not folder.is_dir():
        return 0
    with store.alone() as connection:
        live = select(evidence.c.sha256).where(evidence.c.removed_at.is_(None)).distinct()
        needed = set(connection.scalars(live))
        gone = [path for path in folder.iterdir() if path.name not in needed]
        for path in gone:
            path.unlink()
    return len(gone)

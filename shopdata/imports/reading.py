"""What importing, looking and undoing share: a folder to work in, the parser, files known already."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import exists, select

from shopdata.imports.entries import Incoming
from shopdata.imports.meanings import Meanings, known_assignments
from shopdata.imports.own_formats import catalogue
from shopdata.imports.results import FileResult
from shopdata.imports.storing import duplicate, twin
from shopdata.ingest.client import Parser
from shopdata.ingest.opening import is_locked
from shopdata.ingest.results import Limits, Parsed
from shopdata.store import Store
from shopdata.store.tables import imports


@contextmanager
def work_folder(store: Store) -> Iterator[Path]:
    """A new folder for one piece of work, gone afterwards."""
    work = store.settings.temporary / f"import-{uuid.uuid4().hex}"
    work.mkdir(mode=0o700, parents=True)
    (work / "staged").mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def one_parser(given: Parser | None) -> Iterator[Parser]:
    """The parser given, or one of our own that ends with us."""
    if given is not None:
        yield given
        return
    own = Parser()
    try:
        yield own
    finally:
        own.close()


def parse_file(
    store: Store,
    parser: Parser,
    path: Path,
    folder: Path,
    name: str,
    format_key: str | None,
    *,
    progress: Callable[[int, int], None] | None = None,
    preview: bool = False,
    now: datetime | None = None,
    own_formats: Sequence[Path] = (),
    meanings: Meanings | None = None,
) -> Parsed:
    """Typed rows and rejects of the file at ``path``, known to people as ``name``, into ``folder``.

    ``now``: when it was uploaded, if that was before today. ``own_formats``: files of formats beside those of
    the home. ``meanings``: what people say words mean, where the store does not hold it yet.
    """
    return parser.parse(
        path,
        folder,
        file_name=PurePosixPath(name).name,
        format_key=format_key,
        now=now or store.settings.now(),
        assignments=known_assignments(store) if meanings is None else meanings,
        limits=Limits(),
        progress=progress,
        preview=preview,
        own_formats=(*catalogue(store.settings).files, *own_formats),
    )


def unlocked(
    parser: Parser, path: Path, target: Path, name: str, passwords: Sequence[str] = ()
) -> Path | None:
    """The plain form of a password-protected workbook, written to ``target``; ``None`` for any other file.

    Its name and ``passwords`` are tried. Raises ``Refused`` ``password_needed`` or ``password_wrong``.
    """
    if not is_locked(path):
        return None
    parser.unlock(path, target, file_name=name, passwords=passwords, limits=Limits())
    return target


def size_is_known(store: Store, size: int, waiting: Iterable[Incoming]) -> bool:
    """Whether some import has as many bytes: only then it can be the same file."""
    if any(incoming.size == size for incoming in waiting):
        return True
    standing = exists().where(imports.c.size == size, imports.c.undone_at.is_(None))
    with store.read() as connection:
        return bool(connection.scalar(select(standing)))


def known_file(
    store: Store, sha256: str, waiting: Iterable[Incoming] = (), *, sample: bool = False
) -> FileResult | None:
    """The result of a file whose bytes are known already (nothing is done), else ``None``."""
    for incoming in waiting:
        if incoming.sha256 == sha256:
            return duplicate(incoming.parsed.format, None, sha256, incoming.parsed)
    with store.read() as connection:
        return twin(connection, sha256, sample=sample)

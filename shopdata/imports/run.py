"""The way of files into the store: opened up, taken aside, parsed, given a shop, committed one by one.

Their order does not matter: files whose ids the store knows are stored first, order files before the files
that speak of orders, and what became known helps the rest.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from shopdata.errors import BadUsage, ShopdataError, StoreError
from shopdata.imports import uploads
from shopdata.imports.archive import Found, Given, expand, refusal_of
from shopdata.imports.entries import Incoming
from shopdata.imports.own_formats import catalogue
from shopdata.imports.preview import inspect
from shopdata.imports.reading import (
    known_file,
    one_parser,
    parse_file,
    size_is_known,
    unlocked,
    work_folder,
)
from shopdata.imports.results import FileResult, refused
from shopdata.imports.shops import ANY_PLATFORM, HOWS, Target, resolve
from shopdata.imports.storing import store_file
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Parsed
from shopdata.store import Store

__all__ = ["Progress", "Tell", "import_paths", "inspect"]

log = logging.getLogger(__name__)

Stage = Literal["unpacking", "reading", "storing", "done"]
READING_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: bytes ``done`` of ``total`` of the file being read, ``rows`` known so far,
    ``files_done`` of ``files``, and the seconds that seem left (``None`` while nobody can say)."""

    file: str
    stage: Stage
    done: int = 0
    total: int = 0
    rows: int = 0
    files_done: int = 0
    files: int = 1
    seconds_left: float | None = None


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class _Batch:
    """What is the same for every file of one call."""

    store: Store
    parser: Parser
    work: Path
    format_key: str | None
    tell: Tell
    sample: bool
    passwords: Sequence[str] = field(default=(), repr=False)
    files: list[Found] = field(default_factory=list)
    results: dict[int, FileResult] = field(default_factory=dict)
    waiting: dict[int, Incoming] = field(default_factory=dict)
    targets: dict[int, Target] = field(default_factory=dict)
    rows: int = 0
    started: float = field(default_factory=time.monotonic)

    def say(self, number: int, stage: Stage, done: int = 0, total: int = 0) -> None:
        """Pass on how far file ``number`` is."""
        share = done / total if total else 0.0
        inside = READING_SHARE * share if stage == "reading" else READING_SHARE if stage == "storing" else 0.0
        read = len(self.waiting) * READING_SHARE + len(self.results)
        fraction = min(1.0, (read + inside) / max(1, len(self.files)))
        spent = time.monotonic() - self.started
        left = spent * (1 - fraction) / fraction if fraction > 0.02 else None
        name = self.files[number].name
        files = len(self.files)
        self.tell(Progress(name, stage, done, total, self.rows, len(self.results), files, left))


def import_paths(
    store: Store,
    paths: Sequence[Path | Given],
    *,
    shop: str | None = None,
    format_key: str | None = None,
    user: str = "local",
    role: str = "owner",
    progress: Tell | None = None,
    parser: Parser | None = None,
    sample: bool = False,
    passwords: Sequence[str] = (),
) -> tuple[FileResult, ...]:
    """Import files, folders and archives; one result a file, in the order they were found.

    ``shop``: the name of the shop of all of them. ``sample``: into sample shops, which no real import joins.
    ``passwords`` are tried on password-protected workbooks, after what their names tell, and kept nowhere.
    A file that cannot be read or stored is a refused result; only a fault of the system's own raises.
    """
    if format_key is not None and format_key not in catalogue(store.settings).formats:
        raise BadUsage("format_key_unknown", format=format_key)
    with work_folder(store) as work, one_parser(parser) as reading:
        batch = _Batch(store, reading, work, format_key, progress or (lambda _: None), sample, passwords)
        batch.files.extend(expand(paths, work / "members"))
        for number in range(len(batch.files)):
            _read(batch, number)
            if shop is not None or sample:
                _store_waiting(batch, shop, user=user, role=role, sample=sample)
        _store_waiting(batch, shop, user=user, role=role, sample=sample)
        if any(result.status == "imported" for result in batch.results.values()):
            store.seal()
    return tuple(batch.results[number] for number in range(len(batch.files)))


def _read(batch: _Batch, number: int) -> None:
    """Take file ``number`` aside and parse it: it waits to be stored, or has its result."""
    found, started, digest = batch.files[number], time.monotonic(), None
    try:
        if found.refusal is not None:
            digest = uploads.sha256_of(found.path) if found.path.is_file() else None
            raise found.refusal
        batch.store.require_room(found.path.stat().st_size)
        staged = uploads.stage(found, batch.work / "staged")
        size = found.origin.size if found.origin else staged.size
        with ThreadPoolExecutor(1) as hashing:
            hashed = hashing.submit(_digest, found, staged.path)
            if size_is_known(batch.store, size, batch.waiting.values()):
                digest = hashed.result()
                if (
                    same := known_file(batch.store, digest, batch.waiting.values(), sample=batch.sample)
                ) is not None:
                    batch.results[number] = replace(same, file=found.name)
                    return
            try:
                plain, parsed = _parsed(batch, number, staged.path)
            finally:
                digest = hashed.result()
        seconds = time.monotonic() - started
        folder = batch.work / f"parsed-{number}"
        batch.waiting[number] = Incoming(found, plain, size, digest, parsed, folder, seconds)
        batch.rows += parsed.rows
    except ShopdataError as fault:
        batch.results[number] = refused(found.name, digest, fault, time.monotonic() - started)
    except OSError as fault:
        batch.results[number] = refused(found.name, digest, refusal_of(fault), time.monotonic() - started)


def _digest(found: Found, path: Path) -> str:
    """The hash a file is known by: of the bytes it came with, also where it was unlocked since."""
    return found.origin.sha256 if found.origin else uploads.sha256_of(path)


def _parsed(batch: _Batch, number: int, path: Path) -> tuple[Path, Parsed]:
    """The file in its plain form (which is what is kept of it), and what it says."""
    name = batch.files[number].name
    plain = unlocked(batch.parser, path, batch.work / f"plain-{number}", name, batch.passwords) or path
    parsed = parse_file(
        batch.store,
        batch.parser,
        plain,
        batch.work / f"parsed-{number}",
        name,
        batch.format_key,
        progress=lambda done, total: batch.say(number, "reading", done, total),
    )
    return plain, parsed


def _store_waiting(batch: _Batch, shop: str | None, *, user: str, role: str, sample: bool) -> None:
    """Commit what waits, round by round: each may bring the ids that tell the shop of another."""
    while batch.waiting:
        turn = min(map(_turn, batch.waiting.values()))
        for number in [number for number, one in batch.waiting.items() if _turn(one) == turn]:
            _find_shop(batch, number, shop, sample=sample)
        for number in _ready(batch.targets):
            _store(batch, number, user=user, role=role, sample=sample)
        batch.targets.clear()


def _ready(targets: Mapping[int, Target]) -> list[int]:
    """Which files of a turn can be stored before the others are asked again: those whose shop is sure, or all
    where all go to one shop (whatever one brings only binds the others to it), else the likeliest."""
    if len({target.shop for target in targets.values()}) == 1:
        return sorted(targets)
    sure = [number for number, target in targets.items() if target.how in ("named", "held")]
    order = sorted(targets, key=lambda number: (HOWS.index(targets[number].how), number))
    return sorted(sure) or order[:1]


def _turn(incoming: Incoming) -> int:
    """Order files first, files of the same platform next, files of any courier last."""
    if incoming.parsed.kind == "orders":
        return 0
    return 2 if incoming.parsed.platform == ANY_PLATFORM else 1


def _find_shop(batch: _Batch, number: int, shop: str | None, *, sample: bool) -> None:
    """The target of a waiting file, or its refusal."""
    incoming = batch.waiting[number]
    try:
        with batch.store.read() as connection:
            batch.targets[number] = resolve(
                connection,
                parsed=incoming.parsed,
                file_name=incoming.found.name,
                name=shop,
                sample=sample,
            )
    except ShopdataError as fault:
        batch.results[number] = refused(incoming.found.name, incoming.sha256, fault, incoming.seconds)
        del batch.waiting[number]


def _store(batch: _Batch, number: int, *, user: str, role: str, sample: bool) -> None:
    """Commit one file; its result is true whatever happened."""
    batch.say(number, "storing")
    incoming, target, started = batch.waiting.pop(number), batch.targets[number], time.monotonic()
    try:
        result = store_file(batch.store, incoming, target, user=user, role=role, sample=sample)
    except ShopdataError as fault:
        result = refused(incoming.found.name, incoming.sha256, fault)
    except OSError as fault:
        result = refused(incoming.found.name, incoming.sha256, refusal_of(fault))
    except SQLAlchemyError:
        log.exception("an import failed in the store")
        result = refused(incoming.found.name, incoming.sha256, StoreError("fault"))
    batch.results[number] = replace(result, seconds=incoming.seconds + time.monotonic() - started)
    shutil.rmtree(incoming.folder, ignore_errors=True)
    batch.say(number, "done")

"""From paths to files: folders and ZIP archives opened up, nothing outside them touched.

A ZIP of exports is a folder. Names inside an archive are only ever shown, never used as paths on disk.
An XLSX is a ZIP too, but it is one file; what a file is, is decided later by ``shopdata.ingest``.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shopdata.errors import DiskFull, Refused, ShopdataError, StoreError

log = logging.getLogger(__name__)

MEGABYTE = 1 << 20
_CHUNK = MEGABYTE
_SKIPPED_FOLDERS = frozenset({"__MACOSX"})
_SKIPPED_NAMES = frozenset({"thumbs.db", "desktop.ini"})
_NEVER_TABLES = re.compile(
    r"\.(json|md|pdf|png|jpe?g|gif|webp|html?|docx?|pptx?|ini|lnk|url|log|py|toml|exe|dll|mp4"
    r"|crdownload|download|part|tmp|duckdb|wal|lock)$",
    re.IGNORECASE,
)
_OFFICE_MARKS = frozenset({"[Content_Types].xml", "mimetype"})
_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold: inflated bytes, entries, bytes of its directory, inflated ÷ packed."""

    inflated: int = 4 << 30
    entries: int = 2_000
    directory: int = 16 * MEGABYTE
    ratio: int = 200
    ratio_from: int = 64 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Origin:
    """The bytes a file had while it was locked by a password: they tell whether it came before."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Given:
    """A file handed over: where it lies, the name people know it by, whether it may be moved, and what it was
    before it was unlocked."""

    path: Path
    name: str
    owned: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One file to import. ``name`` is what people see (``a.zip/b.csv``); ``owned``: lies in our work folder
    and may be moved; ``refusal``: why there is nothing to read at ``path``."""

    name: str
    path: Path
    owned: bool = False
    refusal: ShopdataError | None = None
    origin: Origin | None = None


def expand(paths: Sequence[Path | Given], work: Path, limits: ArchiveLimits | None = None) -> Iterator[Found]:
    """Every file behind ``paths``, folders and archives opened up; members are unpacked into ``work``."""
    bounds = limits or ArchiveLimits()
    for one in paths:
        given = one if isinstance(one, Given) else Given(one, one.name)
        if given.path.is_dir():
            yield from _folder(given.path, work, bounds)
        else:
            for found in _file(given.name, given.path, work, bounds):
                if found.path == given.path:
                    found = replace(found, owned=given.owned, origin=given.origin)
                yield found


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP of files, not a workbook (which is a ZIP by its bytes, too)."""
    with path.open("rb") as stream:
        if stream.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
            return False
    try:
        _check_directory(path, ArchiveLimits())
        with zipfile.ZipFile(path) as archive:
            return not _OFFICE_MARKS & set(archive.namelist())
    except (Refused, zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
        return not _looks_like_workbook(path)


def _looks_like_workbook(path: Path) -> bool:
    """A damaged ZIP: a workbook begins with one of the names every workbook has."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    return any(
        mark in start for mark in (b"[Content_Types].xml", b"mimetype", b"_rels/", b"xl/", b"docProps/")
    )


def _folder(folder: Path, work: Path, limits: ArchiveLimits) -> Iterator[Found]:
    denied: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=denied.append):
        folders[:] = sorted(name for name in folders if not is_skipped_folder(name))
        for name in sorted(names):
            path = Path(root) / name
            if not is_skipped(name):
                yield from _file(str(path.relative_to(folder)), path, work, limits)
    for fault in denied:
        yield Found(str(fault.filename), Path(str(fault.filename)), refusal=refusal_of(fault))


def _file(name: str, path: Path, work: Path, limits: ArchiveLimits) -> Iterator[Found]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            yield Found(name, path, refusal=Refused("not_a_table"))
        elif not is_archive(path):
            yield Found(name, path)
        else:
            yield from _members(name, path, work, limits)
    except OSError as fault:
        yield Found(name, path, refusal=refusal_of(fault))


def refusal_of(fault: OSError) -> ShopdataError:
    """The contract's word for a fault of the file system; anything unknown is a fault of the system."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull()
    if fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Refused("no_permission")
    if fault.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP):
        return Refused("file_missing")
    log.error("unexpected fault of the file system", exc_info=fault)
    return StoreError("fault")


def _members(name: str, path: Path, work: Path, limits: ArchiveLimits) -> Iterator[Found]:
    try:
        _check_directory(path, limits)
        with zipfile.ZipFile(path) as archive:
            wanted = _checked(archive, path, limits)
            if not wanted:
                yield Found(name, path, refusal=Refused("empty_file"))
            for number, (shown, info) in enumerate(wanted):
                yield _unpacked(archive, info, f"{name}/{shown}", _fresh(work, number))
    except ShopdataError as refusal:
        yield Found(name, path, refusal=refusal)
    except (zipfile.BadZipFile, struct.error, ValueError, EOFError, NotImplementedError):
        yield Found(name, path, refusal=Refused("archive_damaged"))


def _fresh(work: Path, number: int) -> Path:
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    while (target := work / f"member-{number}").exists():
        number += 10_000
    return target


def _check_directory(path: Path, limits: ArchiveLimits) -> None:
    """Refuse an archive whose directory alone would fill the memory, before anything reads it."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - (1 << 16) - 22))
        tail = stream.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) - end < 22:
            raise Refused("archive_damaged")
        entries, directory = struct.unpack("<HI", tail[end + 10 : end + 16])
        locator = tail[max(0, end - 20) : end]
        if len(locator) == 20 and locator.startswith(b"PK\x06\x07"):
            stream.seek(struct.unpack("<Q", locator[8:16])[0])
            record = stream.read(56)
            if len(record) < 56:
                raise Refused("archive_damaged")
            entries, directory = struct.unpack("<QQ", record[32:48])
    if entries > limits.entries or directory > limits.directory:
        raise Refused("archive_bomb", entries=entries, limit=limits.entries)


def _checked(
    archive: zipfile.ZipFile, path: Path, limits: ArchiveLimits
) -> list[tuple[str, zipfile.ZipInfo]]:
    """The members to read with their readable names, in name order; refuses what no honest archive has."""
    infos = archive.infolist()
    names = [_readable_name(info) for info in infos]
    if len(infos) > limits.entries:
        raise Refused("archive_bomb", entries=len(infos), limit=limits.entries)
    if any(map(_is_unsafe, names, infos)) or len(set(names)) < len(names):
        raise Refused("unsafe_archive")
    inflated = sum(info.file_size for info in infos)
    packed = max(1, path.stat().st_size)
    if not all(0 <= info.header_offset < packed for info in infos):
        raise Refused("archive_damaged")
    if inflated > limits.inflated or (inflated > limits.ratio_from and inflated / packed > limits.ratio):
        raise Refused("archive_bomb", bytes=inflated, limit=limits.inflated)
    if inflated > shutil.disk_usage(path.parent).free:
        raise DiskFull
    return sorted(
        (name, info)
        for name, info in zip(names, infos, strict=True)
        if not info.is_dir()
        and not any(map(is_skipped_folder, name.split("/")[:-1]))
        and not is_skipped(name.rsplit("/", 1)[-1])
    )


def _readable_name(info: zipfile.ZipInfo) -> str:
    """The member's name; Windows in China writes GBK without saying so, others UTF-8 without the flag."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAMES:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _is_unsafe(name: str, info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        name.startswith("/")
        or ".." in name.split("/")
        or _DRIVE.match(name) is not None
        or _CONTROL.search(name) is not None
        or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
    )


def is_skipped_folder(name: str) -> bool:
    """Folders that hold nothing to import: hidden ones, and what a Mac puts into archives."""
    return name.startswith(".") or name in _SKIPPED_FOLDERS


def is_skipped(name: str) -> bool:
    """Files that stand beside exports but never are one: hidden, Excel's lock files, pictures, notes."""
    return (
        name.startswith((".", "~$"))
        or name.lower() in _SKIPPED_NAMES
        or _NEVER_TABLES.search(name) is not None
    )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, target: Path) -> Found:
    if info.flag_bits & _ENCRYPTED:
        return Found(shown, target, refusal=Refused("password_needed"))
    try:
        with archive.open(info) as source, target.open("xb") as sink:
            target.chmod(0o600)
            shutil.copyfileobj(source, sink, _CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return Found(shown, target, owned=True, refusal=Refused("archive_damaged"))
    except OSError as fault:
        return Found(shown, target, owned=True, refusal=refusal_of(fault))
    if is_archive(target):
        return Found(shown, target, owned=True, refusal=Refused("unsafe_archive"))
    return Found(shown, target, owned=True)

"""The inside of an XLSX before anything interprets it: a ZIP of XML parts, checked for what could hurt.

Sizes are those that really come out, not those the ZIP declares; a part with a DTD is refused, so the small
XML reader below never meets an entity.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from typing import BinaryIO
from xml.etree import ElementTree

from shopdata.errors import Refused
from shopdata.ingest.results import Limits

PIECE = 1 << 20
MOST_PARTS = 5000
SMALL = 8 << 20
SEAM = 16
COMPRESSED = 1 << 16
LOCAL_HEADER = 30
FORMULA_END = b"</f>"
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
VISIBLE = "visible"
_CELL = re.compile(r"^([A-Z]{1,3})([0-9]+)$")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet of a workbook: its name, where it lies, whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened workbook."""

    path: Path
    archive: zipfile.ZipFile
    sheets: tuple[SheetPart, ...]


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """The workbook at ``path``, its declared sizes checked. Raises ``Refused``."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as fault:
        raise Refused("truncated") from fault
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password_needed")
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise Refused("not_a_table")
    inflated = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or inflated > limits.inflated:
        raise Refused("archive_bomb", inflated=inflated, limit=limits.inflated)
    for part in parts:
        if part.file_size > SMALL and part.file_size > limits.ratio * max(1, part.compress_size):
            raise Refused("archive_bomb", part=part.filename, ratio=limits.ratio)
    return Workbook(path, archive, tuple(_sheets(archive)))


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part as a tree."""
    try:
        with archive.open(name) as file:
            data = file.read(SMALL + 1)
    except KeyError as fault:
        raise Refused("archive_damaged", part=name) from fault
    except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise Refused("archive_damaged", part=name) from fault
    if len(data) > SMALL:
        raise Refused("archive_bomb", part=name)
    refuse_dtd(data, name)
    try:
        return ElementTree.fromstring(data)  # noqa: S314  (parts with a DTD were refused just above)
    except ElementTree.ParseError as fault:
        raise Refused("archive_damaged", part=name) from fault


def refuse_dtd(data: bytes, name: str) -> None:
    """Refuse XML that declares anything, or hides it in an encoding of two bytes a letter."""
    if data.startswith(WIDE_MARKS) or any(mark in data for mark in FORBIDDEN):
        raise Refused("unsafe_archive", part=name)


def _sheets(archive: zipfile.ZipFile) -> Iterator[SheetPart]:
    targets = {
        one.get("Id", ""): one.get("Target", "") for one in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    book = _xml(archive, "xl/workbook.xml")
    for one in (one for one in book.iter() if one.tag.endswith("}sheet")):
        relation = next((value for key, value in one.attrib.items() if key.endswith("}id")), "")
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        yield SheetPart(one.get("name", ""), part, one.get("state", VISIBLE) == VISIBLE)


def inflated(workbook: Workbook, limits: Limits) -> set[str]:
    """Inflate every XML part once: its real size, no DTD. Returns the parts that hold formulas."""
    total = 0
    formulas: set[str] = set()
    with workbook.path.open("rb") as file:
        for info in workbook.archive.infolist():
            if not info.filename.endswith((".xml", ".rels")):
                continue
            size, last, start, begun = 0, b"", b"", False
            for piece in _pieces(file, info):
                if not begun:
                    start += piece
                    begun = _begun(start, info.filename)
                size += len(piece)
                _refuse_bomb(info, total + size, size, limits)
                if FORMULA_END in piece or FORMULA_END in last + piece[: len(FORMULA_END)]:
                    formulas.add(info.filename)
                last = piece[-len(FORMULA_END) :]
            total += size
    return formulas


def _pieces(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part as they come out, whatever size it claims (and faster than ``zipfile``)."""
    file.seek(info.header_offset)
    header = file.read(LOCAL_HEADER)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = info.compress_size
    if info.compress_type == zipfile.ZIP_STORED:
        while left and (data := file.read(min(left, PIECE))):
            left -= len(data)
            yield data
        return
    if info.compress_type != zipfile.ZIP_DEFLATED or header[:4] != b"PK\x03\x04":
        raise Refused("archive_damaged", part=info.filename)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left and (data := inflater.unconsumed_tail or file.read(min(left, COMPRESSED))):
            left -= 0 if inflater.unconsumed_tail else len(data)
            if piece := inflater.decompress(data, PIECE):
                yield piece
        while inflater.unconsumed_tail and (piece := inflater.decompress(inflater.unconsumed_tail, PIECE)):
            yield piece
    except zlib.error as fault:
        raise Refused("archive_damaged", part=info.filename) from fault
    if not inflater.eof:
        raise Refused("archive_damaged", part=info.filename)


def _begun(start: bytes, name: str) -> bool:
    """Whether the first element has begun: only what stands before it may declare anything."""
    root = re.search(rb"<[A-Za-z_]", start)
    refuse_dtd(start[: root.start()] if root else start, name)
    if root is None and len(start) > PIECE:
        raise Refused("unsafe_archive", part=name)
    return root is not None


def _refuse_bomb(info: zipfile.ZipInfo, total: int, size: int, limits: Limits) -> None:
    if total > limits.inflated:
        raise Refused("archive_bomb", inflated=total, limit=limits.inflated)
    if size > SMALL and size > limits.ratio * max(1, info.compress_size):
        raise Refused("archive_bomb", part=info.filename, ratio=limits.ratio)


def elements(workbook: Workbook, part: str, name: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """Finished elements ``name`` of a part, one by one."""
    try:
        with workbook.archive.open(part) as file:
            checked = _Checked(file, part)
            for event, element in ElementTree.iterparse(checked):  # noqa: S314  (reads through _Checked)
                if element.tag.rsplit("}", 1)[-1] == name:
                    yield event, element
                    element.clear()
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise Refused("archive_damaged", part=part) from fault


class _Checked:
    """A part's bytes on their way to the XML reader: a DTD stops them."""

    def __init__(self, file: object, name: str) -> None:
        self._read, self._name, self._last = file.read, name, b""  # type: ignore[attr-defined]

    def read(self, size: int = -1) -> bytes:
        """The next bytes, refused when they declare anything."""
        data: bytes = self._read(size)
        refuse_dtd(self._last + data, self._name)
        self._last = data[-SEAM:] if data else b""
        return data


def cells_of(row: ElementTree.Element) -> Iterator[tuple[int, str, str]]:
    column = -1
    for cell in row:
        if not cell.tag.endswith("}c") and cell.tag != "c":
            continue
        place = _CELL.match(cell.get("r") or "")
        column = _column(place.group(1)) if place else column + 1
        kind = cell.get("t", "n")
        texts = [one.text or "" for one in cell.iter() if one.tag.rsplit("}", 1)[-1] in ("v", "t")]
        if texts:
            yield column, kind, "".join(texts)


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def formulas_without_value(workbook: Workbook, sheet: SheetPart) -> list[tuple[int, int]]:
    """Row and column (0 = first) of formula cells whose result was never stored."""
    found: list[tuple[int, int]] = []
    number = -1
    for _, row in elements(workbook, sheet.part, "row"):
        number = int(row.get("r") or number + 2) - 1
        column = -1
        for cell in row:
            place = _CELL.match(cell.get("r") or "")
            column = _column(place.group(1)) if place else column + 1
            kinds = {one.tag.rsplit("}", 1)[-1]: one.text for one in cell}
            if "f" in kinds and not kinds.get("v") and cell.get("t") != "str":
                found.append((number, column))
    return found

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
from xml.etree import ElementTree

from shopdata.errors import Refused
from shopdata.ingest.results import Limits

MOST_PARTS = 5000
SMALL = 8 << 20
SEAM = 16
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
    """An opened workbook; ``declared``: bytes its parts claim to come out as."""

    path: Path
    archive: zipfile.ZipFile
    sheets: tuple[SheetPart, ...]
    declared: int


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """The workbook at ``path``, its declared sizes checked. Raises ``Refused``."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as fault:
        raise Refused("truncated") from fault
    parts = archive.infolist()
    if not all(0 <= part.header_offset < path.stat().st_size for part in parts):
        raise Refused("archive_damaged")
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
    return Workbook(path, archive, tuple(_sheets(archive)), inflated)


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


def cells_without_value(workbook: Workbook, sheet: SheetPart) -> list[tuple[int, int]]:
    """Row and column (0 = first) of cells that hold an error, or a formula whose result was never stored."""
    found: list[tuple[int, int]] = []
    number = -1
    for _, row in elements(workbook, sheet.part, "row"):
        number = int(row.get("r") or number + 2) - 1
        column = -1
        for cell in row:
            place = _CELL.match(cell.get("r") or "")
            column = _column(place.group(1)) if place else column + 1
            kinds = {one.tag.rsplit("}", 1)[-1]: one.text for one in cell}
            kind = cell.get("t")
            if kind == "e" or ("f" in kinds and not kinds.get("v") and kind != "str"):
                found.append((number, column))
    return found

"""One pass over the bytes of a workbook as they really come out: bombs, DTDs, and what needs a closer look.

Nothing is interpreted here; sizes are those of the bytes, not those the ZIP declares.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from shopdata.errors import Refused
from shopdata.ingest.results import Limits
from shopdata.ingest.xlsx_parts import SMALL, Workbook, refuse_dtd

PIECE = 1 << 20
COMPRESSED = 1 << 16
LOCAL_HEADER = 30
SEAM = 64
FORMULA, ERROR, NUL = b"</f>", b't="e"', b"_x0000_"
MARKS = (FORMULA, ERROR, NUL)
SMALL_SHEET = 16 << 20
MOST_SPARSE = 5_000_000
SPARSE = 20
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,8})["']""")


@dataclass(slots=True)
class Content:
    """What was seen of one part: ``marks`` of ``MARKS``, and how far its cells reach (small sheets only)."""

    marks: set[bytes] = field(default_factory=set)
    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    _seam: bytes = b""

    def see(self, piece: bytes, *, places: bool) -> None:
        """Take the next bytes into account; ``places``: also where their cells stand."""
        joint = self._seam + piece[:SEAM]
        self.marks.update(mark for mark in MARKS if mark in piece or mark in joint)
        if places:
            found = _PLACE.findall(self._seam + piece)
            self.cells += len(found)
            self.last_row = max(self.last_row, max((int(row) for _, row in found), default=0))
            columns = {letters for letters, _ in found}
            self.last_column = max(self.last_column, max(map(_column_number, columns), default=0))
        self._seam = piece[-SEAM:]

    @property
    def is_sparse(self) -> bool:
        """Whether a few far cells claim a table that would fill the memory with empty ones."""
        claimed = self.last_row * self.last_column
        return claimed > MOST_SPARSE and claimed > SPARSE * self.cells


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def inflated(workbook: Workbook, limits: Limits) -> Mapping[str, Content]:
    """Inflate every XML part once and say what it holds. Raises ``Refused`` for bombs and DTDs."""
    total = 0
    found: dict[str, Content] = {}
    names = {sheet.part: sheet.name for sheet in workbook.sheets}
    with workbook.path.open("rb") as file:
        for info in workbook.archive.infolist():
            if not (info.filename.endswith((".xml", ".rels")) or info.filename in names):
                continue
            content = found[info.filename] = Content()
            places = info.filename in names and info.file_size <= SMALL_SHEET
            size, start, begun = 0, b"", False
            for piece in _pieces(file, info):
                if not begun:
                    start += piece
                    begun = _begun(start, info.filename)
                size += len(piece)
                _refuse_bomb(info, total + size, size, limits)
                content.see(piece, places=places)
            if content.is_sparse:
                raise Refused("sheet_sparse", sheet=names[info.filename], row=content.last_row)
            total += size
    return found


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

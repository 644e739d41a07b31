"""CSV text to rows, block by block. A block that looks whole is read at full speed; any other by records.

Row counting is exact in both ways: a record is what a spreadsheet shows as one line, blank ones included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from shopdata.ingest.csv_head import CsvHead
from shopdata.ingest.csv_recover import ID_DIGITS, Recovery
from shopdata.ingest.raw import Damaged, Piece, Reading, Rows, Source
from shopdata.ingest.results import LONGEST_VALUE, Limits

BLOCK = 12 << 20
QUOTE, NEWLINE = 34, 10
START_MARKS = np.frombuffer(b"\"'=\t ", np.uint8)
LINES_TRIED = 400
STARTS_TRIED = 8
MOST_DELIMITERS = 3

Bytes = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the file that starts and ends between records."""

    offset: int
    length: int


def blocks(head: CsvHead, recovery: Recovery, size: int = BLOCK) -> Iterator[Block]:
    """Pieces of about ``size`` bytes, each cut where a record starts."""
    with head.path.open("rb") as file:
        offset = head.start
        file.seek(offset)
        rest = b""
        while piece := file.read(size):
            rest += piece
            if len(piece) < size:
                break
            if cut := _cut(rest, recovery, at_any_price=len(rest) >= 4 * size):
                yield Block(offset, cut)
                offset, rest = offset + cut, rest[cut:]
        if rest:
            yield Block(offset, len(rest))


def _cut(data: bytes, recovery: Recovery, *, at_any_price: bool) -> int:
    """Where the last whole line begins that starts a record, 0 where none can be told.

    A line that only looks like a start lies within quotes: an odd number of them stands before it. After a
    broken quote it is the other way round, so when no start has an even number the last one is taken.
    """
    after = data.rfind(b"\n")
    odd: list[int] = []
    for _ in range(LINES_TRIED):
        start = data.rfind(b"\n", 0, after) + 1
        if start <= 0 or len(odd) == STARTS_TRIED:
            break
        if recovery.starts(data[start:after].decode("utf-8", "surrogateescape")):
            if not data.count(b'"', 0, start) % 2:
                return start
            odd.append(start)
        after = start - 1
    return odd[0] if odd else _outside_quotes(data) or (at_any_price and (data.rfind(b"\n") + 1 or len(data)))


def _outside_quotes(data: bytes) -> int:
    """The place after the last line feed outside quotes, 0 where there is none."""
    end = data.rfind(b"\n") + 1
    inside = data.count(b'"', 0, end) % 2
    while end and inside:
        before = data.rfind(b"\n", 0, end - 1) + 1
        inside = (inside + data.count(b'"', before, end)) % 2
        end = before
    return end


def csv_source(head: CsvHead, limits: Limits) -> Source:
    """A CSV file as a sheet."""

    def pieces(reading: Reading) -> Iterator[Piece]:
        recovery = Recovery(
            len(head.recognised.headers), head.delimiter, reading.id_first, limits, reading.ragged
        )
        reader = BlockReader(head, reading, recovery, head.path.stat().st_size)
        for block in blocks(head, recovery):
            yield Piece(block.offset + block.length, partial(reader.read, block))

    return Source(None, head.recognised, head.encoding, head.recognised.row + 2, pieces)


@dataclass(frozen=True, slots=True)
class BlockReader:
    """Reads blocks of one file."""

    head: CsvHead
    reading: Reading
    recovery: Recovery
    size: int

    def read(self, block: Block) -> Rows:
        """The rows of one block."""
        data = _bytes(self.head.path, block)
        quick = self._quick(data)
        rows = quick if quick is not None else self._careful(data)
        last_is_whole = rows.records - 1 in rows.places[-1:]
        unended = block.offset + block.length == self.size and self._is_unended(data) and last_is_whole
        return replace(rows, unended=True) if unended else rows

    def _is_unended(self, data: bytes) -> bool:
        """Whether nothing closes the last cell: no line end, no quote, no delimiter behind it."""
        behind = (
            b"\n",
            b"\r",
            b'"',
            *([self.head.delimiter.encode()] if self.head.width > self._headers else []),
        )
        return not data.endswith(behind)

    @property
    def _headers(self) -> int:
        return len(self.head.recognised.headers)

    def _quick(self, data: bytes) -> Rows | None:
        """The whole block at once, or None where anything about it is off."""
        data = data.removesuffix(b"\n").removesuffix(b"\r")
        if not data or data.endswith(b"\n") or b"\x00" in data or data.count(b'"') % 2:
            return None
        try:
            table = self._parsed(data, self.reading.columns, self.reading.unique)
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            return None
        size = table.num_rows
        if size != data.count(b"\n") + 1 and not self._whole(data, size):
            return None
        columns = {column: _one_chunk(table.column(f"c{column}")) for column in self.reading.columns}
        longest = max(_longest(column) for column in columns.values())
        if longest > self.recovery.limits.cell or any(self._extra(data)):
            return None

        def cells(positions: Sequence[int]) -> list[list[str]]:
            return self._all_cells(data, positions)

        return Rows(columns, np.arange(size), size, cells)

    def _extra(self, data: bytes) -> list[bool]:
        """Whether a cell beyond the header holds anything (a trailing delimiter makes empty ones)."""
        beyond = range(len(self.head.recognised.headers), self.head.width)
        if not beyond:
            return []
        table = self._parsed(data, beyond, ())
        return [
            bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column.cast(pa.string())), "")).as_py())
            for column in table.columns
        ]

    def _whole(self, data: bytes, size: int) -> bool:
        """Whether line feeds inside cells are honest ones and no open quote swallowed a record.

        Where ids come first their number must be that of the rows. Elsewhere no cell with a line feed may
        hold as many delimiters as half a record.
        """
        bytes_ = np.frombuffer(data, np.uint8)
        starts = np.append(0, np.flatnonzero(bytes_ == NEWLINE) + 1)
        if _has_blank(bytes_, starts):
            return False
        if self.reading.id_first and size == self._id_starts(bytes_, starts):
            return True
        headers = range(len(self.head.recognised.headers))
        most = max(MOST_DELIMITERS, len(headers) // 2)
        for column in self._parsed(data, headers, ()).columns:
            texts = pc.unique(_one_chunk(column).dictionary)
            broken = texts.filter(pc.match_substring(texts, "\n"))
            if len(broken) and pc.max(pc.count_substring(broken, self.head.delimiter)).as_py() >= most:
                return False
        return not self.reading.id_first

    def _id_starts(self, data: Bytes, starts: Bytes) -> int:
        """How many lines begin with an id."""
        place = starts.copy()
        for _ in range(4):
            inside = place < len(data) - ID_DIGITS
            place[inside] += np.isin(data[place[inside]], START_MARKS)
        place = place[place < len(data) - ID_DIGITS]
        digits = np.ones(len(place), bool)
        for offset in range(ID_DIGITS):
            letter = data[place + offset]
            digits &= (letter >= 48) & (letter <= 57)
        return int(digits.sum())

    def _parsed(self, data: bytes, columns: Sequence[int], texts: Collection[int]) -> pa.Table:
        names = [f"c{place}" for place in range(self.head.width)]
        words = pa.dictionary(pa.int32(), pa.string())
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(data) + 2
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=self.head.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=[f"c{column}" for column in columns],
                column_types={f"c{c}": pa.string() if c in texts else words for c in columns},
                strings_can_be_null=False,
            ),
        )

    def _all_cells(self, data: bytes, positions: Sequence[int]) -> list[list[str]]:
        table = self._parsed(data, range(len(self.head.recognised.headers)), ())
        chosen = table.take(pa.array(positions, pa.int64()))
        return [list(cells) for cells in zip(*(column.to_pylist() for column in chosen.columns), strict=True)]

    def _careful(self, data: bytes) -> Rows:
        """Record by record."""
        good: list[tuple[str, ...]] = []
        places: list[int] = []
        damaged: list[Damaged] = []
        count = 0
        for count, record in enumerate(self.recovery.records(data), start=1):
            if record.code:
                damaged.append(_damage(count - 1, record.code, record.cells, self.recovery.limits))
            elif not record.blank:
                good.append(record.cells)
                places.append(count - 1)
        columns = {
            column: pa.array([row[column] for row in good], pa.string()) for column in self.reading.columns
        }

        def cells(positions: Sequence[int]) -> list[list[str]]:
            return [list(good[position]) for position in positions]

        return Rows(columns, np.array(places, np.int64), count, cells, tuple(damaged))


def _bytes(path: Path, block: Block) -> bytes:
    with path.open("rb") as file:
        file.seek(block.offset)
        return file.read(block.length)


def _has_blank(data: Bytes, starts: Bytes) -> bool:
    first = data[np.minimum(starts, len(data) - 1)]
    return bool(np.any((first == NEWLINE) | (first == 13)))


def _longest(texts: pa.Array) -> int:
    """Bytes of the longest text of a column."""
    texts = texts.dictionary if pa.types.is_dictionary(texts.type) else texts
    return int(pc.max(pc.binary_length(texts)).as_py() or 0)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _damage(place: int, code: str, cells: Sequence[str], limits: Limits) -> Damaged:
    """A damaged record, its bytes that are no text shown as marks."""
    shown = [cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for cell in cells]
    column = None
    if code in ("undecodable", "cell_too_large"):
        column = next(
            (
                n
                for n, cell in enumerate(cells)
                if len(cell) > limits.cell or shown[n] != cell or "\x00" in cell
            ),
            None,
        )
    seen = shown[column] if column is not None else " ".join(shown)
    kept = tuple(cell.replace("\x00", "\ufffd")[: limits.cell] for cell in shown)
    return Damaged(place, code, column, seen.replace("\x00", "\ufffd")[:LONGEST_VALUE], kept)

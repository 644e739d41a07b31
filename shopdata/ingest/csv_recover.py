"""Reading records one by one where the fast way stumbled: a broken row costs itself, not its neighbours.

A record ends where its quotes close; an open quote never swallows a line that plainly starts a record of
its own: one that begins with an id, or that has all columns by itself.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from shopdata.ingest.results import Limits

ID_DIGITS = 12
RECORD_START = re.compile(rf"[\ufeff\t \"'=]*[0-9]{{{ID_DIGITS}}}")
LONE_RETURN = re.compile("\\r(?!\\n)")
LONGEST_RECORD = 2000
ALL_COLUMNS = 4

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, or why it has none (``code``) and what stands there."""

    cells: tuple[str, ...]
    code: str | None = None
    blank: bool = False


@dataclass(slots=True)
class Recovery:
    """Cuts a piece of a file into records of ``width`` cells."""

    width: int
    delimiter: str
    id_first: bool
    limits: Limits
    ragged: bool = False

    def records(self, piece: bytes) -> Iterator[Record]:
        """Every record of ``piece`` in order, blank ones included."""
        lines = _lines(piece)
        place = 0
        while place < len(lines):
            if not lines[place].strip("\r\n\x00 \t"):
                place += 1
                yield Record((), blank=True)
                continue
            cells, taken, is_open = self._read(lines, place)
            fitted = self._padded(self._fitted(cells))
            if is_open or len(fitted) != self.width:
                taken = 1 + self._continuation(lines, place + 1)
                cells = next(csv.reader([lines[place]], delimiter=self.delimiter), [])
                code = "too_few_fields" if len(cells) < self.width or is_open else "too_many_fields"
                yield Record(tuple(cells), code)
            else:
                yield self._checked(fitted)
            place += taken

    def _read(self, lines: list[str], place: int) -> tuple[list[str], int, bool]:
        """Cells of the record at ``place``, how many lines it took, and whether a quote stayed open."""
        taken, is_open = 1, False

        def feed() -> Iterator[str]:
            nonlocal taken, is_open
            yield lines[place]
            while (
                place + taken < len(lines)
                and taken < LONGEST_RECORD
                and not self.starts(lines[place + taken])
            ):
                taken += 1
                yield lines[place + taken - 1]
            is_open = True

        cells = next(csv.reader(feed(), delimiter=self.delimiter), [])
        return cells, taken, is_open

    def starts(self, line: str) -> bool:
        """Whether a line plainly starts a record: with an id, or by having all columns itself."""
        if (
            self.id_first
            and RECORD_START.match(line)
            and line.count(self.delimiter) >= min(3, self.width - 1)
        ):
            return True
        return self.width >= ALL_COLUMNS and self._whole(line)

    def _whole(self, line: str) -> bool:
        cells, _, is_open = Recovery(self.width, self.delimiter, False, self.limits)._alone(line)
        return not is_open and len(self._fitted(cells)) == self.width

    def _alone(self, line: str) -> tuple[list[str], int, bool]:
        asked = False

        def feed() -> Iterator[str]:
            nonlocal asked
            yield line
            asked = True

        cells = next(csv.reader(feed(), delimiter=self.delimiter), [])
        return cells, 1, asked

    def _continuation(self, lines: list[str], place: int) -> int:
        """How many lines after a broken one are the rest of it: neither a start nor a whole record."""
        taken = 0
        while place + taken < len(lines) and taken < LONGEST_RECORD:
            line = lines[place + taken]
            if not line.strip() or self.starts(line) or self._whole(line) or not self.id_first:
                break
            taken += 1
        return taken

    def _fitted(self, cells: list[str]) -> list[str]:
        """Without the empty cells a trailing delimiter adds."""
        extra = len(cells) - self.width
        return (
            cells[: self.width]
            if extra > 0 and not any(cell.strip() for cell in cells[self.width :])
            else cells
        )

    def _padded(self, cells: list[str]) -> list[str]:
        """With the empty cells that rows of such a file leave out at their end."""
        return [*cells, *[""] * (self.width - len(cells))] if self.ragged and len(cells) > 1 else cells

    def _checked(self, cells: list[str]) -> Record:
        for cell in cells:
            if "\x00" in cell or any("\udc80" <= letter <= "\udcff" for letter in cell):
                return Record(tuple(cells), "undecodable")
            if len(cell) > self.limits.cell:
                return Record(tuple(cells), "cell_too_large")
        return Record(tuple(cells))


def without_lone_returns(text: str) -> str:
    """``text`` with each carriage return that ends no line as a blank: the csv module refuses them."""
    return LONE_RETURN.sub(" ", text)


def _lines(piece: bytes) -> list[str]:
    """Lines with their ends; ``\\r\\n`` and ``\\n`` end a line, bytes that are no UTF-8 are kept apart."""
    text = without_lone_returns(piece.decode("utf-8", "surrogateescape"))
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended

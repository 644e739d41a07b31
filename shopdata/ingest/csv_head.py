"""The start of a CSV file: which encoding, which delimiter, where its header is. Nothing is guessed.

UTF-8 is read strictly. GB18030 is tried only where the file is not valid UTF-8, and taken only where all of
it decodes and a known header stands in it. Anything else is refused with the place of the first bad byte.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shopdata.errors import Refused
from shopdata.ingest.csv_encoding import (
    first_undecodable,
    is_binary,
    is_blank,
    is_markup,
    recoded,
    wide,
    with_unix_ends,
)
from shopdata.ingest.csv_recover import without_lone_returns
from shopdata.ingest.formats import HEADER_SEARCH, Recognised, Sought, explain, recognise

HEAD = 1 << 18
LONGEST_HEAD = 2000
LONGEST_LETTER = 4
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class CsvHead:
    """A CSV file ready to be read: UTF-8 text at ``path`` whose records start at byte ``start``."""

    path: Path
    encoding: str
    delimiter: str
    start: int
    recognised: Recognised
    width: int


def open_csv(path: Path, scratch: Path, sought: Sought) -> CsvHead:
    """Find encoding, delimiter and header. ``scratch``: where a re-encoded copy may be written."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if is_blank(head):
        raise Refused("empty_file")
    if encoding := wide(head):
        return _headed(recoded(path, scratch, encoding), encoding, sought)
    if is_binary(head):
        raise Refused("not_a_table")
    known, rows = _search(head.decode("utf-8", "replace"), sought)
    if known and "\ufffd" not in "".join(known.recognised.headers):
        return _headed(with_unix_ends(path, head, scratch), "utf-8", sought)
    offset = first_undecodable(path)
    if offset is None or offset > path.stat().st_size - LONGEST_LETTER:
        raise explain(rows, sought)
    copy = recoded(path, scratch, "gb18030", offset)
    known, rows = _search(_text(copy), sought)
    if not known:
        why = explain(rows, sought)
        raise why if why.code == "column_missing" else Refused("encoding_unknown", offset=offset)
    return _headed(copy, "gb18030", sought)


@dataclass(frozen=True, slots=True)
class _Found:
    recognised: Recognised
    delimiter: str


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD).decode("utf-8", "replace")


def _search(text: str, sought: Sought) -> tuple[_Found | None, list[list[str]]]:
    """The best header under any delimiter, and the first rows under the likeliest one."""
    text = text.lstrip("\ufeff")
    if is_markup(text):
        raise Refused("not_a_table")
    best: _Found | None = None
    widest: list[list[str]] = []
    for delimiter in DELIMITERS:
        rows = [row for row, _ in _rows(text, delimiter)]
        if max(map(len, rows), default=0) > max(map(len, widest), default=0):
            widest = rows
        found = recognise(rows, sought)
        if found and (best is None or found.match.matched > best.recognised.match.matched):
            best = _Found(found, delimiter)
    return best, widest


def first_texts(text: str) -> list[list[list[str]]]:
    """The first records of ``text`` under each delimiter."""
    text = text.lstrip("\ufeff")
    return [[row for row, _ in _rows(text, delimiter)] for delimiter in DELIMITERS]


def _rows(text: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The first records with the number of characters up to the end of each."""
    text = without_lone_returns(text) if "\n" in text else text.replace("\r", "\n")
    lines = [f"{line}\n" for line in text.split("\n", LONGEST_HEAD)]
    lines[-1] = lines[-1].removesuffix("\n")
    reader = csv.reader(iter(lines), delimiter=delimiter)
    for _ in range(HEADER_SEARCH):
        row = next(reader, None)
        if row is None or (not row and reader.line_num >= len(lines)):
            return
        yield row, sum(map(len, lines[: reader.line_num]))


def _headed(path: Path, encoding: str, sought: Sought) -> CsvHead:
    text = _text(path)
    marks = len(text) - len(text.lstrip("\ufeff"))
    found, rows = _search(text, sought)
    if not found:
        raise explain(rows, sought)
    ends = [end for _, end in _rows(text.lstrip("\ufeff"), found.delimiter)]
    end = ends[found.recognised.row]
    start = len(text[: marks + end].encode())
    width = _width(text[marks + end :], found)
    return CsvHead(path, encoding, found.delimiter, start, found.recognised, width)


def _width(text: str, found: _Found) -> int:
    """Cells of a record: the header's, or more where every early record ends in extra delimiters."""
    headers = len(found.recognised.headers)
    early = [len(row) for row, _ in _rows(text, found.delimiter) if any(row)][:-1] or [headers]
    return min(early) if min(early) > headers and max(early) == min(early) else headers

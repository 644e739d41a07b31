"""What a file of an unknown kind holds: its headers, and for each column what stands in it. Nothing is typed.

The file is opened like any other: as a made-up format that has exactly its headers, so encodings, sheets and
damaged rows are dealt with by the same readers.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from shopdata.errors import Refused
from shopdata.ingest import csv_head
from shopdata.ingest.cells import bare
from shopdata.ingest.convert import decoded
from shopdata.ingest.csv_encoding import wide
from shopdata.ingest.formats import HEADER_SEARCH, Sought
from shopdata.ingest.opening import EMPTY_ZIP, FOREIGN, OLE, ZIP, opened
from shopdata.ingest.raw import Reading
from shopdata.ingest.results import LONGEST_VALUE, ColumnValues, Described, Limits
from shopdata.platforms import Field, Format, header_key

KEY = "described"
MOST_DISTINCT = 2_000
MOST_VALUES = 60
DATA = re.compile(r"[+-]?[0-9][0-9.,:/ TZ-]*$")
HEADER_SHARE = 0.5


def describe(path: Path, out: Path, limits: Limits) -> Described:
    """The columns of the file at ``path``. Raises ``Refused`` where it is no table."""
    headers = _headers(path, limits)
    probe = _probe(headers)
    sheets = opened(path, out, limits, Sought({KEY: probe}, KEY))
    counted = {name: Counter[str]() for name in probe.fields}
    filled, rows = Counter[str](), 0
    for source in sheets.sources:
        found = probe.columns_of(source.recognised.headers)
        for piece in source.pieces(Reading(sorted(found.values()), set(), id_first=False)):
            read = piece.read()
            rows += len(read.places) + len(read.damaged)
            for name, place in found.items():
                filled[name] += _count(counted[name], decoded(read.columns[place]))
    if not rows:
        raise Refused("no_rows")
    columns = [
        ColumnValues(
            one.headers[0],
            filled[one.name],
            len(counted[one.name]),
            tuple(
                (value[:LONGEST_VALUE], count) for value, count in counted[one.name].most_common(MOST_VALUES)
            ),
        )
        for one in probe.fields.values()
    ]
    return Described(tuple(columns), rows, sheets.sources[0].encoding)


def table(path: Path, out: Path, limits: Limits, most: int) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that holds a table, its header first, each with its number: cells as texts,
    a number that may have lost digits in scientific form. At most ``most`` rows. Raises ``Refused``."""
    probe = _probe(_headers(path, limits), "id")
    source = opened(path, out, limits, Sought({KEY: probe}, KEY)).sources[0]
    headers, first = source.recognised.headers, source.first_row
    rows = [(first - 1, list(headers))]
    for piece in source.pieces(Reading(range(len(headers)), set(), id_first=False)):
        read = piece.read()
        numbers = (first + int(place) for place in read.places)
        rows += zip(numbers, read.cells(range(len(read.places))), strict=True)
        rows += [(first + one.place, list(one.cells)) for one in read.damaged]
        first += read.records
        if len(rows) > most:
            break
    return sorted(rows)[:most]


def _count(counted: Counter[str], texts: pa.Array) -> int:
    """Add the values of some cells, new ones only while there are few; how many cells were filled."""
    filled = 0
    for one in texts.drop_null().value_counts().to_pylist():
        if value := bare(one["values"]):
            filled += one["counts"]
            if value in counted or len(counted) < MOST_DISTINCT:
                counted[value] += one["counts"]
    return filled


def _probe(headers: Sequence[str], kind: str = "text") -> Format:
    """A format that has these columns as one kind; a header that stands twice is none of them."""
    keys = Counter(header_key(header) for header in headers)
    once = [header for header in headers if header_key(header) and keys[header_key(header)] == 1]
    if not once:
        raise Refused("not_a_table")
    fields = {f"_{place}": Field(f"_{place}", (header,), kind) for place, header in enumerate(once)}
    needed = tuple((name,) for name in fields)
    return Format(KEY, "other", KEY, KEY, fields, needed, (), ())


def _headers(path: Path, limits: Limits) -> list[str]:
    """The likeliest header among the first rows: names alone, about as many as there are columns."""
    best: list[str] = []
    for rows in _first_rows(path, limits):
        width = max((sum(map(bool, row)) for row in rows), default=0)
        for row in rows:
            names = [cell for cell in row if cell]
            if len(names) > max(1, HEADER_SHARE * width) and not any(map(DATA.match, names)):
                best = row if len(names) > sum(map(bool, best)) else best
                break
    if len(best) > limits.columns:
        raise Refused("too_many_columns", columns=len(best), limit=limits.columns)
    if not best:
        raise Refused("not_a_table")
    return best


def _first_rows(path: Path, limits: Limits) -> list[list[list[str]]]:
    """The first rows of each sheet, or of the text under each delimiter, cells trimmed."""
    with path.open("rb") as file:
        head = file.read(csv_head.HEAD)
    if not head.strip():
        raise Refused("empty_file")
    if head.startswith((ZIP, EMPTY_ZIP)):
        from shopdata.ingest.xlsx_headers import first_texts

        tables = first_texts(path, limits)
    elif head.startswith((OLE, *FOREIGN)):
        raise Refused("password_needed" if head.startswith(OLE) else "not_a_table")
    else:
        tables = csv_head.first_texts(_text(head))
    return [[[cell.strip() for cell in row] for row in rows[:HEADER_SEARCH]] for rows in tables]


def _text(head: bytes) -> str:
    """The start of a file as text: UTF-8, or an encoding of two bytes a letter, or GB18030."""
    two_bytes = wide(head)
    for encoding in (two_bytes,) if two_bytes else ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    raise Refused("encoding_unknown", offset=0)

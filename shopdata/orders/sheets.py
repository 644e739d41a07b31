"""Rows into a CSV, XLSX or Parquet file, a batch at a time. What a file brought in can start nothing there.

Text never begins like a formula, ids stay text, numbers stay numbers, control characters are gone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shopdata.errors import BadUsage

Kind = Literal["id", "text", "money", "count", "time", "yes_no"]
Cell = str | int | Decimal | datetime | bool | None
Batches = Iterable[Sequence[Sequence[Cell]]]

LONGEST_CELL = 32_767
SHEET_ROWS = 1_048_575
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ARROW = {
    "id": pa.string(),
    "text": pa.string(),
    "money": pa.decimal128(18, 2),
    "count": pa.int64(),
    "time": pa.timestamp("s"),
    "yes_no": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a file: the words above it and what its cells are."""

    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a file got, and how many cells were longer than a sheet can hold and were cut."""

    rows: int
    cut: int = 0


def inert(text: str) -> str:
    """The text without control characters, behind an apostrophe where a spreadsheet would calculate it.

    Reading takes one apostrophe off such text and off plain Latin text, so that one stands there to take.
    """
    clean = _CONTROL.sub("", text)
    starts = clean.lstrip(" \u3000\u00a0'").startswith(_STARTS)
    quoted = clean.startswith("'") and clean[1:].isascii()
    return f"'{clean}" if starts or quoted else clean


def write_file(path: Path, headings: Sequence[Heading], batches: Batches) -> Written:
    """Write a new file of the kind its suffix says (``.csv``, ``.xlsx``, ``.parquet``)."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadUsage("out_unknown", path=path.name)
    return writer(path, headings, batches)


def _write_csv(path: Path, headings: Sequence[Heading], batches: Batches) -> Written:
    rows = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerow([inert(heading.label) for heading in headings])
        for batch in batches:
            rows += len(batch)
            writer.writerows([_plain(cell) for cell in row] for row in batch)
    return Written(rows)


def _plain(cell: Cell) -> str | int | Decimal | None:
    if isinstance(cell, str):
        return inert(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return cell if not isinstance(cell, bool) else int(cell)


def _write_xlsx(path: Path, headings: Sequence[Heading], batches: Batches) -> Written:
    rows = cut = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), {**options, "tmpdir": str(path.parent)})
    times = book.add_format({"num_format": TIME_FORMAT})
    money = book.add_format({"num_format": "0.00"})
    put = {
        "time": lambda sheet, at, column, cell: sheet.write_datetime(at, column, cell, times),
        "money": lambda sheet, at, column, cell: sheet.write_number(at, column, cell, money),
        "count": lambda sheet, at, column, cell: sheet.write_number(at, column, cell),
        "yes_no": lambda sheet, at, column, cell: sheet.write_number(at, column, int(cell)),
    }
    sheet: Worksheet | None = None
    try:
        for row in _flat(batches):
            at = rows % SHEET_ROWS
            if sheet is None or (at == 0 and rows):
                sheet = _new_sheet(book, headings)
            for column, (heading, cell) in enumerate(zip(headings, row, strict=True)):
                if cell is None:
                    continue
                if heading.kind in put:
                    put[heading.kind](sheet, at + 1, column, cell)
                else:
                    text = inert(str(cell))
                    cut += len(text) > LONGEST_CELL
                    sheet.write_string(at + 1, column, text[:LONGEST_CELL])
            rows += 1
        if sheet is None:
            _new_sheet(book, headings)
    finally:
        book.close()
    return Written(rows, cut)


def _flat(batches: Batches) -> Iterator[Sequence[Cell]]:
    for batch in batches:
        yield from batch


def _new_sheet(book: xlsxwriter.Workbook, headings: Sequence[Heading]) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 1)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, 21 if heading.kind in ("id", "time") else 14)
        sheet.write_string(0, column, inert(heading.label))
    return sheet


def _write_parquet(path: Path, headings: Sequence[Heading], batches: Batches) -> Written:
    rows = 0
    schema = pa.schema([(heading.label, _ARROW[heading.kind]) for heading in headings])
    with pq.ParquetWriter(path, schema) as writer:
        for batch in batches:
            rows += len(batch)
            columns = list(zip(*batch, strict=True)) or [() for _ in headings]
            arrays = [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return Written(rows)


WRITERS: dict[str, Callable[[Path, Sequence[Heading], Batches], Written]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
}

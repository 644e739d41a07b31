"""XLSX to rows: every visible sheet with a known header. Ids must be text; a rounded number is shown as such.

Cells come from fastexcel as texts. Id columns are read strictly first: when they hold nothing but text no
number can hide among them. Otherwise the sheet is read again and each number cell is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.errors import Refused
from shopdata.ingest.formats import HEADER_SEARCH, Recognised, Sought, recognise
from shopdata.ingest.opening import Sheets
from shopdata.ingest.raw import Damaged, Piece, Positions, Reading, Rows, Source
from shopdata.ingest.results import LONGEST_VALUE, Limits
from shopdata.ingest.xlsx_headers import Located, first_rows, located
from shopdata.ingest.xlsx_inflate import ERROR, FORMULA, NUL, SMALL_SHEET, Content, inflated
from shopdata.ingest.xlsx_parts import (
    SheetPart,
    Workbook,
    cells_without_value,
    open_workbook,
)

SLICE = 25_000
EXACT = 10**15
ID_TYPES = ("id", "ref", "order_list")


def xlsx_sheets(path: Path, limits: Limits, sought: Sought) -> Sheets:
    """The sheets of a workbook that hold a known format. Raises ``Refused``."""
    workbook = open_workbook(path, limits)
    kept, warned = located(workbook, limits, sought)
    with ThreadPoolExecutor(1) as pool:
        checked = pool.submit(inflated, workbook, limits)
        if workbook.declared <= SMALL_SHEET:
            checked.result()  # a small file may claim a giant sheet: known before it is loaded
        loaded = _all_loaded(workbook, kept, limits)
        contents = checked.result()
    sources = [
        Source(
            one.sheet.name,
            loaded.recognised,
            "xlsx",
            loaded.number + 2,
            partial(loaded.pieces, limits=limits),
        )
        for one, loaded in zip(kept, _judged(workbook, loaded, contents), strict=True)
    ]
    return Sheets(sources, warned)


@dataclass(frozen=True, slots=True)
class LoadedSheet:
    """A sheet in memory: ``table`` has the rows below the header as texts, all columns."""

    sheet: SheetPart
    recognised: Recognised
    number: int
    table: pa.RecordBatch
    broken: dict[int, int]
    size: int
    has_nul: bool = False

    def pieces(self, reading: Reading, *, limits: Limits) -> Iterator[Piece]:
        """Slices of the sheet."""
        for start in range(0, max(1, self.table.num_rows), SLICE):
            part = self.table.slice(start, SLICE)
            done = self.size * (start + part.num_rows) // max(1, self.table.num_rows)
            yield Piece(done, partial(self._rows, part, start, reading.columns, limits))

    def _rows(self, part: pa.RecordBatch, start: int, wanted: Sequence[int], limits: Limits) -> Rows:
        keep = np.ones(part.num_rows, bool)
        damaged = [*self._without_value(part, start, keep), *_too_large(part, keep, limits)]
        if self.has_nul:
            damaged += _with_nul(part, keep)
        if any(part.column(column).null_count for column in wanted):
            keep &= ~_blank(part)
        places: Positions = np.flatnonzero(keep)
        kept = part if keep.all() else part.filter(pa.array(keep))
        columns = {column: kept.column(column) for column in wanted}

        def cells(positions: Sequence[int]) -> list[list[str]]:
            return _texts(kept.take(pa.array(positions, pa.int64())))

        return Rows(columns, places, part.num_rows, cells, tuple(damaged), numbers=True)

    def _without_value(self, part: pa.RecordBatch, start: int, keep: np.ndarray) -> Iterator[Damaged]:
        for place in sorted(self.broken):
            if start <= place < start + part.num_rows:
                keep[place - start] = False
                cells = tuple(_texts(part.slice(place - start, 1))[0])
                yield Damaged(place - start, "formula_without_value", self.broken[place], "", cells)


def _texts(part: pa.RecordBatch) -> list[list[str]]:
    return [[text or "" for text in row] for row in zip(*(c.to_pylist() for c in part.columns), strict=True)]


def _blank(part: pa.RecordBatch) -> np.ndarray:
    filled = np.zeros(part.num_rows, bool)
    for column in part.columns:
        filled |= column.is_valid().to_numpy(zero_copy_only=False)
    return ~filled


def _too_large(part: pa.RecordBatch, keep: np.ndarray, limits: Limits) -> Iterator[Damaged]:
    for place, column in enumerate(part.columns):
        if (pc.max(pc.binary_length(column)).as_py() or 0) <= limits.cell:
            continue
        long = pc.greater(pc.utf8_length(column), limits.cell).fill_null(False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(long & keep).tolist():
            keep[row] = False
            cells = tuple(text[: limits.cell] for text in _texts(part.slice(row, 1))[0])
            yield Damaged(row, "cell_too_large", place, cells[place][:LONGEST_VALUE], cells)


def _with_nul(part: pa.RecordBatch, keep: np.ndarray) -> Iterator[Damaged]:
    for place, column in enumerate(part.columns):
        marked = pc.match_substring(column, "\0").fill_null(False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(marked & keep).tolist():
            keep[row] = False
            cells = tuple(text.replace("\0", "\ufffd") for text in _texts(part.slice(row, 1))[0])
            yield Damaged(row, "undecodable", place, cells[place][:LONGEST_VALUE], cells)


def _all_loaded(workbook: Workbook, found: Sequence[Located], limits: Limits) -> list[LoadedSheet]:
    """The texts of all sheets, through one reader. Raises ``Refused`` when it cannot read them."""
    part = found[0].sheet.part
    try:
        reader = fastexcel.read_excel(str(workbook.path))
        loaded = []
        for one in found:
            part = one.sheet.part
            loaded.append(_loaded(workbook, reader, one, limits))
        return loaded
    except fastexcel.FastExcelError as fault:
        raise Refused("archive_damaged", part=part) from fault


def _loaded(workbook: Workbook, reader: fastexcel.ExcelReader, one: Located, limits: Limits) -> LoadedSheet:
    """The sheet's texts."""
    sheet, recognised, number = one.sheet, one.recognised, one.number
    match = recognised.match
    ids = [place for name, place in match.found.items() if match.format.fields[name].type in ID_TYPES]
    whole = _strict(reader, sheet, number, ids, len(recognised.headers))
    if whole is None or _header(whole) != list(recognised.headers):
        whole = _with_numbers(reader, sheet, number, recognised)
    if whole.num_columns > limits.columns:
        raise Refused("too_many_columns", columns=whole.num_columns, limit=limits.columns)
    size = workbook.path.stat().st_size
    return LoadedSheet(sheet, _placed(recognised, whole), number, whole.slice(1), {}, size)


def _header(whole: pa.RecordBatch) -> list[str]:
    return [(column[0].as_py() or "").strip() for column in whole.columns] if whole.num_rows else []


def _placed(recognised: Recognised, whole: pa.RecordBatch) -> Recognised:
    """The header as the reader places it: a sheet may begin left of its header."""
    headers = _header(whole)
    if headers == list(recognised.headers):
        return recognised
    known = recognised.match.format
    again = recognise([headers], Sought({known.key: known}, known.key))
    if again is None:
        raise Refused("archive_damaged", part="sheet")
    return Recognised(again.match, again.headers, recognised.row)


def _strict(
    reader: fastexcel.ExcelReader, sheet: SheetPart, number: int, ids: Sequence[int], width: int
) -> pa.RecordBatch | None:
    """All cells as text, or None when an id column holds anything but text."""
    try:
        read = reader.load_sheet(
            sheet.name,
            header_row=None,
            skip_rows=number,
            dtypes={place: "string" for place in range(width) if place not in ids},
            dtype_coercion="strict",
            schema_sample_rows=None,
        )
        table = read.to_arrow()
    except (fastexcel.UnsupportedColumnTypeCombinationError, fastexcel.ColumnNotFoundError):
        return None
    return table if all(pa.types.is_string(column.type) for column in table.columns) else None


def _with_numbers(
    reader: fastexcel.ExcelReader, sheet: SheetPart, number: int, recognised: Recognised
) -> pa.RecordBatch:
    """All cells as text, numbers in id columns that cannot be exact written as what they are: rounded."""
    load = partial(reader.load_sheet, sheet.name, header_row=None, skip_rows=number)
    texts: pa.RecordBatch = load(dtypes="string").to_arrow()
    headers = _header(texts)
    found = recognised.match.format.columns_of(headers)
    fields = recognised.match.format.fields
    ids = [place for name, place in found.items() if fields[name].type in ID_TYPES]
    numbers = load(dtypes={place: "boolean" for place in ids}, use_columns=ids).to_arrow()
    columns = list(texts.columns)
    for place, is_number in zip(ids, numbers.columns, strict=True):
        columns[place] = _marked(columns[place], is_number.is_valid())
    return pa.record_batch(columns, names=[f"c{place}" for place in range(len(columns))])


def _marked(texts: pa.Array, is_number: pa.Array) -> pa.Array:
    """Number cells beyond exact integers in scientific form, so that they are refused as such."""
    places = np.flatnonzero(is_number.to_numpy(zero_copy_only=False))
    values = texts.to_pylist()
    for place in places.tolist():
        text = values[place] or ""
        try:
            value = float(text)
        except ValueError:
            continue
        if abs(value) >= EXACT or value != int(value):
            values[place] = f"{value:.5E}"
    return pa.array(values, pa.string())


def _judged(
    workbook: Workbook, loaded: Sequence[LoadedSheet], contents: Mapping[str, Content]
) -> Iterator[LoadedSheet]:
    """Sheets with the rows marked that hold an error, or a formula without result, in a column we read."""
    has_nul = any(NUL in content.marks for content in contents.values())
    for one in (replace(one, has_nul=has_nul) for one in loaded):
        if not {FORMULA, ERROR} & contents[one.sheet.part].marks:
            yield one
            continue
        wanted = set(one.recognised.match.found.values())
        first = _first_column(workbook, one)
        broken = {
            row - one.number - 1: column - first
            for row, column in reversed(cells_without_value(workbook, one.sheet))
            if row > one.number and column - first in wanted
        }
        yield replace(one, broken=broken)


def _first_column(workbook: Workbook, one: LoadedSheet) -> int:
    """The sheet's column that is the first one of the table."""
    place = next(iter(one.recognised.match.found.values()))
    name = one.recognised.headers[place]
    for number, cells in first_rows(workbook, one.sheet, HEADER_SEARCH):
        for cell in cells:
            if number == one.number and cell.text.strip() == name:
                return cell.column - place
    return 0

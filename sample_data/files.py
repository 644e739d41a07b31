"""Writes rows into the shapes of real files: which quotes, TABs, apostrophes, encodings and sheets they have.

A column's kind says how its cells are written: ``t`` text with a leading TAB, ``e`` with a trailing one,
``'`` an apostrophe before it, ``=`` a formula around it, ``n`` a number, ``d`` a date cell of a workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path

import xlsxwriter

from sample_data.catalog import Column, words
from sample_data.order_rows import Row
from sample_data.printing import BLANK

CREATED = datetime(2026, 1, 1)
SHEET = "sheet"
Columns = tuple[Column, ...]
Writer = Callable[[Path, Columns, Iterable[Row]], None]


def _value(row: Row, column: Column) -> str:
    return BLANK if column.field == "-" else "" if column.field == "" else row[column.field]


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def csv_cell(value: str, kind: str) -> str:
    """One CSV cell: text cells quoted with a leading TAB, the rest bare unless a comma forbids it."""
    if kind == "t" and value not in (BLANK, ""):
        return _quoted("\t" + value)
    if kind == "'" and value not in (BLANK, ""):
        return "'" + value
    return _quoted(value) if any(mark in value for mark in ',"\n') else value


def write_csv(
    path: Path, columns: Columns, rows: Iterable[Row], second: Mapping[str, str] | None = None
) -> None:
    """A UTF-8 file with BOM, as Douyin's export centre writes it; ``second`` explains fields in row 2."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(column.header for column in columns) + "\n")
        if second is not None:
            file.write(",".join(second.get(column.field, "") for column in columns) + "\n")
        for row in rows:
            file.write(",".join(csv_cell(_value(row, column), column.kind) for column in columns) + "\n")


def _taobao_cell(value: str, kind: str) -> str:
    if kind == "=":
        return f'="{value}"'
    return _quoted("'" + value if kind == "'" and value else value)


def write_taobao(path: Path, columns: Columns, rows: Iterable[Row], tail: str = "") -> None:
    """GBK, every cell quoted, ids as formulas; ``tail`` is what stands behind the last cell of a data row."""
    with path.open("w", encoding="gbk", newline="") as file:
        file.write(",".join(_quoted(column.header) for column in columns) + "\r\n")
        for row in rows:
            cells = (_taobao_cell(_value(row, column), column.kind) for column in columns)
            file.write(",".join(cells) + tail + "\r\n")


def write_taobao_lines(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    """As ``write_taobao``, with one field more in the data than in the header."""
    write_taobao(path, columns, rows, tail=",")


def write_tabbed(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    """UTF-8 without a BOM, a TAB behind every cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(column.header for column in columns) + "\n")
        for row in rows:
            cells = (_value(row, column) for column in columns)
            file.write(",".join(csv_cell(cell + "\t", "") for cell in cells) + "\n")


def _number(value: str) -> float:
    return float(value.replace(",", ""))


def _write_cells(
    book: xlsxwriter.Workbook, name: str, columns: Columns, rows: Iterable[Row], title: str = ""
) -> None:
    """A sheet; a ``title`` is written over all columns above the header."""
    sheet = book.add_worksheet(name)
    day = book.add_format({"num_format": "yyyy/m/d"})
    top = 1 if title else 0
    if title:
        sheet.merge_range(0, 0, 0, len(columns) - 1, title)
    sheet.write_row(top, 0, [column.header for column in columns])
    for line, row in enumerate(rows, top + 1):
        for place, column in enumerate(columns):
            value = _value(row, column)
            if value == "":
                continue
            if column.kind == "n" and value != BLANK:
                sheet.write_number(line, place, _number(value))
            elif column.kind == "d":
                sheet.write_datetime(line, place, datetime.fromisoformat(value), day)
            elif column.kind in ("t", "e") and value != BLANK:
                sheet.write_string(line, place, f"\t{value}" if column.kind == "t" else f"{value}\t")
            else:
                sheet.write_string(line, place, value)


def write_xlsx(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    """Rows that name a sheet go to it, each with its own header; the others into ``Sheet1``."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": CREATED})
        for name, group in groupby(rows, lambda row: row.get(SHEET, "Sheet1")):
            _write_cells(book, name, columns, group)


def write_titled(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    """One sheet with a merged title above the header, as couriers' sites write them."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"created": CREATED})
        _write_cells(book, "Sheet1", columns, rows, words()["titles"]["courier"])


WRITERS: Mapping[str, Writer] = {
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    "taobao": write_taobao,
    "taobao lines": write_taobao_lines,
    "tabbed": write_tabbed,
    "titled": write_titled,
}

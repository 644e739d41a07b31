"""Writes rows into the platform's file shapes: CSV with BOM and quoted TAB cells, XLSX with TABs in text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import xlsxwriter

from sample_data.catalog import Column
from sample_data.order_rows import Row
from sample_data.printing import BLANK

CREATED = datetime(2026, 1, 1)


def _value(row: Row, column: Column) -> str:
    return BLANK if column.field == "-" else row[column.field]


def csv_cell(value: str, kind: str) -> str:
    """One CSV cell: text cells quoted with a leading TAB, the rest bare unless a comma forbids it."""
    if kind == "t" and value not in (BLANK, ""):
        return '"\t' + value.replace('"', '""') + '"'
    return '"' + value.replace('"', '""') + '"' if any(mark in value for mark in ',"\n') else value


def write_csv(path: Path, columns: tuple[Column, ...], rows: Iterable[Row]) -> None:
    """A UTF-8 file with BOM, as the platform's export centre writes it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(column.header for column in columns) + "\n")
        for row in rows:
            file.write(",".join(csv_cell(_value(row, column), column.kind) for column in columns) + "\n")


def write_xlsx(path: Path, columns: tuple[Column, ...], rows: Iterable[Row]) -> None:
    """One sheet; ids as text with a TAB before (``t``) or after (``e``) them, amounts as numbers."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, [column.header for column in columns])
    for line, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            value = _value(row, column)
            if column.kind == "n" and value != BLANK:
                sheet.write_number(line, place, float(value.replace(",", "")))
            elif value == "":
                continue
            elif column.kind in ("t", "e") and value != BLANK:
                sheet.write_string(line, place, f"\t{value}" if column.kind == "t" else f"{value}\t")
            else:
                sheet.write_string(line, place, value)
    book.close()

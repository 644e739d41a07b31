"""Bytes of CSV files, workbooks and archives, as honest and as broken as a case wants them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from tests.imports.shop_files import ORDER_HEADERS, table
from tests.torture.declaration import Case, Make, Numbers, Verdict, taken

BOM = "\ufeff"
SHEET = "xl/worksheets/sheet1.xml"


def text(rows: Sequence[Mapping[str, str]], headers: Sequence[str] = ORDER_HEADERS) -> str:
    """A CSV without BOM."""
    return table(headers, rows, encoding="utf-8").decode()


def csv(rows: Sequence[Mapping[str, str]], headers: Sequence[str] = ORDER_HEADERS) -> bytes:
    """A CSV as the platform writes it: UTF-8 with BOM, ``\\r\\n``."""
    return table(headers, rows)


def headed(*last: str) -> list[str]:
    """The headers with some of them moved to the end."""
    return [*(name for name in ORDER_HEADERS if name not in last), *last]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula cell; ``result`` is what a program stored beside it, if any."""

    text: str
    result: Any = None


def xlsx(
    sheets: Mapping[str, Iterable[Sequence[Any]]],
    *,
    hidden: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    merged: Sequence[str] = (),
    first: tuple[int, int] = (0, 0),
    date_1904: bool = False,
) -> bytes:
    """A workbook; texts stay texts, other values are cells of their kind."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy/m/d h:mm", "date_1904": date_1904})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        if title in hidden:
            sheet.hide()
        for line, row in enumerate(rows, start=first[0]):
            for place, value in enumerate(row, start=first[1]):
                if isinstance(value, str):
                    sheet.write_string(line, place, value)
                elif isinstance(value, Formula):
                    sheet.write_formula(line, place, value.text, None, value.result)
                elif value is not None:
                    sheet.write(line, place, value)
        for line in hidden_rows:
            sheet.set_row(line, None, None, {"hidden": True})
        for area in merged:
            sheet.merge_range(area, "")
    book.close()
    return out.getvalue()


def grid(rows: Sequence[Mapping[str, Any]], headers: Sequence[str] = ORDER_HEADERS) -> list[list[Any]]:
    """Header and rows as lists, for a workbook."""
    return [list(headers), *([row.get(name, "") for name in headers] for row in rows)]


def book(rows: Sequence[Mapping[str, Any]], **options: Any) -> bytes:
    """A workbook of one sheet of order lines."""
    return xlsx({"Sheet1": grid(rows)}, **options)


def repacked(data: bytes, changes: Mapping[str, Any], *, level: int = 6) -> bytes:
    """A ZIP with some parts replaced: bytes, a function of the old bytes, or ``None`` to leave one out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as target,
    ):
        for name in dict.fromkeys([*source.namelist(), *changes]):
            old = source.read(name) if name in source.namelist() else b""
            change = changes.get(name, old)
            new = change(old) if callable(change) else change
            if new is not None:
                target.writestr(name, new)
    return out.getvalue()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def cells(
    name: str,
    column: str,
    field: str,
    texts: Mapping[str, Any],
    *,
    headers: Sequence[str] = ORDER_HEADERS,
    also: Mapping[str, str] | None = None,
) -> Case:
    """A CSV with one row a text in ``column``; each text with its stored value or its ``Code``."""
    more = dict(also or {})

    def make(numbers: Numbers) -> bytes:
        rows = [numbers.row(place, **more, **{column: one}) for place, one in enumerate(texts)]
        return csv(rows, headers)

    return Case(name, f"{name}.csv", make, cell_verdict(field, texts))


def cell_verdict(field: str, texts: Mapping[Any, Any]) -> Verdict:
    """One row a cell: rejected with its code, or stored with its value."""
    rejects = {place + 2: one.code for place, one in enumerate(texts.values()) if isinstance(one, Code)}
    stored = {place: {field: one} for place, one in enumerate(texts.values()) if not isinstance(one, Code)}
    return taken(len(texts), rejects, stored=stored)


@dataclass(frozen=True, slots=True)
class Code:
    """The reject code a cell must cost its row."""

    code: str


def plain(name: str, make: Make, verdict: Verdict | Mapping[str, Verdict], ending: str = "csv") -> Case:
    """A case whose file is named after it."""
    return Case(name, f"{name}.{ending}", make, verdict)

"""Big order exports for the benchmarks: the sample's rows many times over, new numbers, days, receivers.

``python -m bench.generate FOLDER --lines 1000000`` writes a 73-column CSV (``--xlsx``: a 75-column workbook).
A row of the sample becomes a template once; each copy fills in what differs: order and line numbers stay
unique, times move back by whole weeks (so weekdays and hours keep their meaning), receivers differ. What is
moved back has gone on for as many weeks since: its states are those of that much later.
"""

from __future__ import annotations

import argparse
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from sample_data.basket import CIPHER
from sample_data.catalog import Column, columns, shops
from sample_data.files import csv_cell
from sample_data.make import UNTIL, sample_orders
from sample_data.order_rows import Row, by_line

WEEKS = 52
# Weeks after which nothing of an order changes any more.
SETTLED = 10
CUT = datetime.combine(UNTIL, clock_time(22, 0))
PARTS = re.compile(r"(\d{4}-\d\d-\d\d(?= \d\d:\d\d:\d\d)|##|\$\$|(?<=\t)7\d{18}|(?<=\d{5})\d{4}(?=-\D)|\x02)")
SHEET = "xl/worksheets/sheet1.xml"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


@dataclass(frozen=True, slots=True)
class Template:
    """A row cut into fixed texts (even places) and what a copy fills in (odd places)."""

    parts: tuple[str, ...]

    def copy(self, number: int, days: dict[str, str], line: int) -> str:
        """The row of one copy; ``days`` moves dates, ``line`` is the row's place in a workbook."""
        parts = list(self.parts)
        for place in range(1, len(parts), 2):
            part = parts[place]
            if len(part) == 4:
                parts[place] = f"{(int(part) + number * 37) % 10_000:04d}"
            elif part[0] == "2":
                parts[place] = days[part]
            elif part[0] == "7":
                parts[place] = f"{part[:10]}{number:04d}{part[14:]}"
            elif part[0] == "\x02":
                parts[place] = str(line)
            else:
                parts[place] = part + _code(number)
        return "".join(parts)


def _code(number: int) -> str:
    """Four characters of ciphertext that differ from copy to copy."""
    return "".join(CIPHER[number >> shift & 63] for shift in (0, 6, 12, 18))


def _days(weeks: int) -> dict[str, str]:
    """Every day the sample can print, moved back by so many weeks."""
    every = [UNTIL + timedelta(days=offset) for offset in range(-120, 60)]
    return {day.isoformat(): (day - timedelta(weeks=weeks)).isoformat() for day in every}


def _rows(shop_place: int) -> list[list[Row]]:
    """By weeks moved back: the rows of the sample's orders, in the states they have so much later."""
    shop = shops()[shop_place]
    orders = sample_orders(CUT)[shop.name]
    cuts = (CUT + timedelta(weeks=weeks) for weeks in range(SETTLED + 1))
    return [[row for order in orders for row in by_line(shop, order, cut)] for cut in cuts]


def _value(row: Row, column: Column) -> str:
    return "-" if column.field == "-" else row[column.field]


def _template(text: str) -> Template:
    return Template(tuple(PARTS.split(text)))


def _xml_cell(letter: str, value: str, kind: str) -> str:
    if value == "":
        return ""
    if kind == "n" and value != "-":
        return f'<c r="{letter}\x02"><v>{float(value.replace(",", "")):g}</v></c>'
    text = "\t" + value if kind == "t" and value != "-" else value
    return f'<c r="{letter}\x02" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _xml_row(letters: list[str], layout: tuple[Column, ...], row: Row | None) -> Template:
    """The template of a data row, or of the header where there is no row."""
    cells = [
        _xml_cell(letter, _value(row, column) if row else column.header, column.kind)
        for letter, column in zip(letters, layout, strict=True)
    ]
    return _template(f'<row r="\x02">{"".join(cells)}</row>')


def _letters(count: int) -> list[str]:
    return [(chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26) for place in range(count)]


def _copies(templates: list[list[Template]], lines: int, first: int, number: int = 0) -> Iterator[str]:
    """Rows of as many copies as ``lines`` takes, oldest weeks last; copies count from ``number``.

    ``templates`` by the weeks a copy is moved back, the last ones for all beyond."""
    line = first
    while True:
        weeks = number % WEEKS
        days = _days(weeks)
        for template in templates[min(weeks, SETTLED)]:
            yield template.copy(number, days, line)
            line += 1
            if line - first == lines:
                return
        number += 1


def orders_csv(path: Path, lines: int, *, first_copy: int = 0) -> Path:
    """A 73-column order export with so many lines, at most about 30 million.

    Exports made from different copies (``first_copy``, 0–9,999) share no order.
    """
    layout = columns("orders_by_line")
    templates = [
        [
            _template(",".join(csv_cell(_value(row, column), column.kind) for column in layout) + "\n")
            for row in rows
        ]
        for rows in _rows(0)
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(column.header for column in layout) + "\n")
        rows = _copies(templates, lines, 2, first_copy)
        while block := list(islice(rows, 5000)):
            file.write("".join(block))
    return path


def orders_xlsx(path: Path, lines: int) -> Path:
    """A 75-column order export as a workbook of so many lines, with the waybill in each row."""
    layout = columns("orders_with_parcels")
    letters = _letters(len(layout))
    templates = [[_xml_row(letters, layout, row) for row in rows] for rows in _rows(1)]
    header = _xml_row(letters, tuple(Column(one.header, "header", "") for one in layout), None)
    bare = path.with_suffix(".bare")
    book = xlsxwriter.Workbook(str(bare))
    book.add_worksheet("Sheet1")
    book.close()
    with (
        zipfile.ZipFile(bare) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
    ):
        for name in source.namelist():
            if name != SHEET:
                target.writestr(name, source.read(name))
        with target.open(SHEET, "w") as sheet:
            sheet.write((HEAD + header.copy(0, {}, 1)).encode())
            rows = _copies(templates, lines, 2)
            while block := list(islice(rows, 2000)):
                sheet.write("".join(block).encode())
            sheet.write(b"</sheetData></worksheet>")
    bare.unlink()
    return path


def export_name(lines: int, ending: str, day: date = UNTIL) -> str:
    """A file name as the platform gives, so that the export's own time can be read from it."""
    stamp = int((datetime.combine(day, clock_time(14, 0)) - datetime(1970, 1, 1)).total_seconds())
    return f"{stamp}_{lines:032x}shanhuop.{ending}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write a big order export.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--xlsx", action="store_true")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    write, ending = (orders_xlsx, "xlsx") if chosen.xlsx else (orders_csv, "csv")
    path = write(chosen.folder / export_name(chosen.lines, ending), chosen.lines)
    print(f"{path} {path.stat().st_size / 1e6:.0f} MB in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()

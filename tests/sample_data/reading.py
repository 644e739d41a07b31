"""Reads the sample's files with other readers than the product's: raw cells, headers, rows of all sheets."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

import fastexcel

HEADERS = tomllib.loads((Path(__file__).parent / "headers.toml").read_text(encoding="utf-8"))
EXPLANATION = "收入+支出"
Lines = list[list[str]]


def files(sample: Path) -> list[Path]:
    """The sample's exports in order of their names."""
    return sorted(path for path in sample.iterdir() if path.suffix in (".csv", ".xlsx"))


def text_of(path: Path) -> str:
    """A CSV as text: UTF-8, with a BOM or not, or else GBK."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gbk")


def csv_lines(path: Path) -> Lines:
    """Every line of a CSV."""
    return list(csv.reader(text_of(path).splitlines()))


def sheets(path: Path) -> dict[str, Lines]:
    """Every sheet of a workbook by its name; empty cells are blank text."""
    reader = fastexcel.read_excel(path)
    found = {}
    for name in reader.sheet_names:
        table = reader.load_sheet(name, header_row=None, dtypes="string").to_arrow()
        found[name] = [[cell or "" for cell in row.values()] for row in table.to_pylist()]
    return found


@cache
def header_and_rows(path: Path) -> tuple[list[str], Lines]:
    """The header, and the rows of all sheets, without titles above it and explanations below it."""
    header: list[str] = []
    rows: Lines = []
    for part in list(sheets(path).values()) if path.suffix == ".xlsx" else [csv_lines(path)]:
        top = 0 if part[0][1] else 1
        header = part[top]
        explained = len(part) > top + 1 and EXPLANATION in part[top + 1]
        rows += part[top + (2 if explained else 1) :]
    return header, rows


def with_header(sample: Path, key: str) -> list[Path]:
    """The files with the header row of that name."""
    found = [path for path in files(sample) if ",".join(header_and_rows(path)[0]) == HEADERS[key]]
    assert found, key
    return found


def column(path: Path, name: str) -> list[str]:
    """The cells below a header."""
    header, rows = header_and_rows(path)
    place = header.index(name)
    return [row[place] for row in rows]

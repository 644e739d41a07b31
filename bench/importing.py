"""Imports against bare readers and against what people write themselves with pandas."""

from __future__ import annotations

from pathlib import Path

from bench.generate import export_name, orders_csv, orders_xlsx
from bench.measure import Result, alone

SMALL = 10_000
COPIES_APART = 800  # a million lines take about 300 copies of the sample
UNKNOWN_COPY = 9_500


def read_csv(place: Path, lines: int) -> list[Result]:
    """A CSV of ``lines`` into a new store at ``csv-home``, which stays."""
    file = orders_csv(place / export_name(lines, "csv"), lines)
    ours = alone("ours", place / "csv-home", file)
    bare = alone("duckdb_csv", place / "bare.duckdb", file)
    pandas = alone("pandas_csv", place / "pandas.sqlite", file)
    file.unlink()
    (place / "pandas.sqlite").unlink()
    what = f"{lines:,}-line CSV into an empty store"
    note = f"peak memory {ours.peak / 2**20:,.0f} MB, server and parser added (target ≤1,024 MB)"
    return [
        Result(what, "bare DuckDB read_csv to disk", ours.seconds, bare.seconds, at_most=2.0, note=note),
        Result(what, "pandas.read_csv + to_sql(SQLite)", ours.seconds, pandas.seconds, at_least=5),
    ]


def read_xlsx(place: Path, lines: int) -> list[Result]:
    """A workbook of ``lines`` into a store of its own."""
    file = orders_xlsx(place / export_name(lines, "xlsx"), lines)
    ours = alone("ours", place / "xlsx-home", file)
    raw = alone("fastexcel_raw", "-", file)
    pandas = alone("pandas_xlsx", place / "pandas-xlsx.sqlite", file)
    what = f"{lines:,}-line XLSX into an empty store"
    return [
        Result(what, "fastexcel raw read", ours.seconds, raw.seconds, at_most=1.5),
        Result(what, "pandas + openpyxl + to_sql(SQLite)", ours.seconds, pandas.seconds, at_least=15),
    ]


def grow(place: Path, lines: int, store_lines: int) -> list[Result]:
    """The big store grows from the one of the CSV above; the small file holds rows it does not know."""
    home = place / "csv-home"
    for part in range(1, -(-store_lines // lines)):
        file = orders_csv(place / f"part-{part}.csv", lines, first_copy=part * COPIES_APART)
        alone("ours", home, file)
        file.unlink()
    small = orders_csv(place / export_name(SMALL, "csv"), SMALL, first_copy=UNKNOWN_COPY)
    empty = alone("ours", place / "small-home", small)
    into = alone("ours", home, small)
    what = f"{SMALL:,}-line CSV into a store of {store_lines:,} lines"
    return [Result(what, "the same file into an empty store", into.seconds, empty.seconds, at_most=2.0)]

"""The big exports of the benchmarks look like exports and repeat no number."""

from __future__ import annotations

import csv
from pathlib import Path

import fastexcel

from bench.generate import orders_csv, orders_xlsx


def test_a_big_csv_has_the_lines_asked_for_and_no_line_twice(tmp_path: Path) -> None:
    path = orders_csv(tmp_path / "big.csv", 9_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert len(header) == 73
    assert len(rows) == 9_000
    assert len({row[1] for row in rows}) == 9_000
    assert all(len(row) == 73 for row in rows)


def test_a_big_workbook_reads_back_with_every_line_and_waybill_its_own(tmp_path: Path) -> None:
    path = orders_xlsx(tmp_path / "big.xlsx", 6_000)
    table = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow()
    assert (table.num_rows, table.num_columns) == (6_000, 75)
    assert len(table.column("子订单编号").unique()) == 6_000
    assert len(table.column("快递信息").unique()) > 4_000


def test_times_move_back_by_whole_weeks(tmp_path: Path) -> None:
    path = orders_csv(tmp_path / "big.csv", 9_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        times = [row["订单提交时间"] for row in csv.DictReader(file)]
    per_copy = next(place for place in range(1, len(times)) if times[place] < times[place - 1])
    assert times[0][10:] == times[per_copy][10:]
    assert max(times) <= "2026-11-22 22:00:00"

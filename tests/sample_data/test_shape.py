"""The files have the shape of the platform's own: headers, BOM, TABs, blanks, names."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from sample_data.make import load_plan, write_sample

HEADERS = tomllib.loads((Path(__file__).parent / "headers.toml").read_text(encoding="utf-8"))


def csv_lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def xlsx_lines(path: Path) -> list[list[str]]:
    reader = fastexcel.read_excel(path)
    assert reader.sheet_names == ["Sheet1"]
    table = reader.load_sheet(0, header_row=None, dtypes="string").to_arrow()
    return [list(row.values()) for row in table.to_pylist()]


def lines(path: Path) -> list[list[str]]:
    return csv_lines(path) if path.suffix == ".csv" else xlsx_lines(path)


def test_every_header_row_is_the_platforms_own(sample: Path) -> None:
    found = {",".join(lines(path)[0]) for path, _ in load_plan(sample)}
    assert found == {line for key, line in HEADERS.items() if isinstance(line, str) and "_word" not in key}


def test_csv_starts_with_a_byte_order_mark_and_quotes_a_tab_before_ids(sample: Path) -> None:
    for path in sample.glob("*.csv"):
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        assert re.match(rb'"\t[0-9A-Z]+"', raw.split(b"\n")[1])


def test_money_and_times_of_a_csv_have_no_tab(sample: Path) -> None:
    path = next(path for path in sorted(sample.glob("*.csv")) if len(csv_lines(path)[0]) == 73)
    header, *rows = csv_lines(path)
    for name in ("订单应付金额", "商品数量", "订单提交时间", "订单状态"):
        place = header.index(name)
        assert not any(row[place].startswith("\t") for row in rows)


def test_ids_of_commissions_end_with_a_tab_and_rates_are_per_cent(sample: Path) -> None:
    path = next(path for path, _ in load_plan(sample) if re.match(r"[0-9a-f]{8}-", path.name))
    header, *rows = lines(path)
    assert all(row[0].endswith("\t") for row in rows)
    assert all(re.fullmatch(r"\d+\.\d\d%", row[header.index("佣金率")]) for row in rows)


def test_empty_cells_are_dashes(sample: Path) -> None:
    path = next(path for path in sorted(sample.glob("*.csv")) if len(csv_lines(path)[0]) == 73)
    header, *rows = csv_lines(path)
    blanks = {name for row in rows for name, cell in zip(header, row, strict=True) if cell == ""}
    assert blanks == {"取消原因"}


def test_receivers_are_ciphertext(sample: Path) -> None:
    path = next(path for path in sorted(sample.glob("*.csv")) if len(csv_lines(path)[0]) == 73)
    header, *rows = csv_lines(path)
    assert all(row[header.index("收件人")].startswith("\t##") for row in rows)
    assert all(row[header.index("收件人手机号")].startswith("\t$$") for row in rows)


def test_file_names_are_the_platforms_own(sample: Path) -> None:
    shapes = [
        r"\d{10}_[0-9a-f]{32}[a-z]{7,8}\.(csv|xlsx)",
        r"售后单-\d{4}-\d\d-\d\d \d\d_\d\d_\d\d\.xlsx",
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{19}\.xlsx",
        r"运单导出_.*\.(csv|xlsx)",
    ]
    for path, _ in load_plan(sample):
        assert any(re.fullmatch(shape, path.name) for shape in shapes), path.name


def test_each_file_has_its_expected_figures_beside_it(sample: Path) -> None:
    for path, shop in load_plan(sample):
        document = json.loads((sample / f"{path.name}.expected.json").read_text(encoding="utf-8"))
        assert document["rows"] == len(lines(path)) - 1
        assert document["shop"] == shop


def test_two_runs_write_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    write_sample(tmp_path)
    for path in sorted(sample.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_another_last_day_moves_the_whole_sample(tmp_path: Path) -> None:
    write_sample(tmp_path, date(2026, 6, 20))
    document: dict[str, Any] = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    days = document["together"]["placed"]["day"]
    assert min(days) >= "2026-03-23"
    assert max(days) == "2026-06-20"
    assert days["2026-06-18"]["orders_placed"] > 2 * days["2026-06-09"]["orders_placed"]


@pytest.mark.parametrize("name", ["主订单编号", "子订单编号"])
def test_order_numbers_have_nineteen_digits(sample: Path, name: str) -> None:
    for path, _ in load_plan(sample):
        header, *rows = lines(path)
        if name in header and len(header) > 12:
            assert all(re.fullmatch(r"\t\d{19}", row[header.index(name)]) for row in rows)

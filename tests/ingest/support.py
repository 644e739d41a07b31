"""Files as the platforms print them, made in the test, and what the product reads from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter

from shopdata.ingest.parse import Task, parse
from shopdata.ingest.results import Limits, Parsed

NOW = datetime(2026, 11, 24, 12, 0, 0)
ORDER = {
    "主订单编号": "6917926768823643751",
    "子订单编号": "6917926768823643752",
    "选购商品": "夏季连衣裙",
    "商品规格": "红色;S",
    "商品数量": "1",
    "商品ID": "3571234567890123456",
    "商家编码": "SKU-01",
    "商品单价": "100.00",
    "订单应付金额": "90.00",
    "运费": "0.00",
    "优惠总金额": "10.00",
    "商家优惠": "10.00",
    "支付优惠": "2.50",
    "支付方式": "抖音支付",
    "省": "广东省",
    "市": "广州市",
    "订单提交时间": "2026-11-01 10:00:00",
    "支付完成时间": "2026-11-01 10:00:30",
    "发货时间": "2026-11-02 09:00:00",
    "订单完成时间": "-",
    "承诺发货时间": "2026-11-03 10:00:30",
    "订单状态": "已发货",
    "售后状态": "-",
    "达人ID": "0",
    "流量来源": "精选联盟",
    "流量体裁": "直播",
    "广告渠道": "无",
}
TABBED = {"主订单编号", "子订单编号", "选购商品", "商品规格", "商品ID", "商家编码", "达人ID"}


def order(number: int = 0, **cells: str) -> dict[str, str]:
    """One order line; ``number`` makes its ids its own, ``cells`` replace columns."""
    row = dict(ORDER)
    row["主订单编号"] = str(int(ORDER["主订单编号"]) + 7919 * number)
    row["子订单编号"] = str(int(ORDER["子订单编号"]) + 7919 * number)
    return row | cells


def without(row: Mapping[str, str], *columns: str) -> dict[str, str]:
    """``row`` less some columns."""
    return {name: value for name, value in row.items() if name not in columns}


def csv_text(rows: Sequence[Mapping[str, str]], *, tabs: bool = True, ends: str = "\r\n") -> str:
    """A CSV with the header of the first row, ids and texts quoted with a leading TAB as Douyin does."""
    out = io.StringIO()
    out.write(",".join(rows[0]) + ends)
    for row in rows:
        cells = []
        for name, value in row.items():
            quoted = value.replace('"', '""')
            if tabs and name in TABBED and value not in ("", "-"):
                cells.append(f'"\t{quoted}"')
            else:
                cells.append(f'"{quoted}"' if any(mark in value for mark in ',"\n\r') else value)
        out.write(",".join(cells) + ends)
    return out.getvalue()


@dataclass(frozen=True)
class Files:
    """A folder to make files in and to parse them from."""

    folder: Path

    def write(self, data: str | bytes, name: str = "orders.csv") -> Path:
        """A file with exactly these bytes (text: UTF-8 with BOM)."""
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8-sig"))
        return path

    def orders(self, *rows: Mapping[str, str], name: str = "orders.csv") -> Path:
        """A CSV of order lines."""
        return self.write(csv_text(rows), name)

    def xlsx(self, rows: Iterable[Sequence[Any]], name: str = "orders.xlsx") -> Path:
        """A workbook of one sheet."""
        return self.workbook({"Sheet1": rows}, name)

    def workbook(
        self,
        sheets: Mapping[str, Iterable[Sequence[Any]]],
        name: str = "orders.xlsx",
        hidden: Sequence[str] = (),
    ) -> Path:
        """A workbook; strings stay strings, numbers and datetimes are cells of their kind."""
        path = self.folder / name
        book = xlsxwriter.Workbook(
            str(path), {"strings_to_numbers": False, "default_date_format": "yyyy/m/d h:mm"}
        )
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            if title in hidden:
                sheet.hide()
            for line, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(line, place, value)
                    elif value is not None:
                        sheet.write(line, place, value)
        book.close()
        return path

    def parse(self, path: Path, **changes: Any) -> Read:
        """What the product makes of the file."""
        out = self.folder / f"out-{len(list(self.folder.iterdir()))}"
        out.mkdir()
        task = Task(path, out, path.name, None, NOW, {}, Limits())
        return Read(parse(replace(task, **changes), lambda done, total: None))

    def read(self, *rows: Mapping[str, str], **changes: Any) -> Read:
        """What the product makes of a CSV of order lines."""
        return self.parse(self.orders(*rows), **changes)


@dataclass(frozen=True)
class Read:
    """A parsed file with its rows."""

    parsed: Parsed

    def rows(self, table: str | None = None) -> list[dict[str, Any]]:
        """The typed rows of a table (the file's own by default), by row number."""
        tables = self.parsed.tables
        path = tables[table or next(iter(tables))].path
        with pa.OSFile(str(path)) as file:
            rows = pa.ipc.open_file(file).read_all().to_pylist()
        return sorted(rows, key=lambda row: (row["sheet"] or "", row["row"]))

    @property
    def row(self) -> dict[str, Any]:
        """The only row."""
        (row,) = self.rows()
        return row

    def column(self, name: str) -> list[Any]:
        """One column of the rows."""
        return [row[name] for row in self.rows()]

    @property
    def rejects(self) -> list[tuple[int, str, str | None]]:
        """Row, code and column of each reject."""
        return [(one.row, one.code, one.column) for one in self.parsed.rejects]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows, accepted, rejected."""
        return self.parsed.rows, self.parsed.accepted, self.parsed.rejected

    def found(self, code: str) -> tuple[int, int] | None:
        """Rows and rows looked at of a finding."""
        return next(((one.rows, one.of_rows) for one in self.parsed.findings if one.code == code), None)

    def warned(self, code: str) -> list[tuple[str | None, str | None, int]]:
        """Column, value and rows of warnings of a code."""
        return [(one.column, one.value, one.rows) for one in self.parsed.warnings if one.code == code]


def table_rows(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Header and rows as lists, for a workbook."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def parse_csv(text: str) -> list[list[str]]:
    """What Python's own reader sees."""
    return list(csv.reader(io.StringIO(text)))

"""Kuaishou workbooks of many sheets, each with a header of its own."""

from collections.abc import Sequence
from typing import Any

import pytest

from shopdata.ingest.formats import Recognised, recognise
from tests.ingest.kuaishou import aftersale, order
from tests.ingest.support import Files, table_rows, without


def test_every_one_of_many_sheets_is_read(files: Files) -> None:
    sheets = {f"第{sheet}页": table_rows([order(2 * sheet), order(2 * sheet + 1)]) for sheet in range(185)}
    read = files.parse(files.workbook(sheets))
    assert read.counts == (370, 370, 0)
    assert len(read.parsed.sheets) == 185
    assert len({row["order_id"] for row in read.rows("order_lines")}) == 370


def test_a_header_that_sheets_repeat_is_looked_for_once(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(rows: Sequence[Sequence[str]], *more: Any) -> Recognised | None:
        asked.append(len(rows))
        return recognise(rows, *more)

    monkeypatch.setattr("shopdata.ingest.xlsx_headers.recognise", counted)
    sheets = {f"{sheet}": [[], *table_rows([order(sheet)])][sheet % 2 :] for sheet in range(1, 9)}
    assert files.parse(files.workbook(sheets)).counts == (8, 8, 0)
    assert len(asked) == 1


def test_sheets_may_lack_add_and_move_columns(files: Files) -> None:
    moved = dict(reversed(order(1).items()))
    sheets = {
        "一": table_rows([without(order(0), "订单载体", "CPS达人ID", "集运类型")]),
        "二": table_rows([moved]),
        "三": table_rows([without(order(2), "实付款", "订单状态") | {"新列": "x"}]),
    }
    read = files.parse(files.workbook(sheets))
    rows = {row["sheet"]: row for row in read.rows("order_lines")}
    assert [rows[name]["source"] for name in ("一", "二", "三")] == ["unknown", "live", "live"]
    assert [rows[name]["paid_amount"] for name in ("一", "二", "三")] == [129_990, 129_990, None]
    assert read.warned("unknown_header") == [("新列", None, 3)]


def test_a_reject_names_the_column_of_its_own_sheet(files: Files) -> None:
    moved = dict(reversed(order(1, 实付款="多").items()))
    read = files.parse(files.workbook({"一": table_rows([order(0)]), "二": table_rows([moved])}))
    assert [(one.sheet, one.row, one.column, one.code) for one in read.parsed.rejects] == [
        ("二", 2, "实付款", "amount_invalid")
    ]


def test_an_unknown_word_of_a_later_sheet_is_named_with_its_column(files: Files) -> None:
    sheets = {
        "一": table_rows([without(order(0), "订单载体")]),
        "二": table_rows([order(1, 订单载体="店铺页")]),
    }
    assert files.parse(files.workbook(sheets)).warned("unknown_word") == [("订单载体", "店铺页", 1)]


def test_the_few_sheets_of_another_export_are_named(files: Files) -> None:
    sheets = {
        "一": table_rows([order(0)]),
        "二": table_rows([order(1)]),
        "售后": table_rows([aftersale(0)]),
        "说明": [["说明"], ["无"]],
    }
    read = files.parse(files.workbook(sheets))
    assert read.counts == (2, 2, 0)
    assert read.warned("sheet_other_format") == [(None, "售后", 0)]
    assert read.warned("sheet_ignored") == [(None, "说明", 0)]

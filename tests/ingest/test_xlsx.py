"""XLSX: text ids only, every visible sheet, Excel's times and amounts, workbooks that would hurt."""

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from shopdata.errors import Refused
from shopdata.ingest.results import Limits
from tests.ingest.support import Files, order, table_rows

ROWS = [order(n) for n in range(30)]


def changed(rows: list[dict[str, str]], place: int, **cells: object) -> list[list[object]]:
    made = table_rows(rows)
    for name, value in cells.items():
        made[place][made[0].index(name)] = value
    return made


def repacked(path: Path, part: str, old: bytes, new: bytes, name: str = "changed.xlsx") -> Path:
    """The workbook with some bytes of one part replaced."""
    target = path.with_name(name)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for one in source.infolist():
            data = source.read(one)
            out.writestr(one, data.replace(old, new, 1) if one.filename == part else data)
    return target


def test_the_same_rows_come_from_a_workbook_as_from_a_csv(files: Files) -> None:
    from_csv, from_xlsx = files.read(*ROWS), files.parse(files.xlsx(table_rows(ROWS)))
    for row in (one := from_xlsx.rows()):
        row["sheet"] = None
    assert one == from_csv.rows()


def test_cells_with_a_leading_tab_are_read(files: Files) -> None:
    rows = [order(n) | {"主订单编号": f"\t{order(n)['主订单编号']}", "选购商品": "\t裙子"} for n in range(3)]
    read = files.parse(files.xlsx(table_rows(rows)))
    assert read.counts == (3, 3, 0)
    assert read.column("product_name") == ["裙子"] * 3


@pytest.mark.parametrize("column", ["主订单编号", "子订单编号", "商品ID"])
def test_a_long_number_in_an_id_column_is_refused(files: Files, column: str) -> None:
    read = files.parse(files.xlsx(changed(ROWS, 5, **{column: 6917926768823643751})))
    assert read.counts == (30, 29, 1)
    assert read.rejects == [(6, "id_precision_lost", column)]
    assert read.parsed.rejects[0].value == "6.91793E+18"


def test_a_column_of_nothing_but_rounded_ids_is_refused_row_by_row(files: Files) -> None:
    made = table_rows(ROWS)
    for row in made[1:]:
        row[0] = int(row[0])
    read = files.parse(files.xlsx(made))
    assert read.counts == (30, 0, 30)
    assert {code for _, code, _ in read.rejects} == {"id_precision_lost"}


def test_a_short_number_in_an_id_column_is_exact(files: Files) -> None:
    read = files.parse(files.xlsx(changed(ROWS, 5, 商品ID=123456789012345)))
    assert read.counts == (30, 30, 0)
    assert read.column("product_id")[4] == "123456789012345"


def test_a_broken_number_in_an_id_column_is_refused(files: Files) -> None:
    read = files.parse(files.xlsx(changed(ROWS, 5, 商品ID=12345.5)))
    assert read.rejects == [(6, "id_precision_lost", "商品ID")]


def test_numbers_and_dates_are_read_as_excel_shows_them(files: Files) -> None:
    made = changed(
        ROWS,
        1,
        订单应付金额=169.00999999999999,
        商品单价=0.1 + 0.2,
        商品数量=2,
        订单提交时间=datetime(2026, 11, 1, 10, 0, 1),
        支付完成时间="2026/11/1 10:01",
        发货时间=46327.5,
    )
    row = files.parse(files.xlsx(made)).rows()[0]
    assert (row["payable_amount"], row["unit_price"], row["quantity"]) == (16901, 30, 2)
    assert row["placed_at"] == datetime(2026, 11, 1, 10, 0, 1)
    assert row["paid_at"] == datetime(2026, 11, 1, 10, 1)
    assert row["shipped_at"] == datetime(2026, 11, 1, 12)


def test_a_split_fen_is_refused_in_a_workbook_too(files: Files) -> None:
    read = files.parse(files.xlsx(changed(ROWS, 1, 订单应付金额=12.345)))
    assert read.rejects == [(2, "amount_invalid", "订单应付金额")]


def test_all_visible_sheets_are_read_each_with_its_header(files: Files) -> None:
    sheets = {
        "一": table_rows(ROWS[:10]),
        "二": table_rows(ROWS[10:25]),
        "藏": table_rows(ROWS[25:]),
        "说明": [["说明"], ["无"]],
    }
    read = files.parse(files.workbook(sheets, hidden=["藏"]))
    assert read.counts == (25, 25, 0)
    assert [(row["sheet"], row["row"]) for row in read.rows()][9:11] == [("一", 11), ("二", 2)]
    assert read.warned("sheet_hidden") == [(None, "藏", 0)]
    assert read.warned("sheet_ignored") == [(None, "说明", 0)]
    assert read.parsed.sheets == ("一", "二")


def test_a_reject_names_its_sheet(files: Files) -> None:
    sheets = {"一": table_rows(ROWS[:3]), "二": changed(ROWS[3:6], 2, 订单应付金额="多")}
    read = files.parse(files.workbook(sheets))
    assert [(one.sheet, one.row, one.code) for one in read.parsed.rejects] == [("二", 3, "amount_invalid")]


def test_sheets_of_two_kinds_in_one_workbook_are_ambiguous(files: Files) -> None:
    aftersale = [
        ["售后单号", "订单号", "商品单号", "售后状态", "售后类型"],
        ["1" * 19, "2" * 19, "3" * 19, "售后关闭", "换货"],
    ]
    with pytest.raises(Refused, match="format_ambiguous"):
        files.parse(files.workbook({"一": table_rows(ROWS), "二": aftersale}))


def test_the_header_may_stand_lower_and_further_right(files: Files) -> None:
    made = [["某某旗舰店"], [], ["导出", "2026"], *([None, None, *row] for row in table_rows(ROWS))]
    read = files.parse(files.xlsx(made))
    assert read.counts == (30, 30, 0)
    assert read.column("row")[0] == 5
    made = [[], [], *([None, None, *row] for row in table_rows(ROWS))]
    read = files.parse(files.xlsx(made, "b.xlsx"))
    assert read.counts == (30, 30, 0)
    assert read.column("row")[0] == 4


def test_blank_rows_hold_nothing_but_count(files: Files) -> None:
    made = table_rows(ROWS)
    made[5:5] = [[], [None, ""], [" "]]
    read = files.parse(files.xlsx(made))
    assert read.counts == (30, 30, 0)
    assert read.column("row")[3:6] == [5, 9, 10]


def test_a_formula_without_a_result_is_a_reject_and_one_with_is_read(files: Files) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in changed(ROWS, 4, 订单应付金额="=1+1"):
        sheet.append(row)
    path = files.folder / "formula.xlsx"
    book.save(path)
    read = files.parse(path)
    assert read.counts == (30, 29, 1)
    assert read.rejects == [(5, "formula_without_value", "订单应付金额")]


def test_a_formula_with_a_result_is_its_result(files: Files) -> None:
    path = files.folder / "solved.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for line, row in enumerate(table_rows(ROWS)):
        sheet.write_row(line, 0, row)
        for place, text in enumerate(row):
            sheet.write_string(line, place, text)
    sheet.write_formula(4, list(ROWS[0]).index("订单应付金额"), "=45*2", None, 90)
    book.close()
    assert files.parse(path).column("payable_amount") == [9000] * 30


def test_files_written_by_openpyxl_are_read(files: Files) -> None:
    book = openpyxl.Workbook()
    for row in table_rows(ROWS):
        book.active.append(row)
    path = files.folder / "o.xlsx"
    book.save(path)
    assert files.parse(path).counts == (30, 30, 0)


def test_a_file_cut_off_is_truncated(files: Files) -> None:
    path = files.xlsx(table_rows(ROWS))
    cut = files.write(path.read_bytes()[:-200], "cut.xlsx")
    with pytest.raises(Refused, match="truncated"):
        files.parse(cut)


def test_damage_inside_is_told(files: Files) -> None:
    data = bytearray(files.xlsx(table_rows(ROWS)).read_bytes())
    start = data.index(b"sheet1.xml") + 60
    data[start : start + 200] = b"\x00" * 200
    with pytest.raises(Refused, match="archive_damaged"):
        files.parse(files.write(bytes(data), "bad.xlsx"))


def test_a_password_is_asked_for(files: Files) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    with pytest.raises(Refused, match="password_needed"):
        files.parse(files.write(ole + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600, "p.xlsx"))
    with pytest.raises(Refused, match="not_a_table"):
        files.parse(files.write(ole + "Workbook".encode("utf-16-le"), "old.xls"))


def test_a_document_type_in_a_part_is_refused(files: Files) -> None:
    path = files.xlsx(table_rows(ROWS))
    evil = b'?>\n<!DOCTYPE a [<!ENTITY b "c">]>'
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        with pytest.raises(Refused, match="unsafe_archive"):
            files.parse(repacked(path, part, b"?>", evil))


def test_a_workbook_that_swells_is_refused(files: Files) -> None:
    path = files.xlsx(table_rows(ROWS))
    swollen = repacked(path, "xl/worksheets/sheet1.xml", b"</sheetData>", b" " * 20_000_000 + b"</sheetData>")
    with pytest.raises(Refused, match="archive_bomb"):
        files.parse(swollen)
    with pytest.raises(Refused, match="archive_bomb"):
        files.parse(path, limits=Limits(inflated=5_000))


def test_a_size_that_lies_is_found(files: Files) -> None:
    path = files.xlsx(table_rows(ROWS))
    swollen = repacked(path, "xl/worksheets/sheet1.xml", b"</sheetData>", b" " * 20_000_000 + b"</sheetData>")
    data = bytearray(swollen.read_bytes())
    with zipfile.ZipFile(swollen) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    for _ in range(data.count(true.to_bytes(4, "little"))):
        place = data.index(true.to_bytes(4, "little"))
        data[place : place + 4] = (4000).to_bytes(4, "little")
    with pytest.raises(Refused) as refusal:
        files.parse(files.write(bytes(data), "lie.xlsx"))
    assert refusal.value.code in {"archive_bomb", "archive_damaged"}


@pytest.mark.parametrize("name", ["word/document.xml", "content.xml", "a.csv"])
def test_another_kind_of_archive_is_no_table(files: Files, name: str) -> None:
    path = files.folder / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "<a/>")
    with pytest.raises(Refused, match="not_a_table"):
        files.parse(path)


def test_an_empty_workbook_has_no_rows(files: Files) -> None:
    with pytest.raises(Refused, match="no_rows"):
        files.parse(files.xlsx([]))
    with pytest.raises(Refused, match="no_rows"):
        files.parse(files.xlsx(table_rows(ROWS)[:1], "b.xlsx"))


def test_too_many_columns_are_refused(files: Files) -> None:
    made = [[*row, *[None] * 200, "x"] for row in table_rows(ROWS)]
    with pytest.raises(Refused, match="too_many_columns"):
        files.parse(files.xlsx(made))

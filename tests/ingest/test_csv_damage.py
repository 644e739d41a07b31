"""Broken CSV: a bad row costs itself and nothing else, and keeps its number."""

import pytest

from shopdata.errors import Refused
from shopdata.ingest import csv_blocks
from tests.ingest.support import Files, csv_text, order, without

MANY = [order(n) for n in range(60)]


def lines(rows: list[dict[str, str]]) -> list[str]:
    return csv_text(rows).split("\r\n")[:-1]


def joined(made: list[str]) -> str:
    return "\r\n".join(made) + "\r\n"


def test_an_open_quote_costs_one_row(files: Files) -> None:
    made = lines(MANY)
    made[5] = made[5].replace('"\t夏季连衣裙"', '"夏季连衣裙')
    read = files.parse(files.write(joined(made)))
    assert read.counts == (60, 59, 1)
    assert read.rejects == [(6, "too_few_fields", None)]
    assert read.column("row") == [n for n in range(2, 62) if n != 6]


def test_two_open_quotes_in_one_column_do_not_swallow_what_lies_between(files: Files) -> None:
    made = lines(MANY)
    for place in (5, 9):
        made[place] = made[place].replace('"\t夏季连衣裙"', '"夏季连衣裙')
    read = files.parse(files.write(joined(made)))
    assert read.counts == (60, 58, 2)
    assert [row for row, _, _ in read.rejects] == [6, 10]


def test_an_open_quote_costs_one_row_where_no_id_comes_first(files: Files) -> None:
    rows = [{"选购商品": row.pop("选购商品"), **row} for row in (order(n) for n in range(30))]
    made = lines(rows)
    made[5] = made[5].replace('"\t夏季连衣裙"', '"夏季连衣裙')
    read = files.parse(files.write(joined(made)))
    assert read.counts == (30, 29, 1)
    assert read.rejects[0][0] == 6


def test_a_quote_in_the_middle_of_a_cell_is_a_letter(files: Files) -> None:
    made = lines(MANY)
    made[5] = made[5].replace('"\t夏季连衣裙"', '5"手机壳')
    read = files.parse(files.write(joined(made)))
    assert read.counts == (60, 60, 0)
    assert read.column("product_name")[4] == '5"手机壳'


def test_a_line_break_inside_quotes_is_one_row_for_people(files: Files) -> None:
    rows = [order(0, 买家留言="快点\n谢谢\r\n再见"), order(1, 买家留言="-")]
    read = files.read(*rows)
    assert read.column("row") == [2, 3]
    assert read.column("buyer_note")[0] == "快点\n谢谢\r\n再见"


def test_line_breaks_where_no_id_comes_first_are_read_and_swallowing_is_found(files: Files) -> None:
    rows = [{"买家留言": "快\n点，谢谢", **order(n)} for n in range(40)]
    assert files.read(*rows).counts == (40, 40, 0)
    text = csv_text(rows)
    broken = text.replace('"\t夏季连衣裙"', '"夏季', 1)
    place = broken.index('"\t夏季连衣裙"', len(broken) // 2)
    broken = broken[:place] + broken[place:].replace('"\t夏季连衣裙"', '"夏季', 1)
    read = files.parse(files.write(broken, "b.csv"))
    assert read.parsed.accepted + read.parsed.rejected == read.parsed.rows
    assert read.parsed.accepted >= 36


def test_a_line_that_looks_like_an_id_inside_a_remark_stays_there(files: Files) -> None:
    rows = [order(n, 买家留言="-") for n in range(3)]
    rows[1]["买家留言"] = "电话\n13912345678\n谢谢"
    read = files.read(*rows)
    assert read.counts == (3, 3, 0)
    assert read.column("buyer_note")[1] == "电话\n13912345678\n谢谢"


def test_missing_and_extra_cells_are_told_apart(files: Files) -> None:
    made = lines(MANY)
    made[3] = made[3].rsplit(",", 4)[0]
    made[7] += ",一,二"
    read = files.parse(files.write(joined(made)))
    assert read.counts == (60, 58, 2)
    assert read.rejects == [(4, "too_few_fields", None), (8, "too_many_fields", None)]


def test_empty_cells_beyond_the_header_are_nothing(files: Files) -> None:
    head, *made = lines(MANY)
    read = files.parse(files.write(joined([head, *(line + "," for line in made)])))
    assert read.counts == (60, 60, 0)
    made[3] += ","
    assert files.parse(files.write(joined([head, *made]), "b.csv")).counts == (60, 60, 0)


def test_one_filled_cell_beyond_the_header_is_one_reject(files: Files) -> None:
    head, *made = lines(MANY)
    made = [line + "," for line in made]
    made[10] += "多"
    read = files.parse(files.write(joined([head, *made])))
    assert read.rejects == [(12, "too_many_fields", None)]
    assert read.counts == (60, 59, 1)


def test_blank_lines_count_as_rows_people_see_but_hold_nothing(files: Files) -> None:
    head, *made = lines(MANY)
    width = head.count(",")
    made[2:2] = ["", "," * width, "  "]
    read = files.parse(files.write(joined([head, *made]) + "\r\n\r\n"))
    assert read.counts == (60, 60, 0)
    assert read.column("row") == [2, 3, *range(7, 65)]


@pytest.mark.parametrize("size", [1_000, 1_500, 2_000, 2_500])
def test_blank_lines_between_blocks_are_counted(
    files: Files, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, *made = lines(MANY)
    monkeypatch.setattr(csv_blocks.blocks, "__defaults__", (size,))
    read = files.parse(files.write(joined([head, *(f"{line}\r\n" for line in made)])))
    assert read.counts == (60, 60, 0)
    assert read.column("row") == list(range(2, 122, 2))


def test_a_row_of_empty_cells_in_a_clean_file_is_no_row(files: Files) -> None:
    head, *made = lines(MANY)
    made.insert(4, "," * head.count(","))
    read = files.parse(files.write(joined([head, *made])))
    assert read.counts == (60, 60, 0)
    assert read.column("row")[4] == 7


def test_a_total_row_is_a_reject_with_its_reason(files: Files) -> None:
    head, *made = lines(MANY)
    made.append("合计" + "," * head.count(","))
    read = files.parse(files.write(joined([head, *made])))
    assert read.rejects == [(62, "id_invalid", "子订单编号")] or read.rejects == [
        (62, "id_invalid", "主订单编号")
    ]
    assert read.counts == (61, 60, 1)


def test_bytes_that_are_no_text_cost_their_row(files: Files) -> None:
    data = csv_text(MANY).encode("utf-8-sig").split(b"\r\n")
    data[9] = data[9].replace("夏季".encode(), b"\xff\xfe\xff")
    read = files.parse(files.write(b"\r\n".join(data)))
    assert read.counts == (60, 59, 1)
    assert read.rejects == [(10, "undecodable", "选购商品")]


def test_a_nul_costs_its_row(files: Files) -> None:
    data = csv_text(MANY).encode("utf-8-sig").split(b"\r\n")
    data[9] = data[9].replace("夏季".encode(), b"\x00")
    read = files.parse(files.write(b"\r\n".join(data)))
    assert read.rejects == [(10, "undecodable", "选购商品")]
    assert read.counts == (60, 59, 1)


def test_a_cell_beyond_the_limit_costs_its_row(files: Files) -> None:
    rows = [order(n, 买家留言="-") for n in range(5)]
    rows[2]["买家留言"] = "字" * 32_768
    rows[3]["买家留言"] = "字" * 32_767
    read = files.read(*rows)
    assert read.rejects == [(4, "cell_too_large", "买家留言")]
    assert read.counts == (5, 4, 1)
    assert len(read.parsed.rejects[0].value) <= 200


def test_a_carriage_return_inside_a_cell_ends_no_row(files: Files) -> None:
    made = lines(MANY)
    made[7] = made[7].replace("抖音支付", "抖音\r支付")
    read = files.parse(files.write(joined(made)))
    assert read.counts == (60, 60, 0)
    assert read.column("pay_method")[6] == "抖音 支付"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(files: Files, ends: str) -> None:
    read = files.parse(files.write(csv_text(MANY, ends=ends)))
    assert read.counts == (60, 60, 0)
    assert read.column("row") == list(range(2, 62))


def test_the_last_line_needs_no_end(files: Files) -> None:
    assert files.parse(files.write(csv_text(MANY).rstrip("\r\n"))).counts == (60, 60, 0)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found(files: Files, delimiter: str) -> None:
    rows = [order(n, 商品规格="红色") for n in range(5)]
    text = "\n".join(delimiter.join(cells) for cells in ([*rows[0]], *([*row.values()] for row in rows)))
    read = files.parse(files.write(text))
    assert read.counts == (5, 5, 0)
    assert read.column("paid_amount") == [8750] * 5


def test_lines_above_the_header_are_passed_over_and_counted(files: Files) -> None:
    read = files.parse(files.write("店铺,某某旗舰店\r\n导出时间,2026-11-20\r\n\r\n" + csv_text(MANY)))
    assert read.counts == (60, 60, 0)
    assert read.column("row")[0] == 5


@pytest.mark.parametrize("size", [2_000, 5_000, 9_999])
def test_blocks_of_any_size_give_the_same_rows(
    files: Files, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [order(n, 买家留言="快\n点" if n % 3 else '说"好"') for n in range(80)]
    made = lines(rows)
    text = csv_text(rows).replace('"\t夏季连衣裙"', '"夏季', 1)
    whole = files.parse(files.write(text))
    monkeypatch.setattr(csv_blocks.blocks, "__defaults__", (size,))
    cut = files.parse(files.write(text, "b.csv"))
    assert whole.rows() == cut.rows()
    assert whole.rejects == cut.rejects
    assert len(made) > 80


def test_every_reject_keeps_its_cells_for_correction(files: Files) -> None:
    import json

    import pyarrow as pa

    read = files.read(order(0), order(1, 订单应付金额="九十"))
    assert read.parsed.rejects_path is not None
    with pa.OSFile(str(read.parsed.rejects_path)) as file:
        (row,) = pa.ipc.open_file(file).read_all().to_pylist()
    assert json.loads(row["cells"])[8] == "九十"
    assert (row["row"], row["code"], row["column"], row["value"]) == (
        3,
        "amount_invalid",
        "订单应付金额",
        "九十",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty_file"),
        (b"%PDF-1.7\n", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_table"),
        (b"<html><body>login</body></html>", "not_a_table"),
        (b"hello world\n", "format_unknown"),
        (b"a,b,c\n1,2,3\n", "format_unknown"),
        (b"\x00\x01\x02\x03" * 100, "not_a_table"),
        (csv_text([order()]).split("\r\n")[0].encode() + b"\r\n", "no_rows"),
        ("订单编号,会员名,金额\n1,2,3\n".encode(), "format_unknown"),
        ("订单编号,买家会员名,总金额\n1,2,3\n".encode(), "column_missing"),
    ],
)
def test_what_is_no_export_is_refused_with_its_reason(files: Files, data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        files.parse(files.write(data))
    assert refusal.value.code == code


def test_a_missing_column_is_named(files: Files) -> None:
    with pytest.raises(Refused) as refusal:
        files.read(without(order(), "订单状态"))
    assert refusal.value.code == "column_missing"
    assert "订单状态" in str(refusal.value.details)


def test_a_header_that_names_a_column_twice_is_refused(files: Files) -> None:
    text = csv_text([order()]).replace("商家编码", "订单状态", 1)
    with pytest.raises(Refused, match="headers_duplicated"):
        files.parse(files.write(text))


def test_more_than_two_hundred_columns_are_refused(files: Files) -> None:
    with pytest.raises(Refused, match="too_many_columns"):
        files.read(order() | {f"列{n}": "1" for n in range(200)})

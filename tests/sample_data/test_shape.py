"""The files have the shape of the platforms' own: headers, encodings, quotes, TABs, blanks, names."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sample_data.make import write_sample
from tests.sample_data.reading import (
    HEADERS,
    column,
    csv_lines,
    files,
    header_and_rows,
    sheets,
    text_of,
    with_header,
)


def test_every_header_row_is_the_platforms_own(sample: Path) -> None:
    found = {",".join(header_and_rows(path)[0]) for path in files(sample)}
    assert found == {line for key, line in HEADERS.items() if isinstance(line, str) and "_word" not in key}


@pytest.mark.parametrize("key", ["orders_by_line", "orders_by_main", "parcels"])
def test_douyin_csv_starts_with_a_byte_order_mark_and_quotes_a_tab_before_ids(sample: Path, key: str) -> None:
    for path in with_header(sample, key):
        if path.suffix == ".csv":
            raw = path.read_bytes()
            assert raw.startswith(b"\xef\xbb\xbf")
            assert re.match(rb'"\t[0-9A-Z]+"', raw.split(b"\n")[1])


def test_money_and_times_of_a_csv_have_no_tab(sample: Path) -> None:
    path = with_header(sample, "orders_by_line")[0]
    for name in ("订单应付金额", "商品数量", "订单提交时间", "订单状态"):
        assert not any(cell.startswith("\t") for cell in column(path, name))


@pytest.mark.parametrize(("key", "rate"), [("commissions", "佣金率"), ("leaders", "服务费率")])
def test_ids_of_commissions_end_with_a_tab_and_rates_are_per_cent(sample: Path, key: str, rate: str) -> None:
    for path in with_header(sample, key):
        assert all(cell.endswith("\t") for cell in column(path, "订单id"))
        assert all(re.fullmatch(r"\d+\.\d\d%", cell) for cell in column(path, rate))


def test_empty_cells_are_dashes(sample: Path) -> None:
    header, *rows = csv_lines(with_header(sample, "orders_by_line")[0])
    blanks = {name for row in rows for name, cell in zip(header, row, strict=True) if cell == ""}
    assert blanks == {"取消原因"}


def test_receivers_are_ciphertext(sample: Path) -> None:
    path = with_header(sample, "orders_by_line")[0]
    assert all(cell.startswith("\t##") for cell in column(path, "收件人"))
    assert all(cell.startswith("\t$$") for cell in column(path, "收件人手机号"))


@pytest.mark.parametrize("name", ["主订单编号", "子订单编号"])
@pytest.mark.parametrize("key", ["orders_by_line", "orders_with_parcels"])
def test_order_numbers_have_nineteen_digits(sample: Path, key: str, name: str) -> None:
    for path in with_header(sample, key):
        assert all(re.fullmatch(r"\t\d{19}", cell) for cell in column(path, name))


def test_the_second_row_of_a_settlement_bill_explains_it_and_ids_have_apostrophes(sample: Path) -> None:
    for path in with_header(sample, "settlement"):
        header, second, *rows = csv_lines(path)
        assert second[header.index("收入合计")] == "收入+支出"
        assert all(re.fullmatch(r"'\d{19}", row[header.index("子订单号")]) for row in rows)


def test_fees_of_a_bill_are_negative_and_amounts_add_up(sample: Path) -> None:
    fees = ("平台服务费", "佣金", "渠道分成", "招商服务费", "站外推广费", "其他分成")
    for path in with_header(sample, "settlement"):
        header, rows = header_and_rows(path)
        for row in rows:
            fen = {
                name: round(float(row[header.index(name)].replace(",", "")) * 100)
                for name in ("结算金额", "收入合计", "支出合计", *fees)
            }
            assert fen["支出合计"] == sum(fen[name] for name in fees) <= 0
            assert fen["结算金额"] == fen["收入合计"] + fen["支出合计"]


def test_some_sub_orders_have_a_refund_below_their_settlement(sample: Path) -> None:
    for path in with_header(sample, "settlement"):
        lines = column(path, "子订单号")
        assert len(set(lines)) < len(lines)
        assert "结算后退款-原路退回" in column(path, "结算单类型")


def test_every_payout_of_the_account_stands_in_the_bill(sample: Path) -> None:
    for bill, account in zip(with_header(sample, "settlement"), with_header(sample, "funds"), strict=True):
        paid = sorted(cell.lstrip("-") for cell in column(bill, "结算金额"))
        scenes, amounts = column(account, "动账场景"), column(account, "动账金额")
        moved = sorted(amount for scene, amount in zip(scenes, amounts, strict=True) if "结算" in scene)
        assert moved == paid
        assert {"提现", "消费者赔付", "运费险保费", "巨量千川充值"} < set(scenes)


def test_taobao_csv_is_gbk_with_ids_in_formulas(sample: Path) -> None:
    for key in ("taobao_orders", "taobao_lines"):
        for path in with_header(sample, key):
            assert re.match(r'="\d{19}",', text_of(path).splitlines()[1])
            with pytest.raises(UnicodeDecodeError):
                path.read_bytes().decode("utf-8")


def test_old_taobao_items_have_one_field_more_than_names(sample: Path) -> None:
    for path in with_header(sample, "taobao_lines"):
        header, *rows = csv_lines(path)
        assert {len(row) for row in rows} == {len(header) + 1}


def test_taobao_shows_what_was_paid_less_what_went_back_and_the_newer_workbook_does_not(sample: Path) -> None:
    for key, name in (("taobao_orders", "买家实际支付金额"), ("taobao_orders_new", "买家实付金额")):
        net = whole = 0
        for path in with_header(sample, key):
            header, rows = header_and_rows(path)
            for row in rows:
                total, paid, refund = (float(row[header.index(one)]) for one in ("总金额", name, "退款金额"))
                if paid and refund:
                    net += abs(total - paid - refund) < 0.001
                    whole += abs(total - paid) < 0.001
        assert (net == 0) == (key == "taobao_orders_new")
        assert (whole == 0) == (key == "taobao_orders")


def test_a_kuaishou_workbook_has_a_sheet_a_month_and_amounts_with_their_sign(sample: Path) -> None:
    older, newer = with_header(sample, "kuaishou_orders")
    assert list(sheets(older)) == ["11月", "10月", "9月", "8月"]
    assert all(re.fullmatch(r"¥[\d,]+\.\d\d", cell) for cell in column(newer, "实付款"))
    assert any("," in cell for cell in column(older, "实付款"))
    ids = [cell for cell in column(older, "CPS达人ID") if cell]
    assert ids
    assert all(cell.endswith(".0") for cell in ids)


def test_each_file_has_its_expected_figures_beside_it(sample: Path) -> None:
    for path in files(sample):
        document = json.loads((sample / f"{path.name}.expected.json").read_text(encoding="utf-8"))
        assert document["rows"] == len(header_and_rows(path)[1]), path.name


def test_file_names_are_the_platforms_own(sample: Path) -> None:
    shapes = [
        r"\d{10}_[0-9a-f]{32}[a-z]{7,8}\.(csv|xlsx)",
        r"售后单-\d{4}-\d\d-\d\d \d\d_\d\d_\d\d\.xlsx",
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{19}\.xlsx",
        r"运单导出_.*\.(csv|xlsx)",
        r"(结算账单|动账明细)_\d{8}_\d{8}_\d{7}\.csv",
        r"ExportOrder(Detail)?List\d{12}\.(csv|xlsx)",
        r"CPS_\d{8}\.csv",
    ]
    for key in ("orders_by_line", "aftersales", "commissions", "parcels", "settlement", "funds"):
        for path in with_header(sample, key):
            assert any(re.fullmatch(shape, path.name) for shape in shapes), path.name
    for key in ("taobao_orders", "taobao_lines", "taobao_lines_new", "taobao_commissions"):
        for path in with_header(sample, key):
            assert any(re.fullmatch(shape, path.name) for shape in shapes), path.name


def test_two_runs_write_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    write_sample(tmp_path)
    for path in sorted(sample.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


@pytest.mark.faults
def test_another_last_day_moves_the_whole_sample(tmp_path: Path) -> None:
    write_sample(tmp_path, date(2026, 6, 20))
    document: dict[str, Any] = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    days = document["together"]["placed"]["day"]
    assert min(days) >= "2026-03-23"
    assert max(days) == "2026-06-20"
    assert days["2026-06-18"]["orders_placed"] > 2 * days["2026-06-09"]["orders_placed"]

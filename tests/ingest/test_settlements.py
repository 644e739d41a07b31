"""Settlement bills as Douyin prints them: the explanation row, the ids, whichever sign the fees have."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from shopdata.ingest.formats import recognise
from tests.ingest.money_files import BILL, MAIN, SUB, bill_text, entry, refund
from tests.ingest.support import Files, Read


def bill(
    files: Files, *rows: dict[str, str], encoding: str = "utf-8-sig", header: Sequence[str] = BILL
) -> Read:
    return files.parse(files.write(bill_text(rows, header).encode(encoding), "结算账单.csv"))


def test_an_entry_is_read_cell_by_cell_and_the_explanation_row_is_none(files: Files) -> None:
    read = bill(files, entry())
    assert (read.parsed.format, read.parsed.kind) == ("douyin_settlement", "settlements")
    assert (read.counts, read.rejects) == ((1, 1, 0), [])
    assert not read.warned("unknown_header")
    row = read.row
    assert (row["row"], row["order_id"], row["line_id"]) == (3, MAIN, SUB)
    assert row["product_id"] == "3571234567890123456"
    assert row["settled_at"] == datetime(2026, 10, 10, 8)
    assert (row["status"], row["status_raw"]) == ("settled", "已结算")
    assert (row["settled_amount"], row["income_amount"], row["paid_amount"]) == (7900, 10650, 10000)
    assert (row["platform_subsidy"], row["payment_subsidy"]) == (500, 150)
    assert row["other_fee"] is None
    assert (read.parsed.first_at, read.parsed.as_of) == (datetime(2026, 10, 10, 8), datetime(2026, 10, 10, 8))


@pytest.mark.parametrize(("sign", "said"), [(-1, "fees_negative"), (1, "fees_positive")])
def test_fees_are_what_the_shop_paid_whichever_sign_the_file_has(files: Files, sign: int, said: str) -> None:
    read = bill(files, *(entry(n, sign) for n in range(4)), refund(2, sign))
    paid, back = read.rows()[0], read.rows()[4]
    names = ("platform_fee", "commission_influencer", "commission_leader", "offsite_promotion", "cost_amount")
    assert [paid[name] for name in names] == [533, 2000, 200, 17, 2750]
    assert [back[name] for name in names] == [-533, -2000, -200, -17, -2750]
    assert (paid["settled_amount"], back["settled_amount"]) == (7900, -7900)
    assert (back["status"], back["status_raw"]) == ("refunded_after", "结算后退款-原路退回")
    assert read.found(said) == (5, 5)
    assert read.found("sums_differ") is None


def test_the_sign_is_told_by_the_whole_file_not_row_by_row(files: Files) -> None:
    odd = entry(8, 1, 结算金额="134.00")
    read = bill(files, *(entry(n, 1) for n in range(5)), odd)
    assert read.column("platform_fee") == [533] * 6
    assert read.found("fees_positive") == (5, 6)
    assert read.found("sums_differ") == (1, 6)


def test_one_fen_of_rounding_still_adds_up_and_two_do_not(files: Files) -> None:
    read = bill(files, entry(0), entry(1, 结算金额="79.01"), entry(2, 结算金额="79.02"))
    assert read.found("fees_negative") == (2, 3)
    assert read.found("sums_differ") == (1, 3)
    assert read.counts == (3, 3, 0)


def test_negative_fees_beside_a_positive_total_are_turned_alone(files: Files) -> None:
    row = next(read for read in bill(files, entry() | {"支出合计": "27.50"}).rows())
    assert (row["platform_fee"], row["commission_influencer"], row["cost_amount"]) == (533, 2000, 2750)


def test_without_an_income_column_the_sign_of_fees_on_earning_rows_decides_and_it_says_so(
    files: Files,
) -> None:
    header = [name for name in BILL if name != "收入合计"]
    read = bill(files, entry(0), entry(1), refund(0), header=header)
    assert read.column("commission_influencer") == [2000, 2000, -2000]
    assert read.found("fees_negative_by_sign") == (2, 2)


def test_a_sub_order_keeps_all_its_rows_equal_ones_by_their_turn(files: Files) -> None:
    rows = bill(files, entry(0), entry(0), refund(0)).rows()
    stem = f"{MAIN}/{SUB}/2026-10-10 08:00/已结算/7900"
    assert [row["settlement_id"] for row in rows] == [
        f"{stem}/1",
        f"{stem}/2",
        f"{MAIN}/{SUB}/2026-10-20 09:00/结算后退款-原路退回/-7900/1",
    ]


def test_an_overlapping_export_gives_the_same_keys(files: Files) -> None:
    first = bill(files, *(entry(n) for n in range(6))).column("settlement_id")
    second = bill(files, *(entry(n) for n in range(3, 9)), refund(4)).column("settlement_id")
    assert set(first) & set(second) == set(first[3:])


def test_a_bill_whose_seconds_a_spreadsheet_dropped_gives_the_same_keys(files: Files) -> None:
    plain = bill(files, entry(7), entry(8)).column("settlement_id")
    saved = bill(files, *(entry(n, 结算时间="2026/10/10 8:00") for n in (7, 8))).column("settlement_id")
    assert saved == plain


def test_a_bill_re_saved_in_chinese_encoding_reads_the_same(files: Files) -> None:
    plain, saved = (bill(files, entry(), refund(), encoding=name) for name in ("utf-8-sig", "gb18030"))
    assert saved.parsed.encoding == "gb18030"
    assert saved.rows() == plain.rows()


def test_the_newer_names_of_columns_are_the_same_columns(files: Files) -> None:
    names = {"佣金": "达人佣金", "站外推广费": "直播间站外推广"}
    more = {
        "达人ID": "0",
        "达人名称": "小甜",
        "商品名称": "连衣裙",
        "商户主体名称": "某某公司",
        "APP渠道": "抖音",
    }
    header = [names.get(name, name) for name in BILL] + list(more)
    row = {names.get(name, name): value for name, value in entry().items()} | more
    read = bill(files, row, header=header)
    assert not read.warned("unknown_header")
    found = read.row
    assert (found["commission_influencer"], found["offsite_promotion"]) == (2000, 17)
    assert (found["influencer_id"], found["influencer_name"]) == (None, "小甜")
    assert (found["product_name"], found["merchant_name"], found["app_channel"]) == (
        "连衣裙",
        "某某公司",
        "抖音",
    )


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("已结算", "settled"),
        ("结算后退款-原路退回", "refunded_after"),
        ("结算后退款-非原路退回", "refunded_after"),
        ("保证金退款-支出退回", "deposit_refund"),
        ("天知道", "unknown"),
    ],
)
def test_every_type_of_entry_has_its_meaning_and_keeps_its_word(
    files: Files, word: str, meaning: str
) -> None:
    read = bill(files, entry(结算单类型=word))
    assert (read.row["status"], read.row["status_raw"]) == (meaning, word)
    assert bool(read.warned("unknown_status")) == (meaning == "unknown")


def test_a_refund_of_no_pieces_is_kept(files: Files) -> None:
    read = bill(files, entry(0), refund(0) | {"商品数量": "0"}, refund(1) | {"商品数量": "-1"})
    assert read.rejects == []
    assert read.column("quantity") == [1, 0, -1]


def test_rows_without_order_time_or_amount_are_refused_by_name(files: Files) -> None:
    rows = [
        entry(0),
        entry(1),
        entry(2),
        entry(3, 订单号="-"),
        entry(4, 结算时间="-"),
        entry(5, 结算金额="-"),
    ]
    read = bill(files, *rows)
    assert read.counts == (6, 3, 3)
    assert read.rejects == [
        (6, "id_missing", "订单号"),
        (7, "time_invalid", "结算时间"),
        (8, "amount_invalid", "结算金额"),
    ]


def test_another_platforms_bill_is_not_taken_for_this_one() -> None:
    header = "商家ID,订单号,商品ID,合计收入(元),技术服务费(元),合计支出(元),实际结算金额(元),实际结算时间"
    found = recognise([header.split(",")])
    assert found is None or found.match.format.key != "douyin_settlement"

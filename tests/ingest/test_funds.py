"""Fund flows: every movement once, in or out, with the scene as the platform names it."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from tests.ingest.money_files import FLOW, MAIN, SUB, WIDE_FLOW, flow_text, inflow, outflow
from tests.ingest.support import Files, Read


def flow(
    files: Files, *rows: dict[str, str], encoding: str = "utf-8-sig", header: Sequence[str] = FLOW
) -> Read:
    return files.parse(files.write(flow_text(rows, header).encode(encoding), "动账明细.csv"))


def test_a_movement_is_read_cell_by_cell(files: Files) -> None:
    read = flow(files, inflow())
    assert (read.parsed.format, read.parsed.kind, read.counts) == ("douyin_funds", "funds", (1, 1, 0))
    assert not read.warned("unknown_header")
    row = read.row
    assert (row["flow_id"], row["order_id"], row["line_id"]) == ("7012000000000000", MAIN, SUB)
    assert row["moved_at"] == datetime(2026, 10, 10, 8)
    assert (row["direction"], row["direction_raw"], row["amount"]) == ("in", "入账", 7863)
    assert (row["scene"], row["scene_raw"]) == ("settlement", "货款结算入账")
    assert (row["paid_amount"], row["platform_subsidy"], row["payment_subsidy"]) == (10000, 500, 150)
    assert (row["platform_fee"], row["offsite_promotion"], row["commission_influencer"]) == (2778, 9, None)
    assert read.found("fees_negative") == (1, 1)


def test_the_wide_file_has_the_same_columns_and_nine_more(files: Files) -> None:
    more = {"其他平台补贴": "1.00", "以旧换新抵扣": "0.20", "银行补贴": "0.03", "服务商佣金": "-0.50"}
    read = flow(files, inflow(达人ID="'123456", 达人名称="小甜", **more), header=WIDE_FLOW)
    assert len(WIDE_FLOW) == 39
    assert not read.warned("unknown_header")
    row = read.row
    assert (row["other_subsidy"], row["commission_service"]) == (123, 50)
    assert (row["influencer_id"], row["influencer_name"]) == ("123456", "小甜")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("货款结算入账", "settlement"),
        ("退款-结算后退款-退用户", "refund_after"),
        ("退款-订单退款触发-退分账", "refund"),
        ("退款-订单退款触发-退补贴", "refund"),
        ("提现", "withdrawal"),
        ("消费者赔付", "compensation"),
        ("运费险保费", "insurance"),
        ("小额打款", "small_payment"),
        ("保证金退款", "deposit"),
        ("巨量千川投放", "advertising"),
        ("账户充值", "advertising"),
        ("天知道", "unknown"),
    ],
)
def test_every_scene_has_its_meaning_and_keeps_its_word(files: Files, word: str, meaning: str) -> None:
    read = flow(files, outflow(0, word, "1.00"))
    assert (read.row["scene"], read.row["scene_raw"]) == (meaning, word)
    assert bool(read.warned("unknown_word")) == (meaning == "unknown")


def test_movements_without_an_order_are_kept(files: Files) -> None:
    row = flow(files, outflow(0, "提现", "5000.00")).row
    assert (row["order_id"], row["line_id"], row["direction"], row["amount"]) == (None, None, "out", 500000)


def test_one_flow_number_on_several_rows_makes_several_movements(files: Files) -> None:
    """The share given back and the subsidy taken back by one refund carry one number."""
    back = {"动帐流水号": "'7013", "子订单号": f"'{SUB}"}
    rows = (
        outflow(0, "退款-订单退款触发-退分账", "20.00", **back),
        outflow(0, "退款-订单退款触发-退补贴", "5.00", **back),
        outflow(0, "退款-订单退款触发-退补贴", "5.00", **back),
    )
    first, second = flow(files, *rows), flow(files, *reversed(rows))
    assert len(set(first.column("flow_key"))) == 3
    assert set(first.column("flow_key")) == set(second.column("flow_key"))


def test_outflows_printed_with_a_minus_are_stored_unsigned_and_it_says_so(files: Files) -> None:
    read = flow(files, inflow(), outflow(1, "提现", "-50.00"))
    assert read.column("amount") == [7863, 5000]
    assert read.found("amount_signed") == (1, 2)


def test_a_negative_inflow_is_kept_as_it_stands_and_it_says_so(files: Files) -> None:
    read = flow(files, inflow(), inflow(1, 动账金额="-3.00"))
    assert read.column("amount") == [7863, -300]
    assert read.found("amount_contradicts") == (1, 2)


def test_the_other_spelling_and_encoding_read_the_same(files: Files) -> None:
    spelled = {
        "动账时间": "动帐时间",
        "动帐流水号": "动账流水号",
        "动账方向": "动帐方向",
        "动账场景": "动帐场景",
    }
    row = {spelled.get(name, name): value for name, value in inflow().items()}
    header = [spelled.get(name, name) for name in FLOW]
    assert flow(files, row, header=header, encoding="gb18030").row == flow(files, inflow()).row


def test_rows_without_number_or_time_are_refused_by_name(files: Files) -> None:
    read = flow(files, inflow(), inflow(1, 动帐流水号="-"), inflow(2, 动账时间="-"), inflow(3, 动账金额="x"))
    assert read.counts == (4, 1, 3)
    assert [(row, code) for row, code, _ in read.rejects] == [
        (3, "id_missing"),
        (4, "time_invalid"),
        (5, "amount_invalid"),
    ]

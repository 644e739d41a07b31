"""The team leader's commission rows are told apart from the influencer's, and the other way round."""

import pytest

from tests.ingest.support import Files, csv_text, without

SUB = "6917926768823643752"


def leader(**cells: str) -> dict[str, str]:
    return {
        "订单id": f"{SUB}\t",
        "商品名称": "夏季连衣裙",
        "商品id": "3571234567890123456\t",
        "订单状态": "订单结算",
        "超时未结算原因": "-",
        "出单机构": "好货团长",
        "支付金额": "169.00",
        "服务费率": "3.00%",
        "预估服务费收入": "5.07",
        "结算金额": "169.00",
        "实际服务费收入": "5.07",
        "付款时间": "2026-11-01 10:00:00",
        "收货时间": "2026-11-05 10:00:00",
        "结算时间": "2026-11-12 10:00:00",
        "尾款支付时间": "-",
        "定金金额": "-",
        "店铺id": "123456\t",
    } | cells


def influencer() -> dict[str, str]:
    fees = ("出单机构", "服务费率", "预估服务费收入", "实际服务费收入", "结算时间")
    return without(leader(), *fees) | {
        "作者账号": "小甜",
        "抖音/火山号": "tian1",
        "佣金率": "20.00%",
        "预估佣金支出": "33.80",
        "实际佣金支出": "33.80",
        "订单结算时间": "2026-11-12 10:00:00",
    }


def test_a_leaders_row_is_the_fee_of_the_institution(files: Files) -> None:
    read = files.parse(files.write(csv_text([leader()])))
    assert (read.parsed.format, read.parsed.kind) == ("douyin_leader_commissions", "commissions")
    assert not read.warned("unknown_header")
    row = read.row
    assert (row["party"], row["party_id"], row["line_id"]) == ("leader", "好货团长", SUB)
    assert (row["commission_estimated"], row["commission_settled"], row["settled_base"]) == (507, 507, 16900)
    assert (row["rate"], row["status"]) == (pytest.approx(0.03), "settled")


def test_the_influencers_file_of_the_same_order_is_the_influencers(files: Files) -> None:
    read = files.parse(files.write(csv_text([influencer()])))
    assert read.parsed.format == "douyin_commissions"
    row = read.row
    assert (row["party"], row["party_id"], row["commission_settled"]) == ("influencer", "tian1", 3380)

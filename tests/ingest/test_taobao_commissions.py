"""The Taobao alliance's settled orders: the influencer's commission, the leader's fee beside it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read
from tests.ingest.taobao import CPS, number, sheet


def row(place: int = 0, **cells: str) -> dict[str, str]:
    """A settled row: 5 % of 201.12 for the influencer, 1 % for the leader. Cells carry tabs."""
    return {
        "确认收货时间": "2026-11-08 09:00:00",
        "账户支出时间": "2026-11-09 00:10:00",
        "淘客结算时间": "2026-11-09 00:10:00",
        "创建时间": "2026-11-01 10:00:00",
        "计划名称": "通用计划",
        "商品id": "521234567890\t",
        "商品名称": "毛衣",
        "实际成交价格": "201.12",
        "成交商品数": "1",
        "佣金比例": "5.00%",
        "佣金": "10.06",
        "服务费率": "1.00%",
        "服务费金额": "2.01",
        "淘宝父订单编号": f"{number(place)}\t",
        "淘宝子订单编号": f"\t{number(place)}\t",
        "来源或淘客昵称": "小美\t",
        "团长名称": "大团长",
        "是否预售未付尾款订单": "否",
        "备注": "",
    } | cells


def csv_of(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    lines = [",".join(CPS), *(",".join(one[name] for name in CPS) for one in rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def by_party(found: Read) -> dict[tuple[str, str, str], int]:
    keys = ("party", "party_id", "line_id")
    return {tuple(one[key] for key in keys): one["commission_settled"] for one in found.rows()}  # type: ignore[misc]


@pytest.mark.parametrize("shape", ["utf-8", "gb18030", "xlsx"])
def test_a_row_is_read_cell_by_cell_in_two_layers(files: Files, shape: str) -> None:
    if shape == "xlsx":
        path = files.xlsx(sheet(CPS, [row()]))
    else:
        path = files.write(csv_of(row(), encoding=shape), "CPS20261110.csv")
    found = files.parse(path)
    assert (found.parsed.format, found.parsed.kind) == ("taobao_commissions", "commissions")
    assert (found.counts, found.parsed.warnings) == ((1, 1, 0), ())
    assert by_party(found) == {
        ("influencer", "小美", number(0)): 1006,
        ("leader", "大团长", number(0)): 201,
    }
    influencer = next(one for one in found.rows() if one["party"] == "influencer")
    assert (influencer["rate"], influencer["settled_base"], influencer["quantity"]) == (0.05, 20112, 1)
    assert (influencer["status"], influencer["settled_at"]) == ("settled", datetime(2026, 11, 9, 0, 10))
    leader = next(one for one in found.rows() if one["party"] == "leader")
    assert (leader["rate"], leader["status"], leader["product_name"]) == (0.01, "settled", "毛衣")


def test_no_service_fee_makes_no_leader(files: Files) -> None:
    found = files.parse(files.xlsx(sheet(CPS, [row(0, 服务费金额="0.00"), row(1, 服务费金额="-")])))
    assert [one["party"] for one in found.rows()] == ["influencer"] * 2
    assert found.counts == (2, 2, 0)


def test_repeats_and_contradictions_count_rows_of_the_file(files: Files) -> None:
    found = files.parse(files.write(csv_of(row(0), row(0), row(1))))
    assert (found.counts, found.parsed.repeats) == ((3, 3, 0), 1)
    assert len(found.rows()) == 4
    other = row(0, 佣金="9.00", 淘客结算时间="2026-11-10 00:10:00")
    found = files.parse(files.write(csv_of(row(0), other), "again.csv"))
    assert found.counts == (2, 1, 1)
    assert found.rejects == [(2, "conflicting_duplicate", "淘宝子订单编号")]
    assert by_party(found)["influencer", "小美", number(0)] == 900


def test_rows_may_leave_out_empty_cells_at_their_end(files: Files) -> None:
    first, second, third = csv_of(row(0), row(1), row(2)).decode().splitlines()[1:]
    lines = [",".join(CPS), first + ",,", second.removesuffix(",否,"), third, ""]
    found = files.parse(files.write("\r\n".join(lines)))
    assert (found.counts, found.rejects) == ((3, 3, 0), [])
    assert {one["line_id"] for one in found.rows()} == {number(0), number(1), number(2)}
    whole = files.parse(files.write(csv_of(row(0), row(1), row(2)), "whole.csv"))
    assert by_party(found) == by_party(whole)


def test_a_row_too_short_for_its_number_is_left_out(files: Files) -> None:
    first, second, third = csv_of(row(0), row(1), row(2)).decode().splitlines()[1:]
    cut = ",".join(second.split(",")[:8])
    found = files.parse(files.write("\r\n".join([",".join(CPS), first, cut, third, ""])))
    assert (found.counts, found.rejects) == ((3, 2, 1), [(3, "id_missing", "淘宝子订单编号")])

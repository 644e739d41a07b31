"""Waybills: one parcel may hold several orders, one order several parcels."""

from datetime import datetime

import pytest

from tests.ingest.support import Files

LONG = "69179267688236437"


def parcel(number: int = 0, **cells: str) -> dict[str, str]:
    """A row of a courier's list."""
    row = {
        "运单号": f"SF02204816131{number:02}",
        "订单编号": f"{LONG}{number:02}",
        "快递公司": "顺丰速运",
        "发货时间": "2026-11-02 09:00:00",
        "揽收时间": "2026-11-02 20:00:00",
        "签收时间": "2026-11-04 15:30:00",
    }
    return row | cells


def test_a_parcel_is_read_cell_by_cell(files: Files) -> None:
    read = files.read(parcel())
    assert (read.parsed.format, read.parsed.kind) == ("parcels", "parcels")
    row = read.row
    assert (row["waybill"], row["order_id"], row["courier"]) == ("SF0220481613100", f"{LONG}00", "顺丰速运")
    assert row["signed_at"] == row["event_at"] == datetime(2026, 11, 4, 15, 30)
    assert read.found("sign_time_real") == (1, 1)


def test_a_waybill_export_without_a_courier_is_douyins(files: Files) -> None:
    row = {
        "运单号": "SF0220481613100",
        "订单编号": f"\t{LONG}01,\t{LONG}02\t",
        "揽件时间": "2026-11-02 20:00:00",
        "发货时间": "-",
        "异常类型": "-",
    }
    read = files.read(row)
    assert (read.parsed.format, read.parsed.platform) == ("douyin_parcels", "douyin")
    assert [(one["row"], one["order_id"]) for one in read.rows()] == [(2, f"{LONG}01"), (2, f"{LONG}02")]
    assert read.counts == (1, 1, 0)
    assert read.found("sign_time_absent") == (1, 1)


@pytest.mark.parametrize("header", ["运单号", "快递单号", "物流单号"])
def test_couriers_name_the_waybill_in_their_own_way(files: Files, header: str) -> None:
    row = {header if name == "运单号" else name: value for name, value in parcel().items()}
    assert files.read(row).row["waybill"] == "SF0220481613100"


def test_one_waybill_on_several_rows_counts_every_row_once(files: Files) -> None:
    rows = [
        parcel(0, 订单编号=f"{LONG}01,{LONG}02"),
        parcel(0, 订单编号=f"{LONG}02,{LONG}03"),
        parcel(0, 订单编号=f"{LONG}01;{LONG}02"),
        parcel(0, 订单编号=f"{LONG}03", 签收时间="-"),
    ]
    read = files.read(*rows)
    assert read.counts == (4, 3, 1)
    assert read.parsed.repeats == 1
    assert read.rejects == [(5, "conflicting_duplicate", "运单号")]
    assert sorted(row["order_id"] for row in read.rows()) == [f"{LONG}01", f"{LONG}02", f"{LONG}03"]


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"运单号": ""}, "id_missing", "运单号"),
        ({"运单号": "7.53E+13"}, "id_precision_lost", "运单号"),
        ({"运单号": "无"}, "id_invalid", "运单号"),
        ({"订单编号": "-"}, "id_missing", "订单编号"),
        ({"订单编号": f"{LONG}01,6.92E+18"}, "id_precision_lost", "订单编号"),
    ],
)
def test_a_parcel_without_its_ids_is_rejected(
    files: Files, cells: dict[str, str], code: str, column: str
) -> None:
    read = files.read(parcel(0), parcel(1) | cells)
    assert read.counts == (2, 1, 1)
    assert read.rejects == [(3, code, column)]


def test_a_courier_s_bill_is_read_below_its_title_and_its_total_is_a_reject(files: Files) -> None:
    bill = [
        ["某快递 2026年11月账单"],
        ["客户", "某某店"],
        [],
        ["序号", "快递单号", "商家订单号", "快递公司", "发货时间", "妥投时间", "运费"],
        ["1", "SF0220481613101", f"{LONG}01", "顺丰速运", "2026-11-02 09:00", "2026-11-04 15:30", "12.00"],
        ["2", "SF0220481613102", f"{LONG}02 {LONG}03", "顺丰速运", "2026/11/2 9:00", "", "12.00"],
        ["合计", "", "", "", "", "", "24.00"],
    ]
    read = files.parse(files.xlsx(bill))
    assert (read.parsed.format, read.counts) == ("parcels", (3, 2, 1))
    assert [(one["row"], one["order_id"][-2:]) for one in read.rows()] == [(5, "01"), (6, "02"), (6, "03")]
    assert read.rows()[0]["signed_at"] == datetime(2026, 11, 4, 15, 30)
    assert read.rejects == [(7, "id_missing", "快递单号")]

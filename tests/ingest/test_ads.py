"""What advertising cost: reports of ad back ends by day, hour, account, room and plan, and own lists."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read

REPORT = """抖音号名称,日期,净成交ROI,净成交金额,整体消耗,整体支付ROI,\
整体成交金额,整体成交订单数,直播间整体曝光次数
全部,全部,2.7,"8,100.00","3,000.50",3,"9,001.50",90,"120,000"
甲店,2026-11-01,2.7,"2,700.00","1,000.50",3,"3,001.50",30,"40,000"
乙店,2026-11-01,2.7,"5,400.00","2,000.00",3,"6,000.00",60,8万
"""


def read(files: Files, text: str, name: str = "ads.csv") -> Read:
    return files.parse(files.write(text, name))


def test_a_report_is_read_cell_by_cell_and_its_totals_are_no_data(files: Files) -> None:
    found = read(files, REPORT)
    assert (found.parsed.format, found.parsed.kind, found.parsed.platform) == ("ads", "ads", "other")
    assert found.rejects == [(2, "totals_row", "抖音号名称")]
    assert found.counts == (3, 2, 1)
    first = found.rows()[0]
    assert (first["day"], first["last_day"]) == (datetime(2026, 11, 1), None)
    assert (first["account_name"], first["grain"]) == ("甲店", "account")
    assert (first["spend"], first["amount"], first["net_amount"]) == (100050, 300150, 270000)
    assert (first["orders"], first["exposures"]) == (30, 40000)
    assert found.column("exposures") == [40000, 80000]


@pytest.mark.parametrize(
    ("header", "cells", "grain"),
    [
        ("日期,消耗", "2026-11-01,5", ""),
        ("日期,千川账户,消耗", "2026-11-01,账户甲,5", "account"),
        ("日期,直播间,计划名称,花费", "2026-11-01,一号间,放量计划,5", "room+plan"),
        ("date,campaign,spend", "2026-11-01,launch,5", "plan"),
        ("日期,商品ID,整体消耗", "2026-11-01,3571234567890123456,5", "product"),
    ],
)
def test_every_row_says_what_it_splits_by(files: Files, header: str, cells: str, grain: str) -> None:
    row = read(files, f"{header}\n{cells}\n").row
    assert (row["grain"], row["spend"]) == (grain, 500)


def test_the_scope_of_a_report_keeps_its_rows_apart(files: Files) -> None:
    found = read(files, "日期,数据范围,消耗\n2026-11-01,店铺被投,9\n2026-11-01,店铺绑定,5\n")
    assert found.column("scope") == ["promoted", "bound"]
    assert len(set(found.column("entry"))) == 2


def test_hours_of_a_day_are_rows_of_their_own(files: Files) -> None:
    found = read(files, "日期,时间-小时,整体消耗\n2026-11-01,00:00-00:59,1\n2026-11-01,01:00-01:59,2\n")
    assert (found.column("hour"), found.column("spend")) == (["00:00-00:59", "01:00-01:59"], [100, 200])


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2026/11/1", datetime(2026, 11, 1), None),
        ("2026-11", datetime(2026, 11, 1), datetime(2026, 11, 30)),
        ("2026年11月", datetime(2026, 11, 1), datetime(2026, 11, 30)),
        ("2026-11-01~2026-11-07", datetime(2026, 11, 1), datetime(2026, 11, 7)),
        ("2026-11-01 至 2026-11-07", datetime(2026, 11, 1), datetime(2026, 11, 7)),
        ("20261101-20261107", datetime(2026, 11, 1), datetime(2026, 11, 7)),
        ("2026/11/01-2026/11/07", datetime(2026, 11, 1), datetime(2026, 11, 7)),
        ("2026-11-01 - 2026-11-01", datetime(2026, 11, 1), None),
    ],
)
def test_a_row_may_speak_of_a_day_a_month_or_a_range(
    files: Files, cell: str, first: datetime, last: datetime | None
) -> None:
    found = read(files, f"日期,消耗\n{cell},5\n")
    assert (found.row["day"], found.row["last_day"]) == (first, last)
    assert (found.parsed.first_at, found.parsed.last_at) == (first, last or first)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [("1.2万", 1_200_000), ("1.2w", 1_200_000), ("¥1,234.50", 123450), ("0", 0), ("0.5万元", 500_000)],
)
def test_an_amount_in_ten_thousands_is_read_as_it_is_written(files: Files, cell: str, fen: int) -> None:
    assert read(files, f'日期,消耗\n2026-11-01,"{cell}"\n').row["spend"] == fen


@pytest.mark.parametrize(
    ("day", "spend", "code", "column"),
    [
        ("合计", "5", "totals_row", "日期"),
        ("", "5", "time_invalid", "日期"),
        ("2026-13-01", "5", "time_invalid", "日期"),
        ("2026-11-07~2026-11-01", "5", "time_invalid", "日期"),
        ("2027-01-01", "5", "time_impossible", "日期"),
        ("2026-11-01", "", "amount_invalid", "消耗"),
        ("2026-11-01", "1.2345678万", "amount_invalid", "消耗"),
        ("2026-11-01", "2千", "amount_invalid", "消耗"),
        ("2026-11-01", "-5", "amount_negative", "消耗"),
    ],
)
def test_a_row_that_cannot_be_meant_is_rejected(
    files: Files, day: str, spend: str, code: str, column: str
) -> None:
    found = read(files, f"日期,消耗\n2026-11-02,1\n{day},{spend}\n")
    assert found.rejects == [(3, code, column)]

"""Live sessions: when they ran, who watched, what was sold."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read

HEADER = (
    "统计日期,直播间ID,直播间名称,直播开始时间,直播结束时间,直播时长,达人ID,"
    "观看人数,商品点击次数,成交订单数,用户支付金额"
)


def read(files: Files, *rows: str, header: str = HEADER) -> Read:
    return files.parse(files.write("\n".join([header, *rows]) + "\n", "live.csv"))


def test_a_session_is_read_cell_by_cell(files: Files) -> None:
    cells = "7301234567890123456,一号间,2026-11-01 19:00:00,2026-11-01 23:30:00,4小时30分,123,1.2万,500,30"
    found = read(files, f'2026-11-01,{cells},"3,000.00"')
    assert (found.parsed.format, found.parsed.kind) == ("live_sessions", "live_sessions")
    row = found.row
    assert (row["room_id"], row["room_name"]) == ("7301234567890123456", "一号间")
    assert (row["started_at"], row["ended_at"]) == (
        datetime(2026, 11, 1, 19),
        datetime(2026, 11, 1, 23, 30),
    )
    assert (row["visitors"], row["clicks"], row["orders"], row["amount"]) == (12000, 500, 30, 300000)
    assert row["influencer_id"] == "123"


def test_start_and_end_may_stand_in_one_cell(files: Files) -> None:
    cell = "2026-11-01 00-00-00~2026-11-01 07-00-46"
    row = read(files, f"甲店,{cell},2.5万,100", header="账号,直播时间,观看次数,千川消耗").row
    assert (row["started_at"], row["ended_at"]) == (datetime(2026, 11, 1), datetime(2026, 11, 1, 7, 0, 46))
    assert (row["views"], row["ad_spend"]) == (25000, 10000)


def test_a_session_is_the_same_when_it_ended_later_than_first_said(files: Files) -> None:
    header = "账号,开播时间,下播时间,观看人数"
    first = read(files, "甲店,2026-11-01 19:00,2026-11-01 22:00,5", header=header).row
    again = read(files, "甲店,2026-11-01 19:00,2026-11-01 23:00,9", header=header).row
    assert (first["entry"], first["event_at"]) == (again["entry"], again["event_at"])


@pytest.mark.parametrize(
    ("start", "viewers", "code", "column"),
    [
        ("合计", "9", "totals_row", "开播时间"),
        ("", "9", "time_invalid", "开播时间"),
        ("昨晚", "9", "time_invalid", "开播时间"),
        ("2027-03-01 19:00", "9", "time_impossible", "开播时间"),
        ("2026-11-01 19:00", "很多", "number_invalid", "观看人数"),
    ],
)
def test_a_session_that_cannot_be_meant_is_rejected(
    files: Files, start: str, viewers: str, code: str, column: str
) -> None:
    found = read(files, "2026-11-02 19:00,1", f"{start},{viewers}", header="开播时间,观看人数")
    assert found.rejects == [(3, code, column)]

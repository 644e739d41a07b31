"""What is agreed or planned, for days to come too: turns of hosts, rates of influencers, targets."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read


def read(files: Files, header: str, *rows: str) -> Read:
    return files.parse(files.write("\n".join([header, *rows]) + "\n", "plan.csv"))


@pytest.mark.parametrize(
    ("header", "cells", "start", "end"),
    [
        ("日期,主播,开始时间,结束时间", "2026-12-01,小美,19:00,23:00", (1, 19), (1, 23)),
        ("日期,主播,开始时间,结束时间", "2026-12-01,小美,22:00,02:00", (1, 22), (2, 2)),
        ("日期,主播,开始时间,结束时间", "2026-12-01,小美,22:00,次日02:00", (1, 22), (2, 2)),
        ("日期,主播,开始时间,结束时间", "2026-12-01,小美,22:00,26:00", (1, 22), (2, 2)),
        ("日期,主播,时段", "2026/12/1,小美,19:00-23:00", (1, 19), (1, 23)),
        ("日期,主播,时段", "2026/12/1,小美,19:00～23:00", (1, 19), (1, 23)),
        ("主播,开始时间,结束时间", "小美,2026-12-01 22:00,2026-12-02 02:00", (1, 22), (2, 2)),
        ("主播,时段", "小美,2026-12-01 22:00-02:00", (1, 22), (2, 2)),
    ],
)
def test_a_turn_is_read_in_every_way_people_write_it(
    files: Files, header: str, cells: str, start: tuple[int, int], end: tuple[int, int]
) -> None:
    found = read(files, header, cells)
    assert (found.parsed.format, found.row["host"]) == ("host_shifts", "小美")
    assert found.row["started_at"] == datetime(2026, 12, *start)
    assert found.row["ended_at"] == datetime(2026, 12, *end)
    assert (found.parsed.as_of, found.parsed.first_at) == (None, datetime(2026, 12, *start))


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("2026-12-01,,19:00,23:00", "id_missing", "主播"),
        ("2026-12-01,小美,晚上,23:00", "time_invalid", "开始时间"),
        ("2026-12-01,小美,,23:00", "time_invalid", "开始时间"),
        ("2026-12-01,小美,19:60,23:00", "time_invalid", "开始时间"),
        (",小美,19:00,23:00", "time_invalid", "日期"),
        ("2030-12-01,小美,19:00,23:00", "time_impossible", "日期"),
        ("合计,小美,4小时,", "totals_row", "日期"),
    ],
)
def test_a_turn_without_host_or_time_is_rejected(files: Files, cells: str, code: str, column: str) -> None:
    found = read(files, "日期,主播,开始时间,结束时间", "2026-12-02,小美,1:00,2:00", cells)
    assert found.rejects == [(3, code, column)]


def test_a_time_of_day_without_any_day_is_rejected(files: Files) -> None:
    found = read(files, "主播,开始时间", "小美,2026-12-01 19:00", "小王,19:00")
    assert found.rejects == [(3, "time_impossible", "开始时间")]


def test_rates_are_shares_and_may_have_no_end(files: Files) -> None:
    found = read(
        files,
        "达人昵称,商品ID,计划类型,佣金率,开始日期,结束日期",
        "小鹿,357,专属,15%,2026-11-01,长期",
        "小鹿,358,专属,20,2026-12-01,2027-01-31",
        "阿福,358,,0.1,2026-12,",
    )
    assert (found.parsed.format, found.parsed.kind) == ("agreed_rates", "agreed_rates")
    assert found.column("rate") == [0.15, 0.2, 0.1]
    assert found.column("last_day") == [None, datetime(2027, 1, 31), None]
    assert found.column("plan") == ["专属", "专属", None]
    assert (found.parsed.as_of, found.parsed.last_at) == (None, datetime(2027, 1, 31))


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        (",,15%", "id_missing", "达人"),
        ("小鹿,357,", "amount_invalid", "约定佣金率"),
        ("小鹿,357,面议", "amount_invalid", "约定佣金率"),
        ("小鹿,357,20%", "conflicting_duplicate", "达人"),
    ],
)
def test_a_rate_of_nobody_or_nothing_is_rejected(files: Files, cells: str, code: str, column: str) -> None:
    found = read(files, "达人,商品ID,约定佣金率", "小鹿,357,15%", cells)
    assert [one[1:] for one in found.rejects] == [(code, column)]


def test_targets_one_a_row(files: Files) -> None:
    found = read(
        files,
        "月份,指标,目标值",
        "2026-12,销售额,50万",
        '2026年12月,支付订单数,"12,000"',
        "2027-01,涨粉,3000",
        "2027-01,加班,2",
    )
    assert (found.parsed.format, found.parsed.kind) == ("targets", "targets")
    assert found.column("month") == [datetime(2026, 12, 1)] * 2 + [datetime(2027, 1, 1)] * 2
    assert found.column("metric") == ["paid_amount", "orders_paid", "unknown", "unknown"]
    assert found.column("amount") == [50_000_000, None, None, None]
    assert found.column("number") == [None, 12000.0, 3000.0, 2.0]
    assert found.column("metric_raw")[2:] == ["涨粉", "加班"]


def test_targets_side_by_side(files: Files) -> None:
    found = read(files, "月份,GMV目标,退货率目标,投放预算", "2026-12,100万,3%,8万")
    rows = [(row["metric"], row["amount"], row["number"]) for row in found.rows()]
    assert rows == [
        ("paid_amount", 100_000_000, None),
        ("ad_spend", 8_000_000, None),
        ("return_rate", None, 0.03),
    ]


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("合计,100", "totals_row", "月份"),
        ("2026-12-15,100", "time_invalid", "月份"),
        ("十二月,100", "time_invalid", "月份"),
        ("2040-01,100", "time_impossible", "月份"),
        ("2026-11,", "amount_invalid", "GMV目标"),
        ("2026-11,很高", "amount_invalid", "GMV目标"),
    ],
)
def test_a_target_without_month_or_value_is_rejected(
    files: Files, cells: str, code: str, column: str
) -> None:
    assert read(files, "月份,GMV目标", "2026-10,1", cells).rejects == [(3, code, column)]

"""Who saw and clicked, by day or live session and source."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read


def read(files: Files, text: str) -> Read:
    return files.parse(files.write(text, "traffic.csv"))


def test_a_day_is_read_cell_by_cell(files: Files) -> None:
    found = read(
        files,
        "日期,载体,商品曝光次数,访客数,商品点击次数,成交人数,成交订单数,用户支付金额(元)\n"
        '2026-11-01,直播,"12,000",600人,90次,20,21,"1,234.50"\n',
    )
    assert (found.parsed.format, found.parsed.kind) == ("traffic", "traffic")
    row = found.row
    assert (row["day"], row["source"], row["source_raw"]) == (datetime(2026, 11, 1), "live", "直播")
    assert (row["exposures"], row["visitors"], row["clicks"]) == (12000, 600, 90)
    assert (row["buyers"], row["orders"], row["amount"]) == (20, 21, 123450)


def test_a_row_of_no_source_or_of_all_is_of_all_sources(files: Files) -> None:
    found = read(files, "日期,来源,访客数\n2026-11-01,整体,9\n2026-11-01,直播,5\n2026-11-02,,4\n")
    assert found.column("source") == ["all", "live", "all"]


def test_sources_nobody_knows_keep_their_own_rows(files: Files) -> None:
    found = read(
        files, "日期,渠道名称,访客数\n2026-11-01,推荐feed,5\n2026-11-01,直播广场,4\n2026-11-01,关注页,3\n"
    )
    assert found.column("source") == ["unknown", "live", "unknown"]
    assert found.counts == (3, 3, 0)
    assert found.warned("unknown_word") == [("渠道名称", "推荐feed", 1), ("渠道名称", "关注页", 1)]


def test_the_same_day_and_source_with_other_figures_is_not_added_up(files: Files) -> None:
    found = read(files, "日期,来源,访客数\n2026-11-01,直播,5\n2026-11-01,直播,6\n")
    assert found.counts == (2, 1, 1)
    assert found.rejects[0][1] == "conflicting_duplicate"


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("合计,直播,9", "totals_row", "日期"),
        ("2026-11-01,合计,9", "totals_row", "来源"),
        ("2026-11-01,直播,", "number_invalid", "访客数"),
        ("2026-11-01,直播,许多", "number_invalid", "访客数"),
        ("2026-11-01,直播,-3", "amount_negative", "访客数"),
        (",直播,3", "time_invalid", "日期"),
    ],
)
def test_a_row_that_says_nothing_is_rejected(files: Files, cells: str, code: str, column: str) -> None:
    found = read(files, f"日期,来源,访客数\n2026-11-02,直播,1\n{cells}\n")
    assert found.rejects == [(3, code, column)]

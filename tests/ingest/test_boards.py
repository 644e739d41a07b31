"""What others' boards say: the platform's own daily figures, and public indexes."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read

COMPASS = "日期,用户支付金额(元),成交订单数,成交人数,退款金额（支付时间）,退款金额（退款时间）,商品曝光人数"


def read(files: Files, header: str, *rows: str) -> Read:
    return files.parse(files.write("\n".join([header, *rows]) + "\n", "board.csv"))


def test_the_platforms_board_is_read_cell_by_cell(files: Files) -> None:
    found = read(files, COMPASS, '2026-11-01,"12,345.60",100,90,300,250,"9,000"', "汇总,1,1,1,1,1,1")
    assert (found.parsed.format, found.parsed.platform) == ("compass_daily", "douyin")
    assert found.rejects == [(3, "totals_row", "日期")]
    row = found.row
    assert (row["day"], row["paid_amount"]) == (datetime(2026, 11, 1), 1234560)
    assert (row["orders"], row["buyers"], row["exposed_people"]) == (100, 90, 9000)
    assert (row["refund_amount_paid"], row["refund_amount"]) == (30000, 25000)


def test_an_index_is_read_with_its_industry(files: Files) -> None:
    found = read(files, "日期,行业,指标,指数", "2026-11-01,女装,交易,1234.56", "2026-11,女装,交易,98.5")
    assert (found.parsed.format, found.column("value")) == ("benchmark", [1234.56, 98.5])
    assert found.column("last_day") == [None, datetime(2026, 11, 30)]
    assert found.column("industry") == ["女装", "女装"]


@pytest.mark.parametrize(
    ("header", "cells", "code", "column"),
    [
        (COMPASS, "2026-11-01,-,1,1,1,1,1", "amount_invalid", "用户支付金额(元)"),
        (COMPASS, "2027-11-01,1,1,1,1,1,1", "time_impossible", "日期"),
        ("日期,行业,指标,指数", "2026-11-01,女装,交易,", "number_invalid", "指数"),
        ("日期,行业,指标,指数", "全部,女装,交易,5", "totals_row", "日期"),
    ],
)
def test_a_row_without_day_or_figure_is_rejected(
    files: Files, header: str, cells: str, code: str, column: str
) -> None:
    good = ",".join(["2026-11-02", *["1"] * header.count(",")])
    assert read(files, header, good, cells).rejects == [(3, code, column)]

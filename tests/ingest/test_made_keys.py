"""Rows without a number of their own: their key is made of what they say, and their turn among equal ones."""

from dataclasses import replace

import pyarrow as pa

from shopdata.ingest.rules import Work
from shopdata.ingest.rules.keys import made_key
from shopdata.platforms import formats

BASE = replace(
    formats()["douyin_aftersales"],
    row_key=("aftersale_id",),
    made_key=("order_id", "applied_at"),
    numbered=True,
)
ROWS = {
    "order_id": pa.array(["A", "A", None, "A"]),
    "applied_at": pa.array([0, 0, 0, None], pa.timestamp("us")),
}


def keys(numbered: bool) -> list[str]:
    columns = dict(ROWS)
    made_key(columns, Work(replace(BASE, numbered=numbered), 4))
    return columns["aftersale_id"].to_pylist()


def test_equal_rows_are_told_apart_by_their_turn_where_the_format_says_so() -> None:
    assert keys(numbered=True) == [
        "A/1970-01-01 00:00/1",
        "A/1970-01-01 00:00/2",
        "/1970-01-01 00:00/1",
        "A//1",
    ]


def test_elsewhere_equal_rows_are_one() -> None:
    assert keys(numbered=False)[:2] == ["A/1970-01-01 00:00"] * 2

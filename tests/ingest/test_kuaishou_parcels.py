"""Kuaishou's waybill export: one time column, whose meaning the exported tab tells or nothing does."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shopdata.ingest.rules.parcels import tab_event
from shopdata.platforms import formats
from tests.ingest.support import Files, Read, csv_text, table_rows

TIME = "发货/揽收/末条中转/派件/待取件/签收时间"
AT = datetime(2026, 11, 4, 15, 30)
EVENTS = ("shipped_at", "picked_up_at", "signed_at")


def row(number: int = 0, **cells: str) -> dict[str, str]:
    return {
        "订单编号": f"\t25305000123456{number:02},\t25305000123457{number:02}",
        "物流单号": f"765432109876{number:02}",
        TIME: "2026/11/04 15:30:00",
    } | cells


def named(files: Files, name: str, *rows: dict[str, str]) -> Read:
    return files.parse(files.write(csv_text(rows or [row()], tabs=False), name))


def events(read: Read) -> list[dict[str, Any]]:
    return [{name: one[name] for name in EVENTS if one.get(name)} for one in read.rows()]


@pytest.mark.parametrize(
    ("name", "event"),
    [("已签收_20261105.csv", "signed_at"), ("揽收.csv", "picked_up_at"), ("已发货未揽收.csv", "shipped_at")],
)
def test_the_name_of_the_file_tells_the_tab(files: Files, name: str, event: str) -> None:
    read = named(files, name)
    assert events(read) == [{event: AT}] * 2
    assert read.found("tab_told") == (2, 2)
    assert read.found("sign_time_real" if event == "signed_at" else "sign_time_absent") is not None


@pytest.mark.parametrize(
    "name", ["运单.csv", "派件未签收.csv", "发货和签收.csv", "签收超时.csv", "waybills(1).csv"]
)
def test_where_nothing_tells_no_time_is_taken_for_anything(files: Files, name: str) -> None:
    read = named(files, name)
    assert read.counts == (1, 1, 0)
    assert [set(one) & set(EVENTS) for one in read.rows()] == [set(), set()]
    assert [one["waybill"] for one in read.rows()] == ["76543210987600"] * 2
    assert read.found("sign_time_absent") == (1, 1)
    if name in ("运单.csv", "发货和签收.csv", "waybills(1).csv"):
        assert read.found("time_meaning_unknown") == (2, 2)


def test_the_name_of_the_sheet_goes_before_that_of_the_file(files: Files) -> None:
    sheets = {"揽收": table_rows([row(0)]), "签收": table_rows([row(1)]), "末条中转": table_rows([row(2)])}
    path = files.workbook(sheets, "已发货.xlsx")
    told = events(files.parse(path))
    assert told == [*({"picked_up_at": AT},) * 2, {}, {}, *({"signed_at": AT},) * 2]


@pytest.mark.parametrize("header", ["物流状态", "当前状态"])
def test_else_the_state_of_each_parcel_tells(files: Files, header: str) -> None:
    words = ("已签收", "已揽收", "派送中", "待揽收", "不知道")
    read = named(files, "运单.csv", *(row(place, **{header: word}) for place, word in enumerate(words)))
    told = events(read)[::2]
    assert told == [{"signed_at": AT}, {"picked_up_at": AT}, {}, {"shipped_at": AT}, {}]
    assert read.found("time_meaning_unknown") == (2, 10)


def test_a_tab_goes_before_the_state_of_a_parcel(files: Files) -> None:
    read = named(files, "发货.csv", row(0, 物流状态="已签收"))
    assert events(read)[0] == {"shipped_at": AT}
    assert read.rows()[0]["status"] == "signed"


@pytest.mark.parametrize(
    ("name", "event"),
    [
        *(
            ("已揽收未中转", "picked_up_at"),
            ("揽收超时", "none"),
            ("已签收", "signed_at"),
            ("未签收", "none"),
        ),
        *(("待取件", "none"), ("Sheet1", None), ("发货 签收", None)),
    ],
)
def test_the_longest_word_of_a_name_decides(name: str, event: str | None) -> None:
    assert tab_event(formats()["kuaishou_parcels"].rule_words["tab"], (name, Path("x").stem)) == event

"""What things cost: one kind a row, or several kinds side by side."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read


def read(files: Files, header: str, *rows: str) -> Read:
    return files.parse(files.write("\n".join([header, *rows]) + "\n", "costs.csv"))


def said(found: Read) -> list[tuple[object, ...]]:
    return [(row["row"], row["kind"], row["amount"]) for row in found.rows()]


def test_unit_costs_hold_from_their_day_or_from_the_beginning(files: Files) -> None:
    found = read(files, "商家编码,成本价,生效日期", "A-1,12.50,2026-11-01", "A-2,¥9,")
    assert (found.parsed.format, found.parsed.kind) == ("costs", "costs")
    assert said(found) == [(2, "goods", 1250), (3, "goods", 900)]
    assert found.column("from_day") == [datetime(2026, 11, 1), None]
    assert found.column("sku_code") == ["A-1", "A-2"]


def test_kinds_side_by_side_make_a_row_each(files: Files) -> None:
    found = read(
        files, "达人,日期,坑位费,寄样成本,备注", "小鹿,2026-11-11,5000,120,双11", "阿福,2026-11-12,,80,"
    )
    assert said(found) == [(2, "slot_fee", 500000), (2, "sample", 12000), (3, "sample", 8000)]
    assert found.column("influencer_name") == ["小鹿", "小鹿", "阿福"]
    assert found.column("note") == ["双11", "双11", None]
    assert found.counts == (2, 2, 0)


def test_rows_that_repeat_a_cost_are_counted_once_each(files: Files) -> None:
    cells = ("小鹿,2026-11-11,5000,120", "小鹿,2026-11-11,5000,120", "阿福,2026-11-11,10,")
    found = read(files, "达人,日期,坑位费,寄样成本", *cells, "阿福,2026-11-11,20,")
    assert (found.counts, found.parsed.repeats) == ((4, 3, 1), 1)
    assert [one[1] for one in found.rejects] == ["conflicting_duplicate"]
    assert [(kind, amount) for _, kind, amount in said(found)][:2] == [
        ("slot_fee", 500000),
        ("sample", 12000),
    ]


def test_the_kind_may_stand_in_its_own_column(files: Files) -> None:
    found = read(
        files,
        "费用类型,月份,仓库,金额",
        '仓储费,2026-11,广州仓,"3,000"',
        "快递罚款,2026-11,,50",
        "物业,2026-11,,60",
    )
    assert said(found) == [(2, "storage", 300000), (3, "unknown", 5000), (4, "unknown", 6000)]
    assert found.column("kind_raw") == ["仓储费", "快递罚款", "物业"]
    assert found.column("last_day") == [datetime(2026, 11, 30)] * 3
    assert found.warned("unknown_word") == [("费用类型", "快递罚款", 1), ("费用类型", "物业", 1)]


def test_costs_to_come_are_legal_and_move_no_as_of(files: Files) -> None:
    found = read(files, "达人,日期,坑位费", "小鹿,2027-03-08,5000")
    assert found.row["from_day"] == datetime(2027, 3, 8)
    assert (found.parsed.as_of, found.parsed.last_at) == (None, datetime(2027, 3, 8))


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("合计,21.5,", "totals_row", "商家编码"),
        ("A-2,,2026-11-01", "amount_invalid", "成本价"),
        ("A-2,-3,2026-11-01", "amount_negative", "成本价"),
        (",3,", "id_missing", "商家编码"),
        ("A-2,3,待定", "time_invalid", "生效日期"),
    ],
)
def test_a_cost_of_nothing_or_without_an_amount_is_rejected(
    files: Files, cells: str, code: str, column: str
) -> None:
    assert read(files, "商家编码,成本价,生效日期", "A-1,1,", cells).rejects == [(3, code, column)]

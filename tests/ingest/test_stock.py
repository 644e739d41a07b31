"""What is in the warehouse, by SKU and warehouse, at one moment."""

from datetime import datetime

import pytest

from tests.ingest.support import NOW, Files, Read

HEADER = "商家编码,仓库,库存,在途,采购周期"


def read(files: Files, *rows: str, header: str = HEADER, name: str = "stock.csv") -> Read:
    return files.parse(files.write("\n".join([header, *rows]) + "\n", name))


def test_a_stock_list_is_read_cell_by_cell(files: Files) -> None:
    found = read(files, 'A-1,广州仓,"1,200件",20,7天', "A-1,义乌仓,-3,,15")
    assert (found.parsed.format, found.parsed.kind) == ("stock", "stock")
    assert found.column("sku_code") == ["A-1", "A-1"]
    assert found.column("warehouse") == ["广州仓", "义乌仓"]
    assert found.column("on_hand") == [1200, -3]
    assert found.column("in_transit") == [20, None]
    assert found.column("lead_days") == [7.0, 15.0]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("库存20261120.csv", datetime(2026, 11, 20)),
        ("库存_2026-11-21.csv", datetime(2026, 11, 21)),
        ("库存20261119093000.csv", datetime(2026, 11, 19)),
        ("库存2026年11月18日.csv", datetime(2026, 11, 18)),
        ("库存20261340.csv", NOW.replace(hour=0)),
        ("库存.csv", NOW.replace(hour=0)),
    ],
)
def test_a_list_without_a_date_is_of_the_day_in_its_name_else_of_its_import(
    files: Files, name: str, day: datetime
) -> None:
    found = read(files, "A-1,广州仓,5,,", name=name)
    assert found.row["snapshot_at"] == day
    assert found.parsed.as_of == found.parsed.last_at == day


def test_a_date_in_the_list_counts_more_than_the_one_in_its_name(files: Files) -> None:
    row = read(files, "A-1,5,2026-11-19 08:00", header="SKU,可用库存,快照时间", name="20261122.csv").row
    assert (row["snapshot_at"], row["available"]) == (datetime(2026, 11, 19, 8), 5)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("合计,,97,20,", "totals_row", "商家编码"),
        (",,5,,", "id_missing", "商家编码"),
        ("A-2,广州仓,,3,", "number_invalid", "库存"),
        ("A-2,广州仓,1.5,,", "number_invalid", "库存"),
        ("A-1,广州仓,6,,", "conflicting_duplicate", "商家编码"),
    ],
)
def test_a_row_without_a_piece_or_a_number_is_rejected(
    files: Files, cells: str, code: str, column: str
) -> None:
    found = read(files, "A-1,广州仓,5,,", cells)
    assert (found.counts, len(found.rejects)) == ((2, 1, 1), 1)
    assert found.rejects[0][1:] == (code, column)

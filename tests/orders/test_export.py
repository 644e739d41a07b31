"""Exports: the fields asked for, exact, inert, masked; lines read back in change nothing."""

from __future__ import annotations

import csv
import stat
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage, NotAllowed
from shopdata.orders.export import available_fields, export_orders
from shopdata.orders.filters import OrderFilter
from shopdata.orders.sheets import inert
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from tests.imports.conftest import Importer
from tests.imports.contents import contents
from tests.imports.shop_files import Line, order_id
from tests.imports.shop_files import orders as order_file

EVERYTHING = OrderFilter()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.usefixtures("shop")
def test_fields_are_chosen_and_the_must_keeps_stay(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    made = export_orders(
        store, Scope(), EVERYTHING, path, fields=["order_id", "units", "source"], grain="orders"
    )
    assert made.fields == ("order_id", "units", "source", "paid_amount", "pay_method")
    rows = read_csv(path)
    assert list(rows[0]) == ["订单编号", "件数", "流量体裁", "实付金额", "支付渠道"]
    assert [tuple(row.values()) for row in rows] == [
        (order_id(1), "1", "直播", "100.00", "抖音支付"),
        (order_id(2), "1", "短视频", "100.00", "抖音支付"),
        (order_id(3), "1", "直播", "100.00", "抖音支付"),
        (order_id(4), "1", "直播", "200.00", "抖音支付"),
        (order_id(5), "1", "直播", "", ""),
        (order_id(6), "1", "直播", "", "抖音支付"),
        (order_id(50), "4", "多个体裁", "200.00", "抖音支付"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.mark.usefixtures("shop")
def test_a_filter_and_the_scope_narrow_the_export(store: Store, tmp_path: Path) -> None:
    made = export_orders(store, Scope(), OrderFilter(statuses=("completed",)), tmp_path / "a.csv")
    assert made.rows == 4


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("grain", ["orders", "lines"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_every_field_in_every_kind_of_file(grain: str, suffix: str, store: Store, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    fields = available_fields(store, Scope(), grain)  # type: ignore[arg-type]
    made = export_orders(store, Scope(), EVERYTHING, path, fields=fields, grain=grain, reveal=True)  # type: ignore[arg-type]
    assert made.rows == (7 if grain == "orders" else 8)
    assert set(made.fields) >= set(fields) - {"buyer_id"}
    assert made.cut == 0


@pytest.mark.usefixtures("shop")
def test_a_workbook_has_ids_as_text_money_as_numbers_and_times(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    export_orders(
        store, Scope(), EVERYTHING, path, fields=["order_id", "placed_at", "paid_amount"], grain="orders"
    )
    sheet = openpyxl.load_workbook(path).active
    header, first = list(sheet.iter_rows(values_only=True))[:2]
    assert header == ("订单编号", "下单时间", "实付金额", "支付渠道")
    assert first == (order_id(1), datetime(2026, 10, 1, 10, 0), 100, "抖音支付")
    assert {cell.data_type for cell in sheet["A"]} == {"s"}


@pytest.mark.usefixtures("shop")
def test_a_parquet_file_has_exact_money(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    export_orders(store, Scope(), EVERYTHING, path, fields=["order_id", "paid_amount"], grain="orders")
    table = pq.read_table(path)
    assert table.column("实付金额").to_pylist()[3] == Decimal("200.00")
    assert str(table.schema.field("实付金额").type) == "decimal128(18, 2)"


@pytest.mark.usefixtures("shop")
def test_buyers_are_hidden_unless_revealed_and_every_export_is_audited(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    export_orders(store, Scope(user="anna"), EVERYTHING, path, grain="orders")
    (row, *_) = read_csv(path)
    assert (row["收件人（已隐藏）"], row["收件人手机号（已隐藏）"]) == ("王***", "139****5678")
    export_orders(store, Scope(), EVERYTHING, path, grain="orders", reveal=True)
    (row, *_) = read_csv(path)
    assert (row["收件人"], row["收件人手机号"]) == ("王小明", "13912345678")
    with store.read() as connection:
        logged = connection.execute(select(audit).where(audit.c.action == "export")).all()
    assert [(one.user, '"reveal": true' in one.detail) for one in logged] == [
        ("anna", False),
        ("local", True),
    ]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("role", "reveal"), [("viewer", False), ("after_sales", False), ("operator", True), ("nobody", False)]
)
def test_roles_without_the_right_export_nothing(
    role: str, reveal: bool, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed):
        export_orders(store, Scope(role=role), EVERYTHING, tmp_path / "a.csv", reveal=reveal)
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.usefixtures("shop")
def test_shipping_gets_addresses_but_no_money(store: Store, tmp_path: Path) -> None:
    made = export_orders(store, Scope(role="shipping"), EVERYTHING, tmp_path / "a.csv", reveal=True)
    (row,) = read_csv(tmp_path / "a.csv")
    assert (row["详细地址"], row["收件人"]) == ("体育西路1号", "王小明")
    assert not [key for key in made.fields if key.endswith("_amount") or key == "unit_price"]


@pytest.mark.usefixtures("shop")
def test_an_unknown_field_suffix_or_folder_is_bad_usage(store: Store, tmp_path: Path) -> None:
    for path, fields in (
        (tmp_path / "a.pdf", []),
        (tmp_path / "a.csv", ["no_such"]),
        (tmp_path / "none" / "a.csv", []),
    ):
        with pytest.raises(BadUsage):
            export_orders(store, Scope(), EVERYTHING, path, fields=fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠a", "'＠a"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("  =1", "'  =1"),
        ("'=1", "''=1"),
        ("a=1", "a=1"),
        ("it's", "it's"),
        ("a\x00b\x1bc\x7f", "abc"),
        ("两\n行", "两\n行"),
    ],
)
def test_text_starts_no_formula_and_holds_no_control_characters(text: str, expected: str) -> None:
    assert inert(text) == expected


NASTY = (
    '=HYPERLINK("http://x")',
    "+86 139",
    "-包邮-",
    "@所有人",
    "＝全角",
    "'=quoted",
    "''=twice",
    "''it",
    "'中文",
    'a,b"c',
    "两\n行",
    "<b>x</b>",
)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_nasty_text_is_inert_and_comes_back_unchanged(
    suffix: str, bring: Importer, store: Store, tmp_path: Path
) -> None:
    lines = [
        Line(place + 1, more=(("商家备注", text), ("选购商品", text))) for place, text in enumerate(NASTY)
    ]
    bring(order_file(tmp_path / "a.csv", lines))
    before = contents(store)
    path = tmp_path / f"again{suffix}"
    export_orders(store, Scope(), EVERYTHING, path, reveal=True)
    if suffix == ".csv":
        cells = [cell for row in read_csv(path) for cell in row.values()]
    else:
        sheet = openpyxl.load_workbook(path).active
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type in "sf"]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝", "\t"))]
    (result,) = bring(path)
    assert (result.status, result.rejected, result.warnings) == ("imported", 0, ())
    assert contents(store) == before


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("reveal", [True, False])
def test_an_export_of_lines_read_back_changes_nothing(
    suffix: str, reveal: bool, bring: Importer, store: Store, tmp_path: Path
) -> None:
    before = contents(store)
    path = tmp_path / f"again{suffix}"
    export_orders(store, Scope(), EVERYTHING, path, reveal=reveal)
    (result,) = bring(path)
    assert (result.status, result.format, result.shop) == ("imported", "douyin_orders", "云裳集")
    assert (result.rows, result.rejected, result.new, result.updated) == (8, 0, 0, 0)
    assert contents(store) == before


@pytest.mark.usefixtures("shop")
def test_an_export_of_orders_is_never_taken_for_a_platform_s_file(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    for language in ("zh", "en"):
        path = tmp_path / f"orders-{language}.csv"
        export_orders(store, Scope(), EVERYTHING, path, grain="orders", reveal=True, language=language)
        before = contents(store)
        (result,) = bring(path)
        assert result.error is not None
        assert result.error.code in ("format_unknown", "column_missing")
        assert contents(store) == before

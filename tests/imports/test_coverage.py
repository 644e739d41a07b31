"""How far the data reaches, and what to export today so that no state goes stale."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from shopdata.imports.coverage import Days, ToExport, covered_days, data_up_to, to_export_today
from shopdata.orders.filters import OrderFilter
from shopdata.orders.query import order_page
from shopdata.scope import Scope
from shopdata.store import Store
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, aftersales, order_id, parcels
from tests.imports.shop_files import orders as order_file

NOW = datetime(2026, 11, 2, 12, 0)
OCTOBER = [
    Line(1, "已完成", day="2026-10-01"),
    Line(2, "待发货", day="2026-10-09"),
    Line(3, "已发货", day="2026-10-20"),
    Line(4, "已关闭", day="2026-10-31"),
]
SECOND_OF_NOVEMBER = [Line(5, "待发货", day="2026-11-02"), Line(6, "已完成", day="2026-11-02")]


def wanted(store: Store) -> dict[str, ToExport]:
    return {one.kind: one for one in to_export_today(store, NOW)}


def test_october_s_unshipped_orders_are_to_be_exported_again(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "october.csv", OCTOBER))
    assert wanted(store)["orders"].stale == 0
    bring(order_file(tmp_path / "november.csv", SECOND_OF_NOVEMBER))
    orders = wanted(store)["orders"]
    assert (orders.shop.name, orders.time) == ("抖店", "placed")
    assert (orders.start, orders.end) == (date(2026, 10, 9), date(2026, 11, 2))
    assert (orders.unfinished, orders.stale) == (3, 2)
    rows = order_page(store, Scope(), OrderFilter(stale=True)).rows
    assert [(row.order_id, row.stale, row.as_of) for row in rows] == [
        (order_id(3), True, datetime(2026, 10, 31, 10, 0)),
        (order_id(2), True, datetime(2026, 10, 31, 10, 0)),
    ]


def test_a_new_export_of_the_range_makes_nothing_stale(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "october.csv", OCTOBER))
    bring(order_file(tmp_path / "all.csv", [*OCTOBER[1:], *SECOND_OF_NOVEMBER]))
    assert (wanted(store)["orders"].unfinished, wanted(store)["orders"].stale) == (3, 0)
    assert order_page(store, Scope(), OrderFilter(stale=True)).rows == ()


def test_after_sales_and_parcels_have_ranges_of_their_own(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "october.csv", OCTOBER))
    never = wanted(store)["aftersales"]
    assert (never.as_of, never.start) == (None, date(2026, 10, 1))
    bring(aftersales(tmp_path / "open.csv", [OCTOBER[2]], status="待商家处理"))
    bring(aftersales(tmp_path / "done.csv", [Line(1, day="2026-10-30")]))
    bring(parcels(tmp_path / "p.csv", [OCTOBER[0]]))
    found = wanted(store)
    assert (found["aftersales"].time, found["aftersales"].start) == ("applied", date(2026, 10, 20))
    assert (found["aftersales"].unfinished, found["aftersales"].stale) == (1, 1)
    assert (found["parcels"].time, found["parcels"].start) == ("shipped", date(2026, 10, 1))
    assert found["parcels"].unfinished == 1


def test_covered_days_join_where_files_touch(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "a.csv", [Line(1, day="2026-10-01"), Line(2, day="2026-10-03")]))
    bring(order_file(tmp_path / "b.csv", [Line(3, day="2026-10-04"), Line(4, day="2026-10-05")]))
    bring(order_file(tmp_path / "c.csv", [Line(5, day="2026-10-20")]))
    (days,) = covered_days(store, [1]).values()
    assert days == (
        Days(date(2026, 10, 1), date(2026, 10, 5)),
        Days(date(2026, 10, 20), date(2026, 10, 20)),
    )


def test_data_reaches_to_the_latest_event_or_the_fixed_now(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    assert data_up_to(store, [1]) is None
    bring(order_file(tmp_path / "a.csv", OCTOBER))
    assert data_up_to(store, [1]) == store.settings.fixed_now

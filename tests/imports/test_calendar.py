"""Which days are covered, and which are gaps, is what the files span."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from shopdata.imports.calendar import Covered, calendar
from shopdata.imports.coverage import Days
from shopdata.imports.undo import undo
from shopdata.store import Store
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, aftersales
from tests.imports.shop_files import orders as order_file


def day(number: int) -> date:
    return date(2026, 10, number)


def of_kind(store: Store, kind: str) -> Covered:
    return next(one for one in calendar(store) if one.kind == kind)


def october(folder: Path, first: int, last: int) -> Path:
    lines = [Line(first, day=f"2026-10-{first:02}"), Line(last, day=f"2026-10-{last:02}")]
    return order_file(folder / f"{first}-{last}.csv", lines)


def test_gaps_lie_between_files_and_each_day_tells_its_files(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(october(tmp_path, 1, 4), october(tmp_path, 3, 6), october(tmp_path, 10, 12))
    found = of_kind(store, "orders")
    assert found.ranges == (Days(day(1), day(6)), Days(day(10), day(12)))
    assert found.gaps == (Days(day(7), day(9)),)
    assert found.files_on(day(3)) == ("1-4.csv", "3-6.csv")
    assert found.files_on(day(8)) == ()
    assert found.as_of == datetime(2026, 10, 12, 20, 0)


def test_a_kind_never_imported_is_one_long_gap(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(october(tmp_path, 1, 4))
    kinds = [one.kind for one in calendar(store)]
    assert {"orders", "aftersales", "commissions", "parcels", "settlements"} <= set(kinds)
    found = of_kind(store, "parcels")
    assert (found.ranges, found.gaps, found.as_of) == ((), (Days(day(1), day(4)),), None)


def test_a_kind_is_a_gap_up_to_the_last_day_of_the_shop(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(october(tmp_path, 1, 20), aftersales(tmp_path / "r.csv", [Line(1, day="2026-10-08")]))
    assert of_kind(store, "aftersales").gaps == (Days(day(1), day(7)), Days(day(9), day(20)))


def test_an_undone_file_covers_nothing(bring: Importer, store: Store, tmp_path: Path) -> None:
    _, second = bring(october(tmp_path, 1, 4), october(tmp_path, 6, 8))
    undo(store, second.import_id or 0, "local")
    assert of_kind(store, "orders").ranges == (Days(day(1), day(4)),)


def test_plans_cover_no_days_and_lists_of_days_miss_only_those_between_their_own(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(october(tmp_path, 1, 20))
    rates = tmp_path / "rates.csv"
    rates.write_text("达人昵称,佣金率,开始日期,结束日期\n小美,20%,2026-10-01,2027-12-31\n", encoding="utf-8")
    ads = tmp_path / "ads.csv"
    ads.write_text("日期,投放消耗\n2026-10-05,100.00\n2026-10-06,90.00\n", encoding="utf-8")
    assert [one.status for one in bring(rates, ads)] == ["imported", "imported"]
    assert "agreed_rates" not in {one.kind for one in calendar(store)}
    found = of_kind(store, "ads")
    assert (found.ranges, found.gaps) == ((Days(day(5), day(6)),), ())
    assert max(one.ranges[-1].end for one in calendar(store) if one.ranges) == day(20)

"""Files a shop keeps itself: whose they are, which of two is newer; no figure of orders moves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shopdata.imports.coverage import as_of_by_kind, data_up_to
from shopdata.imports.preview import inspect
from shopdata.imports.scoping import all_shops
from shopdata.imports.undo import undo
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.doctor import doctor
from shopdata.store.tables import ENTITIES
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

ADS = "日期,直播间,消耗\n2026-11-01,一号间,{}\n2026-11-02,一号间,50\n"


@pytest.fixture
def shop(bring: Importer, tmp_path: Path) -> None:
    """One shop with orders."""
    bring(order_file(tmp_path / "orders.csv", [Line(1), Line(2)]), shop="云裳集")


def ads(folder: Path, name: str, spend: str = "100", text: str = ADS) -> Path:
    path = folder / name
    path.write_text(text.format(spend), encoding="utf-8")
    return path


def spends(store: Store) -> list[tuple[str, int]]:
    table = ENTITIES["ads"].table
    shops = {}
    with store.read() as connection:
        shops = {shop.id: shop.name for shop in all_shops(connection)}
        query = select(table.c.shop_id, table.c.spend).order_by(table.c.day, table.c.shop_id)
        return [(shops[row.shop_id], row.spend) for row in connection.execute(query)]


def test_the_file_goes_to_the_only_shop(bring: Importer, shop: None, store: Store, tmp_path: Path) -> None:
    (result,) = bring(ads(tmp_path, "ads.csv"))
    assert (result.status, result.shop, result.new) == ("imported", "云裳集", 2)
    assert spends(store) == [("云裳集", 10000), ("云裳集", 5000)]


def test_a_corrected_file_replaces_what_an_earlier_one_said(
    bring: Importer, shop: None, store: Store, tmp_path: Path
) -> None:
    for number, spend in enumerate(("100", "300", "200")):
        (result,) = bring(ads(tmp_path, f"ads{number}.csv", spend))
        assert spends(store)[0] == ("云裳集", int(spend) * 100)
    assert (result.new, result.updated, result.unchanged) == (0, 1, 1)


def test_undoing_a_correction_brings_the_earlier_value_back(
    bring: Importer, shop: None, store: Store, tmp_path: Path
) -> None:
    results = [bring(ads(tmp_path, f"ads{one}.csv", one))[0] for one in ("300", "100", "200")]
    undo(store, results[2].import_id or 0, "local")
    assert spends(store)[0] == ("云裳集", 10000)
    undo(store, results[0].import_id or 0, "local")
    assert spends(store)[0] == ("云裳集", 10000)
    undo(store, results[1].import_id or 0, "local")
    assert spends(store) == []
    assert doctor(store).ok


def test_without_any_shop_it_is_not_guessed(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(ads(tmp_path, "ads.csv"))
    assert result.error is not None
    assert (result.status, result.error.code) == ("refused", "shop_first")
    with store.read() as connection:
        assert all_shops(connection) == ()


def test_in_one_drop_the_orders_tell_the_shop(bring: Importer, tmp_path: Path) -> None:
    results = bring(ads(tmp_path, "a.csv"), order_file(tmp_path / "b.csv", [Line(1)]))
    assert {result.status for result in results} == {"imported"}
    assert results[0].shop == results[1].shop


@pytest.fixture
def second_shop(bring: Importer, shop: None, tmp_path: Path) -> None:
    """Another shop beside the first."""
    bring(order_file(tmp_path / "second.csv", [Line(101)]), shop="山货铺")


def test_among_several_shops_it_must_be_said(
    bring: Importer, second_shop: None, store: Store, tmp_path: Path
) -> None:
    path = ads(tmp_path, "投放1101.csv")
    (result,) = bring(path)
    assert result.error is not None
    assert result.error.code == "shop_needed"
    assert result.error.details == {"shops": "云裳集, 山货铺"}
    (look,) = inspect(store, path, file_name=path.name)
    assert (look.error, look.shop, look.accepted) == (None, None, 2)
    assert [(one.code, one.value) for one in look.warnings] == [("shop_needed", "云裳集, 山货铺")]
    assert bring(path, shop="山货铺")[0].shop == "山货铺"
    assert bring(ads(tmp_path, "投放1102.csv", "7"))[0].shop == "山货铺"


def test_a_shop_column_tells_the_shop(
    bring: Importer, second_shop: None, store: Store, tmp_path: Path
) -> None:
    text = "日期,店铺名称,消耗\n2026-11-01,{},9\n"
    assert bring(ads(tmp_path, "a.csv", "山货铺", text))[0].shop == "山货铺"
    assert bring(ads(tmp_path, "b.csv", "云裳集", text))[0].shop == "云裳集"
    assert spends(store) == [("云裳集", 900), ("山货铺", 900)]
    both = "日期,店铺名称,消耗\n2026-11-01,山货铺,9\n2026-11-01,{},8\n"
    (result,) = bring(ads(tmp_path, "c.csv", "云裳集", both))
    assert result.error is not None
    assert result.error.code == "shops_several"


def test_undoing_one_shops_file_leaves_the_same_days_of_another(
    bring: Importer, second_shop: None, store: Store, tmp_path: Path
) -> None:
    (first,) = bring(ads(tmp_path, "a.csv", "1"), shop="云裳集")
    bring(ads(tmp_path, "b.csv", "2"), shop="山货铺")
    undo(store, first.import_id or 0, "local")
    assert spends(store) == [("山货铺", 200), ("山货铺", 5000)]


def test_no_figure_of_orders_moves(bring: Importer, shop: None, store: Store, tmp_path: Path) -> None:
    with store.read() as connection:
        ids = [one.id for one in all_shops(connection)]
    before, up_to = metric_table(store, Scope()), data_up_to(store, ids)
    bring(ads(tmp_path, "ads.csv"))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ENTITIES["ads"].table)) == 2
        assert as_of_by_kind(connection, ids)[ids[0], "ads"] == datetime(2026, 11, 2)
    assert (metric_table(store, Scope()), data_up_to(store, ids)) == (before, up_to)

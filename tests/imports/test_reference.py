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
from shopdata.metrics.catalogue import CATALOGUE, KEYS, needs_of
from shopdata.metrics.table import MetricTable, metric_table
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.doctor import doctor
from shopdata.store.tables import ENTITIES, OWN
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


def figures(store: Store) -> MetricTable:
    """Every figure that is not made of such files."""
    own = {entity.kind for entity in OWN}
    keys = [key for key in KEYS if not own.intersection(need.kind for need in needs_of(CATALOGUE[key]))]
    assert "settled_amount" in keys
    return metric_table(store, Scope(), keys=keys)


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
    before, up_to = figures(store), data_up_to(store, ids)
    bring(ads(tmp_path, "ads.csv"))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ENTITIES["ads"].table)) == 2
        assert as_of_by_kind(connection, ids)[ids[0], "ads"] == datetime(2026, 11, 2)
    assert (figures(store), data_up_to(store, ids)) == (before, up_to)


LISTS = {
    "stock.csv": "商家编码,库存,快照日期\nA-1,9,2026-10-30\n",
    "shifts.csv": "日期,主播,时段\n2026-12-01,小美,19:00-23:00\n",
    "rates.csv": "达人,佣金率,开始日期,结束日期\n小鹿,15%,2026-12-01,2027-12-01\n",
    "targets.csv": "月份,GMV目标,投放预算\n2027-06,100万,8万\n",
    "costs.csv": "达人,日期,坑位费,寄样成本\n小鹿,2027-03-08,5000,120\n",
    "index.csv": "日期,行业,指数\n2026-11-02,女装,98.5\n",
    "traffic.csv": "日期,访客数\n2026-11-02,98\n",
    "live.csv": "开播时间,观看人数\n2026-11-02 10:00,98\n",
    "compass.csv": "日期,用户支付金额,成交订单数,退款金额\n2026-11-02,98,1,0\n",
}


def rows_of(store: Store) -> dict[str, int]:
    with store.read() as connection:
        counted = {
            entity.name: connection.scalar(select(func.count()).select_from(entity.table)) for entity in OWN
        }
    return {name: int(count or 0) for name, count in counted.items()}


def test_plans_and_boards_come_and_go_without_moving_the_orders(
    bring: Importer, shop: None, store: Store, tmp_path: Path
) -> None:
    with store.read() as connection:
        ids = [one.id for one in all_shops(connection)]
    before, up_to = figures(store), data_up_to(store, ids)
    results = bring(*(ads(tmp_path, name, text=text) for name, text in LISTS.items()))
    assert {one.status for one in results} == {"imported"}
    assert rows_of(store) == dict.fromkeys(rows_of(store), 1) | {"ads": 0, "targets": 2, "costs": 2}
    assert (figures(store), data_up_to(store, ids)) == (before, up_to)
    assert doctor(store).ok
    for result in results:
        undo(store, result.import_id or 0, "local")
    assert set(rows_of(store).values()) == {0}


def test_snapshots_of_stock_stand_whatever_came_first(
    bring: Importer, shop: None, store: Store, tmp_path: Path
) -> None:
    text = "商家编码,库存\nA-1,{}\n"
    for name, count in (("库存20261102.csv", "5"), ("库存20261030.csv", "9"), ("库存20261101.csv", "7")):
        bring(ads(tmp_path, name, count, text))
    table = ENTITIES["stock"].table
    query = select(table.c.snapshot_at, table.c.on_hand).order_by(table.c.snapshot_at)
    with store.read() as connection:
        found = [(row.snapshot_at.day, row.on_hand) for row in connection.execute(query)]
    assert found == [(30, 9), (1, 7), (2, 5)]

"""Which shop a file goes to: named, by its ids, remembered by its name, or one named after the platform."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from shopdata.imports.run import import_paths
from shopdata.imports.scoping import all_shops, counting_shops
from shopdata.imports.shops import name_pattern
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from shopdata.store.tables import ENTITIES, imports, orders, shops
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.imports.shop_files import Line, aftersales, commissions, parcels
from tests.imports.shop_files import orders as order_file

FIRST = [Line(number) for number in range(1, 6)]
SECOND = [Line(number) for number in range(101, 106)]
RANDOM = "0123456789abcdef0123456789abcdef"


def shops_of(store: Store, name: str) -> set[str]:
    """Names of the shops that hold rows of a table."""
    table = orders if name == "orders" else ENTITIES[name].table
    with store.read() as connection:
        query = select(shops.c.name).where(shops.c.id.in_(select(table.c.shop_id)))
        return set(connection.scalars(query))


@pytest.fixture
def two_shops(bring: Importer, tmp_path: Path) -> None:
    """Two named shops with five orders each."""
    bring(order_file(tmp_path / f"1794445957_{RANDOM}yunshang.csv", FIRST), shop="云裳集")
    bring(order_file(tmp_path / f"1794445958_{RANDOM}shanhuop.csv", SECOND), shop="山货铺")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        (f"1794445957_{RANDOM}yunshang.csv", "shop:yunshang"),
        (f"a.zip/sub/1794445957_{RANDOM}yunshang.xlsx", "shop:yunshang"),
        ("售后单-2026-05-18 00_34_04.xlsx", "售后单-#"),
        ("云裳订单 (2).csv", "云裳订单"),
        ("云裳订单 - 副本.csv", "云裳订单"),
        ("云裳20261101-20261130.csv", "云裳#"),
        ("b4cb5ecf-cd88-867f-3c17-0c9d2e58f54d_7012237101596573314.xlsx", None),
        ("20261101.csv", None),
    ],
)
def test_what_stays_the_same_in_file_names(name: str, pattern: str | None) -> None:
    assert name_pattern(name) == pattern


def test_a_first_file_makes_a_shop_named_after_its_platform(bring: Importer, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", FIRST))
    assert result.shop == "抖店"


def test_a_named_shop_is_made_once(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "a.csv", FIRST), shop="云裳集")
    bring(order_file(tmp_path / "b.csv", SECOND), shop="云裳集")
    with store.read() as connection:
        assert [(shop.name, shop.platform) for shop in all_shops(connection)] == [("云裳集", "douyin")]


@pytest.mark.usefixtures("two_shops")
def test_known_ids_tell_the_shop(bring: Importer, store: Store, tmp_path: Path) -> None:
    newer = [Line(105, "已完成", day="2026-10-06"), Line(106)]
    (result,) = bring(order_file(tmp_path / f"1794445959_{RANDOM}yunshang.csv", newer))
    assert result.shop == "山货铺"
    after, rates, parcel = bring(
        aftersales(tmp_path / "s.csv", FIRST[:2]),
        commissions(tmp_path / "c.csv", SECOND[:2]),
        parcels(tmp_path / "p.csv", FIRST[:3]),
    )
    assert (after.shop, rates.shop, parcel.shop) == ("云裳集", "山货铺", "云裳集")


@pytest.mark.usefixtures("two_shops")
def test_unknown_ids_go_where_such_names_went(bring: Importer, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / f"1794449999_{RANDOM}shanhuop.csv", [Line(900)]))
    assert result.shop == "山货铺"


@pytest.mark.usefixtures("two_shops")
def test_unknown_ids_and_names_go_to_the_platform_s_shop(bring: Importer, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "something.csv", [Line(900)]))
    assert result.shop == "抖店"


@pytest.mark.usefixtures("two_shops")
def test_a_name_seen_in_two_shops_tells_nothing(bring: Importer, tmp_path: Path) -> None:
    bring(aftersales(tmp_path / "售后单-2026-10-01.csv", FIRST[:1]))
    bring(aftersales(tmp_path / "售后单-2026-10-02.csv", SECOND[:1]))
    (result,) = bring(aftersales(tmp_path / "售后单-2026-10-03.csv", [Line(900)]))
    assert result.shop == "抖店"


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.faults)])
def test_a_batch_lands_in_one_shop_whichever_order_it_comes_in(
    every: int, parser: Parser, tmp_path: Path
) -> None:
    bridge = [Line(105), Line(201), Line(202)]
    far = [Line(202), Line(203)]
    batch = [
        order_file(tmp_path / "bridge.csv", bridge),
        order_file(tmp_path / "far.csv", far),
        aftersales(tmp_path / "s.csv", [Line(203)]),
        parcels(tmp_path / "p.csv", [Line(203)]),
    ]
    with open_store(settings_in(tmp_path / "home")) as one:
        import_paths(one, [order_file(tmp_path / "1.csv", FIRST)], shop="云裳集", parser=parser)
        import_paths(one, [order_file(tmp_path / "2.csv", SECOND)], shop="山货铺", parser=parser)
    for place, sequence in enumerate(list(permutations(batch))[::every]):
        copytree(tmp_path / "home", tmp_path / f"home{place}")
        with open_store(settings_in(tmp_path / f"home{place}")) as one:
            results = import_paths(one, sequence, parser=parser)
            assert {result.shop for result in results} == {"山货铺"}, [path.name for path in sequence]


@pytest.mark.usefixtures("two_shops")
def test_a_courier_s_file_of_two_shops_joins_both(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(parcels(tmp_path / "p.csv", [*FIRST, *SECOND[:2], Line(999)]))
    assert (result.rows, result.new, result.shop) == (8, 8, "云裳集")
    with store.read() as connection:
        signed = connection.execute(
            select(orders.c.shop_id, orders.c.order_id).where(orders.c.signed_at.is_not(None))
        ).all()
        entries = connection.execute(select(imports).where(imports.c.kind == "parcels")).all()
    assert len(signed) == 7
    assert sorted((entry.rows, entry.accepted, entry.rejected) for entry in entries) == [(2, 2, 0), (6, 6, 0)]
    assert shops_of(store, "parcels") == {"云裳集", "山货铺"}
    (again,) = bring(tmp_path / "p.csv")
    assert (again.status, again.rows) == ("duplicate", 8)


def test_what_came_before_its_orders_waits_for_them(parser: Parser, tmp_path: Path) -> None:
    """Parcels, after-sales and commissions alone, then the orders under a shop's name: all join."""
    first = [
        parcels(tmp_path / "p.csv", FIRST),
        aftersales(tmp_path / "s.csv", FIRST[:2]),
        commissions(tmp_path / "c.csv", FIRST),
    ]
    seen = []
    for place, late in enumerate((first, [])):
        with open_store(settings_in(tmp_path / f"home{place}")) as one:
            import_paths(one, late, parser=parser)
            import_paths(one, [order_file(tmp_path / "a.csv", FIRST)], shop="云裳集", parser=parser)
            if not late:
                import_paths(one, first, parser=parser)
            seen.append(contents(one))
            with one.read() as connection:
                assert [shop.name for shop in all_shops(connection)] == ["云裳集"]
                owners = set(connection.scalars(select(imports.c.shop_id)))
            assert len(owners) == 1
    assert seen[0] == seen[1]
    refunded = [row for row in seen[0]["orders"] if row[-1] is not None]
    assert len(refunded) == 5


def test_after_sales_under_another_name_still_join_their_orders(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "a.csv", FIRST))
    (result,) = bring(aftersales(tmp_path / "s.csv", FIRST[:2]), shop="云裳集")
    assert result.shop == "抖店"
    assert shops_of(store, "aftersales") == {"抖店"}


def test_sample_shops_leave_when_a_real_import_commits(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "sample.csv", FIRST), shop="示例店", sample=True)
    with store.read() as connection:
        assert [shop.name for shop in counting_shops(connection)] == ["示例店"]
    (result,) = bring(order_file(tmp_path / "mine.csv", FIRST[:3] + SECOND))
    assert result.shop == "抖店"
    with store.read() as connection:
        assert [shop.name for shop in counting_shops(connection)] == ["抖店"]


def test_a_real_file_never_goes_into_a_sample_shop(bring: Importer, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "sample.csv", FIRST), shop="示例店", sample=True)
    (result,) = bring(order_file(tmp_path / "mine.csv", SECOND), shop="示例店")
    assert result.error is not None
    assert result.error.code == "shop_is_sample"


@pytest.mark.usefixtures("two_shops")
def test_orders_named_into_a_second_shop_are_told_of(bring: Importer, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", [*FIRST[:2], Line(900)]), shop="山货铺")
    (warning,) = [one for one in result.warnings if one.code == "ids_in_other_shop"]
    assert (warning.value, warning.rows) == ("云裳集", 2)


def test_the_sample_s_own_files_can_be_imported_for_real_and_undone(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    path = order_file(tmp_path / "sample.csv", FIRST)
    bring(path, shop="示例店", sample=True)
    (result,) = bring(path)
    assert (result.status, result.shop) == ("imported", "抖店")
    with store.read() as connection:
        assert [shop.name for shop in counting_shops(connection)] == ["抖店"]
    undo(store, result.import_id or 0, "local")
    with store.read() as connection:
        assert [shop.name for shop in counting_shops(connection)] == ["示例店", "抖店"]

"""Undoing an import leaves the store as if its file had never come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import func, select

from shopdata.errors import BadUsage, NotAllowed, NotFound, Refused
from shopdata.imports.results import FileResult
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from shopdata.store.tables import audit, history, imports, orders
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.imports.shop_files import Line, aftersales, commissions, parcels
from tests.imports.shop_files import orders as order_file

SOON = [Line(number, "待发货") for number in range(1, 9)]
LATER = [Line(number, "已完成") for number in range(5, 13)]


def batch(folder: Path) -> list[Path]:
    """Files that overlap in every way: states, columns, kinds."""
    folder.mkdir()
    return [
        order_file(folder / "soon.csv", SOON),
        order_file(folder / "later.csv", LATER),
        order_file(folder / "narrow.csv", LATER[:3], without=["收件人", "省", "流量体裁", "订单完成时间"]),
        order_file(folder / "november.csv", [Line(40, day="2026-11-01")]),
        aftersales(folder / "open.csv", [Line(6)], status="待商家处理"),
        aftersales(folder / "refunds.csv", [Line(6), Line(7)]),
        commissions(folder / "commissions.csv", LATER),
        parcels(folder / "parcels.csv", LATER),
    ]


def states(store: Store) -> list[tuple[object, ...]]:
    names = [column for column in history.c if column.name != "import_id"]
    with store.read() as connection:
        return sorted((tuple(row) for row in connection.execute(select(*names))), key=repr)


@dataclass(frozen=True, slots=True)
class Whole:
    """A batch, and a home that holds all of it: to be copied, never opened."""

    files: list[Path]
    results: tuple[FileResult, ...]
    home: Path


@pytest.fixture(scope="module")
def whole(parser: Parser, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    files = batch(folder / "files")
    with open_store(settings_in(folder / "home")) as one:
        results = import_paths(one, files, parser=parser)
    return Whole(files, results, folder / "home")


@pytest.mark.parametrize("first", [1, pytest.param(2, marks=pytest.mark.faults)])
def test_undoing_any_import_is_as_if_it_never_came(
    whole: Whole, parser: Parser, tmp_path: Path, first: int
) -> None:
    """Every second one; the others under the fault tests."""
    files = whole.files
    for place, gone in list(enumerate(files))[first::2]:
        copytree(whole.home, tmp_path / f"with{place}")
        with open_store(settings_in(tmp_path / f"with{place}")) as one:
            undone = undo(one, whole.results[place].import_id or 0, "local", parser=parser)
            assert undone.file == gone.name
            found, past = contents(one), states(one)
        with open_store(settings_in(tmp_path / f"without{place}")) as one:
            import_paths(one, [path for path in files if path != gone], parser=parser)
            assert found == contents(one), gone.name
            assert past == states(one), gone.name


def test_undoing_two_and_importing_them_again_gives_the_same_store(
    whole: Whole, parser: Parser, tmp_path: Path
) -> None:
    files = whole.files
    for place, pair in enumerate(list(combinations(range(len(files)), 2))[::10]):
        copytree(whole.home, tmp_path / f"home{place}")
        with open_store(settings_in(tmp_path / f"home{place}")) as one:
            before = contents(one)
            for number in pair:
                undo(one, whole.results[number].import_id or 0, "local", parser=parser)
            again = import_paths(one, [files[number] for number in pair], parser=parser)
            assert {result.status for result in again} == {"imported"}
            assert contents(one) == before, pair


@pytest.mark.parametrize("gone", [0, 1])
def test_undoing_either_file_of_a_line_that_changed_its_order(
    bring: Importer, store: Store, parser: Parser, tmp_path: Path, gone: int
) -> None:
    first = order_file(tmp_path / "first.csv", [Line(1, "待支付"), Line(2, "待支付")])
    second = order_file(tmp_path / "second.csv", [Line(2, "已完成", order=100)])
    results = [bring(path)[0] for path in (first, second)]
    undo(store, results[gone].import_id or 0, "local", parser=parser)
    with open_store(settings_in(tmp_path / "other")) as one:
        import_paths(one, [(second, first)[gone]], parser=parser)
        assert contents(store) == contents(one)


def test_undoing_the_only_import_empties_the_shop(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", SOON))
    undo(store, result.import_id or 0, "anna")
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(orders)) == 0
        entry = connection.execute(select(imports)).one()
        assert (entry.undone_by, entry.undone_at) == ("anna", store.settings.now())
        actions = list(connection.scalars(select(audit.c.action)))
    assert actions == ["import", "undo"]


def test_a_file_shared_out_among_shops_is_undone_whole(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "a.csv", SOON), shop="云裳集")
    bring(order_file(tmp_path / "b.csv", [Line(101)]), shop="山货铺")
    before = contents(store)
    (result,) = bring(parcels(tmp_path / "p.csv", [*SOON, Line(101)]))
    assert contents(store) != before
    undone = undo(store, (result.import_id or 0) + 1, "local")
    assert set(undone.shops) == {"云裳集", "山货铺"}
    assert contents(store) == before


def test_without_the_upload_undoing_is_refused_and_changes_nothing(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    first, second = bring(order_file(tmp_path / "a.csv", SOON), order_file(tmp_path / "b.csv", LATER))
    before = contents(store)
    (store.settings.uploads / str(first.sha256)).unlink()
    for gone in (first, second):
        with pytest.raises(Refused, match="upload_purged"):
            undo(store, gone.import_id or 0, "local")
    assert contents(store) == before


def test_an_operator_undoes_only_own_imports(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", SOON), user="anna")
    with pytest.raises(NotAllowed):
        undo(store, result.import_id or 0, "bert", role="operator")
    undo(store, result.import_id or 0, "anna", role="operator")


def test_what_is_undone_or_unknown_cannot_be_undone(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", SOON))
    undo(store, result.import_id or 0, "local")
    with pytest.raises(BadUsage):
        undo(store, result.import_id or 0, "local")
    with pytest.raises(NotFound):
        undo(store, 99, "local")

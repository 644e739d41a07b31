"""However the files come in, as a folder, a ZIP, one by one, undone again: the figures are the same."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sample_data.make import load_plan, shop_settings
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store, tables
from tests.end_to_end.comparing import differences, table_differences

Load = Callable[[Any], Store]


def figures(store: Store) -> dict[str, Any]:
    """Everything that must be equal where two stores hold the same files."""
    return {
        f"{basis} {by}": {
            key: value
            for key, value in metric_table(store, Scope(basis=basis), by=by).as_json().items()  # type: ignore[arg-type]
            if key in ("rows", "total", "data_up_to")
        }
        for basis in ("placed", "event")
        for by in (None, "source", "province")
    }


def files_of(sample: Path, shop: str) -> list[Path]:
    return [path for path, name in load_plan(sample) if name == shop]


def test_a_zip_of_a_shops_files_gives_the_shops_figures(
    load: Load, parser: Parser, sample: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    for name in expected["each"]:
        bundle = tmp_path / "all.zip"
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files_of(sample, name):
                archive.write(path, f"2026/{path.name}")
        store = load([])
        results = import_paths(store, [bundle], shop=name, parser=parser)
        assert {result.status for result in results} == {"imported"}
        lines = table_differences(store, Scope(), None, expected["each"][name]["placed"]["total"])
        assert not lines, lines


def test_a_folder_of_both_shops_without_a_name_gives_the_figures_of_both(
    load: Load, parser: Parser, sample: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    for path, _ in load_plan(sample):
        shutil.copy(path, tmp_path / path.name)
    store = load([])
    results = import_paths(store, [tmp_path], parser=parser)
    assert {result.status for result in results} == {"imported"}
    for basis in ("placed", "paid"):
        lines = table_differences(store, Scope(basis=basis), None, expected["together"][basis]["total"])  # type: ignore[arg-type]
        lines += table_differences(
            store,
            Scope(basis=basis),  # type: ignore[arg-type]
            "source",
            expected["together"][basis]["source"],
        )
        assert not lines, lines


def test_an_undone_import_leaves_the_store_as_if_it_never_came(
    load: Load, parser: Parser, sample: Path
) -> None:
    """First the newer order export, then the after-sales, of the shop that has orders in two forms."""
    plan = [one for one in load_plan(sample) if one[1] == shop_settings()[1].name]
    store, left = load(plan), plan
    for place in (1, 2):
        gone = plan[place]
        with store.read() as connection:
            number = connection.execute(
                select(tables.imports.c.id).where(tables.imports.c.file_name == gone[0].name)
            ).scalar_one()
        undo(store, number, "test", parser=parser)
        left = [one for one in left if one != gone]
        found, wanted = figures(store), figures(load(left))
        for question, answer in wanted.items():
            lines = differences(question, found[question]["total"], answer["total"])
            assert not lines, (gone[0].name, lines[:20])
            assert found[question]["rows"] == answer["rows"], (gone[0].name, question)

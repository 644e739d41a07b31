"""However the files come in, as a folder, a ZIP, one by one, undone again: the figures are the same."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from sample_data.make import load_plan, shop_settings
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store, tables
from tests.end_to_end.comparing import differences, table_differences
from tests.serving import serving

SHOPS = 4
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


@pytest.mark.parametrize("place", [0, *(pytest.param(n, marks=pytest.mark.faults) for n in range(1, SHOPS))])
def test_a_zip_of_a_shops_files_gives_the_shops_figures(
    load: Load, parser: Parser, sample: Path, expected: dict[str, Any], tmp_path: Path, place: int
) -> None:
    assert len(expected["each"]) == SHOPS
    name = sorted(expected["each"])[place]
    bundle = tmp_path / "all.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files_of(sample, name):
            archive.write(path, f"2026/{path.name}")
    store = load([])
    results = import_paths(store, [bundle], shop=name, parser=parser)
    assert {result.status for result in results} == {"imported"}
    lines = table_differences(store, Scope(), None, expected["each"][name]["placed"]["total"])
    assert not lines, lines


def own_tables(sample: Path) -> set[str]:
    """Names of the files that hold no ids of orders and may be of any platform's shop."""
    found = set()
    for path, _ in load_plan(sample):
        kind = json.loads((sample / f"{path.name}.expected.json").read_text(encoding="utf-8"))["format"]
        if not kind.startswith(("douyin_", "taobao_", "kuaishou_", "parcels", "compass_")):
            found.add(path.name)
    return found


def of_exports(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that need none of the shops' own tables."""
    own = ("visitors", "visit_to_order_rate", "ad_spend", "ad_ratio")
    return {key: value for key, value in figures.items() if not key.startswith(own)}


@pytest.mark.faults
def test_one_folder_of_every_platform_without_a_name_gives_the_figures_of_all(
    load: Load, parser: Parser, sample: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Platform exports find their way; of the shops' own tables the shop is asked for, not guessed."""
    own = own_tables(sample)
    for path, _ in load_plan(sample):
        shutil.copy(path, tmp_path / path.name)
    store = load([])
    results = import_paths(store, [tmp_path], parser=parser)
    assert {result.file for result in results if result.status != "imported"} == own
    assert {result.error.code for result in results if result.error} == {"shop_needed"}
    for basis in ("placed", "paid"):
        for by in (None, "source", "platform"):
            wanted = expected["together"][basis][by or "total"]
            known = {key: of_exports(one) for key, one in wanted.items()} if by else of_exports(wanted)
            lines = table_differences(store, Scope(basis=basis), by, known)  # type: ignore[arg-type]
            assert not lines, (by, lines[:20])


def test_once_the_shops_are_known_every_file_of_a_zip_finds_its_own_over_http(
    sample: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    bundle = tmp_path / "all.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, _ in load_plan(sample):
            archive.write(path, path.name)
    with serving(tmp_path / "home") as server:
        for name in expected["each"]:
            first = files_of(sample, name)[0]
            head = {"X-File-Name": quote(first.name)}
            url = f"/api/v1/import?wait=1&shop={quote(name)}"
            (one,) = server.request("POST", url, head, first.read_bytes()).json()["files"]
            assert one["status"] == "imported", one
        head = {"X-File-Name": bundle.name}
        answer = server.request("POST", "/api/v1/import?wait=1", head, bundle.read_bytes()).json()
        found = {one["file"].rsplit("/", 1)[-1]: (one["shop"], one["status"]) for one in answer["files"]}
        assert {file: shop for file, (shop, _) in found.items()} == {
            path.name: shop for path, shop in load_plan(sample)
        }
        total = server.get("/api/v1/metrics").json()["total"]
    lines = differences("total", total, expected["together"]["placed"]["total"])
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

"""The sample, imported by the product, gives the figures that plain Python computed from its truth."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sample_data.make import load_plan
from shopdata.analysis.funnel import funnel
from shopdata.imports.run import import_paths
from shopdata.scope import Scope
from shopdata.store import Store, tables
from tests.end_to_end.comparing import differences, table_differences
from tests.end_to_end.conftest import Brought

GROUPINGS = (
    "day", "week", "month", "hour", "weekday", "source", "account", "province", "shop", "platform",
    "product", "sku", "influencer", "pay_method",
)  # fmt: skip
OF_EACH_SHOP = ("day", "month", "source", "province", "account")
EVENT_KEYS = (
    "orders_placed", "orders_paid", "orders_shipped", "orders_signed", "orders_completed", "orders_refunded",
    "paid_amount", "units_paid", "refund_amount", "net_amount", "commission_estimated", "commission_settled",
)  # fmt: skip
BASES = ("placed", "paid")
OTHERS = ("side files first", 1)


def shown(lines: list[str]) -> str:
    return f"{len(lines)} differ\n" + "\n".join(lines[:40])


def shop_ids(store: Store) -> dict[str, int]:
    with store.read() as connection:
        rows = connection.execute(select(tables.shops.c.name, tables.shops.c.id))
        return {name: number for name, number in rows}


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("by", [None, *GROUPINGS])
def test_figures_of_all_shops_together(
    loaded: Store, expected: dict[str, Any], basis: Any, by: str | None
) -> None:
    lines = table_differences(loaded, Scope(basis=basis), by, expected["together"][basis][by or "total"])
    assert not lines, shown(lines)


@pytest.mark.parametrize("basis", BASES)
def test_figures_of_each_shop_alone(loaded: Store, expected: dict[str, Any], basis: Any) -> None:
    lines: list[str] = []
    for name, number in shop_ids(loaded).items():
        for by in (None, *OF_EACH_SHOP):
            scope = Scope(basis=basis, shops=(number,))
            lines += table_differences(loaded, scope, by, expected["each"][name][basis][by or "total"])
    assert not lines, shown(lines)


@pytest.mark.parametrize("basis", BASES)
def test_a_month_asked_for_by_its_days_is_the_row_of_the_month(
    loaded: Store, expected: dict[str, Any], basis: Any
) -> None:
    scope = Scope(basis=basis, start=date(2026, 10, 1), end=date(2026, 10, 31))
    lines = table_differences(loaded, scope, None, expected["together"][basis]["month"]["2026-10"])
    assert not lines, shown(lines)


@pytest.mark.parametrize("by", [None, "month", "day"])
def test_figures_by_the_day_things_happened(loaded: Store, expected: dict[str, Any], by: str | None) -> None:
    groups = expected["together"]["event"][by or "total"]
    full = {name: {key: 0 for key in EVENT_KEYS} | group for name, group in groups.items()}
    lines = table_differences(loaded, Scope(basis="event"), by, full["total"] if by is None else full)
    assert not lines, shown(lines)


def test_rates_over_matured_orders(loaded: Store, expected: dict[str, Any]) -> None:
    lines = table_differences(loaded, Scope(), None, expected["together"]["matured"])
    for name, number in shop_ids(loaded).items():
        lines += table_differences(loaded, Scope(shops=(number,)), None, expected["each"][name]["matured"])
    assert not lines, shown(lines)


def test_the_funnel_counts_and_its_times(loaded: Store, expected: dict[str, Any]) -> None:
    numbers = shop_ids(loaded)
    asked = {None: expected["together"], **{numbers[name]: one for name, one in expected["each"].items()}}
    for number, figures in asked.items():
        scope = Scope(shops=(number,)) if number else Scope()
        found = {row["key"]: row for row in funnel(loaded, scope).as_json()["rows"]}
        lines = [
            line for key, step in figures["funnel"].items() for line in differences(key, found[key], step)
        ]
        assert not lines, shown(lines)


def test_each_file_gives_its_own_counts(brought: Brought, sample: Path) -> None:
    for path, _ in load_plan(sample):
        beside = json.loads((sample / f"{path.name}.expected.json").read_text(encoding="utf-8"))
        document = brought.results[path.name].as_json()
        for key in ("format", "rows", "accepted", "rejected"):
            assert document[key] == beside[key], (path.name, key)
        if counts := beside.get("after_earlier"):
            assert {key: document[key] for key in counts} == counts, path.name


@pytest.mark.parametrize(
    "seed", ["reversed", *(pytest.param(one, marks=pytest.mark.faults) for one in OTHERS)]
)
def test_any_order_of_files_gives_the_same_figures(
    load: Callable[[Any], Store], sample: Path, expected: dict[str, Any], seed: str | int
) -> None:
    plan = list(load_plan(sample))
    if seed == "reversed":
        plan.reverse()
    elif seed == "side files first":
        plan.sort(key=lambda one: one[0].name[:4].isdigit())
    else:
        random.Random(seed).shuffle(plan)  # noqa: S311 - an order of files, no secret
    store = load(plan)
    lines: list[str] = []
    for basis in BASES:
        for by in (None, "day", "source", "province", "shop"):
            figures = expected["together"][basis][by or "total"]
            lines += table_differences(store, replace(Scope(), basis=basis), by, figures)  # type: ignore[arg-type]
    assert not lines, shown(lines)


def test_the_same_files_again_change_nothing(loaded: Store, sample: Path, expected: dict[str, Any]) -> None:
    plan = load_plan(sample)
    again = import_paths(loaded, [path for path, _ in plan])
    assert [result.status for result in again] == ["duplicate"] * len(plan)
    assert not table_differences(loaded, Scope(), None, expected["together"]["placed"]["total"])


def run(home: Path, *arguments: str) -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "shopdata", *arguments, "--json"],
        env={**os.environ, "SHOPDATA_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_folder_at_the_command_line_gives_the_same_figures(
    sample: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    """One order file of each shop is imported by the shop's name; the rest is one folder."""
    home, folder = tmp_path / "home", tmp_path / "exports"
    folder.mkdir()
    for name in expected["each"]:
        first, *others = (path for path, shop in load_plan(sample) if shop == name)
        status, document = run(home, "import", str(first), "--shop", name)
        assert status == 0
        for path in others:
            shutil.copy(path, folder / path.name)
    status, document = run(home, "import", str(folder))
    assert status == 0
    assert {one["status"] for one in document["files"]} == {"imported"}
    _, document = run(home, "metrics")
    lines = differences("total", document["total"], expected["together"]["placed"]["total"])
    _, document = run(home, "metrics", "--basis", "paid", "--by", "source", "--from", "2026-08-25")
    rows = {row["key"]: row for row in document["rows"]}
    for key, figures in expected["together"]["paid"]["source"].items():
        lines += differences(key, rows[key], figures)
    _, document = run(home, "metrics", "--by", "shop")
    rows = {row["label"]: row for row in document["rows"]}
    for name, figures in expected["each"].items():
        lines += differences(name, rows[name], figures["placed"]["total"])
    assert not lines, shown(lines)

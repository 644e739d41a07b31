"""The sample's files, imported by the real product into stores of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sample_data.make import load_plan, shop_settings
from shopdata.imports.preferences import save_shop
from shopdata.imports.results import FileResult
from shopdata.imports.run import import_paths
from shopdata.imports.scoping import all_shops
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store, open_store

Plan = Sequence[tuple[Path, str]]


@pytest.fixture(scope="session")
def expected(sample: Path) -> dict[str, Any]:
    """The expected figures of the whole set."""
    document: dict[str, Any] = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    return document


def settings_for(home: Path) -> Settings:
    """An empty home of its own."""
    return Settings(home, f"duckdb:///{home}/shopdata.duckdb")


def set_own_accounts(store: Store) -> None:
    """What a merchant would enter on the settings page."""
    known = {one.name: one for one in shop_settings()}
    with store.read() as connection:
        held = [shop for shop in all_shops(connection) if shop.name in known]
    for shop in held:
        own = known[shop.name]
        save_shop(
            store,
            Scope(),
            shop.id,
            name=shop.name,
            currency=shop.currency,
            zone=shop.zone,
            own_accounts=own.own_accounts,
            ship_from=own.ship_from,
        )


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    """One warm child process for all imports."""
    with Parser() as one:
        yield one


@dataclass(frozen=True, slots=True)
class Brought:
    """A store, and by file name what its import said."""

    store: Store
    results: dict[str, FileResult]


@pytest.fixture(scope="session")
def bring(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Callable[[Plan], Brought]]:
    """Imports files in the order given into a new store."""
    opened: list[Store] = []

    def fresh(plan: Plan) -> Brought:
        store = open_store(settings_for(tmp_path_factory.mktemp("home")))
        opened.append(store)
        results = {}
        for path, shop in plan:
            (result,) = import_paths(store, [path], shop=shop, parser=parser)
            assert result.status == "imported", (path.name, result.as_json())
            assert result.rejected == 0, (path.name, result.as_json())
            results[path.name] = result
        set_own_accounts(store)
        return Brought(store, results)

    yield fresh
    for store in opened:
        store.close()


@pytest.fixture(scope="session")
def load(bring: Callable[[Plan], Brought]) -> Callable[[Plan], Store]:
    """The same for who asks only the store."""
    return lambda plan: bring(plan).store


@pytest.fixture(scope="session")
def brought(bring: Callable[[Plan], Brought], sample: Path) -> Brought:
    """The sample, imported in the order a merchant would."""
    return bring(load_plan(sample))


@pytest.fixture(scope="session")
def loaded(brought: Brought) -> Store:
    """The store with the sample."""
    return brought.store

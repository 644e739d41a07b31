"""Options for all tests, and the sample: made once a run, for all workers.

What takes minutes runs only when asked for (``make faults``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from sample_data.make import load_plan
from shopdata.imports.run import import_paths
from shopdata.settings import Settings
from shopdata.store import engine_duckdb, open_store
from tests.group_robot import Group, receiving

LONGEST = (
    "tests/torture/test_through_the_library",
    "tests/pages/test_pages",
    "tests/end_to_end",
    "tests/browser",
    "tests/metrics/test_against_oracle",
    "tests/torture",
    "tests/cli",
)


def one_dialect() -> None:
    """Let all stores of this process put a statement together once: SQLAlchemy keeps what it has put together
    by engine and dialect, and a store has an engine of its own."""
    known: LRUCache[Any, Any] = LRUCache(2000)
    first: list[Engine] = []
    make = engine_duckdb.engine_for

    def engine_for(root: duckdb.DuckDBPyConnection) -> Engine:
        made = make(root)
        if first:
            made.dialect = first[0].dialect
        else:
            first.append(made)
        return made.execution_options(compiled_cache=known)

    engine_duckdb.engine_for = engine_for


one_dialect()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--faults``: also the long fault tests."""
    parser.addoption("--faults", action="store_true", help="also run the fault tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long fault tests out of every other run; files that take longest begin, so that no worker
    is left with one of them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if config.getoption("--faults"):
        return
    long = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker to need it fills and the others find."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{name}.part")
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture
def group() -> Iterator[Group]:
    """A group robot that listens on this machine."""
    with receiving() as one:
        yield one


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a store nothing was imported into: to be copied, never opened."""

    def make(home: Path) -> None:
        with open_store(Settings(home, f"duckdb:///{home}/shopdata.duckdb")):
            pass

    return made_once(tmp_path_factory, "empty_home", make)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of the sample. Nobody writes there."""

    def make(folder: Path) -> None:
        load_plan(folder)

    return made_once(tmp_path_factory, "sample", make)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """A home whose store holds the sample as the server loads it: to be copied, never opened."""

    def make(home: Path) -> None:
        plan = load_plan(sample)
        with open_store(Settings(home, f"duckdb:///{home}/shopdata.duckdb")) as store:
            for shop in dict.fromkeys(name for _, name in plan):
                paths = [path for path, name in plan if name == shop]
                results = import_paths(store, paths, shop=shop, user="sample", sample=True)
                assert {result.status for result in results} == {"imported"}

    return made_once(tmp_path_factory, "sample_home", make)

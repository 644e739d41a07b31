"""A real store in a new folder, and one warm parser for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shopdata.imports.archive import Given
from shopdata.imports.results import FileResult
from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.settings import Settings
from shopdata.store import Store, open_store

Importer = Callable[..., tuple[FileResult, ...]]


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    with Parser() as warm:
        yield warm


def settings_in(home: Path) -> Settings:
    now = datetime(2026, 11, 2, 12, 0)
    return Settings(home, f"duckdb:///{home / 'shopdata.duckdb'}", fixed_now=now, sample=False)


@pytest.fixture
def store(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    if not (tmp_path / "home").exists():
        shutil.copytree(empty_home, tmp_path / "home")
    with open_store(settings_in(tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def bring(store: Store, parser: Parser) -> Importer:
    def run(*paths: Path | Given, **options: object) -> tuple[FileResult, ...]:
        return import_paths(store, paths, parser=parser, **options)  # type: ignore[arg-type]

    return run

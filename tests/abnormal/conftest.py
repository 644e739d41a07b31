"""Stores filled from real files, and what the rules say of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from shopdata.abnormal.reading import Choice, Flag, flags
from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store, open_store

NOW = datetime(2026, 11, 2, 12, 0)
SHOP = "店"


def settings_in(home: Path, now: datetime = NOW) -> Settings:
    return Settings(home, f"duckdb:///{home / 'shopdata.duckdb'}", fixed_now=now, sample=False)


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    with Parser() as warm:
        yield warm


@pytest.fixture
def home(tmp_path: Path, empty_home: Path) -> Path:
    return shutil.copytree(empty_home, tmp_path / "home")


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with open_store(settings_in(home)) as opened:
        yield opened


Bring = Callable[..., None]


def bring_into(store: Store, parser: Parser, paths: Sequence[Path]) -> None:
    results = import_paths(store, paths, parser=parser, shop=SHOP)
    assert [result.status for result in results] == ["imported"] * len(paths), results


@pytest.fixture
def bring(store: Store, parser: Parser) -> Bring:
    return lambda *paths: bring_into(store, parser, paths)


def found(store: Store, rule: str = "", *, past: bool = False) -> tuple[Flag, ...]:
    return flags(store, Scope(), Choice((rule,) if rule else (), with_past=past))

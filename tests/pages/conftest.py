"""Pages run by themselves, over a store with the sample or over an empty one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from sample_data.make import load_plan
from shopdata.imports.run import import_paths
from shopdata.settings import Settings
from shopdata.store import Store, open_store
from shopdata.web import identity, state

PAGES = Path(__file__).resolve().parents[2] / "pages"
NOW = datetime(2026, 11, 22, 22, 30)
Run = Callable[..., AppTest]


def settings_of(home: Path) -> Settings:
    return Settings(home, f"duckdb:///{home}/shopdata.duckdb", fixed_now=NOW)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Iterator[Store]:
    """The sample as the server loads it: into shops marked sample."""
    home = tmp_path_factory.mktemp("pages") / "home"
    shutil.copytree(sample_home, home)
    with open_store(settings_of(home)) as store:
        yield store


KINDS = ("orders", "commissions", "aftersales", "parcels")
PLACE_OF = {"orders": 0, "aftersales": 2, "commissions": 3, "parcels": 4}


@pytest.fixture(
    scope="session",
    params=[*KINDS[:2], *(pytest.param(kind, marks=pytest.mark.faults) for kind in KINDS[2:])],
)
def partial_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample: Path
) -> Iterator[Store]:
    """One file of one kind and nothing else."""
    store = open_store(settings_of(tmp_path_factory.mktemp("partial_home")))
    plan = load_plan(sample)
    (result,) = import_paths(store, [plan[PLACE_OF[request.param]][0]])
    assert result.status == "imported"
    yield store
    store.close()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(settings_of(tmp_path_factory.mktemp("empty_home")))
    yield store
    store.close()


def seen_by_the_guard(who: identity.Identity = identity.LOCAL) -> dict[str, str]:
    """``st.user`` of a session that came through the guard."""
    headers = {name.decode(): value.decode() for name, value in who.headers()}
    keys = {header.lower(): key for header, key in identity.TRUSTED_USER_HEADERS.items()}
    return {keys[name]: unquote(value) for name, value in headers.items()}


@pytest.fixture
def run() -> Iterator[Run]:
    """Run one page over a store: ``run(store, "overview", language="en", days="7")``."""

    def go(
        store: Store,
        name: str,
        *,
        language: str = "zh",
        who: identity.Identity | None = identity.LOCAL,
        held: Mapping[str, str] = MappingProxyType({}),
        **query: str | list[str],
    ) -> AppTest:
        state.use(state.Opened(store, store.settings))
        page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60)
        page.session_state["language"] = language
        for key, value in held.items():
            page.session_state[key] = value
        page.user = seen_by_the_guard(who) if who else {}
        page.query_params.update(query)
        return page.run()

    yield go
    state.use(None)

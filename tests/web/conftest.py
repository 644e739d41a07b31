"""An open store of its own for each test of the web part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shopdata.settings import Settings, read_settings
from shopdata.store import open_store
from shopdata.web import state
from shopdata.web.state import Opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SHOPDATA_HOME": str(tmp_path / "home")})


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opened]:
    with open_store(settings) as store:
        found = Opened(store, settings)
        state.use(found)
        yield found
        state.use(None)

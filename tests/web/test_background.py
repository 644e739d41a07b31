"""What the server does by itself: files of the watched folder come in, buyers whose time is over go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.erasing import is_due
from shopdata.imports.preferences import set_watch_folder, watch_folder
from shopdata.imports.queue import Worker
from shopdata.imports.run import import_paths
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store, open_store
from shopdata.store.tables import ORDER_LINES, imports
from shopdata.web.background import USER, Background
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

OWNER = Scope(user="anna", role="owner")
NOW = datetime(2026, 11, 2, 12, 0)


def settings_at(home: Path, now: datetime) -> Settings:
    return Settings(home, f"duckdb:///{home / 'shopdata.duckdb'}", fixed_now=now, sample=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(settings_at(tmp_path / "home", NOW)) as opened:
        yield opened


@pytest.fixture
def worker(store: Store) -> Iterator[Worker]:
    one = Worker(store, store.settings)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def wait(worker: Worker) -> None:
    """Until the queue is empty."""
    pause = threading.Event()
    for _ in range(600):
        if not worker.busy:
            return
        pause.wait(0.1)
    raise AssertionError("the queue did not empty")


def test_files_of_the_watched_folder_come_in_once(store: Store, worker: Worker, folder: Path) -> None:
    background = Background(store, worker)
    set_watch_folder(store, OWNER, str(folder))
    order_file(folder / "a.csv", [Line(1)])
    for _ in range(4):
        background.tick()
        wait(worker)
    with store.read() as connection:
        rows = connection.execute(select(imports.c.file_name, imports.c.user)).all()
    assert [tuple(row) for row in rows] == [("a.csv", USER)]
    assert (folder / "a.csv").exists()


def test_a_folder_that_went_away_is_told_and_comes_back(store: Store, worker: Worker, folder: Path) -> None:
    background = Background(store, worker)
    set_watch_folder(store, OWNER, str(folder))
    background.tick()
    folder.rmdir()
    background.tick()
    assert background.trouble is not None
    assert background.trouble.code == "watch_folder_gone"
    folder.mkdir()
    background.tick()
    assert background.trouble is None


def test_only_the_owner_names_a_folder_that_is_there_and_not_our_own(store: Store, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        set_watch_folder(store, Scope(user="bert", role="operator"), str(folder))
    for wrong in ("no/such", str(folder / "none"), str(store.settings.home), str(store.settings.uploads)):
        with pytest.raises(BadUsage, match="watch_folder_invalid"):
            set_watch_folder(store, OWNER, wrong)
    set_watch_folder(store, OWNER, str(folder))
    assert watch_folder(store) == str(folder)
    set_watch_folder(store, OWNER, "")
    assert watch_folder(store) is None


def test_buyers_whose_time_is_over_go_by_themselves(tmp_path: Path) -> None:
    home, old = tmp_path / "home", order_file(tmp_path / "old.csv", [Line(1, day="2026-07-05")])
    with open_store(settings_at(home, datetime(2026, 8, 4, 9, 0))) as before:
        import_paths(before, [old])
    for now, left in ((datetime(2026, 11, 1, 23, 0), True), (NOW, False)):
        with open_store(replace(settings_at(home, now))) as store:
            worker = Worker(store, store.settings)
            worker.start()
            Background(store, worker).tick()
            wait(worker)
            worker.stop()
            with store.read() as connection:
                phone = connection.scalar(select(ORDER_LINES.table.c.phone))
            assert (phone is not None) is left
            assert not is_due(store)

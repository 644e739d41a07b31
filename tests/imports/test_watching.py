"""A watched folder: only whole files, each once, and nothing in it is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shopdata.errors import Refused
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.imports.watching import Watcher, take
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from tests.imports.conftest import settings_in
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def names(found: tuple[Path, ...]) -> list[str]:
    return [path.name for path in found]


def test_a_file_is_left_until_it_stops_growing(folder: Path) -> None:
    watcher = Watcher(folder)
    growing = folder / "a.csv"
    for size in (10, 20, 30):
        growing.write_bytes(b"x" * size)
        assert watcher.look() == ()
    assert names(watcher.look()) == ["a.csv"]
    assert watcher.look() == ()
    growing.write_bytes(b"y" * 31)
    assert watcher.look() == ()
    assert names(watcher.look()) == ["a.csv"]


def test_a_file_written_in_place_without_growing_is_left_too(folder: Path) -> None:
    watcher = Watcher(folder)
    allocated = folder / "a.csv"
    for second in (1, 2):
        allocated.write_bytes(b"\0" * 100)
        os.utime(allocated, (second, second))
        assert watcher.look() == ()
    assert names(watcher.look()) == ["a.csv"]


def test_half_downloads_lock_files_and_hidden_ones_are_no_files(folder: Path) -> None:
    for name in ("a.csv.crdownload", "b.part", "c.tmp", "~$d.xlsx", ".e.csv", "f.csv"):
        (folder / name).write_text("x")
    (folder / ".trash").mkdir()
    (folder / ".trash" / "g.csv").write_text("x")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "h.csv").write_text("x")
    (folder / "empty.csv").touch()
    watcher = Watcher(folder)
    watcher.look()
    assert names(watcher.look()) == ["f.csv", "h.csv"]


def test_a_folder_that_went_away_says_so_and_may_come_back(folder: Path) -> None:
    watcher = Watcher(folder)
    folder.rmdir()
    with pytest.raises(Refused, match="watch_folder_gone"):
        watcher.look()
    folder.mkdir()
    assert watcher.look() == ()


def test_what_was_taken_is_never_taken_again(folder: Path, parser: Parser, tmp_path: Path) -> None:
    path = order_file(folder / "a.csv", [Line(1)])
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    with open_store(settings_in(tmp_path / "home")) as store:
        (given,) = take(store, folder, [path])
        assert given.name == "a.csv"
        (result,) = import_paths(store, [given], parser=parser)
        assert result.status == "imported"
        undo(store, result.import_id or 0, "local", parser=parser)
    path.rename(folder / "renamed.csv")
    with open_store(settings_in(tmp_path / "home")) as store:
        assert take(store, folder, [folder / "renamed.csv"]) == ()
    assert ((folder / "renamed.csv").read_bytes(), (folder / "renamed.csv").stat().st_mtime_ns) == before


def test_what_was_imported_otherwise_is_not_taken(
    store: Store, folder: Path, parser: Parser, tmp_path: Path
) -> None:
    import_paths(store, [order_file(tmp_path / "x.csv", [Line(1)])], parser=parser)
    one = order_file(folder / "a.csv", [Line(1)])
    twins = [order_file(folder / name, [Line(2)]) for name in ("b.csv", "c.csv")]
    assert [given.name for given in take(store, folder, [one, *twins])] == ["b.csv"]


def test_a_file_that_vanished_meanwhile_is_passed_over(store: Store, folder: Path) -> None:
    assert take(store, folder, [folder / "gone.csv"]) == ()

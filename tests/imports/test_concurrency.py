"""Several imports at once, and imports that die: whole or absent, nothing twice, nothing lost."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shopdata.imports import replaying
from shopdata.imports.run import import_paths
from shopdata.imports.scoping import all_shops
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from shopdata.store.tables import ORDER_LINES, imports, orders
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

KILLS, MANY_KILLS = 5, 50
LINES = [Line(number) for number in range(1, 20_001)]
IMPORT = """
import sys
from datetime import datetime
from pathlib import Path
from shopdata.imports.run import import_paths
from shopdata.settings import Settings
from shopdata.store import open_store
home = Path(sys.argv[1])
settings = Settings(home, f"duckdb:///{home / 'shopdata.duckdb'}", datetime(2026, 11, 2, 12), sample=False)
with open_store(settings) as store:
    print("open", flush=True)
    (result,) = import_paths(store, [Path(sys.argv[2])])
    print(result.status, flush=True)
"""


def test_the_same_file_at_once_is_stored_once(store: Store, parser: Parser, tmp_path: Path) -> None:
    path = order_file(tmp_path / "a.csv", LINES[:50])
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(import_paths, store, [path], parser=parser) for _ in range(4)]
        statuses = sorted(run.result()[0].status for run in runs)
    assert statuses == ["duplicate", "duplicate", "duplicate", "imported"]
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(imports)) == 1
        assert len(all_shops(connection)) == 1


def test_different_files_at_once_share_one_new_shop(store: Store, parser: Parser, tmp_path: Path) -> None:
    paths = [order_file(tmp_path / f"{n}.csv", LINES[n * 20 : n * 20 + 30]) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(import_paths, store, [path], parser=parser) for path in paths]
        assert {run.result()[0].status for run in runs} == {"imported"}
    with store.read() as connection:
        assert [shop.name for shop in all_shops(connection)] == ["抖店"]
        assert connection.scalar(select(func.count()).select_from(orders)) == 90


def test_an_import_in_the_middle_of_an_undo_is_not_lost(
    bring: Importer, store: Store, parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = order_file(tmp_path / "a.csv", LINES[:10]), order_file(tmp_path / "b.csv", LINES[5:15])
    (result,) = bring(first)
    real, came = replaying.others, []

    def late(*given: object) -> object:
        found = real(*given)  # type: ignore[arg-type]
        if not came:
            came.append(threading.get_ident())
            import_paths(store, [second], parser=parser)
        return found

    monkeypatch.setattr(replaying, "others", late)
    undo(store, result.import_id or 0, "local", parser=parser)
    found = contents(store)
    with open_store(settings_in(tmp_path / "other")) as other:
        import_paths(other, [second], parser=parser)
        assert found == contents(other)


def test_an_import_killed_at_any_moment_is_whole_or_absent(tmp_path: Path) -> None:
    assert killed(KILLS, tmp_path, seed=7)


@pytest.mark.faults
def test_an_import_killed_at_fifty_moments_is_whole_or_absent(tmp_path: Path) -> None:
    seen = killed(MANY_KILLS, tmp_path, seed=11)
    assert {entries for entries, _ in seen} == {0, 1}


def killed(times: int, folder: Path, seed: int) -> set[tuple[int, bool]]:
    """Imports killed at so many random moments: entries found afterwards, and whether acknowledged."""
    path = order_file(folder / "a.csv", LINES)
    chance = random.Random(seed)  # noqa: S311 - moments to kill at, no secret
    seen = set()
    for attempt in range(times):
        home = folder / f"home{attempt}"
        child = subprocess.Popen(
            [sys.executable, "-c", IMPORT, str(home), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        with child.stdout as told:
            assert told.readline() == "open\n"
            started = time.monotonic()
            killer = threading.Timer(chance.uniform(0.3, 4.0), child.send_signal, [signal.SIGKILL])
            killer.start()
            acknowledged = told.read() == "imported\n"
            child.wait(timeout=60)
            killer.cancel()
        assert time.monotonic() - started < 60
        with open_store(settings_in(home)) as store, store.read() as connection:
            stored = connection.scalar(select(func.count()).select_from(ORDER_LINES.table))
            rolled_up = connection.scalar(select(func.count()).select_from(orders))
            entries = connection.scalar(select(func.count()).select_from(imports))
            assert (stored, rolled_up, entries) in ((0, 0, 0), (20_000, 20_000, 1)), attempt
            assert not acknowledged or entries == 1
            assert store.damage == ()
            seen.add((entries, acknowledged))
        shutil.rmtree(home)
    return seen

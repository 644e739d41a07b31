"""What the first view of each page costs the server, over a big store and with no answer kept."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from bench.measure import ROOT, Result
from pages.ui.frame import NAMES
from pages.ui.links import page_file
from shopdata.metrics import cache
from shopdata.settings import read_settings
from shopdata.store import Store, open_store
from shopdata.store.tables import orders
from shopdata.web import state
from tests.pages.conftest import seen_by_the_guard

TIMES = 3
# Seconds of server time a first view may take, by lines of the store.
ALLOWED = {1_000_000: 0.4, 10_000_000: 1.5}


def measure(home: Path, lines: int) -> list[Result]:
    """Every page as its first visitor gets it: the last 30 days of all shops."""
    bound = min((most for size, most in ALLOWED.items() if lines <= size), default=max(ALLOWED.values()))
    with open_store(read_settings({"SHOPDATA_HOME": str(home), "SHOPDATA_NOW": _last(home)})) as store:
        state.use(state.Opened(store, store.settings))
        try:
            return [
                Result(
                    f"first view of {name}, {lines:,} lines", f"{bound:g} s", seconds(store, name), bound, 1.0
                )
                for name in NAMES
            ]
        finally:
            state.use(None)


def seconds(store: Store, name: str, times: int = TIMES) -> float:
    """The fastest of several runs of a page's script, each with no answer kept from before."""
    spent = []
    for _ in range(times):
        cache.forget(store)
        page = AppTest.from_file(str(ROOT / "pages" / page_file(name)), default_timeout=600)
        page.user = seen_by_the_guard()
        started = time.perf_counter()
        page.run()
        spent.append(time.perf_counter() - started)
        if page.exception or not page.title:
            raise RuntimeError(f"{name}: {page.exception or 'the page stayed empty'}")
    return min(spent)


def _last(home: Path) -> str:
    """A moment just after the newest order, so that the last 30 days are full."""
    with open_store(read_settings({"SHOPDATA_HOME": str(home)})) as store, store.read() as connection:
        newest: datetime = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
    return newest.isoformat(timespec="seconds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.viewing", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("lines", type=int)
    chosen = parser.parse_args()
    for one in measure(chosen.home, chosen.lines):
        print(f"{one.what}: {one.seconds:.3f} s")

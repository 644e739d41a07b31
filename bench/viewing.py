"""What the first view of each page costs the server, over a big shop with all its files; then its analyses
and rules.

Twice: with no answer kept, and as the first visitor after an import finds it, once the server has opened its
pages by itself (``shopdata.web.visits``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from bench import analysing, judging
from bench.companions import companions
from bench.generate import export_name, orders_csv
from bench.many_shops import multiply
from bench.measure import ROOT, Result, alone
from pages.ui.frame import NAMES
from pages.ui.links import page_file
from shopdata.abnormal.judging import judge
from shopdata.metrics import cache
from shopdata.settings import read_settings
from shopdata.store import Store, open_store
from shopdata.store.tables import orders
from shopdata.web import state
from tests.pages.conftest import seen_by_the_guard

TIMES = 3
# Seconds of server time a first view may take, by lines of the store.
ALLOWED = {1_000_000: 0.4, 10_000_000: 1.5}


def measure(place: Path, lines: int) -> list[Result]:
    """Every page over a shop of ``lines`` order lines with parcels, after-sales, commissions and bills."""
    home, folder = place / "shop-home", place / "shop-files"
    folder.mkdir()
    companions(orders_csv(folder / export_name(lines, "csv"), lines), folder)
    alone("ours_many", home, folder)
    with _opened(home) as store:
        pages = [one for name in NAMES for one in _of_page(store, name, lines, TIMES)]
        return [*pages, *analysing.measure(store, lines), *judging.measure(store, lines)]


def measure_many(place: Path, lines: int, shops: int) -> list[Result]:
    """The same pages over that shop and copies of it, ``shops`` in all."""
    with _opened(place / "shop-home") as store:
        judge(store)
        multiply(store, shops)
        return [one for name in NAMES for one in _of_page(store, name, lines * shops, 1)]


@contextmanager
def _opened(home: Path) -> Iterator[Store]:
    """The store of ``home``, as pages find it."""
    with open_store(read_settings({"SHOPDATA_HOME": str(home), "SHOPDATA_NOW": _last(home)})) as store:
        state.use(state.Opened(store, store.settings))
        try:
            yield store
        finally:
            state.use(None)


def _of_page(store: Store, name: str, lines: int, times: int) -> list[Result]:
    bound = min((most for size, most in ALLOWED.items() if lines <= size), default=max(ALLOWED.values()))
    what, target = f"first view of {name}, {lines:,} lines", f"{bound:g} s of server time"
    afresh = min(_seconds(store, name, afresh=True) for _ in range(times))
    kept = min(_seconds(store, name, afresh=False) for _ in range(times))
    return [
        Result(f"{what}, no answer kept", target, afresh, bound, at_most=1.0),
        Result(f"{what}, after the server's own visit", target, kept, bound, at_most=1.0),
    ]


def _seconds(store: Store, name: str, *, afresh: bool) -> float:
    """One run of a page's script: the last 30 days of all shops."""
    if afresh:
        cache.forget(store)
    page = AppTest.from_file(str(ROOT / "pages" / page_file(name)), default_timeout=600)
    page.user = seen_by_the_guard()
    started = time.perf_counter()
    page.run()
    spent = time.perf_counter() - started
    if page.exception or not page.title:
        raise RuntimeError(f"{name}: {page.exception or 'the page stayed empty'}")
    return spent


def _last(home: Path) -> str:
    """The moment of the newest order, so that the last 30 days are full."""
    with open_store(read_settings({"SHOPDATA_HOME": str(home)})) as store, store.read() as connection:
        newest: datetime = connection.execute(select(func.max(orders.c.placed_at))).scalar_one()
    return newest.isoformat(timespec="seconds")

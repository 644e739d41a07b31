"""The sample data: loaded once, by the server's first start on an empty store, into sample shops."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from sample_data.make import load_plan, shop_settings
from shopdata.abnormal.judging import judge_if_free
from shopdata.errors import ShopdataError
from shopdata.imports.preferences import save_shop
from shopdata.imports.run import import_paths
from shopdata.imports.scoping import all_shops
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.tables import imports, orders
from shopdata.store.tables import settings as settings_table
from shopdata.web import announce

USER = "sample"
LOADED = "sample.loaded"


def is_wanted(store: Store, settings: Settings) -> bool:
    """Whether this is the first start on a store nobody has used (a load cut short goes on)."""
    if not settings.sample:
        return False
    with store.read() as connection:
        done = connection.scalar(select(settings_table.c.value).where(settings_table.c.key == LOADED))
        others = connection.scalar(
            select(func.count()).select_from(imports).where(imports.c.user.is_distinct_from(USER))
        )
    return done is None and not others


def load(store: Store, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> int:
    """Write the sample files of the 90 days up to yesterday and import them; returns the number of orders.

    ``stopping`` is asked before each shop: a server that ends does not wait for the rest.
    """
    until = settings.now().date() - timedelta(days=1)
    plan = load_plan(settings.home / "sample", until)
    by_shop: dict[str, list[Path]] = {}
    for path, shop in plan:
        by_shop.setdefault(shop, []).append(path)
    for shop, paths in by_shop.items():
        if stopping():
            return 0
        import_paths(store, paths, shop=shop, user=USER, sample=True)
    _say_whose_accounts(store)
    judge_if_free(store)
    with store.write(figures=False) as connection:
        connection.execute(insert(settings_table).values(key=LOADED, value=json.dumps(until.isoformat())))
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(orders)) or 0)


def _say_whose_accounts(store: Store) -> None:
    """What a merchant would enter for these shops: their own live accounts and the city they ship from."""
    known = {one.name: one for one in shop_settings()}
    with store.read() as connection:
        held = [shop for shop in all_shops(connection) if shop.is_sample and shop.name in known]
    for shop in held:
        save_shop(
            store,
            Scope(user=USER),
            shop.id,
            name=shop.name,
            currency=shop.currency,
            zone=shop.zone,
            own_accounts=known[shop.name].own_accounts,
            ship_from=known[shop.name].ship_from,
        )


class Loader:
    """Loads the sample in a thread of its own where it is wanted, then says what ``finished`` says."""

    def __init__(self, store: Store, settings: Settings, finished: Callable[[], None]) -> None:
        self._store = store
        self._settings = settings
        self._finished = finished
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sample", daemon=True)

    def start(self) -> None:
        """Begin in the background; the server answers meanwhile."""
        self._thread.start()

    def stop(self, patience: float = 60.0) -> None:
        """Let the files at work finish, then end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        try:
            if is_wanted(self._store, self._settings):
                announce.say("sample")
                count = load(self._store, self._settings, self._stopping.is_set)
                if count:
                    announce.say("sample_done", orders=f"{count:,}")
        except (ShopdataError, OSError) as fault:
            announce.say("sample_failed", fault=fault)
        if not self._stopping.is_set():
            self._finished()

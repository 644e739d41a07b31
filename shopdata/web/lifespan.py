"""What starts and ends with the server: store, queue, background work, the line for the CLI, the greeting.

The first start on an empty store also loads the sample data (``SHOPDATA_SAMPLE=0`` prevents it), in the
background, so that the page is there at once.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from shopdata import commands, link
from shopdata.abnormal.judging import judge_if_free
from shopdata.errors import StoreLocked
from shopdata.imports.queue import Worker
from shopdata.settings import Settings
from shopdata.store import open_store
from shopdata.web import announce, state
from shopdata.web.background import Background
from shopdata.web.door import Door
from shopdata.web.sample import Loader
from shopdata.web.state import Opened
from shopdata.web.visits import Visits


def _answer(opened: Opened) -> link.Answer:
    def run(command: link.Command, write: link.Write) -> int:
        return commands.run_here(command, write, opened.store, opened.settings)

    return run


@asynccontextmanager
async def serving(
    settings: Settings, door: Door, register: Callable[[], None], pages: Sequence[str]
) -> AsyncIterator[None]:
    """Hold everything open that routes and ``pages`` need; ``register`` makes the pages' components known."""
    try:
        store = open_store(settings)
    except StoreLocked as locked:
        announce.locked(settings, locked)
        # nothing is open yet; any exception here would be printed as a traceback by the server
        os._exit(locked.exit_status)
    worker = Worker(store, settings, judge_if_free)
    background = Background(store, worker, Visits(store, lambda: announce.url(door), pages))
    opened = Opened(store, settings, worker, background)
    loader = Loader(store, settings, lambda: announce.when_answering(door))
    desk: link.Desk | None = None
    try:
        register()
        worker.start()
        state.use(opened)
        desk = link.Desk(settings.home, announce.url(door), _answer(opened))
        loader.start()
        background.start()
        yield
    finally:
        state.use(None)
        background.stop()
        loader.stop()
        if desk is not None:
            desk.close()
        worker.stop()
        store.close()

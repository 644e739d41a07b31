"""The server's own visits: once the figures of a big store have changed, each page is opened by itself.

Answers are kept until the store changes (``metrics.cache``), so that after an import the first visitor finds
them ready. A page is opened as a browser does it, over Streamlit's WebSocket, through the guard.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from shopdata.store import Store
from shopdata.store.tables import orders

log = logging.getLogger(__name__)

# Orders from which on a first view is slow enough to be worth it.
BIG = 100_000
PATIENCE = 300.0
STREAM = "/_stcore/stream"


class Visits:
    """Which pages are still to be opened for the store's present figures.

    ``address`` is the server's own; a store of fewer than ``least`` orders is quick enough without.
    """

    def __init__(
        self, store: Store, address: Callable[[], str], pages: Sequence[str], least: int = BIG
    ) -> None:
        self._store = store
        self._least = least
        self._address = address
        self._pages = tuple(pages)
        self._version: int | None = None
        self._left: list[str] = []

    def next(self) -> None:
        """Open one page that was not opened since the figures last changed, if there is one."""
        if self._version != self._store.version:
            self._version = self._store.version
            self._left = list(self._pages) if self._is_big() else []
        if not self._left:
            return
        page = self._left.pop(0)
        try:
            visit(self._address(), page)
        except (OSError, WebSocketException) as fault:
            log.warning("own visit of %s failed: %s", page, type(fault).__name__)
            self._left = []

    def _is_big(self) -> bool:
        with self._store.read() as connection:
            held: int = connection.execute(select(func.count()).select_from(orders)).scalar_one()
        return held >= self._least


def visit(address: str, page: str) -> int:
    """Open a page with its default filters and wait until it is drawn; the number of messages it took.

    ``address`` as in ``http://127.0.0.1:8501``. Raises ``OSError`` (``TimeoutError`` included) and
    ``WebSocketException`` where the server does not answer.
    """
    asked = BackMsg()
    asked.rerun_script.page_name = page
    stream = address.replace("http", "ws", 1) + STREAM
    with connect(stream, max_size=None, compression=None, close_timeout=1) as socket:
        socket.send(asked.SerializeToString())
        received = 0
        while True:
            told = ForwardMsg.FromString(socket.recv(PATIENCE, decode=False))
            received += 1
            if told.WhichOneof("type") == "script_finished":
                return received

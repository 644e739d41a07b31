"""One-time download links. A page offers a file to be made; whoever asked fetches it once, within a minute.

The link is worthless to another user, role or a second fetch; the file is made at fetch, streamed, and gone
when the last byte is out. Only figures without orders and buyers may be fetched again within the hour.
Buyer data never leaves through Streamlit's own media links.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shopdata.errors import ShopdataError
from shopdata.web import answers, identity, state

SECONDS = 60.0
READING_SECONDS = 3600.0
MOST_OPEN = 2000
PIECE = 1 << 18
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}

Make = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A file somebody may fetch: ``make`` writes it to the path it is given."""

    user: str
    role: str
    make: Make
    file_name: str
    until: float
    once: bool = True


class Offers:
    """The open offers of this process. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._lock = threading.Lock()
        self._open: dict[str, Offer] = {}

    def add(self, made: Offer) -> str:
        """Keep an offer until its time and return its token. The oldest go where there are too many."""
        token, now = secrets.token_urlsafe(32), self.now()
        with self._lock:
            alive = [(key, offer) for key, offer in self._open.items() if offer.until > now]
            self._open = dict(alive[-(MOST_OPEN - 1) :])
            self._open[token] = made
        return token

    def find(self, token: str, who: identity.Identity, *, take: bool) -> Offer | None:
        """The offer behind a token if it is alive and ``who``'s own; ``take`` uses it up."""
        with self._lock:
            offer = self._open.get(token)
            if offer is None or offer.until <= self.now():
                return None
            if (offer.user, offer.role) != (who.user, who.role):
                return None
            if take and offer.once:
                del self._open[token]
        return offer


OFFERS = Offers()


def offer(user: str, role: str, make: Make, file_name: str) -> str:
    """Offer a file under ``/export/<token>``, once and for a minute; returns the token.

    ``make(path)`` is called in a thread when the link is fetched; ``path`` ends like ``file_name``. Example::

        token = offer(scope.user, scope.role, lambda path: export_orders(store, scope, path), "orders.csv")
        st.link_button(words("ui.download"), f"/export/{token}")
    """
    return OFFERS.add(Offer(user, role, make, file_name, OFFERS.now() + SECONDS))


def offer_figures(user: str, role: str, make: Make, file_name: str) -> str:
    """The same for figures that name no order and no buyer: fetched as often as wished within the hour."""
    return OFFERS.add(Offer(user, role, make, file_name, OFFERS.now() + READING_SECONDS, once=False))


def _made(found: Offer, folder: Path) -> BinaryIO:
    """The file of an offer, open and already without a name, so that it is gone however the fetch ends."""
    path = folder / f"export-{secrets.token_hex(16)}{Path(found.file_name).suffix}"
    try:
        found.make(path)
        file = path.open("rb")
    finally:
        with suppress(OSError):  # Windows keeps an open file; the next start empties the folder
            path.unlink()
    return file


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _headers(file_name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "Cache-Control": "no-store",
    }


async def fetch(request: Request) -> Response:
    """``GET /export/{token}``: the file, once. A HEAD (a link checker, a prefetch) uses nothing up."""
    who = identity.of_headers(request.headers)
    take = request.method == "GET"
    token = request.path_params["token"]
    found = OFFERS.find(token, who, take=take) if who else None
    if found is None or who is None:
        return answers.page(request.scope, "export_gone", 410)
    media_type = TYPES.get(Path(found.file_name).suffix, "application/octet-stream")
    if not take:
        return Response(headers=_headers(found.file_name), media_type=media_type)
    opened = state.opened()
    try:
        file = await run_in_threadpool(_made, found, opened.settings.temporary)
    except ShopdataError as fault:
        return answers.error_page(request.scope, fault)
    size = os.fstat(file.fileno()).st_size
    await run_in_threadpool(opened.audit, who, "download", file=found.file_name, bytes=size)
    headers = _headers(found.file_name) | {"Content-Length": str(size)}
    return StreamingResponse(_pieces(file), headers=headers, media_type=media_type)

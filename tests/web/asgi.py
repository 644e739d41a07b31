"""A small client: one request through an ASGI application in this process, without a network."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Scope

from shopdata.web import api
from shopdata.web.door import Door
from shopdata.web.guard import Guard

HOST = "127.0.0.1:8501"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def application() -> Starlette:
    """Our routes behind the guard, without Streamlit."""
    door = Door(address="127.0.0.1", policy="default-src 'self'")
    return Starlette(
        routes=api.routes(), middleware=[Middleware(Guard, door=door)], exception_handlers=api.HANDLERS
    )


async def ask(
    app: ASGIApp,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: Iterable[bytes] = (),
    *,
    hang_up: bool = False,
) -> Answer:
    """One request; ``hang_up`` ends the body with a broken connection."""
    path, _, query = url.partition("?")
    pairs = {"host": HOST} | dict(headers or {})
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8501),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs.items()],
    }
    pieces = iter(body)
    sent: list[Message] = []
    ended: list[bool] = []
    finished = asyncio.Event()

    async def receive() -> Message:
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        if hang_up:
            return {"type": "http.disconnect"}
        if not ended:
            ended.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await finished.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    finished.set()
    start = next(message for message in sent if message["type"] == "http.response.start")
    answered = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    whole = b"".join(message.get("body", b"") for message in sent)
    return Answer(start["status"], answered, whole)


def call(app: ASGIApp, method: str, url: str, *args: Any, **options: Any) -> Answer:
    return asyncio.run(ask(app, method, url, *args, **options))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

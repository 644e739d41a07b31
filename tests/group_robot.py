"""A receiver of messages on this machine, as a group robot is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Group:
    """A receiver on this machine: what it was sent, and how it answers."""

    url: str = ""
    status: int = 200
    answer: str = '{"errcode": 0, "errmsg": "ok"}'
    elsewhere: str = ""
    sent: list[Any] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [str(one["text"]["content"]) for one in self.sent]


def serve(group: Group) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            group.sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(group.status)
            if group.elsewhere:
                self.send_header("Location", group.elsewhere)
            self.end_headers()
            self.wfile.write(group.answer.encode())

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    group.url = f"http://127.0.0.1:{server.server_port}/send?key=secret"
    return server


@contextmanager
def receiving() -> Iterator[Group]:
    """A receiver that answers as its fields say."""
    one = Group()
    server = serve(one)
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()

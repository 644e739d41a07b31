"""A real server process on a loopback port, for tests that need the whole thing."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

ROOT = Path(__file__).resolve().parent.parent
FIRST_PORT, LAST_PORT = 8611, 8619
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its process, and what it has printed."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """One request over the network."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers)

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def a_port() -> Iterator[int]:
    """A port of our range that nobody listens on, ours alone among the tests that run at the same time."""
    for port in range(FIRST_PORT, LAST_PORT + 1):
        place = Path(tempfile.gettempdir()) / f"shopdata-test-{port}.lock"
        try:
            with FileLock(place, timeout=0):
                if _is_free(port):
                    yield port
                    return
        except Timeout:
            continue
    raise AssertionError("no free port")


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the product with ``home`` as its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOPDATA_")}
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return clean | {"SHOPDATA_HOME": str(home), "SHOPDATA_SAMPLE": "0", "PYTHONPATH": places} | more


def _ready(server: Server) -> bool:
    """Whether it has said where it is; it does so once it answers."""
    if server.process.poll() is not None:
        raise AssertionError(server.printed())
    return "http://" in server.printed()


@contextlib.contextmanager
def serving(home: Path, *flags: str, **more: str) -> Iterator[Server]:
    """A server over ``home``, ready to answer, stopped in order at the end."""
    log = home.parent / f"{home.name}-server.log"
    with a_port() as port, log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "shopdata", "serve", "--port", str(port), *flags],
            stdout=printed,
            stderr=printed,
            env=environment(home, **more),
            cwd=home.parent,
        )
        server = Server(port, process, log)
        try:
            until = time.monotonic() + PATIENCE
            while not _ready(server):
                assert time.monotonic() < until, server.printed()
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

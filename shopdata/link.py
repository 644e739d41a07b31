"""The line between the command line and a running server: same commands, same store, no lock error.

The server leaves ``link.json`` (0600) in the home folder: where it listens and the key that opens it. Frames
are JSON, never pickles. What a command prints travels back as it is printed; the exit status comes last.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path

from shopdata.errors import ServerStopped

FILE_NAME = "link.json"
LONGEST_SOCKET_PATH = 100
BACKLOG = 16

Write = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody typed, the folder they typed it in, and lines they piped in where ``-`` asks for them.

    ``passwords`` were read from a file or typed unseen; they are never among the arguments.
    """

    arguments: tuple[str, ...]
    folder: str
    language: str
    lines: tuple[str, ...] = ()
    passwords: tuple[str, ...] = field(default=(), repr=False)


Answer = Callable[[Command, Write], int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server can be reached, as ``link.json`` says it."""

    address: str
    family: str
    key: str
    pid: int
    url: str

    @staticmethod
    def read(home: Path) -> Place | None:
        """The place noted in ``home``, or ``None``; whether anybody is there shows only on calling."""
        try:
            return Place(**json.loads((home / FILE_NAME).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, home: Path) -> None:
        """Note the place for other processes of the same person."""
        path = home / f"{FILE_NAME}.new"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        path.replace(home / FILE_NAME)


def _new_place(home: Path, url: str) -> Place:
    key = secrets.token_hex(32)
    if sys.platform == "win32":
        return Place(rf"\\.\pipe\shopdata-{secrets.token_hex(8)}", "AF_PIPE", key, os.getpid(), url)
    address = str(home / "link.sock")
    if len(address) > LONGEST_SOCKET_PATH:
        address = str(Path(tempfile.mkdtemp(prefix="shopdata-")) / "link.sock")
    Path(address).unlink(missing_ok=True)
    return Place(address, "AF_UNIX", key, os.getpid(), url)


class Desk:
    """The server's end. ``answer`` runs one command in a thread of its own and returns the exit status."""

    def __init__(self, home: Path, url: str, answer: Answer) -> None:
        self._home = home
        self._answer = answer
        self._place = _new_place(home, url)
        self._open = True
        self._busy: list[threading.Thread] = []
        self._listener = Listener(self._place.address, self._place.family, BACKLOG)
        if self._place.family == "AF_UNIX":
            Path(self._place.address).chmod(0o600)
        self._place.write(home)
        threading.Thread(target=self._accept, name="link", daemon=True).start()

    def close(self, patience: float = 30.0) -> None:
        """Take no new command, give those at work ``patience`` seconds each, and forget the place."""
        self._open = False
        (self._home / FILE_NAME).unlink(missing_ok=True)
        with suppress(OSError, EOFError):
            Client(self._place.address, self._place.family).close()
        for thread in self._busy:
            thread.join(patience)
        self._listener.close()

    def _accept(self) -> None:
        while self._open:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                continue
            if not self._open:
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), name="command", daemon=True)
            self._busy = [other for other in self._busy if other.is_alive()] + [thread]
            thread.start()

    def _serve(self, connection: Connection) -> None:
        with connection, suppress(AuthenticationError, OSError, EOFError, ValueError, TypeError):
            key = self._place.key.encode()
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            asked = json.loads(connection.recv_bytes())
            asked |= {name: tuple(asked.get(name, ())) for name in ("arguments", "lines", "passwords")}
            command = Command(**asked)

            def write(stream: str, text: str) -> None:
                # whoever asked may be gone; the command still runs to its end
                with suppress(OSError):
                    connection.send_bytes(json.dumps({"to": stream, "text": text}).encode())

            status = self._answer(command, write)
            connection.send_bytes(json.dumps({"status": status}).encode())


def _called(home: Path) -> Connection | None:
    """A line to the server that owns ``home``, or ``None`` when no server is there."""
    place = Place.read(home)
    if place is None:
        return None
    try:
        return Client(place.address, place.family, authkey=place.key.encode())
    except (OSError, EOFError, AuthenticationError):
        return None


def is_answering(home: Path) -> bool:
    """Whether a server owns ``home`` and takes commands."""
    connection = _called(home)
    if connection is None:
        return False
    connection.close()
    return True


def ask(home: Path, command: Command, write: Write) -> int | None:
    """Run ``command`` in the server that owns ``home``; ``None`` when no server is there.

    Output goes to ``write(stream, text)`` as it comes. Raises ``ServerStopped``.
    """
    connection = _called(home)
    if connection is None:
        return None
    with connection:
        try:
            connection.send_bytes(json.dumps(asdict(command)).encode())
            while "status" not in (frame := json.loads(connection.recv_bytes())):
                write(frame["to"], frame["text"])
        except (OSError, EOFError) as gone:
            raise ServerStopped from gone
    return int(frame["status"])

"""Our side of the child process: one warm worker, asked in turn, killed when it takes too long."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from shopdata.errors import Refused, ShopdataError
from shopdata.ingest.results import (
    Described,
    Limits,
    Parsed,
    RawSheet,
    described_from_json,
    parsed_from_json,
    raw_sheet_from_json,
)

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; sys.path.insert(0, sys.argv[1]); from shopdata.ingest.worker import serve; serve()"
PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL")
OUT_OF_MEMORY = (-6, -9, -11, 134, 137, 139)
Progress = Callable[[int, int], None]


class Parser:
    """Parses files in a child process that is kept warm. Safe to share between threads; use as a context."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(
        self,
        path: Path,
        out: Path,
        *,
        file_name: str,
        format_key: str | None,
        now: datetime,
        assignments: Mapping[str, Mapping[str, str]],
        limits: Limits,
        progress: Progress | None = None,
        preview: bool = False,
        own_formats: Sequence[Path] = (),
    ) -> Parsed:
        """The file at ``path`` as typed rows and rejects in Arrow files of the new folder ``out``.

        ``file_name``: the name people know it by. ``assignments``: "platform.field" or field → exported
        word → meaning. ``own_formats``: files of formats beside the
        built-in ones. Raises ``Refused`` with a refusal code of the contract.
        """
        out.mkdir(parents=True, exist_ok=True)
        request = {
            "ask": "parse",
            "path": str(path.resolve()),
            "out": str(out.resolve()),
            "file_name": file_name,
            "format_key": format_key,
            "now": now.isoformat(),
            "assignments": {name: dict(words) for name, words in assignments.items()},
            "limits": asdict(limits),
            "preview": preview,
            "own_formats": [str(one.resolve()) for one in own_formats],
        }
        return parsed_from_json(self._answered(request, limits, progress)["parsed"])

    def describe(self, path: Path, out: Path, *, limits: Limits) -> Described:
        """The columns of a file nobody knows; ``out``: a new folder to work in. Raises ``Refused``."""
        out.mkdir(parents=True, exist_ok=True)
        request = {"ask": "describe", "path": str(path.resolve()), "out": str(out.resolve())}
        answer = self._answered(request | {"limits": asdict(limits)}, limits, None)
        return described_from_json(answer["described"])

    def table(self, path: Path, out: Path, most: int, *, limits: Limits) -> tuple[tuple[int, list[str]], ...]:
        """The first ``most`` rows of a file's first table, its header first, each with its number: cells as
        texts. ``out``: a new folder to work in. Raises ``Refused``."""
        out.mkdir(parents=True, exist_ok=True)
        request = {"ask": "table", "path": str(path.resolve()), "out": str(out.resolve()), "most": most}
        answer = self._answered(request | {"limits": asdict(limits)}, limits, None)
        return tuple((number, cells) for number, cells in answer["rows"])

    def rows(
        self,
        path: Path,
        out: Path,
        wanted: Collection[str],
        *,
        format_key: str,
        now: datetime,
        limits: Limits,
        own_formats: Sequence[Path] = (),
    ) -> tuple[RawSheet, ...]:
        """The rows of a file in whose id columns one of the numbers ``wanted`` stands, cells as they are.
        ``out``: a new folder to work in. Raises ``Refused``."""
        out.mkdir(parents=True, exist_ok=True)
        request = {
            "ask": "rows",
            "path": str(path.resolve()),
            "out": str(out.resolve()),
            "file_name": path.name,
            "format_key": format_key,
            "now": now.isoformat(),
            "assignments": {},
            "limits": asdict(limits),
            "preview": False,
            "own_formats": [str(one.resolve()) for one in own_formats],
            "wanted": sorted(wanted),
        }
        return tuple(map(raw_sheet_from_json, self._answered(request, limits, None)["sheets"]))

    def picture(
        self, path: Path, *, clean: Path | None = None, preview: Path | None = None, limits: Limits
    ) -> str:
        """The kind of the picture at ``path`` (``jpeg``, ``png``, ``webp``, ``gif``), once it was read whole.

        ``clean``: where to write it again without anything but its pixels; ``preview``: where to write a
        small JPEG of it. Raises ``Refused`` where it is damaged, too large or no such picture.
        """
        request = {
            "ask": "picture",
            "path": str(path.resolve()),
            "clean": str(clean.resolve()) if clean else None,
            "preview": str(preview.resolve()) if preview else None,
            "limits": asdict(limits),
        }
        return str(self._answered(request, limits, None)["form"])

    def _answered(self, request: dict[str, Any], limits: Limits, progress: Progress | None) -> dict[str, Any]:
        with self._lock:
            answer = self._asked(request, limits, progress)
        if "refused" in answer:
            raise Refused(answer["refused"], **answer["details"])
        return answer

    def unlock(
        self, path: Path, target: Path, *, file_name: str, passwords: Sequence[str], limits: Limits
    ) -> None:
        """Write the plain form of a password-protected workbook to ``target``.

        The passwords go to the child through its pipe and are kept nowhere. Raises ``Refused``.
        """
        request = {
            "ask": "unlock",
            "path": str(path.resolve()),
            "out": str(target.resolve()),
            "file_name": file_name,
            "passwords": list(passwords),
            "limits": asdict(limits),
        }
        with self._lock:
            answer = self._asked(request, limits, None)
        if "refused" in answer:
            raise Refused(answer["refused"], **answer["details"])

    def _asked(self, request: dict[str, Any], limits: Limits, progress: Progress | None) -> dict[str, Any]:
        deadline = time.monotonic() + limits.seconds
        child = self._ready()
        try:
            self._send(child, request)
            while True:
                line = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
                if line is None:
                    raise self._lost(child, limits)
                answer: dict[str, Any] = json.loads(line)
                if "progress" not in answer:
                    return answer
                if progress is not None:
                    progress(*answer["progress"])
        except queue.Empty:
            self._kill()
            raise Refused("too_large", limit=f"{limits.seconds:g} s") from None
        except BaseException:
            self._kill()
            raise

    def _send(self, child: subprocess.Popen[str], request: dict[str, Any]) -> None:
        if child.stdin is None:
            raise ShopdataError("fault", part="ingest")
        try:
            child.stdin.write(json.dumps(request, ensure_ascii=True) + "\n")
            child.stdin.flush()
        except OSError:
            self._answers.put(None)

    def _lost(self, child: subprocess.Popen[str], limits: Limits) -> ShopdataError:
        """Why the child is gone: an allocation over its limit ends it; anything else is our fault."""
        status = child.wait(timeout=10)
        if status in OUT_OF_MEMORY:
            return Refused("too_large", limit=f"{limits.memory >> 20} MB")
        return ShopdataError("fault", part="ingest", status=status)

    def _ready(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._kill()
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        child = subprocess.Popen(  # noqa: S603  (our own interpreter and code, no shell)
            [sys.executable, "-I", "-c", START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment | {"MALLOC_ARENA_MAX": "2"},
            encoding="utf-8",
            start_new_session=True,
        )
        answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(child, answers), daemon=True).start()
        self._child, self._answers = child, answers
        return child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait(timeout=10)
        if child.stdin:
            child.stdin.close()

    def close(self) -> None:
        """End the child. The parser may be used again; it then starts another."""
        with self._lock:
            self._kill()


def _listen(child: subprocess.Popen[str], answers: queue.SimpleQueue[str | None]) -> None:
    if child.stdout is None:
        return
    with child.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put(None)

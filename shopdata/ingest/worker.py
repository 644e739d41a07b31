"""The child process that reads untrusted files: limits first, then one request a line, one answer a line.

What a library prints cannot break the conversation: standard output is kept for it alone. A fault shows its
kind and its place in the code, never its message, which may quote a buyer's data.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import pyarrow as pa

from shopdata.errors import Refused
from shopdata.ingest.describe import describe, table
from shopdata.ingest.parse import Task, parse
from shopdata.ingest.results import Limits

ERRNO_CODES = {28: "disk_full", 122: "disk_full", 13: "no_permission", 1: "no_permission"}


def serve() -> None:
    """Answer requests until the other side closes."""
    sys.excepthook = _quiet
    answers = _private_output()
    _without_core_dump()
    pa.set_cpu_count(2)
    pa.set_io_thread_count(1)
    for line in sys.stdin:
        request = json.loads(line)
        _limit_memory(int(request["limits"]["memory"]))
        _say(answers, **_answered(request, answers))


def _answered(request: dict[str, Any], answers: TextIO) -> dict[str, Any]:
    try:
        if request["ask"] == "describe":
            found = describe(Path(request["path"]), Path(request["out"]), Limits(**request["limits"]))
            return {"described": found.as_json()}
        if request["ask"] == "table":
            place, out, limits = Path(request["path"]), Path(request["out"]), Limits(**request["limits"])
            return {"rows": table(place, out, limits, request["most"])}
        if request["ask"] == "unlock":
            from shopdata.ingest.locked import unlock

            unlock(Path(request["path"]), Path(request["out"]), request["file_name"], request["passwords"])
            return {"unlocked": True}
        if request["ask"] == "picture":
            from shopdata.ingest.pictures import looked_at

            return {"form": looked_at(Path(request["path"]), **_paths(request, "clean", "preview"))}
        if request["ask"] == "rows":
            from shopdata.ingest.raw_rows import raw_rows

            return {"sheets": raw_rows(_task(request), frozenset(request["wanted"]))}
        done = parse(_task(request), lambda done, total: _say(answers, progress=[done, total]))
        return {"parsed": done.as_json()}
    except Refused as refusal:
        return {"refused": refusal.code, "details": refusal.details}
    except MemoryError:
        return {"refused": "too_large", "details": {"limit": f"{request['limits']['memory'] >> 20} MB"}}
    except OSError as fault:
        if (code := ERRNO_CODES.get(fault.errno or 0)) is None:
            raise
        return {"refused": code, "details": {}}


def _task(request: dict[str, Any]) -> Task:
    return Task(
        path=Path(request["path"]),
        out=Path(request["out"]),
        file_name=request["file_name"],
        format_key=request["format_key"],
        now=datetime.fromisoformat(request["now"]),
        assignments=request["assignments"],
        limits=Limits(**request["limits"]),
        preview=request["preview"],
        own_formats=tuple(map(Path, request["own_formats"])),
    )


def _paths(request: dict[str, Any], *names: str) -> dict[str, Path | None]:
    return {name: Path(request[name]) if request[name] else None for name in names}


def _say(answers: TextIO, **message: Any) -> None:
    answers.write(json.dumps(message, ensure_ascii=True, default=str) + "\n")
    answers.flush()


def _private_output() -> TextIO:
    """Our own handle of standard output; what anything else prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "w", encoding="ascii")


def _without_core_dump() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_memory(size: int) -> None:
    """An allocation beyond ``size`` bytes of address space fails (where the system has such a limit)."""
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))


def _quiet(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(trace)]
    sys.stderr.write(f"shopdata.ingest: {kind.__name__} at {' '.join(places)}\n")

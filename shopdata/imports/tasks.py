"""What a job of the queue can be: an import, an undo, a meaning for a word, a purge; each is one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shopdata.imports.archive import Given, Origin
from shopdata.imports.assigning import assign
from shopdata.imports.erasing import purge
from shopdata.imports.run import Progress, Tell, import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """One job's means: the store, what was asked, by whom, and where its progress goes."""

    store: Store
    payload: Payload
    user: str
    role: str
    tell: Tell
    parser: Parser

    def steps(self, done: int, total: int) -> None:
        """Progress of work that counts files."""
        self.tell(Progress(str(self.payload.get("name", "")), "reading", done, total))


def _given(one: Mapping[str, Any]) -> Given:
    origin = Origin(one["sha256"], one["size"]) if "sha256" in one else None
    return Given(Path(one["path"]), one["name"], owned=one.get("owned", True), origin=origin)


def _import(work: Work) -> dict[str, Any]:
    results = import_paths(
        work.store,
        [_given(one) for one in work.payload["files"]],
        shop=work.payload["shop"],
        format_key=work.payload["format"],
        user=work.user,
        role=work.role,
        progress=work.tell,
        parser=work.parser,
    )
    return {"files": [result.as_json() for result in results]}


def _undo(work: Work) -> dict[str, Any]:
    number = int(work.payload["import"])
    done = undo(work.store, number, work.user, role=work.role, parser=work.parser, tell=work.steps)
    return {"undone": asdict(done)}


def _assign(work: Work) -> dict[str, Any]:
    asked = [work.payload[name] for name in ("platform", "field", "raw", "meaning")]
    scope = Scope(user=work.user, role=work.role)
    done = assign(work.store, scope, *asked, parser=work.parser, tell=work.steps)
    return {"assigned": asdict(done)}


def _purge(work: Work) -> dict[str, Any]:
    before = date.fromisoformat(work.payload["before"])
    return {"purged": purge(work.store, before, work.user, role=work.role)}


TASKS: Mapping[str, Callable[[Work], dict[str, Any]]] = {
    "import": _import,
    "undo": _undo,
    "assign": _assign,
    "purge": _purge,
}

"""Imports that wait their turn: a row in ``jobs`` each, one worker thread, progress anybody can look at.

A job belongs to the server, not to a page: closing the tab changes nothing. Progress lives in memory (the
store has one writer, and it is busy importing); states and results live in the store.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

from shopdata.errors import ShopdataError
from shopdata.imports.archive import Given, Origin
from shopdata.imports.results import Refusal
from shopdata.imports.run import Progress, import_paths
from shopdata.ingest.client import Parser
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.tables import jobs

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed"]
KIND = "import"
NO_ORIGINS: Mapping[Path, Origin] = MappingProxyType({})
LISTED = 50
INTERRUPTED = "job_interrupted"


@dataclass(frozen=True, slots=True)
class Job:
    """One queued import. ``result`` is the contract's ``import --json`` document once it is done;
    ``progress`` is set while it runs; ``error`` where it failed as a whole."""

    id: str
    state: State
    files: tuple[str, ...]
    user: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: Mapping[str, Any] | None = None
    progress: Progress | None = None
    error: Refusal | None = field(default=None)


class Worker:
    """The queue and the thread that empties it, one file set after the other."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._progress: dict[str, Progress] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Close what a crash left running, then begin to work."""
        self._close_interrupted()
        self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Finish the running job (at most ``timeout`` seconds) and end the thread; waiting jobs stay."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def enqueue(
        self,
        files: Sequence[tuple[Path, str]],
        *,
        user: str,
        shop: str | None = None,
        format_key: str | None = None,
        folder: Path | None = None,
        origins: Mapping[Path, Origin] = NO_ORIGINS,
    ) -> str:
        """Queue uploaded files, each with the name the user knows it by; returns the job's id.

        The files now belong to the queue: they are moved or removed when the job ends, with ``folder``.
        ``origins``: what files were before they were unlocked. No password ever enters a job.
        """
        job = f"{time.time_ns():016x}{secrets.token_hex(8)}"  # sorts by age, cannot be guessed
        payload = {
            "files": [
                {"path": str(path), "name": name} | (asdict(origins[path]) if path in origins else {})
                for path, name in files
            ],
            "shop": shop,
            "format": format_key,
            "folder": str(folder) if folder else None,
        }
        with self._store.write(figures=False) as connection:
            connection.execute(
                insert(jobs).values(
                    id=job,
                    kind=KIND,
                    state="waiting",
                    payload=json.dumps(payload, ensure_ascii=False),
                    user=user,
                    created_at=self._settings.now(),
                )
            )
        self._wake.set()
        return job

    def jobs(self, limit: int = LISTED) -> tuple[Job, ...]:
        """The newest jobs, with live progress."""
        with self._store.read() as connection:
            rows = connection.execute(
                select(jobs).where(jobs.c.kind == KIND).order_by(jobs.c.id.desc()).limit(limit)
            ).all()
        return tuple(self._job(row) for row in rows)

    def job(self, job_id: str) -> Job | None:
        """One job, or ``None`` where there is none of this id."""
        with self._store.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        return self._job(row) if row is not None else None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits; a page ticks only then."""
        return any(job.state in ("waiting", "running") for job in self.jobs(LISTED))

    def _job(self, row: Row[Any]) -> Job:
        payload = json.loads(row.payload or "{}")
        result = json.loads(row.result) if row.result else None
        error = result.get("error") if result else None
        return Job(
            id=row.id,
            state=row.state,
            files=tuple(one["name"] for one in payload.get("files", ())),
            user=row.user,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            result=result if error is None else None,
            progress=self._progress.get(row.id),
            error=Refusal(error["code"], error.get("details", {}), 3) if error else None,
        )

    def _close_interrupted(self) -> None:
        """Jobs that ran when the server stopped, and jobs whose files went with it, have failed."""
        unfinished = select(jobs).where(jobs.c.state.in_(("running", "waiting")), jobs.c.kind == KIND)
        with self._store.read() as connection:
            rows = connection.execute(unfinished).all()
        for row in rows:
            files = json.loads(row.payload or "{}").get("files", ())
            if row.state == "running" or not all(Path(one["path"]).exists() for one in files):
                self._end(row.id, "failed", _failure(INTERRUPTED, {}))

    def _work(self) -> None:
        with Parser() as parser:
            while not self._stopping.is_set():
                self._wake.clear()
                if not self._next(parser):
                    self._wake.wait()

    def _next(self, parser: Parser) -> bool:
        """Run the oldest waiting job; whether there was one."""
        waiting = select(jobs).where(jobs.c.state == "waiting", jobs.c.kind == KIND)
        with self._store.read() as connection:
            oldest = waiting.order_by(jobs.c.id).limit(1)
            row = connection.execute(oldest).one_or_none()
        if row is None:
            return False
        payload = json.loads(row.payload)
        self._set(row.id, state="running", started_at=self._settings.now())
        state: State = "failed"
        result = _failure("fault", {})
        try:
            result, state = self._run(row, payload, parser), "done"
        except ShopdataError as fault:
            log.exception("import job %s failed", row.id)
            result = _failure(fault.code, fault.details)
        except (OSError, SQLAlchemyError):
            log.exception("import job %s failed", row.id)
        finally:
            self._progress.pop(row.id, None)
            self._end(row.id, state, result)
            _clear(payload)
        return True

    def _run(self, row: Row[Any], payload: Mapping[str, Any], parser: Parser) -> str:
        """The contract's document of one job."""

        def tell(progress: Progress) -> None:
            self._progress[row.id] = progress

        results = import_paths(
            self._store,
            [_given(one) for one in payload["files"]],
            shop=payload["shop"],
            format_key=payload["format"],
            user=row.user,
            progress=tell,
            parser=parser,
        )
        return json.dumps({"files": [result.as_json() for result in results]}, ensure_ascii=False)

    def _end(self, job: str, state: State, result: str) -> None:
        self._set(job, state=state, ended_at=self._settings.now(), result=result)

    def _set(self, job: str, **values: object) -> None:
        with self._store.write(figures=False) as connection:
            connection.execute(update(jobs).where(jobs.c.id == job).values(**values))


def _given(one: Mapping[str, Any]) -> Given:
    origin = Origin(one["sha256"], one["size"]) if "sha256" in one else None
    return Given(Path(one["path"]), one["name"], owned=True, origin=origin)


def _failure(code: str, details: Mapping[str, object]) -> str:
    return json.dumps({"error": {"code": code, "details": details}}, ensure_ascii=False, default=str)


def _clear(payload: Mapping[str, Any]) -> None:
    """Remove what is left of a job's uploads."""
    for one in payload["files"]:
        Path(one["path"]).unlink(missing_ok=True)
    if payload["folder"]:
        shutil.rmtree(payload["folder"], ignore_errors=True)

"""Work that waits its turn: a row in ``jobs`` each, one worker thread, progress anybody allowed can look at.

A job belongs to the server, not to a page: closing the tab changes nothing. Progress lives in memory (the
store has one writer, and it is busy importing); states and results live in the store. Whoever was served
longest ago comes next, so that one person's fifty files do not keep another's one waiting.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

from shopdata.errors import BadUsage, NotAllowed, NotFound, ShopdataError
from shopdata.imports.archive import Origin
from shopdata.imports.results import Refusal
from shopdata.imports.run import Progress
from shopdata.imports.tasks import TASKS, Work
from shopdata.ingest.client import Parser
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.tables import jobs

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed", "cancelled"]
IMPORT = "import"
SEES_ALL = ("owner",)
NO_ORIGINS: Mapping[Path, Origin] = MappingProxyType({})
LISTED = 50
INTERRUPTED = "job_interrupted"


@dataclass(frozen=True, slots=True)
class Job:
    """One queued job. ``kind`` is a key of ``TASKS``; ``files`` what it is about; ``result`` what came of it
    (of an import the contract's ``import --json`` document); ``progress`` is set while it runs; ``error``
    where it failed as a whole or was cancelled."""

    id: str
    kind: str
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

    def __init__(
        self, store: Store, settings: Settings, after: Callable[[Store], None] = lambda store: None
    ) -> None:
        """``after`` is called with the store when a job has ended: for what follows from changed rows."""
        self._after = after
        self._store = store
        self._settings = settings
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._progress: dict[str, Progress] = {}
        self._served: dict[str, str] = {}
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
        role: str = "owner",
        shop: str | None = None,
        format_key: str | None = None,
        folder: Path | None = None,
        origins: Mapping[Path, Origin] = NO_ORIGINS,
        owned: bool = True,
    ) -> str:
        """Queue uploaded files, each with the name the user knows it by; returns the job's id.

        The files now belong to the queue, with ``folder``: they are moved or removed when the job ends; those
        not ``owned`` (of a watched folder) stay as they are. ``origins``: what files were before they were
        unlocked. No password ever enters a job.
        """
        payload = {
            "files": [
                {"path": str(path), "name": name, "owned": owned}
                | (asdict(origins[path]) if path in origins else {})
                for path, name in files
            ],
            "shop": shop,
            "format": format_key,
            "folder": str(folder) if folder else None,
        }
        return self.add(IMPORT, payload, user=user, role=role)

    def add(self, kind: str, payload: Mapping[str, Any], *, user: str, role: str = "owner") -> str:
        """Queue a job of ``TASKS``; returns its id."""
        job = f"{time.time_ns():016x}{secrets.token_hex(8)}"  # sorts by age, cannot be guessed
        with self._store.write(figures=False) as connection:
            connection.execute(
                insert(jobs).values(
                    id=job,
                    kind=kind,
                    state="waiting",
                    payload=json.dumps(payload, ensure_ascii=False),
                    user=user,
                    role=role,
                    created_at=self._settings.now(),
                )
            )
        self._wake.set()
        return job

    def jobs(self, limit: int = LISTED) -> tuple[Job, ...]:
        """The newest jobs, with live progress."""
        with self._store.read() as connection:
            rows = connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(limit)).all()
        return tuple(self._job(row) for row in rows)

    def seen_by(self, user: str, role: str, limit: int = LISTED) -> tuple[Job, ...]:
        """Those of the newest jobs that somebody may see."""
        return tuple(job for job in self.jobs(limit) if may_see(job, user, role))

    def cancel(self, job_id: str, user: str, role: str) -> None:
        """Take a waiting job out of the queue; its uploads go with it.

        Raises ``NotFound``, ``NotAllowed`` (another's job), ``BadUsage`` ``job_not_waiting``.
        """
        found = self.job(job_id)
        if found is None:
            raise NotFound(what=job_id)
        if not may_see(found, user, role):
            raise NotAllowed(role=role)
        result = _failure("job_cancelled", {})
        if not self._take(job_id, state="cancelled", ended_at=self._settings.now(), result=result):
            raise BadUsage("job_not_waiting")
        with self._store.read() as connection:
            _clear(json.loads(connection.scalar(select(jobs.c.payload).where(jobs.c.id == job_id)) or "{}"))

    def _take(self, job_id: str, **values: object) -> bool:
        """Change a job that still waits; whether it did. One writer at a time, so only one succeeds."""
        with self._store.write(figures=False) as connection:
            state = connection.scalar(select(jobs.c.state).where(jobs.c.id == job_id))
            if state == "waiting":
                connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
        return bool(state == "waiting")

    def job(self, job_id: str) -> Job | None:
        """One job, or ``None`` where there is none of this id."""
        with self._store.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        return self._job(row) if row is not None else None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits; a page ticks only then."""
        return bool(self.unfinished())

    def unfinished(self) -> tuple[Job, ...]:
        """The jobs that run or wait."""
        return tuple(job for job in self.jobs(LISTED) if job.state in ("waiting", "running"))

    def _job(self, row: Row[Any]) -> Job:
        payload = json.loads(row.payload or "{}")
        result = json.loads(row.result) if row.result else None
        error = result.get("error") if result else None
        return Job(
            id=row.id,
            kind=row.kind,
            state=row.state,
            files=tuple(one["name"] for one in payload.get("files", ())) or (payload.get("name", ""),),
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
        unfinished = select(jobs).where(jobs.c.state.in_(("running", "waiting")))
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
        """Run the job whose turn it is; whether there was one."""
        with self._store.read() as connection:
            waiting = connection.execute(select(jobs).where(jobs.c.state == "waiting")).all()
        if not waiting:
            return False
        row = min(waiting, key=lambda one: (self._served.get(one.user or "", ""), one.id))
        self._served[row.user or ""] = f"{time.time_ns():016x}"
        if not self._take(row.id, state="running", started_at=self._settings.now()):
            return True
        payload = json.loads(row.payload)
        state: State = "failed"
        result = _failure("fault", {})
        try:
            result, state = self._run(row, payload, parser), "done"
        except ShopdataError as fault:
            log.info("job %s failed: %s", row.id, fault.code)
            result = _failure(fault.code, fault.details)
        except (OSError, SQLAlchemyError):
            log.exception("job %s failed", row.id)
        finally:
            self._progress.pop(row.id, None)
            self._end(row.id, state, result)
            _clear(payload)
        self._follow()
        return True

    def _follow(self) -> None:
        """What follows from a job; should it fail, it is due again before it is needed."""
        try:
            self._after(self._store)
        except (ShopdataError, OSError, SQLAlchemyError):
            log.exception("what follows from a job failed")

    def _run(self, row: Row[Any], payload: Mapping[str, Any], parser: Parser) -> str:
        """The result of one job as JSON."""

        def tell(progress: Progress) -> None:
            self._progress[row.id] = progress

        work = Work(self._store, payload, row.user or "", row.role or "owner", tell, parser)
        return json.dumps(TASKS[row.kind](work), ensure_ascii=False, default=str)

    def _end(self, job: str, state: State, result: str) -> None:
        self._set(job, state=state, ended_at=self._settings.now(), result=result)

    def _set(self, job: str, **values: object) -> None:
        with self._store.write(figures=False) as connection:
            connection.execute(update(jobs).where(jobs.c.id == job).values(**values))


def may_see(job: Job, user: str, role: str) -> bool:
    """Whether somebody may see (and cancel) a job: the owner all, others their own."""
    return role in SEES_ALL or job.user == user


def _failure(code: str, details: Mapping[str, object]) -> str:
    return json.dumps({"error": {"code": code, "details": details}}, ensure_ascii=False, default=str)


def _clear(payload: Mapping[str, Any]) -> None:
    """Remove what is left of a job's uploads."""
    for one in payload.get("files", ()):
        if one.get("owned", True):
            Path(one["path"]).unlink(missing_ok=True)
    if payload.get("folder"):
        shutil.rmtree(payload["folder"], ignore_errors=True)

"""Jobs outlive pages and are told truly after a crash."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.queue import Job, Worker
from shopdata.imports.results import error_sentence
from shopdata.store import Store
from shopdata.store.tables import imports, jobs
from shopdata.words import words
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

OTHERS = [Line(number) for number in range(11, 14)]
LINES = [Line(number) for number in range(1, 6)]


@pytest.fixture
def worker(store: Store) -> Iterator[Worker]:
    one = Worker(store, store.settings)
    yield one
    one.stop()


@pytest.fixture
def uploaded(store: Store, tmp_path: Path) -> Callable[[str], Path]:
    def upload(name: str) -> Path:
        folder = store.settings.temporary / f"upload-{name}"
        folder.mkdir()
        return order_file(folder / "0", LINES)

    return upload


def finished(worker: Worker, job_id: str) -> Job:
    waiting = threading.Event()
    for _ in range(300):
        found = worker.job(job_id)
        if found is not None and found.ended_at is not None:
            return found
        waiting.wait(0.1)
    raise AssertionError("the job did not end")


def test_a_job_ends_with_the_contract_s_document(
    worker: Worker, uploaded: Callable[[str], Path], store: Store
) -> None:
    path = uploaded("a")
    worker.start()
    job = worker.enqueue([(path, "订单.csv")], user="anna", folder=path.parent)
    done = finished(worker, job)
    assert (done.state, done.files, done.user, done.error) == ("done", ("订单.csv",), "anna", None)
    assert done.result is not None
    (entry,) = done.result["files"]
    assert (entry["file"], entry["status"], entry["accepted"]) == ("订单.csv", "imported", 5)
    assert not path.parent.exists()
    assert not worker.busy


def test_jobs_run_in_their_turn_and_a_refused_file_is_a_done_job(
    worker: Worker, uploaded: Callable[[str], Path]
) -> None:
    good, bad = uploaded("good"), uploaded("bad")
    bad.write_bytes(b"")
    first = worker.enqueue([(bad, "bad.csv")], user="anna")
    second = worker.enqueue([(good, "good.csv")], user="anna", shop="云裳集")
    worker.start()
    refused, imported = finished(worker, first), finished(worker, second)
    assert refused.result is not None
    assert refused.result["files"][0]["error"]["code"] == "empty_file"
    assert imported.result is not None
    assert imported.result["files"][0]["shop"] == "云裳集"


def test_what_a_crash_left_running_has_failed_with_a_sentence(
    worker: Worker, store: Store, uploaded: Callable[[str], Path]
) -> None:
    gone, kept = uploaded("gone"), uploaded("kept")
    lost = worker.enqueue([(gone, "gone.csv")], user="anna")
    waiting = worker.enqueue([(kept, "kept.csv")], user="anna")
    shutil.rmtree(gone.parent)
    payload = json.dumps({"files": [], "shop": None, "format": None, "folder": None})
    with store.write() as connection:
        connection.execute(
            insert(jobs).values(
                id="cut", kind="import", state="running", payload=payload, created_at=store.settings.now()
            )
        )
    worker.start()
    for job_id in ("cut", lost):
        failed = finished(worker, job_id)
        assert failed.state == "failed"
        assert failed.error is not None
        assert failed.error.code == "job_interrupted"
        assert error_sentence(words("zh"), failed.error.code, failed.error.details)
    assert finished(worker, waiting).state == "done"


def test_a_fault_of_one_job_does_not_stop_the_next(
    worker: Worker, uploaded: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shopdata.imports import tasks

    real, calls = tasks.import_paths, []

    def once_broken(*given: object, **options: object) -> object:
        calls.append(given)
        if len(calls) == 1:
            raise OSError(5, "Input/output error")
        return real(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(tasks, "import_paths", once_broken)
    first = worker.enqueue([(uploaded("a"), "a.csv")], user="anna")
    second = worker.enqueue([(uploaded("b"), "b.csv")], user="anna")
    worker.start()
    assert finished(worker, first).state == "failed"
    assert finished(worker, second).state == "done"


def test_figures_stay_as_they_are_while_jobs_change_state(
    worker: Worker, store: Store, uploaded: Callable[[str], Path]
) -> None:
    version = store.version
    path = uploaded("a")
    path.write_bytes(b"")
    job = worker.enqueue([(path, "a.csv")], user="anna")
    worker.start()
    finished(worker, job)
    assert store.version == version
    with store.read() as connection:
        assert connection.scalar(select(jobs.c.state).where(jobs.c.id == job)) == "done"


def test_two_people_s_jobs_end_under_their_names_and_take_turns(
    worker: Worker, uploaded: Callable[[str], Path], store: Store
) -> None:
    of_anna = [worker.enqueue([(uploaded(f"a{turn}"), f"a{turn}.csv")], user="anna") for turn in range(3)]
    other = uploaded("b")
    order_file(other, OTHERS)
    of_bert = worker.enqueue([(other, "b.csv")], user="bert", role="operator")
    worker.start()
    ended = [finished(worker, job) for job in (*of_anna, of_bert)]
    assert [job.user for job in ended] == ["anna", "anna", "anna", "bert"]
    assert {job.state for job in ended} == {"done"}
    with store.read() as connection:
        users = connection.execute(select(imports.c.user, imports.c.file_name).order_by(imports.c.id)).all()
    assert [tuple(row) for row in users] == [("anna", "a0.csv"), ("bert", "b.csv")]


def test_others_jobs_can_be_neither_seen_nor_cancelled(
    worker: Worker, uploaded: Callable[[str], Path]
) -> None:
    job = worker.enqueue([(uploaded("a"), "a.csv")], user="anna", role="operator")
    assert worker.seen_by("bert", "operator") == ()
    assert [one.id for one in worker.seen_by("anna", "operator")] == [job]
    assert [one.id for one in worker.seen_by("chef", "owner")] == [job]
    with pytest.raises(NotAllowed):
        worker.cancel(job, "bert", "operator")
    with pytest.raises(NotFound):
        worker.cancel("none", "chef", "owner")


def test_a_waiting_job_can_be_cancelled_and_leaves_nothing(
    worker: Worker, uploaded: Callable[[str], Path], store: Store
) -> None:
    path = uploaded("a")
    job = worker.enqueue([(path, "a.csv")], user="anna", folder=path.parent)
    worker.cancel(job, "anna", "operator")
    worker.start()
    cancelled = finished(worker, job)
    assert (cancelled.state, cancelled.error and cancelled.error.code) == ("cancelled", "job_cancelled")
    assert not path.parent.exists()
    with store.read() as connection:
        assert connection.execute(select(imports)).all() == []
    with pytest.raises(BadUsage, match="job_not_waiting"):
        worker.cancel(job, "anna", "owner")


def test_undoing_giving_a_meaning_and_erasing_are_jobs_too(
    worker: Worker, uploaded: Callable[[str], Path], store: Store
) -> None:
    worker.start()
    finished(worker, worker.enqueue([(uploaded("a"), "a.csv")], user="anna"))
    word = {"platform": "douyin", "field": "status", "raw": "飞走了", "meaning": "closed"}
    assigned = finished(worker, worker.add("assign", word | {"name": "飞走了"}, user="anna"))
    assert assigned.result == {"assigned": {"files": [], "rows_in_place": 0}}
    undone = finished(worker, worker.add("undo", {"import": 1, "name": "a.csv"}, user="anna"))
    assert (undone.kind, undone.files) == ("undo", ("a.csv",))
    assert undone.result is not None
    assert undone.result["undone"]["file"] == "a.csv"
    purged = finished(worker, worker.add("purge", {"before": "2026-10-01"}, user="anna"))
    assert purged.result is not None
    assert purged.result["purged"]["before"] == "2026-10-01"
    refused = finished(worker, worker.add("undo", {"import": 1}, user="bert", role="operator"))
    assert refused.error is not None
    assert refused.error.code == "already_undone"

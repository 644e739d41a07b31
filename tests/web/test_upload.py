"""Uploads stream to disk, keep to their limits, become jobs, and leave nothing behind when they fail."""

import asyncio
import json
import shutil
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from shopdata.imports.queue import Worker
from shopdata.imports.uploads import sha256_of
from shopdata.settings import Settings
from shopdata.store.tables import jobs
from shopdata.web import sink, state
from shopdata.web.sink import clean_name
from shopdata.web.state import Opened
from tests.ingest.kuaishou import order
from tests.ingest.locked_files import locked
from tests.ingest.support import Files, table_rows
from tests.web.asgi import Answer, application, ask, call, files_below

NAME = "".join(chr(code) for code in (0x8BA2, 0x5355)) + ".csv"
RAW = {"x-file-name": quote(NAME), "content-type": "application/octet-stream"}
BOUNDARY = "----boundary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
def queue(opened: Opened, settings: Settings) -> Worker:
    """The queue without its thread: jobs wait."""
    worker = Worker(opened.store, settings)
    state.use(Opened(opened.store, settings, worker))
    return worker


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """A multipart body of (field, file name, content)."""
    body = b""
    for field, file_name, content in parts:
        named = f'; filename="{file_name}"' if file_name is not None else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{named}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def post(url: str, headers: dict[str, str], *body: bytes, **options: Any) -> Answer:
    return call(application(), "POST", url, headers, body, **options)


def test_a_raw_body_becomes_a_job_with_the_name_its_sender_gave(queue: Worker) -> None:
    answer = post("/api/v1/import", RAW, b"a,b\n", b"1,2\n")
    assert answer.status == 202
    job = queue.job(answer.json()["job"])
    assert job is not None
    assert (job.state, job.files, job.user) == ("waiting", (NAME,), "local")
    stored = files_below(queue._settings.temporary)
    assert [path.read_bytes() for path in stored] == [b"a,b\n1,2\n"]


def test_a_form_brings_many_files_and_what_was_chosen_for_them(queue: Worker) -> None:
    parts = (
        ("shop", None, b"My shop"),
        ("f", "a.csv", b"1"),
        ("f", "dir/b.xlsx", b"22"),
        ("other", None, b"x"),
    )
    body = form(*parts)
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    answer = post("/api/v1/import?wait=0", FORM, *pieces)
    assert answer.status == 202
    job = queue.job(answer.json()["job"])
    assert job is not None
    assert job.files == ("a.csv", "dir/b.xlsx")
    assert sorted(path.read_bytes() for path in files_below(queue._settings.temporary)) == [b"1", b"22"]


def test_a_form_with_a_file_full_of_boundaries_keeps_every_byte(queue: Worker) -> None:
    content = (f"\r\n--{BOUNDARY}x\r\n" * 50).encode()
    assert post("/api/v1/import?wait=0", FORM, form(("f", "a.csv", content))).status == 202
    assert [path.read_bytes() for path in files_below(queue._settings.temporary)] == [content]


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b"", "upload_empty"),
        ({"content-type": "text/plain"}, b"hello", "upload_empty"),
        (FORM, form(("shop", None, b"x")), "upload_empty"),
        (FORM, b"no form at all", "upload_broken"),
        (FORM, form(("f", "a.csv", b"1" * 99))[:-20], "upload_broken"),
        ({"content-type": "multipart/form-data"}, b"x", "upload_empty"),
    ],
)
def test_what_is_no_upload_is_a_problem_and_leaves_nothing(
    queue: Worker, headers: dict[str, str], body: bytes, code: str
) -> None:
    answer = post("/api/v1/import", headers, body)
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert not files_below(queue._settings.temporary)
    assert not queue.jobs()


def test_too_much_is_refused_before_or_while_it_arrives(
    queue: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = post("/api/v1/import", RAW | {"content-length": str(sink.LIMIT + 1)}, b"x")
    assert (announced.status, announced.json()["code"]) == (413, "too_large")
    monkeypatch.setattr(sink.Sink.__init__, "__kwdefaults__", {"limit": 1000})
    streamed = post("/api/v1/import", RAW, b"x" * 999, b"xx")
    assert (streamed.status, streamed.json()["code"]) == (413, "too_large")
    assert not files_below(queue._settings.temporary)


def test_a_full_disk_is_said_and_nothing_is_kept(queue: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=sink.RESERVE - 1))
    answer = post("/api/v1/import", RAW, b"x")
    assert (answer.status, answer.json()["code"]) == (507, "disk_full")
    assert not files_below(queue._settings.temporary)


def test_a_broken_connection_leaves_nothing(queue: Worker) -> None:
    post("/api/v1/import", RAW, b"half", hang_up=True)
    post("/api/v1/import", FORM, form(("f", "a.csv", b"x" * 99))[:80], hang_up=True)
    assert not files_below(queue._settings.temporary)
    assert not list(queue._settings.temporary.glob("upload-*"))
    assert not queue.jobs()


def test_a_large_file_is_never_in_memory(queue: Worker) -> None:
    piece = b"0123456789abcdef" * 4096
    app = application()

    async def upload() -> int:
        tracemalloc.start()
        answer = await ask(app, "POST", "/api/v1/import", RAW, (piece for _ in range(1600)))
        assert answer.status == 202
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert asyncio.run(upload()) < 12 << 20
    assert [path.stat().st_size for path in files_below(queue._settings.temporary)] == [1600 * len(piece)]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\dir\\b.xlsx", "C:/dir/b.xlsx"),
        ("a\r\nb\x00\x1b[31m.csv", "ab[31m.csv"),
        ("", "upload"),
        ("..", "upload"),
        ("x" * 999 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_a_file_name_is_only_a_name(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


def test_names_on_disk_are_ours(queue: Worker) -> None:
    post("/api/v1/import", {"x-file-name": quote("../../../evil.csv")}, b"x")
    (path,) = files_below(queue._settings.temporary)
    assert path.name == "0.csv"
    assert Path(path).parent.parent == queue._settings.temporary


def test_a_job_nobody_knows_is_not_found(queue: Worker) -> None:
    answer = call(application(), "GET", "/api/v1/jobs/none")
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


LOCK = "Zq7-open-sesame"


@pytest.fixture
def locked_file(tmp_path: Path) -> Path:
    plain = Files(tmp_path).xlsx(table_rows([order()]), "plain.xlsx")
    return locked(plain, tmp_path / "orders.xlsx", LOCK)


def test_a_password_in_a_form_opens_the_file_and_enters_no_job(queue: Worker, locked_file: Path) -> None:
    body = form(("password", None, LOCK.encode()), ("f", "orders.xlsx", locked_file.read_bytes()))
    assert post("/api/v1/import?wait=0", FORM, body).status == 202
    with queue._store.read() as connection:
        (payload,) = connection.execute(select(jobs.c.payload)).scalars()
    (one,) = json.loads(payload)["files"]
    assert LOCK not in payload
    assert one["sha256"] == sha256_of(locked_file)
    assert Path(one["path"]).read_bytes().startswith(b"PK")
    assert len(files_below(queue._settings.temporary)) == 1


def test_a_wrong_password_leaves_the_file_locked(queue: Worker, locked_file: Path) -> None:
    body = form(("password", None, b"wrong"), ("f", "orders.xlsx", locked_file.read_bytes()))
    assert post("/api/v1/import?wait=0", FORM, body).status == 202
    (stored,) = files_below(queue._settings.temporary)
    assert stored.read_bytes() == locked_file.read_bytes()


def test_a_password_in_an_address_is_not_read(queue: Worker, locked_file: Path) -> None:
    answer = post(f"/api/v1/import?password={LOCK}", RAW, locked_file.read_bytes())
    assert answer.status == 202
    (stored,) = files_below(queue._settings.temporary)
    assert stored.read_bytes() == locked_file.read_bytes()

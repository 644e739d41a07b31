"""Files that come in over HTTP give the same entries and figures as those typed at the command line."""

import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.serving import Server, environment, serving

SHOP = "Nuts & more"
BOUNDARY = "----a-boundary"


@pytest.fixture(scope="module")
def files(sample: Path) -> list[Path]:
    return [*sorted(sample.glob("*shanhuop.csv")), next(sample.glob("*-22.csv"))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("http") / "home") as running:
        yield running


def form(paths: list[Path], **fields: str) -> bytes:
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    parts += [(f'name="file"; filename="{path.name}"', path.read_bytes()) for path in paths]
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def without_seconds(document: Any) -> Any:
    return [{name: value for name, value in one.items() if name != "seconds"} for one in document["files"]]


def typed(home: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "shopdata", *arguments, "--json"]
    done = subprocess.run(command, env=environment(home), capture_output=True, check=False)
    return json.loads(done.stdout)


def test_a_form_of_files_gives_what_the_command_line_gives(
    server: Server, files: list[Path], tmp_path: Path
) -> None:
    head = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept-Language": "zh"}
    answer = server.request("POST", "/api/v1/import", head, form(files, shop=SHOP))
    assert answer.status == 200, answer.body
    home = tmp_path / "home"
    at_the_terminal = typed(home, "import", *map(str, files), "--shop", SHOP)
    assert without_seconds(answer.json()) == without_seconds(at_the_terminal)
    assert server.get("/api/v1/metrics?lang=zh").json() == typed(home, "metrics")


def test_a_raw_body_with_a_chinese_name_is_known_again(server: Server, files: list[Path]) -> None:
    head = {"X-File-Name": quote(files[2].name)}
    answer = server.request("POST", "/api/v1/import?wait=1", head, files[2].read_bytes())
    assert [(one["file"], one["status"]) for one in answer.json()["files"]] == [(files[2].name, "duplicate")]


def test_a_job_is_followed_to_its_end(server: Server, files: list[Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(files[0], "a.csv")
    body = (tmp_path / "all.zip").read_bytes()
    queued = server.request("POST", "/api/v1/import", {"X-File-Name": "all.zip"}, body)
    assert queued.status == 202
    until = time.monotonic() + 30
    while (job := server.get(queued.headers["location"]).json())["ended_at"] is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (job["state"], job["error"]) == ("done", None)
    assert job["result"]["files"][0]["file"] == "all.zip/a.csv"


def test_uploads_and_commands_at_the_same_time_all_end_well(
    server: Server, files: list[Path], tmp_path: Path
) -> None:
    found: list[str] = []

    def upload(path: Path) -> None:
        answer = server.request("POST", "/api/v1/import?wait=1", {"X-File-Name": "x.csv"}, path.read_bytes())
        found.extend(one["status"] for one in answer.json()["files"])

    def read() -> None:
        found.append(str(server.get("/api/v1/metrics?by=day").status))

    threads = [threading.Thread(target=upload, args=(path,)) for path in files]
    threads += [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    home = server.log.with_name("home")
    document = typed(home, "import", str(files[1]))
    for thread in threads:
        thread.join()
    assert sorted(found) == ["200"] * 6 + ["duplicate"] * 3
    assert [one["status"] for one in document["files"]] == ["duplicate"]
    assert "Traceback" not in server.printed()

"""``watch`` as a process of its own: alone and beside a running server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file
from tests.serving import environment, serving

PATIENCE = 60.0
NOW = "2026-11-02T12:00:00"


@contextmanager
def watching(home: Path, folder: Path, *flags: str) -> Iterator[subprocess.Popen[str]]:
    """The command at work; interrupted as by Ctrl-C at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "shopdata", "watch", str(folder), "--lang", "en", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, SHOPDATA_NOW=NOW),
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Watching ")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)


def until(done: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.2)


def uploads(home: Path) -> int:
    return len(list((home / "uploads").glob("*"))) if (home / "uploads").is_dir() else 0


@pytest.mark.parametrize("served", [False, True], ids=["alone", "beside a server"])
def test_files_that_appear_are_imported_once_until_interrupted(tmp_path: Path, served: bool) -> None:
    home, folder = tmp_path / "home", tmp_path / "exports"
    folder.mkdir()
    order_file(folder / "first.csv", [Line(1)])

    def watched() -> tuple[int, Any]:
        with watching(home, folder, "--json") as process:
            until(lambda: uploads(home) == 1)
            (folder / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
            order_file(folder / "second.csv", [Line(2), Line(3)])
            (folder / "half.csv.part").write_text("x", encoding="utf-8")
            until(lambda: uploads(home) == 2)
            process.send_signal(signal.SIGINT)
            said, told = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in told
        return process.returncode, json.loads(said)

    if served:
        with serving(home, SHOPDATA_NOW=NOW):
            status, document = watched()
    else:
        status, document = watched()
    assert status == 1
    found = {one["file"]: one["status"] for one in document["files"]}
    assert found == {"first.csv": "imported", "second.csv": "imported", "bad.csv": "refused"}
    assert sorted(path.name for path in folder.iterdir()) == [
        "bad.csv", "first.csv", "half.csv.part", "second.csv",
    ]  # fmt: skip


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shopdata", "watch", str(tmp_path / "none"), "--json"],
        capture_output=True,
        text=True,
        env=environment(tmp_path / "home"),
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "path_not_found"

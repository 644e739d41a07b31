"""Every command answers the same whether it opens the store itself or a running server does it."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shopdata.cli import main
from tests.serving import Server, environment, serving

SHOP = "Nuts & more"
COMMANDS = (
    ("metrics",),
    ("metrics", "--by", "source", "--basis", "paid"),
    ("metrics", "--from", "2026-11-01", "--to", "2026-11-10", "--by", "day"),
    ("metrics", "--shop", SHOP, "--source", "live"),
    ("series", "pay_rate", "--by", "week"),
    ("funnel",),
    ("sources",),
    ("orders", "--limit", "20", "--statuses", "closed"),
    ("formats",),
    ("metrics", "--shop", "nobody"),
    ("series", "nothing"),
    ("import", "nothing.csv"),
)


@dataclass(frozen=True, slots=True)
class Finished:
    status: int
    out: bytes
    err: bytes


def type_in(home: Path, *arguments: str, piped: bytes = b"") -> Finished:
    """Type a command in a process of its own, in the folder above ``home``."""
    command = [sys.executable, "-m", "shopdata", *arguments]
    done = subprocess.run(
        command, env=environment(home), cwd=home.parent, input=piped, capture_output=True, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def run_here(*arguments: str) -> Finished:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    return Finished(status, out.getvalue().encode(), err.getvalue().encode())


def without_moment(document: Any) -> Any:
    """A status document without what changes from one look to the next."""
    return {name: value for name, value in document.items() if name not in {"disk", "lock", "size"}}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, order_files: list[Path]) -> Path:
    """A home with one shop, filled by the command line itself."""
    home = tmp_path_factory.mktemp("doors") / "home"
    paths = "\n".join(str(path) for path in order_files)
    done = type_in(home, "import", "-", "--shop", SHOP, "--json", piped=paths.encode())
    assert done.status == 0, done.err
    files = json.loads(done.out)["files"]
    assert [(one["status"], one["shop"], one["rejected"]) for one in files] == [("imported", SHOP, 0)] * 3
    assert all(one["accepted"] + one["rejected"] == one["rows"] for one in files)
    assert all(one["new"] + one["updated"] + one["unchanged"] == one["accepted"] for one in files)
    return home


@pytest.fixture(scope="module")
def direct(stocked: Path) -> Mapping[tuple[str, ...], Finished]:
    """What each command answers when nothing serves the store; run in this process, which is quicker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPDATA_HOME", str(stocked))
        patch.delenv("SHOPDATA_LANG", raising=False)
        patch.chdir(stocked.parent)
        return {one: run_here(*one, "--json") for one in (*COMMANDS, ("status",))}


@pytest.fixture(scope="module")
def server(stocked: Path, direct: object) -> Iterator[Server]:
    with serving(stocked) as running:
        yield running


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, id=" ".join(one), marks=pytest.mark.faults if place % 2 else ())
        for place, one in enumerate(COMMANDS)
    ],
)
def test_the_answer_through_a_running_server_is_the_same(
    server: Server, stocked: Path, direct: Mapping[tuple[str, ...], Finished], command: tuple[str, ...]
) -> None:
    through = type_in(stocked, *command, "--json")
    assert through.status == direct[command].status
    assert json.loads(through.out) == json.loads(direct[command].out)


def test_people_read_the_same_too(server: Server, stocked: Path) -> None:
    through = type_in(stocked, "metrics", "--by", "source", "--lang", "en")
    assert b"Live" in through.out
    assert through.status == 0


def test_status_is_the_same_but_for_who_holds_the_store(
    server: Server, stocked: Path, direct: Mapping[tuple[str, ...], Finished]
) -> None:
    through = json.loads(type_in(stocked, "status", "--json").out)
    assert without_moment(through) == without_moment(json.loads(direct["status",].out))
    assert through["lock"]["pid"] == server.process.pid


@pytest.mark.parametrize(
    ("command", "url"),
    [
        (("metrics",), "/api/v1/metrics"),
        (COMMANDS[1], "/api/v1/metrics?by=source&basis=paid"),
        (COMMANDS[2], "/api/v1/metrics?by=day&from=2026-11-01&to=2026-11-10"),
        (("series", "pay_rate", "--by", "week"), "/api/v1/series/pay_rate?by=week"),
        (("funnel",), "/api/v1/funnel"),
        (("sources",), "/api/v1/sources"),
        (COMMANDS[7], "/api/v1/orders?limit=20&statuses=closed"),
        (("formats",), "/api/v1/formats"),
    ],
)
def test_the_api_gives_the_same_document(
    server: Server, direct: Mapping[tuple[str, ...], Finished], command: tuple[str, ...], url: str
) -> None:
    assert server.get(url).json() == json.loads(direct[command].out)


def test_an_import_through_the_server_knows_the_same_bytes_again(
    server: Server, stocked: Path, order_files: list[Path]
) -> None:
    done = type_in(stocked, "import", str(order_files[0]), "--json")
    assert done.status == 0
    assert [one["status"] for one in json.loads(done.out)["files"]] == ["duplicate"]


def test_an_export_lands_in_the_folder_it_was_typed_in(server: Server, stocked: Path) -> None:
    done = type_in(stocked, "orders", "--statuses", "closed", "--out", "closed.csv", "--fields", "order_id")
    assert done.status == 0, done.err
    lines = (stocked.parent / "closed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 50


def test_a_second_server_on_the_same_home_says_where_the_first_one_is(server: Server, stocked: Path) -> None:
    done = type_in(stocked, "serve", "--port", str(server.port + 1))
    assert done.status == 2
    assert f"http://127.0.0.1:{server.port}".encode() in done.err
    assert b"Traceback" not in done.err


def test_restoring_under_a_running_server_is_refused_in_words(server: Server, stocked: Path) -> None:
    (stocked.parent / "any.zip").write_bytes(b"x")
    done = type_in(stocked, "restore", "any.zip", "--json")
    assert done.status == 2
    assert json.loads(done.out)["error"]["code"] == "restore_while_serving"


def test_commands_that_meet_wait_for_each_other(tmp_path: Path, order_files: list[Path]) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "shopdata", "import", "--shop", SHOP, "--json"]
    running = [
        subprocess.Popen(
            [*command, str(path)],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for path in order_files
    ]
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert [one["status"] for one in json.loads(out)["files"]] == ["imported"]

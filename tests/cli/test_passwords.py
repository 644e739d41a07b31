"""Passwords of locked workbooks: from a file, a pipe or a prompt, never from the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from shopdata.cli import main
from tests.cli.conftest import Type
from tests.ingest.kuaishou import order
from tests.ingest.locked_files import locked
from tests.ingest.support import Files, table_rows

PASSWORD = "Zq7-open-sesame"  # noqa: S105  (invented, of this test alone)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    plain = Files(tmp_path).xlsx(table_rows([order()]), "plain.xlsx")
    made = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    plain.unlink()
    return made


def status(finished: object) -> tuple[str, str | None]:
    (one,) = finished.json()["files"]  # type: ignore[attr-defined]
    return one["status"], one["error"] and one["error"]["code"]


def test_without_a_password_the_file_is_refused_and_asked_for(type_in: Type, file: Path) -> None:
    done = type_in("import", "--json", str(file))
    assert (done.status, status(done)) == (2, ("refused", "password_needed"))


def test_a_password_file_opens_it(type_in: Type, file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(f"other\n{PASSWORD}\n", encoding="utf-8")
    done = type_in("import", "--json", "--password-file", "secret.txt", str(file))
    assert (done.status, status(done)) == (0, ("imported", None))
    assert PASSWORD not in done.out + done.err


def test_a_pipe_opens_it(type_in: Type, file: Path) -> None:
    done = type_in("import", "--json", "--password-file", "-", str(file), piped=f"{PASSWORD}\n")
    assert status(done) == ("imported", None)


def test_a_wrong_one_is_said_to_be(type_in: Type, file: Path) -> None:
    done = type_in("import", "--json", "--password-file", "-", str(file), piped="wrong\n")
    assert (done.status, status(done)) == (2, ("refused", "password_wrong"))


def test_one_pipe_cannot_bring_both_names_and_passwords(type_in: Type) -> None:
    assert type_in("import", "--password-file", "-", "-", piped="x").status == 2


def test_at_a_terminal_it_is_asked_for_unseen(
    home: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return PASSWORD

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("getpass.getpass", typed)
    assert main(["import", str(file)]) == 0
    assert len(asked) == 1
    assert PASSWORD not in capsys.readouterr().out


def test_at_a_terminal_nothing_is_asked_where_no_file_is_locked(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail("asked"))
    assert main(["import", str(Files(tmp_path).xlsx(table_rows([order()]), "open.xlsx"))]) in (0, 1)

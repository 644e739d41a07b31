"""A home of its own for each test, the sample's files, and a way to type commands."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shopdata.cli import main


@dataclass(frozen=True, slots=True)
class Finished:
    status: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Type = Callable[..., Finished]


@pytest.fixture(scope="session")
def order_files(sample: Path) -> list[Path]:
    """The order exports of one shop and its parcels, all CSV; oldest export first."""
    return [*sorted(sample.glob("*shanhuop.csv")), next(sample.glob("*2026-11-22.csv"))]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("SHOPDATA_HOME", str(folder))
    monkeypatch.delenv("SHOPDATA_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def type_in(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command in this process."""

    def run(*arguments: str, piped: str = "") -> Finished:
        monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Finished(status, printed.out, printed.err)

    return run

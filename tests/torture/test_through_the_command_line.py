"""Bad files in one command: one document, the declared verdicts, the contract's exit status.

Some of every subject; all of them under ``--faults``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shopdata.store import open_store
from tests.imports.conftest import settings_in
from tests.serving import environment
from tests.torture.catalogue import CASES, FEW, SUBJECTS
from tests.torture.declaration import Case
from tests.torture.judging import NOW, PROGRAM_WORDS, differences, exit_status, of_each, stored_differences


@dataclass(frozen=True, slots=True)
class Typed:
    """A finished command."""

    cases: tuple[Case, ...]
    status: int
    entries: dict[str, list[Any]]
    told: str
    home: Path


def typed(
    home: Path, cases: tuple[Case, ...], folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "shopdata",
        "import",
        *options,
        *(str(folder / one.file) for one in cases),
    ]
    return subprocess.run(
        command, env=environment(home, SHOPDATA_NOW=NOW), capture_output=True, text=True, check=False
    )


SETS = (pytest.param(FEW, id="some"), pytest.param(CASES, id="all", marks=pytest.mark.faults))


@pytest.fixture(scope="module", params=SETS)
def done(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Typed:
    cases: tuple[Case, ...] = request.param
    home = tmp_path_factory.mktemp("typed") / "home"
    finished = typed(home, cases, folder, "--json")
    document = json.loads(finished.stdout)
    assert list(document) == ["files"]
    return Typed(cases, finished.returncode, of_each(cases, document["files"]), finished.stderr, home)


def test_the_command_ends_as_the_contract_says(done: Typed) -> None:
    assert done.status == exit_status(one for case in done.cases for one in case.expected.values())
    assert PROGRAM_WORDS.search(done.told) is None


@pytest.mark.parametrize("subject", SUBJECTS)
def test_bad_files_get_their_verdicts(subject: str, done: Typed) -> None:
    wrong = {
        name: differences(entry, verdict)
        for case in SUBJECTS[subject]
        if case in done.cases
        for entry, (name, verdict) in zip(done.entries[case.name], case.expected.items(), strict=True)
        if differences(entry, verdict) or entry["file"] != name
    }
    assert wrong == {}


def test_the_store_holds_what_was_declared_and_no_more(done: Typed) -> None:
    with open_store(settings_in(done.home)) as store:
        assert stored_differences(store, done.cases) == []


@pytest.mark.parametrize("name", ["cut-inside-the-last-amount", "nothing-at-all", "name-bell", "text-unseen"])
def test_one_bad_file_is_told_to_a_person(name: str, folder: Path, tmp_path: Path) -> None:
    (case,) = (case for case in CASES if case.name == name)
    finished = typed(tmp_path / "home", (case,), folder)
    assert finished.returncode == exit_status(case.expected.values())
    assert PROGRAM_WORDS.search(finished.stdout + finished.stderr) is None
    assert finished.stdout.isascii() or not {"\x07", "\x1b", "\u202e"} & set(finished.stdout)

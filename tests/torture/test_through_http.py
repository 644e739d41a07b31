"""Bad files through ``POST /api/v1/import``: a form of many, and one by one under hostile names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from shopdata.store import open_store
from tests.imports.conftest import settings_in
from tests.serving import serving
from tests.torture.catalogue import CASES, FEW, SUBJECTS
from tests.torture.declaration import Case
from tests.torture.judging import NOW, differences, stored_differences
from tests.torture.sending import send_form, send_one, shown

A_REQUEST = 8


def judged(cases: Sequence[Case], home: Path) -> None:
    named = [case for case in cases if case in SUBJECTS["file names"]]
    others = [case for case in cases if case not in named]
    wrong = []
    with serving(home, SHOPDATA_NOW=NOW) as server:
        sent = [(case, send_one(server, case)) for case in named]
        for first in range(0, len(others), A_REQUEST):
            part = others[first : first + A_REQUEST]
            waiting = iter(send_form(server, part))
            sent += [(case, [next(waiting) for _ in case.expected]) for case in part]
            assert next(waiting, None) is None
        printed = server.printed()
    for case, entries in sent:
        for entry, (name, verdict) in zip(entries, shown(case).items(), strict=True):
            if case in named and entry["file"] != name:
                wrong.append(f"{case.name}: called {entry['file']!r}")
            wrong += [f"{case.name}: {one}" for one in differences(entry, verdict)]
    assert wrong == []
    assert "Traceback" not in printed
    with open_store(settings_in(home)) as store:
        assert stored_differences(store, cases) == []


def test_some_of_every_subject_get_their_verdicts(tmp_path: Path) -> None:
    judged(FEW, tmp_path / "home")


@pytest.mark.faults
def test_all_bad_files_get_their_verdicts(tmp_path: Path) -> None:
    judged(CASES, tmp_path / "home")

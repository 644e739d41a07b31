"""Every bad file through the import itself: verdict, sentences in both languages, time and memory of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shopdata.imports.results import FileResult
from shopdata.imports.run import import_paths
from shopdata.store import Store, open_store
from shopdata.words import LANGUAGES, words
from tests.imports.conftest import settings_in
from tests.torture.catalogue import CASES, SUBJECTS
from tests.torture.declaration import Case
from tests.torture.judging import differences, of_each, stored_differences
from tests.torture.memory import MeasuredParser

LONGEST_SECONDS = 20
MOST_MEMORY = 512 << 20
FEWEST_CASES = 60


@dataclass(frozen=True, slots=True)
class Done:
    """All cases imported in one go."""

    store: Store
    parser: MeasuredParser
    results: dict[str, list[FileResult]]


@pytest.fixture(scope="module")
def done(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    settings = settings_in(tmp_path_factory.mktemp("torture") / "home")
    with open_store(settings) as store, MeasuredParser() as parser:
        results = import_paths(store, [folder / case.file for case in CASES], parser=parser)
        yield Done(store, parser, of_each(CASES, results))


def test_the_catalogue_is_one_of_many_different_files() -> None:
    assert len(CASES) >= FEWEST_CASES
    for names in ([case.name for case in CASES], [case.file for case in CASES]):
        assert len(names) == len(set(names))
    assert len({case.numbers.start for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_gets_its_verdict(case: Case, done: Done) -> None:
    results = done.results[case.name]
    assert [result.file for result in results] == list(case.expected)
    for result, verdict in zip(results, case.expected.values(), strict=True):
        for language in LANGUAGES:
            assert differences(result.as_json(words(language)), verdict) == [], (result.file, language)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_store_holds_what_was_declared_and_no_more(subject: str, done: Done) -> None:
    assert stored_differences(done.store, SUBJECTS[subject]) == []


def test_no_file_takes_long_or_much_memory(done: Done) -> None:
    assert {name: spent for name, spent in done.parser.seconds.items() if spent >= LONGEST_SECONDS} == {}
    assert {name: most for name, most in done.parser.bytes.items() if most >= MOST_MEMORY} == {}

"""Bad files dropped on the Import page: what a person reads of each is its declared verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shopdata.store import open_store
from shopdata.words import words
from tests.browser.conftest import Visitor, visiting
from tests.imports.conftest import settings_in
from tests.serving import serving
from tests.torture.catalogue import CASES, FEW
from tests.torture.declaration import Case, Verdict
from tests.torture.judging import NOW, PROGRAM_WORDS, stored_differences
from tests.torture.sending import shown

ZH = words("zh")
A_DROP = 40
LONG = 300_000
ROWS = "pages.import.rows"
JOINER = "\u2060"


def _drop(visitor: Visitor, paths: Sequence[Path]) -> Page:
    """Upload files and wait until it is known what each is."""
    page = visitor.open("/import")
    page.wait_for_selector("input.f", state="attached")
    page.locator("input.f").set_input_files([str(path) for path in paths])
    page.get_by_text(ZH("pages.import.waiting", n=len(paths)), exact=True).wait_for(timeout=LONG)
    page.locator(".st-key-import_go button").wait_for(timeout=LONG)
    visitor.settle()
    return page


def _refusals(code: str) -> list[str]:
    """How the sentences of a refusal begin: one of the code, and of the forms it has."""
    keys = (f"errors.{code}", f"imports.errors.{code}")
    return [text.partition("{")[0] for key, text in ZH.entries.items() if key.startswith(keys)]


def _missing(verdict: Verdict, read: str) -> list[str]:
    """Sentences of the verdict that do not stand in what was read."""
    if verdict.code is not None:
        refusals = _refusals(verdict.code)
        return [] if any(one in read for one in refusals) else refusals
    expected = [ZH(ROWS, rows=f"{verdict.rows:,}", accepted=f"{verdict.accepted:,}")]
    if verdict.rejects:
        expected.append(ZH("pages.import.rejected_n", n=f"{len(verdict.rejects):,}"))
    return [sentence for sentence in expected if sentence not in read]


def _plain(name: str) -> str:
    """A name as a page can show it: no joiners, no blanks around it."""
    return name.replace(JOINER, "").strip()


def _judge(page: Page, cases: Sequence[Case]) -> list[str]:
    """What is wrong with what the page says of each file; files stand there as their uploads end."""
    boxes = [box.inner_text() for box in page.locator("[class*=st-key-look_]").all()]
    said = {_plain(read.partition("\n")[0]): read for read in boxes}
    wrong, files = [], 0
    for case in cases:
        for name, verdict in shown(case).items():
            files += 1
            read = said.get(_plain(name), "")
            wrong += [f"{case.name}: no {sentence!r} in {read!r}" for sentence in _missing(verdict, read)]
            if hit := PROGRAM_WORDS.search(read.partition("\n")[2]):
                wrong.append(f"{case.name}: {hit.group()!r} in {read!r}")
    assert len(boxes) == files
    return wrong


def _is_refused(case: Case) -> bool:
    """Whether nothing of it is imported: of an archive the whole upload goes in where one file of it does."""
    return all(verdict.code is not None for verdict in shown(case).values())


def dropped(browser: Browser, cases: Sequence[Case], folder: Path) -> None:
    """Drop, read, import; then look into the store."""
    made = folder / "files"
    made.mkdir()
    for case in cases:
        (made / case.file).write_bytes(case.bytes)
    wrong = []
    home = folder / "home"
    with serving(home, SHOPDATA_NOW=NOW) as server, visiting(browser, server) as enter:
        visitor = enter()
        for first in range(0, len(cases), A_DROP):
            part = cases[first : first + A_DROP]
            page = _drop(visitor, [made / case.file for case in part])
            wrong += _judge(page, part)
            page.locator(".st-key-import_go button").click()
            stays = sum(len(shown(case)) for case in part if _is_refused(case))
            expect(page.locator("[class*=st-key-look_]")).to_have_count(stays, timeout=LONG)
            visitor.settle()
            if page.locator("[class*=st-key-look_]").count():
                page.locator(".st-key-import_drop button").click()
                visitor.settle()
            page.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)
        expect(page.locator("[data-testid=stProgress], [class*=st-key-queued_]")).to_have_count(
            0, timeout=LONG
        )
        assert visitor.wrong == []
        assert "Traceback" not in server.printed()
    assert not wrong, "\n".join(wrong)
    with open_store(settings_in(home)) as store:
        assert stored_differences(store, cases) == []


def test_some_of_every_subject_are_read_as_declared(browser: Browser, tmp_path: Path) -> None:
    dropped(browser, FEW, tmp_path)


@pytest.mark.faults
def test_all_bad_files_are_read_as_declared(browser: Browser, tmp_path: Path) -> None:
    dropped(browser, CASES, tmp_path)

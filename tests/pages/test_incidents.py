"""Incidents above the queue: their card, suspending from it, answering all of it; what roles are offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from shopdata.abnormal.incidents import incidents
from shopdata.abnormal.reading import Choice, flags
from shopdata.abnormal.suspending import suspended
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from shopdata.web import identity
from shopdata.words import words
from tests.abnormal.conftest import bring_into, settings_in
from tests.abnormal.test_incidents import YT, on_the_way, usual, written
from tests.pages.conftest import Run

ZH = words("zh")


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Store]:
    """Twelve parcels of one courier to Guangdong stand still, among eighty that move."""
    rows = [on_the_way(1 + k, 90, YT, 0, 80) for k in range(12)]
    with Parser() as parser, open_store(settings_in(tmp_path / "home")) as store:
        bring_into(store, parser, written(tmp_path, rows + usual(100, 80)))
        yield store


def button(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == ZH(label)).click().run()


def test_an_incident_is_one_card_and_all_of_it_can_be_answered(run: Run, stuck: Store) -> None:
    page = run(stuck, "abnormal")
    assert any("广东省" in one.value and "12 单" in one.value for one in page.markdown)
    page = button(page, "pages.incidents.waiting_do")
    assert not page.exception
    assert flags(stuck, Scope()) == ()
    assert len(flags(stuck, Scope(), Choice(state="waiting"))) == 12


def test_suspending_from_the_card_takes_it_away_until_it_is_ended(run: Run, stuck: Store) -> None:
    page = button(run(stuck, "abnormal"), "pages.incidents.suspend_do")
    assert not page.exception
    ((one, n),) = suspended(stuck, Scope()).items()
    assert (one.province, one.courier, f"{one.from_day}", f"{one.to_day}", n) == (
        "440000", YT, "2026-11-02", "2026-11-08", 12,
    )  # fmt: skip
    assert incidents(stuck, Scope()) == ()
    assert any("12 条暂停到 11" in one.value for one in page.caption)
    button(page, "pages.incidents.end")
    assert len(incidents(stuck, Scope())) == 1


def test_who_may_not_work_cases_sees_the_card_alone(run: Run, stuck: Store) -> None:
    page = run(stuck, "abnormal", who=replace(identity.LOCAL, role="viewer"))
    assert any("广东省" in one.value for one in page.markdown)
    offered = {one.label for one in page.button}
    assert not offered & {ZH("pages.incidents.waiting_do"), ZH("pages.incidents.suspend_do")}

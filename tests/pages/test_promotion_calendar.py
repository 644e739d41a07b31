"""The calendar a shop edits, on the pages: bands on charts, events to prepare for, and its own editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shopdata.analysis.promotion_calendar import Event, calendar, save_own
from shopdata.scope import Scope
from shopdata.store import Store
from tests.pages.conftest import Run

FAIR = Event("<b>店庆*", date(2026, 9, 20), date(2026, 9, 22), "<b>店庆*")
COMING = Event("会员日", date(2026, 12, 1), date(2026, 12, 1), "会员日")
OLD = Event("开业", date(2023, 5, 1), date(2023, 5, 3), "开业")


@pytest.fixture
def store(sample_store: Store) -> Iterator[Store]:
    """The sample, whose calendar is as it came along before and after."""
    yield sample_store
    save_own(sample_store, Scope(), [])


def bands(page: AppTest) -> list[str]:
    """What is written over the bands of the page's charts."""
    figures: list[dict[str, Any]] = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return [note["text"] for figure in figures for note in figure["layout"].get("annotations", ())]


@pytest.mark.parametrize("name", ["overview", "trends"])
def test_an_own_event_is_a_band_on_the_charts_of_its_days_until_removed(
    run: Run, store: Store, name: str
) -> None:
    usual = bands(run(store, name, days="all"))
    assert "双11" in usual
    save_own(store, Scope(), [FAIR])
    assert sorted(bands(run(store, name, days="all"))) == sorted([*usual, "&lt;b&gt;店庆*"])
    assert "&lt;b&gt;店庆*" not in bands(run(store, name, days="7"))
    save_own(store, Scope(), [])
    assert bands(run(store, name, days="all")) == usual


def test_an_own_event_is_offered_to_prepare_for_and_as_one_it_will_go_like(run: Run, store: Store) -> None:
    save_own(store, Scope(), [FAIR, COMING])
    page = run(store, "products", view="promotion")
    which, like = page.selectbox(key="products_event"), page.selectbox(key="products_like")
    assert which.options[0] == "会员日 2026-12-01"
    assert any("<b>店庆*" in option for option in like.options)
    assert any("\\<b\\>店庆\\*" in one.value for one in page.subheader)
    which.select_index(0).run()
    save_own(store, Scope(), [])
    page.run()
    assert not page.exception
    assert not any("会员日" in option for option in page.selectbox(key="products_event").options)


def test_saving_what_is_shown_keeps_the_own_events_too_old_to_be_shown(run: Run, store: Store) -> None:
    save_own(store, Scope(), [OLD, COMING])
    before = calendar(store)
    page = run(store, "promotions")
    page.button(key="calendar_save").click().run()
    assert not page.exception
    assert calendar(store) == before


def test_a_row_taken_out_of_the_calendar_stays_out(run: Run, store: Store) -> None:
    page = run(store, "promotions")
    before = calendar(store)
    shown = [one for one in before if one.end.year >= 2025]
    page.session_state["calendar_rows"] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [0]}
    page.button(key="calendar_save").click().run()
    assert not page.exception
    assert calendar(store) == tuple(one for one in before if one != shown[0])
    page.session_state["calendar_rows"] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}
    page.button(key="calendar_save").click().run()
    assert calendar(store) == tuple(one for one in before if one != shown[0])

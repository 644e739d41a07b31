"""Every page renders over the sample and over nothing, in both languages, and never in the other one."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import frame
from pages.ui.links import page_file
from shopdata.store import Store
from shopdata.web import identity
from shopdata.words import words
from tests.pages.conftest import PAGES, Run

NAMES = tuple(page_file(name).removesuffix(".py") for name in frame.NAMES)
# An owner opens every page above: who uses the computer itself is one. Of the others, first those who see
# no rows and no money.
FIRST = ("viewer", "shipping")
ROLES = [pytest.param(role, marks=() if role in FIRST else pytest.mark.faults) for role in identity.ROLES]
CHINESE = re.compile("[\u4e00-\u9fff]")
SHOWN = ("title", "subheader", "caption", "button", "info", "warning", "error")


def key_of(name: str) -> str:
    return name.removesuffix("_files")


def texts(page: AppTest) -> list[str]:
    found = [getattr(one, "label", None) or one.value for kind in SHOWN for one in getattr(page, kind)]
    found += [metric.label for metric in page.metric]
    found += [option for box in page.selectbox for option in (box.label,)]
    return [str(text) for text in found]


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.faults)])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_renders_over_the_sample(run: Run, sample_store: Store, name: str, language: str) -> None:
    page = run(sample_store, name, language=language)
    assert not page.exception
    assert page.title[0].value == words(language)(f"pages.{key_of(name)}.title")
    assert "2026-11-22" in " ".join(caption.value for caption in page.caption).replace("\\", "")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_renders_over_nothing_in_its_own_language(
    run: Run, empty_store: Store, name: str, language: str
) -> None:
    page = run(empty_store, name, language=language)
    assert not page.exception
    assert page.title[0].value == words(language)(f"pages.{key_of(name)}.title")
    if language == "en":
        assert not [text for text in texts(page) if CHINESE.search(text)]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_renders_over_one_file(run: Run, partial_store: Store, name: str) -> None:
    assert not run(partial_store, name).exception


@pytest.mark.parametrize("partial_store", ["orders"], indirect=True)
def test_a_figure_without_its_file_says_which_file_to_upload(run: Run, partial_store: Store) -> None:
    page = run(partial_store, "overview")
    said = [metric.proto.delta_description for metric in page.metric]
    assert words("zh")("ui.upload_first", file=words("zh")("ui.kinds.aftersales")) in said


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_the_guards_mark_shows_nothing(run: Run, sample_store: Store, name: str) -> None:
    page = run(sample_store, name, who=None)
    assert not page.exception
    assert [one.value for one in page.error] == [words("zh")("ui.guard_missing")]
    assert not page.title
    assert not page.metric
    assert not page.dataframe


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_opens_every_page(run: Run, sample_store: Store, name: str, role: str) -> None:
    page = run(sample_store, name, who=identity.Identity("somebody", role))
    assert not page.exception


def test_a_viewer_sees_no_order_rows(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "orders", who=identity.Identity("somebody", "viewer"))
    assert not page.dataframe
    assert page.info


@pytest.mark.parametrize("days", ["today", "yesterday", "7", "90", "all"])
@pytest.mark.parametrize("name", ["overview", "funnel", "trends", "sources", "orders"])
def test_a_page_renders_for_every_period(run: Run, sample_store: Store, name: str, days: str) -> None:
    assert not run(sample_store, name, days=days).exception


@pytest.mark.parametrize("name", ["overview", "funnel", "trends", "sources", "orders"])
def test_a_period_without_data_is_said_and_not_a_fault(run: Run, sample_store: Store, name: str) -> None:
    query = {"days": "custom", "from": "2020-01-01", "to": "2020-01-31"}
    assert not run(sample_store, name, **query).exception


def test_pages_stay_short() -> None:
    for path in PAGES.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 120, path.name

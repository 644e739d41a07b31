"""The group robot in the settings: saved without being shown again, tried, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.text import escape
from shopdata.report.robot import robot_of
from shopdata.store import Store, open_store
from shopdata.words import words
from tests.group_robot import Group
from tests.pages.conftest import Run, settings_of

ZH = words("zh")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(settings_of(tmp_path / "home")) as opened:
        yield opened


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception


def test_a_robot_is_named_tried_and_taken_away(run: Run, store: Store, group: Group) -> None:
    page = run(store, "settings")
    page.text_input(key="robot_url_0").input(group.url).run()
    press(page, "robot_save")
    named = robot_of(store)
    assert named is not None
    assert named.url == group.url
    assert ZH("pages.settings.robot_named", host=escape("127.0.0.1")) in [one.value for one in page.markdown]
    assert page.text_input(key="robot_url_1").value == ""
    press(page, "robot_try")
    assert group.texts == [ZH("report.trial")]
    assert ZH("pages.settings.robot_sent") in [one.value for one in page.toast]
    group.answer = '{"errcode": 1, "errmsg": "**no**"}'
    press(page, "robot_try")
    refused = ZH("errors.robot_refused", host="127.0.0.1", said="**no**")
    assert [one.value for one in page.error] == [escape(refused)]
    press(page, "robot_off")
    assert robot_of(store) is None


def test_what_is_no_address_is_said(run: Run, store: Store) -> None:
    page = run(store, "settings")
    page.text_input(key="robot_url_0").input("qyapi.weixin.qq.com/send").run()
    press(page, "robot_save")
    assert [one.value for one in page.error] == [escape(ZH("errors.robot_invalid"))]
    assert robot_of(store) is None

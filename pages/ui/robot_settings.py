"""The group robot in the settings: named, tried, taken away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.errors import ShopdataError
from shopdata.report.robot import LONGEST_URL, Robot, robot_of, send, set_robot
from shopdata.web import state
from shopdata.words.sentences import sentence

SAVED, SAID = "robot_saved", "robot_said"


def robot(page: Page) -> None:
    """Where news of abnormal orders is sent."""
    words, named = page.words, robot_of(page.store)
    st.subheader(words("pages.settings.robot"), anchor=False)
    st.caption(words("pages.settings.robot_note"))
    if named is not None:
        _named(page, named)
    label = words("pages.settings.robot_other" if named else "pages.settings.robot_url")
    with st.container(key="robot", horizontal=True, vertical_alignment="bottom"):
        # Who knows the address can write to the group: once saved it is not shown again.
        field = f"robot_url_{st.session_state.get(SAVED, 0)}"
        url = st.text_input(label, key=field, max_chars=LONGEST_URL)
        if st.button(words("ui.save"), key="robot_save") and url:
            _do(page, lambda: set_robot(page.store, page.asker, url, words.language), "saved")
    fault = st.session_state.pop(SAID, None)
    if isinstance(fault, ShopdataError):
        st.error(escape(sentence(fault, words)))
    elif fault:
        st.toast(words(f"pages.settings.{fault}"), icon=":material/check:")


def _named(page: Page, named: Robot) -> None:
    words, background = page.words, state.opened().background
    with st.container(key="robot_named", horizontal=True, vertical_alignment="center"):
        st.markdown(words("pages.settings.robot_named", host=escape(named.host)))
        if st.button(words("pages.settings.robot_try"), key="robot_try"):
            _do(page, lambda: send(named, words("report.trial")), "robot_sent")
        if st.button(words("pages.settings.robot_off"), key="robot_off"):
            _do(page, lambda: set_robot(page.store, page.asker, "", words.language), "saved")
    if background is not None and background.notifier.trouble is not None:
        st.warning(escape(sentence(background.notifier.trouble, words)), icon=":material/notifications_off:")


def _do(page: Page, act: Callable[[], None], done: str) -> None:
    """Do it, and say how it went on the page as it is then."""
    try:
        act()
    except ShopdataError as fault:
        st.session_state[SAID] = fault
    else:
        st.session_state[SAID] = done
        st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1  # an empty field from now on
    st.rerun()

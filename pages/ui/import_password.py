"""The password of an upload that is locked: asked for, tried, forgotten."""

from __future__ import annotations

import streamlit as st

from pages.ui.session import Page
from shopdata.web import state
from shopdata.web.waiting import WAITING, Waiting

LONGEST = 255


def ask(page: Page, one: Waiting, key: str) -> None:
    """A field for the password of a locked workbook; for one inside an archive what to do instead."""
    words = page.words
    if not one.is_locked:
        st.caption(words("pages.import.password_member"))
        return
    with st.form(f"unlock_{key}", clear_on_submit=True, border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.text_input(
                words("pages.import.password"),
                type="password",
                max_chars=LONGEST,
                key=f"password_{key}",
                autocomplete="off",
                width=240,
            )
            tried = st.form_submit_button(words("pages.import.password_go"), key=f"unlock_go_{key}")
        st.caption(words("pages.import.password_note"))
    if tried and typed:
        WAITING.unlock(state.opened(), one.id, typed)
        st.rerun()

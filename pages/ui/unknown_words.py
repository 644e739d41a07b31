"""Words of exports nobody explained yet: each once, with the rows that carry it and what it may mean."""

from __future__ import annotations

import streamlit as st

from pages.ui.import_words import field_name
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.imports.assigning import MAY_ASSIGN, assign
from shopdata.imports.meanings import UnknownWord, unknown_words
from shopdata.web import state
from shopdata.words import Words

TABLES = {"status": "ui.statuses", "aftersale_status": "ui.aftersale_statuses", "source": "ui.sources"}


def meaning_name(words: Words, field: str, meaning: str) -> str:
    """A canonical value in words."""
    return words.get(f"{TABLES.get(field, 'ui.meanings')}.{meaning}", meaning)


def give(page: Page, platform: str, field: str, raw: str, meaning: str | None) -> None:
    """Give a word a meaning (``None``: take it back) in the background; past rows change with it."""
    opened = state.opened()
    if opened.worker is None:
        scope = page.asker
        assign(page.store, scope, platform, field, raw, meaning)
        return
    word = {"platform": platform, "field": field, "raw": raw, "meaning": meaning, "name": raw}
    opened.worker.add("assign", word, user=page.who.user, role=page.who.role)
    st.toast(page.words("pages.settings.assign_queued"), icon=":material/hourglass_top:")


def section(page: Page) -> None:
    """On the Import page: the words, where there are any and the reader may explain them."""
    found = page.ask(unknown_words) if page.who.role in MAY_ASSIGN else ()
    if found:
        st.subheader(page.words("pages.import.unknown"), anchor=False)
        st.caption(page.words("pages.import.unknown_hint"))
        rows(page, found)


def rows(page: Page, found: tuple[UnknownWord, ...]) -> None:
    """One line a word: what it is, its possible meanings, the button."""
    for word in found:
        _row(page, word)


def _row(page: Page, word: UnknownWord) -> None:
    words, key = page.words, f"{word.platform}_{word.field}_{word.raw}"
    with st.container(key=f"unknown_{key}", horizontal=True, vertical_alignment="center"):
        header = word.header or field_name(words, word.field)
        said = words("pages.settings.unknown_word", header=header, raw=word.raw, n=f"{word.rows:,}")
        st.markdown(escape(said), width="stretch")
        chosen = st.selectbox(
            words("pages.settings.meaning"),
            word.meanings,
            index=None,
            key=f"meaning_{key}",
            format_func=lambda meaning: meaning_name(words, word.field, meaning),
            placeholder=words("ui.browser.choose"),
            label_visibility="collapsed",
            width=180,
        )
        if st.button(words("ui.save"), key=f"assign_{key}", disabled=chosen is None) and chosen:
            give(page, word.platform, word.field, word.raw, chosen)
            st.rerun()

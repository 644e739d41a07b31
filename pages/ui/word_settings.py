"""Settings beside the shops: meanings of unknown words, how long buyer data stays, the sample."""

from __future__ import annotations

import streamlit as st

from pages.ui.import_words import field_name
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.imports.preferences import (
    LONGEST_RETENTION,
    UnknownWord,
    assign,
    given_words,
    remove_sample,
    retention_days,
    set_retention,
    unknown_words,
)
from shopdata.scope import Scope
from shopdata.words import Words

TABLES = {"status": "ui.statuses", "aftersale_status": "ui.aftersale_statuses", "source": "ui.sources"}
SURE = "sample_sure"


def meaning_name(words: Words, field: str, meaning: str) -> str:
    """A canonical value in words."""
    return words.get(f"{TABLES.get(field, 'ui.meanings')}.{meaning}", meaning)


def _scope(page: Page) -> Scope:
    return Scope(user=page.who.user, role=page.who.role)


def words_of_files(page: Page) -> None:
    """Words no table knows, each with what it may mean; and what was decided before."""
    words = page.words
    st.subheader(words("pages.settings.words"), anchor=False)
    st.caption(words("pages.settings.words_note"))
    unknown, given = unknown_words(page.store), given_words(page.store)
    if not unknown and not given:
        st.caption(words("pages.settings.no_words"))
    for word in unknown:
        _unknown(page, word)
    for one in given:
        with st.container(key=f"given_{one.platform}_{one.field}_{one.raw}", horizontal=True):
            name = field_name(words, one.field)
            meaning = meaning_name(words, one.field, one.meaning)
            said = words("pages.settings.means", field=name, raw=one.raw, meaning=meaning)
            st.markdown(escape(said), width="stretch")
            if st.button(words("pages.settings.take_back"), key=f"take_{one.platform}_{one.field}_{one.raw}"):
                assign(page.store, _scope(page), one.platform, one.field, one.raw, None)
                st.rerun()


def _unknown(page: Page, word: UnknownWord) -> None:
    words, key = page.words, f"{word.platform}_{word.field}_{word.raw}"
    with st.container(key=f"unknown_{key}", horizontal=True, vertical_alignment="center"):
        said = words("pages.settings.unknown_word", header=word.header, raw=word.raw, n=f"{word.rows:,}")
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
            assign(page.store, _scope(page), word.platform, word.field, word.raw, chosen)
            st.rerun()


def retention(page: Page) -> None:
    """How long names, phones and streets stay."""
    words = page.words
    st.subheader(words("pages.settings.retention"), anchor=False)
    st.caption(words("pages.settings.retention_note"))
    days = retention_days(page.store)
    with st.container(key="retention", horizontal=True, vertical_alignment="bottom"):
        options = sorted({30, 60, 90, 180, 365, days})
        chosen = st.selectbox(
            words("pages.settings.retention_days"),
            [option for option in options if option <= LONGEST_RETENTION],
            index=options.index(days),
            key="retention_days",
            format_func=lambda count: words("ui.days", value=count),
            width=200,
        )
        if st.button(words("ui.save"), key="retention_save", disabled=chosen == days):
            set_retention(page.store, _scope(page), chosen)
            st.rerun()


def sample(page: Page) -> None:
    """Taking the sample out for good."""
    words = page.words
    if not any(shop.is_sample for shop in page.every_shop):
        return
    st.subheader(words("pages.settings.sample"), anchor=False)
    st.caption(words("pages.settings.sample_note"))
    with st.container(key="sample", horizontal=True, vertical_alignment="center"):
        sure = st.checkbox(words("pages.settings.sample_sure"), key=SURE)
        if st.button(words("pages.settings.sample_off"), key="sample_off", disabled=not sure):
            remove_sample(page.store, _scope(page))
            st.rerun()

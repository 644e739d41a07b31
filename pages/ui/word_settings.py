"""Settings beside the shops: meanings of words, how long buyer data stays, the watched folder, the sample."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from pages.ui import numbers, unknown_words
from pages.ui.import_words import field_name
from pages.ui.session import Page
from pages.ui.text import escape
from pages.ui.unknown_words import meaning_name
from shopdata.errors import ShopdataError
from shopdata.imports.erasing import due_day, is_due, last_erasure
from shopdata.imports.meanings import given_words
from shopdata.imports.meanings import unknown_words as found_words
from shopdata.imports.preferences import (
    LONGEST_RETENTION,
    remove_sample,
    retention_days,
    set_retention,
    set_watch_folder,
    watch_folder,
)
from shopdata.web import state
from shopdata.words.sentences import sentence

SURE = "sample_sure"


def words_of_files(page: Page) -> None:
    """Words no table knows, each with what it may mean; and what was decided before."""
    words = page.words
    st.subheader(words("pages.settings.words"), anchor=False)
    st.caption(words("pages.settings.words_note"))
    unknown, given = page.ask(found_words), page.ask(given_words)
    if not unknown and not given:
        st.caption(words("pages.settings.no_words"))
    unknown_words.rows(page, unknown)
    for one in given:
        with st.container(key=f"given_{one.platform}_{one.field}_{one.raw}", horizontal=True):
            name = field_name(words, one.field)
            meaning = meaning_name(words, one.field, one.meaning)
            said = words("pages.settings.means", field=name, raw=one.raw, meaning=meaning)
            st.markdown(escape(said), width="stretch")
            if st.button(words("pages.settings.take_back"), key=f"take_{one.platform}_{one.field}_{one.raw}"):
                unknown_words.give(page, one.platform, one.field, one.raw, None)
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
            set_retention(page.store, page.asker, chosen)
            st.rerun()
    last = page.ask(last_erasure)
    st.caption(_erased(page, last) if last else words("pages.settings.erased_never"))
    worker = state.opened().worker
    if (
        worker is not None
        and is_due(page.store)
        and st.button(words("pages.settings.erase_now"), key="erase_now")
    ):
        due = {"before": due_day(page.store).isoformat()}
        worker.add("purge", due, user=page.who.user, role=page.who.role)
        st.rerun()


def _erased(page: Page, last: Mapping[str, Any]) -> str:
    counts = {name: len(last[name]) for name in ("uploads", "backups")}
    at = numbers.moment(datetime.fromisoformat(last["at"]), page.words)
    found, rows = len(last["search"]["found"]), f"{sum(last['rows'].values()):,}"
    return page.words("pages.settings.erased_last", at=at, rows=rows, found=found, **counts)


def watching(page: Page) -> None:
    """The folder whose files are imported by themselves."""
    words = page.words
    st.subheader(words("pages.settings.watch"), anchor=False)
    st.caption(words("pages.settings.watch_note"))
    with st.container(key="watch", horizontal=True, vertical_alignment="bottom"):
        folder = st.text_input(
            words("pages.settings.watch_folder"),
            watch_folder(page.store) or "",
            key="watch_folder",
            max_chars=500,
        )
        if st.button(words("ui.save"), key="watch_save"):
            try:
                set_watch_folder(page.store, page.asker, folder)
            except ShopdataError as fault:
                st.error(escape(sentence(fault, words)))
            else:
                st.toast(words("pages.settings.saved"), icon=":material/check:")


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
            remove_sample(page.store, page.asker)
            st.rerun()

"""The columns of a file that is being described, each with its values and what it is; and what words mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.ui import import_words
from pages.ui.session import Page
from pages.ui.text import escape, shortened
from shopdata.imports.wizard.draft import Draft, possible, with_column, with_word
from shopdata.ingest.results import ColumnValues, Described

SAMPLES = 3
LENGTH = 28
MOST_WORDS = 60

Changed = Callable[[Draft], None]


def columns(page: Page, described: Described, draft: Draft, changed: Changed) -> None:
    """One row a column: its header, some of its values, the field it is read as."""
    words = page.words
    st.caption(escape(words("pages.describe.columns", rows=f"{described.rows:,}")))
    by_header = {header: name for name, header in draft.columns.items()}
    for place, column in enumerate(described.columns):
        with st.container(key=f"describe_column_{place}", horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{escape(column.header)}**")
                st.text(_values(page, column))
            held = by_header.get(column.header)
            options = [None, *dict.fromkeys((*((held,) if held else ()), *possible(draft, column)))]
            key = f"describe_field_{place}"
            st.session_state[key] = held
            st.selectbox(
                escape(column.header),
                options,
                key=key,
                format_func=lambda name: _field_name(page, name),
                label_visibility="collapsed",
                on_change=partial(_choose, described, draft, column.header, key, changed),
                width=260,
            )


def _field_name(page: Page, name: str | None) -> str:
    words = page.words
    return import_words.field_name(words, name) if name else words("pages.describe.left_out")


def _values(page: Page, column: ColumnValues) -> str:
    shown = " · ".join(shortened(value, LENGTH) for value, _ in column.values[:SAMPLES])
    return shown or page.words("pages.describe.empty")


def _choose(described: Described, draft: Draft, header: str, key: str, changed: Changed) -> None:
    changed(with_column(draft, described, header, st.session_state[key]))


def words_of(page: Page, described: Described, draft: Draft, changed: Changed) -> None:
    """What each word of a column of words means, those without a meaning first."""
    counted = {column.header: dict(column.values) for column in described.columns}
    for name, meanings in draft.words.items():
        if name not in draft.columns:
            continue
        counts = counted[draft.columns[name]]
        open_words = [word for word, meaning in meanings.items() if not meaning]
        title = page.words("pages.describe.words", field=import_words.field_name(page.words, name))
        st.markdown(f"**{escape(title)}**")
        if open_words:
            said = page.words("pages.describe.words_open", n=len(open_words))
            st.caption(f":material/help: {escape(said)}")
        ordered = sorted(meanings, key=lambda word: (bool(meanings[word]), -counts.get(word, 0)))
        for place, word in enumerate(ordered[:MOST_WORDS]):
            _word(page, draft, name, word, counts.get(word, 0), f"describe_word_{name}_{place}", changed)


def _word(page: Page, draft: Draft, name: str, word: str, count: int, key: str, changed: Changed) -> None:
    words = page.words
    with st.container(key=f"row_{key}", horizontal=True, vertical_alignment="center"):
        said = escape(words("pages.describe.word", word=word, n=f"{count:,}"))
        st.markdown(said, width="stretch")
        st.session_state[key] = draft.words[name].get(word, "")
        known = draft.template.fields[name].meanings
        st.selectbox(
            said,
            ["", *known],
            key=key,
            format_func=lambda meaning: _meaning(page, draft, name, meaning),
            label_visibility="collapsed",
            on_change=lambda: changed(with_word(draft, name, word, st.session_state[key])),
            width=220,
        )


def _meaning(page: Page, draft: Draft, name: str, meaning: str) -> str:
    if not meaning:
        return page.words("pages.describe.no_meaning")
    return import_words.meaning_name(page.words, draft.template.format.table, name, meaning)

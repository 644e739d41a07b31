"""Formats of the merchant's own on the Import page: each with its file to take away, and its end."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import download
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.errors import ShopdataError
from shopdata.imports import own_formats
from shopdata.web.waiting import WAITING, Waiting
from shopdata.words.sentences import sentence


def show(page: Page) -> None:
    """Every format of one's own, and the files in the folder that are none, with the reason."""
    known, words = own_formats.catalogue(page.settings), page.words
    if not known.own and not known.broken:
        return
    st.subheader(words("pages.describe.own"), anchor=False)
    for fault in known.broken:
        st.warning(escape(sentence(fault, words)))
    for key in known.own:
        one = known.formats[key]
        with st.container(key=f"own_{key}", horizontal=True, vertical_alignment="center"):
            kind = words.get(f"ui.kinds.{one.kind}", one.kind)
            st.markdown(f"**{escape(key)}** · {escape(kind)}", width="stretch")
            if own_formats.may_describe(page.who.role):
                make = partial(_write, page=page, key=key)
                download.link(page, words("pages.describe.export"), make, f"{key}{own_formats.SUFFIX}")
                if st.button(words("pages.describe.delete"), key=f"own_delete_{key}", type="tertiary"):
                    _delete(page, key)


def _write(path: Path, *, page: Page, key: str) -> None:
    path.write_text(own_formats.exported(page.settings, key), encoding="utf-8")


def _delete(page: Page, key: str) -> None:
    try:
        own_formats.delete(page.store, page.asker, key)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
        return
    st.rerun()


def take_in(page: Page, one: Waiting) -> None:
    """An uploaded format file can join the formats instead of being imported."""
    if not one.name.lower().endswith(own_formats.SUFFIX) or not own_formats.may_describe(page.who.role):
        return
    if st.button(page.words("pages.describe.take_in"), key=f"take_in_{one.id}", type="primary"):
        try:
            own_formats.taken_in(page.store, page.asker, one.path, one.name)
        except ShopdataError as fault:
            st.error(escape(sentence(fault, page.words)))
            return
        WAITING.drop(one.id)
        st.rerun()

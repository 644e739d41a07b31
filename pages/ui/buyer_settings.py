"""Settings of buyers: what remarks are tagged, and in which shops receivers may tell buyers apart."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.analysis.buyers import receiver_counts
from shopdata.analysis.remarks import tag_label
from shopdata.errors import ShopdataError
from shopdata.imports.buyer_settings import (
    RemarkTag,
    default_tags,
    receiver_key_shops,
    remark_tags,
    set_receiver_key,
    set_remark_tags,
)
from shopdata.store import Store
from shopdata.words import Words
from shopdata.words.sentences import sentence

COLON, COMMA = re.compile("[:\uff1a]"), re.compile("[,\uff0c\u3001;\uff1b]")
TAGS = "remark_tags_text"


def tags(page: Page) -> None:
    """The list of tags as text, one a line."""
    words = page.words
    st.subheader(words("pages.customers.tags_settings"), anchor=False)
    st.caption(words("pages.customers.tags_settings_note"))
    held = page.ask(_held_tags)
    text = st.text_area(
        words("pages.customers.tags_settings"),
        as_text(held, words),
        key=f"{TAGS}_{page.store.version}",
        height=240,
        label_visibility="collapsed",
    )
    with st.container(key="tags_buttons", horizontal=True):
        if st.button(words("ui.save"), key="tags_save", type="primary"):
            _save(page, as_tags(text or "", words))
        if held != default_tags() and st.button(words("pages.customers.tags_reset"), key="tags_reset"):
            _save(page, None)


def _save(page: Page, wanted: tuple[RemarkTag, ...] | None) -> None:
    try:
        set_remark_tags(page.store, page.asker, wanted)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
    else:
        st.toast(page.words("pages.settings.saved"), icon=":material/check:")
        st.rerun()


def as_text(held: tuple[RemarkTag, ...], words: Words) -> str:
    """One line a tag: its name, a colon, its parts."""
    comma, colon = words("pages.customers.tag_comma"), words("pages.customers.tag_colon")
    return "\n".join(
        f"{plain(tag_label(tag.key, words))}{colon}{comma.join(map(plain, tag.parts))}" for tag in held
    )


def as_tags(text: str, words: Words) -> tuple[RemarkTag, ...]:
    """Tags out of what was typed; a name of the product's own list is that tag."""
    keys = {tag_label(tag.key, words): tag.key for tag in default_tags()}
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, *rest = COLON.split(line, maxsplit=1)
        parts = tuple(part.strip() for part in COMMA.split(rest[0] if rest else "") if part.strip())
        found.append(RemarkTag(keys.get(name.strip(), name.strip()), parts))
    return tuple(found)


def receivers(page: Page) -> None:
    """Whether receivers may be a key, a shop each; where that can have no effect, why not."""
    words = page.words
    if not page.every_shop:
        return
    st.subheader(words("pages.customers.receivers"), anchor=False)
    st.caption(words("pages.customers.receivers_note"))
    counts, on = page.ask(receiver_counts), page.ask(_held_receivers)
    for shop in page.every_shop:
        paid, with_id, steady = counts.get(shop.id, (0, 0, 0))
        name, numbers = plain(shop.name), {"n": f"{steady:,}", "d": f"{paid:,}"}
        if with_id:
            st.caption(escape(words("pages.customers.receivers_has_id", shop=name)))
        elif not steady and shop.id not in on:
            st.caption(escape(words("pages.customers.receivers_none", shop=name, **numbers)))
        else:
            key = "receivers_some" if steady else "receivers_none"
            label = escape(words(f"pages.customers.{key}", shop=name, **numbers))
            widget = f"receivers_{shop.id}"
            change = partial(_switch, page, shop.id, widget)
            st.toggle(label, value=shop.id in on, key=widget, on_change=change)


def _switch(page: Page, shop_id: int, widget: str) -> None:
    asker = page.asker
    set_receiver_key(page.store, asker, shop_id, on=bool(st.session_state[widget]))


def _held_tags(store: Store) -> tuple[RemarkTag, ...]:
    with store.read() as connection:
        return remark_tags(connection)


def _held_receivers(store: Store) -> frozenset[int]:
    with store.read() as connection:
        return receiver_key_shops(connection)

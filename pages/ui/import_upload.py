"""Where files come in: the drop zone, and for each upload what it is, before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import components, describe_file, import_password, import_words, own_formats, tables
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, plain
from shopdata.imports.own_formats import catalogue
from shopdata.imports.results import Preview, finding_sentence
from shopdata.web import state
from shopdata.web.waiting import LOCKED, WAITING, Waiting

UPLOAD_URL = "/api/v1/import?look=1"
NEW_SHOP = "\n"
SHOWN_REJECTS = 50
FEW_ROWS, TALL = 7, 280


def drop_zone(page: Page) -> None:
    """The place to drop files; bytes go straight to the server's own route."""
    words = page.words
    names = ("say", "hint", "files", "folder")
    data = {
        "url": UPLOAD_URL,
        "labels": {name: words(f"pages.import.drop.{name}") for name in names},
        "words": {name: words(f"pages.import.drop.{name}") for name in ("left", "arrived", "failed")},
    }
    if components.mount("upload", "upload", data, on_done_change=lambda: None) is None:
        st.info(words("pages.import.drop.plain"))
    background = state.opened().background
    if background is not None and background.trouble is not None:
        st.warning(escape(import_words.refusal(words, background.trouble)), icon=":material/folder_off:")


@st.fragment(run_every=1.0)
def _reading(page: Page) -> None:
    """Ticks while an upload is being read, then lets the page show what it is."""
    unread = [one for one in WAITING.held() if not one.is_settled]
    if not unread:
        st.rerun()
    for one in unread:
        st.caption(page.words("pages.import.reading", file=escape(one.name)))


def waiting_list(page: Page) -> None:
    """Every upload that waits for a yes, under the button that imports them."""
    held = WAITING.held()
    if not held:
        return
    st.subheader(page.words("pages.import.waiting", n=len(held)), anchor=False)
    if any(not one.is_settled for one in held):
        _reading(page)
    else:
        _decide(page, [one for one in held if one.can_import], held)
        if WAITING.look_at_outdated(state.opened()):
            st.rerun()
    for one in held:
        if one.is_read:
            _upload(page, one)


def _decide(page: Page, good: Sequence[Waiting], held: Sequence[Waiting]) -> None:
    words = page.words
    with st.container(key="import_decide", horizontal=True, vertical_alignment="bottom"):
        names = {"": words("pages.import.shop_found")}
        names |= {shop.name: plain(shop.name) for shop in page.every_shop if not shop.is_sample}
        names[NEW_SHOP] = words("pages.import.shop_new")
        shop = st.selectbox(
            words("pages.import.shop"),
            list(names),
            format_func=lambda name: names[name],
            key="import_shop",
            width=240,
        )
        if shop == NEW_SHOP:
            name = words("pages.import.shop_name")
            shop = st.text_input(name, key="import_shop_name", max_chars=60, width=220)
        label = words("pages.import.go", n=len(good))
        if st.button(label, type="primary", key="import_go", disabled=not good, icon=":material/check:"):
            wanted = (shop or "").strip() or None
            WAITING.release(state.opened(), [one.id for one in good], page.who.user, wanted, page.who.role)
            st.rerun()
        if st.button(words("pages.import.drop_all"), key="import_drop", type="tertiary"):
            _forget(held)


def _forget(gone: Sequence[Waiting]) -> None:
    for one in gone:
        WAITING.drop(one.id)
    st.rerun()


def _upload(page: Page, one: Waiting) -> None:
    if one.error is not None:
        looks: tuple[Preview, ...] = (Preview(file=one.name, error=one.error),)
    else:
        looks = one.looks or ()
    for place, look in enumerate(looks):
        with st.container(border=True, key=f"look_{one.id}_{place}", gap="xsmall"):
            with st.container(key=f"name_{one.id}_{place}", horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escape(look.file)}**", width="stretch")
                leave_out = page.words("pages.import.leave_out")
                if place == 0 and st.button(leave_out, key=f"drop_{one.id}", type="tertiary"):
                    _forget([one])
            _look(page, one, look, f"{one.id}_{place}")


def _look(page: Page, one: Waiting, look: Preview, key: str) -> None:
    words = page.words
    if look.error is not None:
        st.markdown(f":red[:material/error: {escape(import_words.refusal(words, look.error))}]")
        if look.error.code in LOCKED:
            import_password.ask(page, one, key)
        if look.error.code in {"format_unknown", "format_ambiguous"}:
            _choose_format(page, one, key)
        own_formats.take_in(page, one)
        describe_file.offer(page, one, look)
        describe_file.panel(page, one)
        return
    st.markdown(escape(import_words.verdict(words, look)))
    if look.duplicate:
        st.markdown(f":material/content_copy: {escape(words('pages.import.duplicate'))}")
    for finding in look.findings:
        st.caption(f":material/info: {escape(finding_sentence(words, finding))}")
    for notice in look.warnings:
        st.caption(f":material/warning: {escape(import_words.notice(words, notice))}")
    if look.rejected:
        rejected = words("pages.import.rejected_n", n=f"{look.rejected:,}")
        st.markdown(f":red[:material/error: {escape(rejected)}]")
    with st.expander(words("pages.import.details"), key=f"details_{key}", on_change="rerun") as details:
        if details.open:
            _details(page, look, key)


def _choose_format(page: Page, one: Waiting, key: str) -> None:
    words = page.words
    chosen = st.selectbox(
        words("pages.import.format"),
        list(catalogue(page.settings).formats),
        index=None,
        format_func=lambda name: import_words.format_name(words, name),
        placeholder=words("pages.import.format_choose"),
        label_visibility="collapsed",
        key=f"format_{key}",
        width=320,
    )
    if chosen and chosen != one.format_key:
        WAITING.look_again(state.opened(), one.id, chosen)
        st.rerun()


def _details(page: Page, look: Preview, key: str) -> None:
    words = page.words
    st.caption(words("pages.import.first_rows"))
    height = TALL if len(look.first_rows) > FEW_ROWS else None
    tables.table(import_words.typed_grid(words, look.first_rows), words, f"rows_{key}", height=height)
    if look.rejects:
        st.caption(words("pages.import.rejects"))
        tables.table(import_words.reject_grid(words, look.rejects[:SHOWN_REJECTS]), words, f"rejects_{key}")
    st.caption(words("pages.import.columns"))
    columns = [Column("header", words("pages.import.header")), Column("field", words("pages.import.meaning"))]
    rows = [
        {
            "header": header,
            "field": import_words.field_name(words, field) if field else words("pages.import.kept_out"),
        }
        for header, field in look.columns
    ]
    tables.table(Grid.of(columns, rows), words, f"columns_{key}", height=240)

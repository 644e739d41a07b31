"""What people do with many orders at once: files to upload to the platform themselves. Nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import download
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.reminders import LONGEST_COUPON, export_reminders, to_remind
from shopdata.errors import ShopdataError
from shopdata.imports.workbooks import rows_of_workbook
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import may_export, row_rights
from shopdata.orders.shipping_checks import Checked, check
from shopdata.orders.shipping_file import export_shipping, export_to_fill, headings_of
from shopdata.orders.shipping_list import (
    LARGEST,
    MOST_LINES,
    Listed,
    is_workbook,
    read_list,
    read_rows,
    text_of,
)
from shopdata.scope import Scope
from shopdata.words.sentences import sentence

ACTIONS, MOST_PROBLEMS, FEW = ("ship", "remind"), 200, 6
SUFFIXES = ("csv", "txt", "xlsx")
Export = Callable[[Path], int]


@st.fragment
def actions(page: Page, scope: Scope, chosen: OrderFilter) -> None:
    """Shipping files and reminders, for roles that take order rows away."""
    words = page.words
    if not may_export(scope.role):
        return
    label = words("pages.order_actions.title")
    opened = st.expander(label, icon=":material/checklist:", key="order_actions", on_change="rerun")
    if not opened.open:
        return
    rights = row_rights(scope.role)
    offered = ACTIONS if rights.part == "all" else ACTIONS[:1]
    with opened:
        st.caption(words("pages.order_actions.note"))
        action = st.segmented_control(
            label,
            offered,
            key="order_action",
            format_func=lambda one: words(f"pages.order_actions.action.{one}"),
            label_visibility="collapsed",
            required=True,
            default="ship",
        )
        if action == "remind":
            _remind(page, scope, chosen)
        else:
            _ship(page, scope, chosen)


def _ship(page: Page, scope: Scope, chosen: OrderFilter) -> None:
    """The orders to ship as a table to fill in; a filled list, what is wrong with it, and its files."""
    words = page.words
    platforms = dict.fromkeys(shop.platform for shop in page.shops)
    st.markdown(words("pages.order_actions.fill"))
    with st.container(key="ship_fill", horizontal=True):
        for platform in platforms:
            make = partial(export_to_fill, page.store, scope, chosen, platform)
            _links(page, platform, words("pages.order_actions.fill_file", at=f"{page.now:%Y%m%d-%H%M}"), make)
    st.markdown(words("pages.order_actions.list"))
    courier = st.text_input(words("pages.order_actions.courier"), key="ship_courier", max_chars=40, width=260)
    text = st.text_area(
        words("pages.order_actions.paste"),
        key="ship_text",
        height=140,
        placeholder=words("pages.order_actions.paste_hint"),
    )
    file = st.file_uploader(
        words("pages.order_actions.upload"), SUFFIXES, key="ship_file", max_upload_size=LARGEST >> 20
    )
    # The browser's own word on the button is English whatever the page speaks.
    said = words("pages.import.drop.files")
    st.html(f"<style>.st-key-ship_file section button::after {{ content: '{said}'; }}</style>")
    try:
        listed = _listed(page, file.getvalue() if file else None, text or "", courier or "")
        found = check(page.store, scope, listed) if listed else None
    except ShopdataError as fault:
        st.error(escape(sentence(fault, words)))
        return
    if found is not None:
        _checked(page, scope, listed, found)


def _listed(page: Page, held: bytes | None, text: str, courier: str) -> tuple[Listed, ...]:
    """The lines of the file, or else of the text."""
    if held is not None and is_workbook(held):
        return read_rows(rows_of_workbook(page.store, held, MOST_LINES + 2), courier)
    given = text if held is None else text_of(held)
    return read_list(given, courier) if given.strip() else ()


def _checked(page: Page, scope: Scope, listed: tuple[Listed, ...], found: Checked) -> None:
    words = page.words
    good, bad = len(found.shipments), len(found.problems)
    said = [words("pages.order_actions.checked", good=f"{good:,}", bad=f"{bad:,}")]
    if found.unfilled:
        said.append(words("pages.order_actions.unfilled", n=f"{found.unfilled:,}"))
    st.markdown(escape(" ".join(said)))
    if bad:
        told = [f"- {escape(one.sentence(words))}" for one in found.problems[:MOST_PROBLEMS]]
        st.caption(words("pages.order_actions.problem"))
        with st.container(key="ship_problems", height=200 if bad > FEW else "content"):
            st.markdown("\n".join(told))
    for platform in dict.fromkeys(one.platform for one in found.shipments):
        usual = headings_of(platform, [one for one in found.shipments if one.platform == platform])
        headings = st.text_input(
            words("pages.order_actions.headings", platform=words(f"ui.platforms.{platform}")),
            ", ".join(usual.values()),
            key=f"ship_headings_{platform}_{len(usual)}",
            max_chars=200,
        )
        st.caption(words("pages.order_actions.layout"))
        given = tuple(re.split("[,\uff0c]", headings or ""))
        make = partial(export_shipping, page.store, scope, listed, platform, headings=given)
        with st.container(key=f"ship_files_{platform}", horizontal=True):
            _links(page, platform, words("pages.order_actions.ship_file", at=f"{page.now:%Y%m%d-%H%M}"), make)


def _links(page: Page, platform: str, name: str, make: Export) -> None:
    """A link for each kind of file."""
    named = page.words(f"ui.platforms.{platform}")
    for suffix, label in download.KINDS.items():
        text = f"{named} · {page.words(label)}"
        download.link(page, text, partial(_write, make, suffix), f"{named} {name}.{suffix}")


def _write(make: Export, suffix: str, path: Path) -> None:
    """Write the file beside ``path``, whose name says nothing of its kind, and put it in its place."""
    written = path.with_name(f"{path.name}.{suffix}")
    make(written)
    written.replace(path)


def _remind(page: Page, scope: Scope, chosen: OrderFilter) -> None:
    """Unpaid orders of the selection that can still be paid, each with a text."""
    words = page.words
    payable = len(to_remind(page.store, scope))
    st.markdown(escape(words("pages.order_actions.payable", n=f"{payable:,}")))
    if not payable:
        return
    coupon = st.text_input(
        words("pages.order_actions.coupon"),
        key="remind_coupon",
        max_chars=LONGEST_COUPON,
        placeholder=words("pages.order_actions.coupon_hint"),
    )
    reveal = row_rights(scope.role).buyers and st.checkbox(words("pages.orders.reveal"), key="remind_reveal")
    name = words("pages.order_actions.remind_file", at=f"{page.now:%Y%m%d-%H%M}")
    with st.container(key="remind_links", horizontal=True):
        for suffix, label in download.KINDS.items():
            make = partial(_reminders, page, scope, chosen, coupon=coupon or "", reveal=bool(reveal))
            download.link(page, words(label), partial(_write, make, suffix), f"{name}.{suffix}")


def _reminders(
    page: Page, scope: Scope, chosen: OrderFilter, path: Path, *, coupon: str, reveal: bool
) -> int:
    language = page.words.language
    return export_reminders(page.store, scope, chosen, path, coupon=coupon, reveal=reveal, language=language)

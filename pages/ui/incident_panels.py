"""Incidents above the queue: one card a cause, with its words, list and answers; and what is suspended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from zlib import crc32

import streamlit as st

from pages.ui import download, numbers, suspension_panels, tables
from pages.ui.attention import ICONS
from pages.ui.queue_answers import ask
from pages.ui.session import Page
from pages.ui.suspension_panels import Draft
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.abnormal.causes import Cause
from shopdata.abnormal.document import WITHOUT_MONEY
from shopdata.abnormal.incident_work import (
    SIDES,
    answer_incident,
    export_incident,
    lane_of,
    to_tell,
)
from shopdata.abnormal.incidents import Incident
from shopdata.abnormal.incidents import incidents as found_incidents
from shopdata.abnormal.reading import Choice, flags
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.suspensions import SUSPENDABLE
from shopdata.abnormal.working import may_work
from shopdata.errors import ShopdataError
from shopdata.orders.privacy import may_export
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words.sentences import sentence

SHOWN, LISTED, WEEK = 3, 100, timedelta(days=6)
TOLD = "incident_told"


def incidents(page: Page, scope: Scope) -> None:
    """A card an incident, the largest first, then what is suspended and the next holiday."""
    words = page.words
    if told := st.session_state.pop(TOLD, ""):
        st.toast(escape(told), icon=":material/check:")
    every = ask(page, found_incidents, scope)
    if every:
        st.subheader(escape(words("pages.incidents.title", n=len(every))), anchor=False)
    _cards(page, scope, every[:SHOWN])
    if rest := every[SHOWN:]:
        title = escape(words("pages.incidents.more", n=len(rest)))
        with st.expander(title, key="incidents_more", on_change="rerun") as fold:
            if fold.open:
                _cards(page, scope, rest)
    suspension_panels.suspensions(page, scope)


def _cards(page: Page, scope: Scope, some: Sequence[Incident]) -> None:
    for one in some:
        with st.container(key=f"incident_{_key(one.cause)}", border=True):
            _card(page, scope, one)


def _key(cause: Cause) -> str:
    return f"{cause.rule}_{crc32(repr(cause).encode()):08x}"


def _card(page: Page, scope: Scope, one: Incident) -> None:
    words, cause = page.words, one.cause
    rule = words(f"abnormal.{cause.rule}.name")
    said = [lane_of(cause, words), words("pages.incidents.orders", n=f"{one.orders:,}")]
    if page.who.role not in WITHOUT_MONEY:
        said.append(numbers.money(one.amount, words, page.currency))
    icon = ICONS[RULES[cause.rule].severity]
    st.markdown(f"{icon} **{escape(rule)}** · {escape(' · '.join(said))}")
    when = [words("pages.incidents.since", at=f"{one.since:%m-%d %H:%M}")]
    if one.deadline is not None:
        over = "over" if one.deadline < page.now else "until"
        when.append(words(f"pages.incidents.{over}", at=f"{one.deadline:%m-%d %H:%M}"))
    shares = {name: numbers.ratio(getattr(one, name), words) for name in ("share", "usual", "struck")}
    st.caption(escape(" · ".join([*when, words("pages.incidents.why", **shares)])))
    with st.container(key=f"acts_{_key(cause)}", horizontal=True):
        _texts(page, one)
        if may_work(page.who.role):
            _suspend(page, scope, cause)
            _answer(page, scope, one)
        _list(page, scope, one)


def _texts(page: Page, one: Incident) -> None:
    """What to send to buyers and the courier, to be copied."""
    words = page.words
    with st.popover(words("pages.incidents.texts"), icon=":material/chat:", key=f"texts_{_key(one.cause)}"):
        for side in SIDES:
            if text := to_tell(one, side, words):
                st.caption(words(f"pages.incidents.side.{side}"))
                st.code(text, language=None, wrap_lines=True)


@st.fragment
def _list(page: Page, scope: Scope, one: Incident) -> None:
    """Its orders, and the list for the courier as a file."""
    words, key = page.words, _key(one.cause)
    opened = st.popover(
        words("pages.incidents.list"), icon=":material/list:", key=f"list_{key}", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        if may_export(page.who.role):
            st.caption(escape(words("pages.incidents.list_note")))
            with st.container(key=f"links_{key}", horizontal=True):
                for suffix, label in download.KINDS.items():
                    name = words(
                        "pages.incidents.file", lane=lane_of(one.cause, words), at=f"{page.now:%Y%m%d-%H%M}"
                    )
                    make = partial(_write, page.store, scope, one.cause, suffix, words.language)
                    download.link(page, words(label), make, f"{name}.{suffix}")
        listed = flags(page.store, scope, Choice(cause=one.cause), most=LISTED)
        units = {"order": "text", "since": "time", "deadline": "time"}
        rows = [{"order": flag.order_id, "since": flag.since, "deadline": flag.deadline} for flag in listed]
        columns = Column.each(words, "pages.incidents.column", units, pinned="order")
        tables.table(Grid.of(columns, rows), words, f"incident_{key}")


def _write(store: Store, scope: Scope, cause: Cause, suffix: str, language: str, path: Path) -> None:
    """Write the list beside ``path``, whose name says nothing of its kind, and put it in its place."""
    written = path.with_name(f"{path.name}.{suffix}")
    export_incident(store, scope, cause, written, language)
    written.replace(path)


def _suspend(page: Page, scope: Scope, cause: Cause) -> None:
    today: date = page.now.date()
    subject = RULES[cause.rule].subject
    rules = tuple(key for key in SUSPENDABLE if RULES[key].subject == subject)
    draft = Draft(cause.shop_id, rules, cause.province, cause.courier, today, today + WEEK)
    label = page.words("pages.incidents.suspend")
    with st.popover(label, icon=":material/pause_circle:", key=f"suspend_{_key(cause)}"):
        suspension_panels.form(page, scope, _key(cause), draft)


def _answer(page: Page, scope: Scope, one: Incident) -> None:
    """All its cases at once: done in the platform, waiting for a newer export."""
    words, key = page.words, _key(one.cause)
    with st.popover(words("pages.incidents.waiting"), icon=":material/done_all:", key=f"waiting_{key}"):
        st.caption(escape(words("pages.incidents.waiting_note", n=f"{one.orders:,}")))
        text = st.text_input(words("pages.incidents.text"), key=f"text_{key}", max_chars=200)
        if st.button(words("pages.incidents.waiting_do"), key=f"do_{key}", type="primary"):
            try:
                n = answer_incident(page.store, scope, one.cause, "waiting", text or "")
            except ShopdataError as fault:
                st.error(escape(sentence(fault, words)))
            else:
                st.session_state[TOLD] = words("pages.incidents.answered", n=f"{n:,}")
                st.rerun()

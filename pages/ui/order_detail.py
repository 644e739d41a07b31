"""One order whole: what happened when and which file says so, its rows, its earlier states, its marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import numbers, tables
from pages.ui.case_links import case_link
from pages.ui.order_filters import mark_name
from pages.ui.queue_panels import headline
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.abnormal.reading import CaseKey, Choice, flags
from shopdata.errors import ShopdataError
from shopdata.orders.marks import ABNORMAL, PRIORITY, remove_mark, set_mark
from shopdata.orders.rows import OrderRow
from shopdata.orders.timeline import Event, Timeline, order_timeline
from shopdata.scope import Scope
from shopdata.store.case_tables import ORDER
from shopdata.words import Words
from shopdata.words.sentences import sentence

PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "lines": (
        ("line_id", "text"),
        ("product_name", "text"),
        ("product_spec", "text"),
        ("quantity", "number"),
        ("unit_price", "fen"),
        ("paid_amount", "fen"),
        ("status_raw", "text"),
        ("aftersale_raw", "text"),
    ),
    "parcels": (
        ("waybill", "text"),
        ("courier", "text"),
        ("shipped_at", "time"),
        ("picked_up_at", "time"),
        ("signed_at", "time"),
        ("status_raw", "text"),
    ),
    "aftersales": (
        ("aftersale_id", "text"),
        ("kind_raw", "text"),
        ("status_raw", "text"),
        ("reason", "text"),
        ("refund_amount", "fen"),
        ("applied_at", "time"),
        ("refunded_at", "time"),
    ),
    "commissions": (
        ("party_name", "text"),
        ("status_raw", "text"),
        ("commission_estimated", "fen"),
        ("commission_settled", "fen"),
        ("settled_at", "time"),
    ),
    "settlements": (
        ("line_id", "text"),
        ("status_raw", "text"),
        ("settled_at", "time"),
        ("income_amount", "fen"),
        ("platform_fee", "fen"),
        ("commission_influencer", "fen"),
        ("commission_leader", "fen"),
        ("settled_amount", "fen"),
    ),
    "funds": (
        ("line_id", "text"),
        ("scene_raw", "text"),
        ("direction_raw", "text"),
        ("amount", "fen"),
        ("moved_at", "time"),
    ),
}


def detail(page: Page, scope: Scope, row: OrderRow) -> None:
    """Show the order under the list."""
    words = page.words
    found = order_timeline(page.store, scope, row.shop_id, row.order_id)
    with st.container(key="order_detail", border=True):
        st.subheader(escape(words("pages.orders.detail", order=row.order_id)), anchor=False)
        if row.stale and row.as_of is not None:
            st.warning(escape(words("pages.orders.stale", at=numbers.moment(row.as_of, words))))
        _hits(page, scope, row)
        events, marks = st.columns([3, 1])
        with events:
            _events(page, found)
        with marks:
            _marks(page, scope, row, found)
        for waybill in dict.fromkeys(str(parcel["waybill"]) for parcel in found.parcels):
            label = words("pages.orders.parcel_case", waybill=waybill)
            case_link(CaseKey(row.shop_id, "waybill", waybill), label)
        for part, columns in PARTS.items():
            _part(words, part, columns, getattr(found, part))
        _history(words, found)


def _hits(page: Page, scope: Scope, row: OrderRow) -> None:
    """What the rules hold against it, and the way to its case."""
    key = CaseKey(row.shop_id, ORDER, row.order_id)
    for flag in flags(page.store, scope, Choice(about=key)):
        st.markdown(headline(page, flag))
    case_link(key, page.words("pages.abnormal.to_case"))


def _events(page: Page, found: Timeline) -> None:
    words, lines = page.words, []
    for event in found.events:
        name, *rest = (escape(part) for part in told(page, event, found.order.currency))
        lines.append(f"- `{event.at:%Y-%m-%d %H:%M:%S}` " + " · ".join([f"**{name}**", *rest]))
    st.markdown("\n".join(lines) or escape(words("ui.none")))


def told(page: Page, event: Event, currency: str) -> list[str]:
    """An event in words: what happened, the money that moved, the file that says so."""
    words = page.words
    parts = [words.get(f"orders.events.{event.key}", event.key)]
    if event.amount:
        parts.append(numbers.money(event.amount, words, currency))
    return [*parts, event.file] if event.file else parts


def _marks(page: Page, scope: Scope, row: OrderRow, found: Timeline) -> None:
    words, key = page.words, f"{row.shop_id}_{row.order_id}"
    st.caption(words("pages.orders.column.marks"))
    for mark in found.marks:
        label = escape(mark_name(page, mark.mark))
        if st.button(f"{label} ✕", key=f"unmark_{key}_{mark.mark}", help=escape(mark.note or "") or None):
            _attempt(words, remove_mark, page.store, scope, [(row.shop_id, row.order_id)], mark.mark)
    held = {mark.mark for mark in found.marks}
    for name in (ABNORMAL, PRIORITY):
        if name not in held and st.button(f"+ {escape(mark_name(page, name))}", key=f"mark_{key}_{name}"):
            _attempt(words, set_mark, page.store, scope, [(row.shop_id, row.order_id)], name)
    own = st.text_input(
        words("pages.orders.own_mark"),
        key=f"own_{key}",
        max_chars=40,
        placeholder=words("pages.orders.own_mark"),
        label_visibility="collapsed",
    )
    if st.button(words("pages.orders.add_mark"), key=f"add_{key}", disabled=not (own or "").strip()):
        _attempt(words, set_mark, page.store, scope, [(row.shop_id, row.order_id)], own or "")


def _attempt(words: Words, change: Any, *given: Any) -> None:
    try:
        change(*given)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, words)))
    else:
        st.rerun()


def _part(
    words: Words, part: str, columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]
) -> None:
    if not rows:
        return
    st.caption(words(f"pages.orders.part.{part}"))
    headed = [Column(key, words.get(f"pages.orders.detail_column.{key}", key), unit) for key, unit in columns]
    tables.table(Grid.of(headed, rows), words, f"detail_{part}")


def _history(words: Words, found: Timeline) -> None:
    if not found.history:
        return
    st.caption(words("pages.orders.part.history"))
    headed = [
        Column(key, words(f"pages.orders.detail_column.{key}"), unit)
        for key, unit in (("subject", "text"), ("status_raw", "text"), ("event_at", "time"), ("file", "text"))
    ]
    rows = [
        {"subject": one.subject, "status_raw": one.status_raw, "event_at": one.event_at, "file": one.file}
        for one in found.history
    ]
    tables.table(Grid.of(headed, rows), words, "detail_history")

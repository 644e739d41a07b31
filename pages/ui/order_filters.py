"""The filters of the page Orders: widgets, their URL, and the frozen filter the store is asked with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from pages.ui import address
from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.metrics.labels import place_of
from shopdata.orders.choices import choices
from shopdata.orders.filters import SOURCES, STATUSES, TIME_KINDS, OrderFilter, parse_filter
from shopdata.orders.marks import ABNORMAL, PRIORITY, known_marks
from shopdata.scope import Scope
from shopdata.units import fen, yuan

LAST_URL = "orders_url"
# In the order they are shown; the first row, then what stands behind "more". Buyers never go into an address.
TEXTS = ("order", "product", "sku", "buyer", "influencer", "waybill", "note", "reason")
BEHIND = "behind"
MANY = (
    "statuses",
    "aftersales",
    "sources",
    "pay_methods",
    "provinces",
    "couriers",
    "flags",
    "marks",
)
AMOUNTS = ("amount_min", "amount_max")
NOT_IN_URL = ("buyer", "start", "end")
IN_URL = tuple(
    name for name in (*TEXTS, *MANY, *AMOUNTS, "time", "stale", "cities", BEHIND) if name not in NOT_IN_URL
)
AFTERSALES = (
    "none",
    "merchant_pending",
    "buyer_return",
    "merchant_receive",
    "refunding",
    "refunded",
    "refused",
    "exchange_done",
    "resend_done",
    "closed",
    "arbitration",
    "failed",
)
LONGEST_TEXT = 400


def widget(name: str) -> str:
    """The session key of a filter's widget."""
    return f"order_{name}"


def sync() -> None:
    """Bring the page's own filters and the URL in line."""
    address.sync(LAST_URL, IN_URL, _seed, lambda: _without_private(held()))


def _without_private(chosen: OrderFilter) -> dict[str, list[str]]:
    return {name: values for name, values in chosen.as_params().items() if name in IN_URL}


def _seed(query: address.Query) -> None:
    chosen, state = parse_filter(query, lenient=True), st.session_state
    for name in (*TEXTS, "time", "stale", BEHIND):
        state[widget(name)] = getattr(chosen, name)
    for name in (*MANY, "cities"):
        state[widget(name)] = list(getattr(chosen, name))
    for name in AMOUNTS:
        amount = getattr(chosen, name)
        state[widget(name)] = "" if amount is None else str(yuan(amount))


def held() -> OrderFilter:
    """What the widgets hold."""
    state = st.session_state
    values: dict[str, Any] = {name: str(state.get(widget(name)) or "").strip() for name in TEXTS}
    values |= {name: tuple(state.get(widget(name)) or ()) for name in (*MANY, "cities")}
    values |= {name: _amount(str(state.get(widget(name)) or "")) for name in AMOUNTS}
    values |= {"time": state.get(widget("time")) or "placed", "stale": bool(state.get(widget("stale")))}
    return OrderFilter(**values, behind=state.get(widget(BEHIND)) or "")


def _amount(text: str) -> int | None:
    try:
        return fen(Decimal(text.replace(",", "").strip())) if text.strip() else None
    except (ValueError, InvalidOperation):
        return None


def chosen(page: Page) -> OrderFilter:
    """The filter to ask with: what the widgets hold, in the days the shared filter names."""
    start, end = page.filters.period(page.last_day)
    return replace(held(), start=start, end=end)


def scope_of(page: Page) -> Scope:
    """The scope to ask with; the days stand in the filter, by the kind of time chosen there."""
    return page.scope("placed").between(None, None)


def row(page: Page) -> None:
    """The filters most used, and the others behind a button that says how many are set."""
    words = page.words
    behind = [name for name in (*TEXTS, *MANY, *AMOUNTS, "stale") if name not in {"order", "statuses"}]
    found = held()
    count = sum(getattr(found, name) not in (None, "", (), False) for name in behind)
    with st.container(key="order_row", horizontal=True, vertical_alignment="center"):
        _text(page, "order", label=False)
        _many(page, "statuses", label=False)
        st.selectbox(
            words("pages.orders.filter.time"),
            TIME_KINDS,
            key=widget("time"),
            format_func=lambda kind: words(f"pages.orders.time.{kind}"),
            label_visibility="collapsed",
            width=150,
        )
        label = words("pages.orders.more_n", n=count) if count else words("pages.orders.more")
        with st.popover(label, icon=":material/tune:", key="order_more"):
            _more(page)
        if st.button(
            words("ui.reset"), key="order_reset", type="tertiary", disabled=not (count or found.order)
        ):
            for name in (*TEXTS, *MANY, *AMOUNTS, "stale", "cities", BEHIND):
                st.session_state.pop(widget(name), None)
            st.rerun()


def _more(page: Page) -> None:
    words = page.words
    with st.container(key="order_filters"):
        for name in TEXTS[1:]:
            _text(page, name)
        for name in MANY[1:]:
            _many(page, name)
        for name in AMOUNTS:
            _text(page, name)
        st.checkbox(words("pages.orders.filter.stale"), key=widget("stale"))


def _text(page: Page, name: str, *, label: bool = True) -> None:
    words = page.words
    st.text_input(
        words(f"pages.orders.filter.{name}"),
        key=widget(name),
        placeholder=words(f"pages.orders.filter.{name}"),
        max_chars=LONGEST_TEXT,
        label_visibility="visible" if label else "collapsed",
        width="stretch" if label else 220,
        type="search",
    )


def _many(page: Page, name: str, *, label: bool = True) -> None:
    words = page.words
    labels = options(page, name)
    for value in st.session_state.get(widget(name)) or []:
        labels.setdefault(value, plain(value))
    st.multiselect(
        words(f"pages.orders.filter.{name}"),
        list(labels),
        key=widget(name),
        format_func=lambda value: labels.get(value, value),
        placeholder=words("ui.all") if label else words(f"pages.orders.filter.{name}"),
        label_visibility="visible" if label else "collapsed",
        width="stretch" if label else 260,
        select_all=False,
    )


def options(page: Page, name: str) -> dict[str, str]:
    """What can be chosen under ``name``, with its words."""
    words = page.words
    fixed = {
        "statuses": (STATUSES, "ui.statuses"),
        "aftersales": (AFTERSALES, "ui.aftersale_statuses"),
        "sources": (SOURCES, "ui.sources"),
    }
    if name in fixed:
        keys, table = fixed[name]
        return {key: words(f"{table}.{key}") for key in keys}
    scope = page.asker
    if name == "marks":
        own = known_marks(page.store, scope)
        return {mark: mark_name(page, mark) for mark in dict.fromkeys((ABNORMAL, PRIORITY, *own))}
    found = page.ask(choices, scope, name)
    if name == "provinces":
        return {value: plain(place_of("province", value, words)) for value in found}
    return {value: plain(value) for value in found}


def mark_name(page: Page, mark: str) -> str:
    """A mark in words; marks of one's own as they are."""
    return page.words.get(f"pages.orders.marks.{mark}", plain(mark))


def figure(page: Page) -> None:
    """Says which figure's orders are listed, and lets go of it."""
    basis, _, metric = held().behind.partition(".")
    if not metric:
        return
    words = page.words
    with st.container(key="order_behind", horizontal=True, vertical_alignment="center"):
        name = words(f"metrics.{metric}.label")
        text = words("pages.orders.behind", metric=name, basis=words(f"ui.basis_{basis}"))
        st.markdown(f":material/filter_list: {escape(text)}", width="content")
        if st.button(words("pages.orders.let_go"), key="order_let_go", type="tertiary"):
            st.session_state[widget(BEHIND)] = ""
            st.rerun()

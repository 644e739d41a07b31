"""What the page Products shows: its part and, for stock and promotions, the shopkeeper's own terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import streamlit as st

from pages.ui import address
from pages.ui.session import Page
from pages.ui.text import plain
from shopdata.analysis.inventory import Terms
from shopdata.analysis.products import BY
from shopdata.analysis.promotion_calendar import Event, calendar, label_of
from shopdata.analysis.promotion_stock import Scenario
from shopdata.analysis.promotion_uplift import PastEvent
from shopdata.words import Words

VIEWS = ("sales", "stock", "promotion")
HISTORIES = (28, 56, 90)
LAST_URL, NAMES = "products_url", ("view", "by")
DEFAULTS = {"view": VIEWS[0], "by": BY[0]}
ALLOWED = {"view": VIEWS, "by": BY}
CUSTOM, BY_HAND = "custom", "hand"


@dataclass(frozen=True, slots=True)
class Choice:
    """Part of the page, and how sales are grouped."""

    view: str
    by: str


def widget(name: str) -> str:
    """The session key of a choice's widget."""
    return f"products_{name}"


def _seed(query: address.Query) -> None:
    for name in NAMES:
        value = next(iter(query.get(name, ())), "")
        st.session_state[widget(name)] = value if value in ALLOWED[name] else DEFAULTS[name]


def _held() -> dict[str, list[str]]:
    values = {name: st.session_state.get(widget(name), DEFAULTS[name]) for name in NAMES}
    return {name: [value] for name, value in values.items() if value != DEFAULTS[name]}


def sync() -> Choice:
    """Bring the page's own choices and the URL in line."""
    address.sync(LAST_URL, NAMES, _seed, _held)
    return Choice(*(st.session_state[widget(name)] for name in NAMES))


def row(page: Page, choice: Choice) -> None:
    """The widgets of part and grouping, in one row."""
    words = page.words
    with st.container(key="product_row", horizontal=True, vertical_alignment="center"):
        names = NAMES if choice.view == "sales" else ("view",)
        for name in names:
            st.segmented_control(
                words(f"pages.products.{name}"),
                ALLOWED[name],
                key=widget(name),
                format_func=partial(_choice_name, words, name),
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )


def _choice_name(words: Words, name: str, value: str) -> str:
    return words(f"pages.products.{name}s.{value}")


def terms(page: Page) -> Terms:
    """The terms of the stock, as typed."""
    words, usual = page.words, Terms()
    with st.container(key="stock_terms", horizontal=True, vertical_alignment="bottom"):
        history = st.selectbox(
            words("pages.products.term.history"),
            HISTORIES,
            index=HISTORIES.index(usual.history),
            format_func=lambda days: words("pages.products.days", n=days),
            key=widget("history"),
            width=130,
        )
        lead = st.number_input(
            words("pages.products.term.lead"),
            min_value=0,
            max_value=180,
            value=None,
            placeholder=words("pages.products.term.lead_of_table"),
            help=words("pages.products.term.lead_help", n=usual.usual_lead),
            key=widget("lead"),
            width=190,
        )
        every = st.number_input(
            words("pages.products.term.every"), 1, 180, usual.every, key=widget("every"), width=170
        )
        dead = st.number_input(
            words("pages.products.term.dead"), 7, 365, usual.dead_days, key=widget("dead"), width=170
        )
    return Terms(int(history), None if lead is None else int(lead), int(every), int(dead))


def scenario(page: Page, events: tuple[PastEvent, ...]) -> Scenario | None:
    """The promotion to prepare for; ``None`` while its dates are half chosen."""
    words, last = page.words, page.last_day
    coming = _by_key(one for one in calendar(page.store) if one.start > last)
    past = _by_key(one.promotion for one in events)
    with st.container(key="event_terms", horizontal=True, vertical_alignment="bottom"):
        chosen = _which(page, coming)
        days = (coming[chosen].start, coming[chosen].end) if chosen in coming else _days(page, last)
        like = _like(page, past)
        hand = None
        if like == BY_HAND:
            hand = st.number_input(
                words("pages.products.event.times"), 0.1, 100.0, 2.0, 0.1, key=widget("times"), width=150
            )
    if days is None:
        return None
    return Scenario(*days, uplift=hand, event=past.get(like))


def _by_key(events: Iterable[Event]) -> dict[str, Event]:
    return {f"{one.key}@{one.start}": one for one in events}


def _which(page: Page, coming: Mapping[str, Event]) -> str:
    """A promotion of the calendar, or days of one's own."""
    words = page.words
    return st.selectbox(
        words("pages.products.event.which"),
        [*coming, CUSTOM],
        format_func=lambda key: (
            words("pages.products.event.custom")
            if key == CUSTOM
            else f"{plain(label_of(coming[key], words))} {coming[key].start}"
        ),
        key=widget("event"),
        width=230,
    )


def _like(page: Page, past: Mapping[str, Event]) -> str:
    """The promotion it will go like, or a factor of one's own."""
    words = page.words
    return st.selectbox(
        words("pages.products.event.uplift"),
        [*past, BY_HAND],
        format_func=lambda key: (
            words("pages.products.event.by_hand")
            if key == BY_HAND
            else words(
                "pages.products.event.like",
                event=plain(label_of(past[key], words)),
                year=past[key].end.year,
            )
        ),
        key=widget("like"),
        width=190,
    )


def _days(page: Page, last: date) -> tuple[date, date] | None:
    """First and last day as picked."""
    tomorrow = last + timedelta(days=1)
    picked = st.date_input(
        page.words("pages.products.event.days"),
        (tomorrow, tomorrow + timedelta(days=3)),
        min_value=tomorrow,
        format="YYYY-MM-DD",
        key=widget("event_days"),
        width=230,
    )
    return (picked[0], picked[1]) if isinstance(picked, tuple) and len(picked) == 2 else None

"""The first lines of a page: its name, how fresh the data is, the shared filters; and the empty state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import filters, frame, news, numbers
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.text import escape, plain

PICTURE = Path(__file__).with_name("assets") / "empty.svg"
ALL = ("shop", "platform", "source", "compare")


def head(page: Page, shown: Sequence[str] = ALL, *, days: bool = True) -> None:
    """Name, freshness and one row of filters. ``shown`` are the filters besides the days."""
    words = page.words
    with st.container(key="head", horizontal=True, vertical_alignment="bottom"):
        st.title(words(f"pages.{page.name}.title"), anchor=False, width="content")
        st.caption(freshness(page), width="content")
    frame.sidebar_foot(page)
    news.tell(page)
    if page.shows_sample:
        st.caption(f":material/science: {escape(words('ui.sample_banner'))}")
    if (days or shown) and page.up_to is not None:
        with st.container(key="filters", horizontal=True, gap="small"):
            if days:
                _days(page)
            for name in shown:
                _choice(page, name)


def freshness(page: Page) -> str:
    """How far the data reaches, and for which shops."""
    words = page.words
    if page.up_to is None:
        return words("ui.no_data_yet")
    key = "ui.data_old" if page.is_old else "ui.data_up_to"
    parts = [words(key, at=numbers.moment(page.up_to, words))]
    if len(page.shops) > 1:
        parts.append(words("ui.shops_n", n=len(page.shops)))
    platforms = dict.fromkeys(shop.platform for shop in page.shops)
    parts.append(words("ui.list_separator").join(words(f"ui.platforms.{name}") for name in platforms))
    warning = ":material/warning: " if page.is_old else ""
    return warning + " · ".join(escape(part) for part in parts if part)


def _days(page: Page) -> None:
    words = page.words
    names = {"7": "last_7", "30": "last_30", "90": "last_90"}
    if not page.is_today:
        names |= {"today": "last_day", "yesterday": "day_before"}
    key, asked = filters.widget("days"), filters.widget("range")
    st.segmented_control(
        words("ui.filters.days"),
        list(filters.PRESETS),
        key=key,
        format_func=lambda preset: words(f"ui.filters.{names.get(preset, preset)}"),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    if st.session_state[key] == "custom":
        if not st.session_state.get(asked):
            start, end = page.filters.period(page.last_day)
            st.session_state[asked] = (start or page.last_day, end or page.last_day)
        st.date_input(
            words("ui.filters.range"),
            key=asked,
            format="YYYY-MM-DD",
            label_visibility="collapsed",
            width=220,
            persist_state="session",
        )


def _choice(page: Page, name: str) -> None:
    words = page.words
    if name == "shop":
        labels: dict[Any, str] = {0: words("ui.all_shops")} | {s.id: plain(s.name) for s in page.every_shop}
    elif name == "platform":
        present = dict.fromkeys(shop.platform for shop in page.every_shop)
        labels = {"": words("ui.filters.all_platforms")} | {p: words(f"ui.platforms.{p}") for p in present}
    elif name == "source":
        labels = {"": words("ui.filters.all_sources")} | {
            s: words(f"ui.sources.{s}") for s in filters.SOURCES
        }
    else:
        labels = {c: words(f"ui.filters.compare_{c}") for c in filters.COMPARISONS}
    if len(labels) < 3 and getattr(page.filters, name) in {0, ""}:
        return  # nothing to choose between
    chosen = getattr(page.filters, name)
    if st.session_state.get(filters.widget(name)) not in labels:
        st.session_state[filters.widget(name)] = chosen
        labels.setdefault(chosen, words("ui.unknown"))
    st.selectbox(
        words(f"ui.filters.{name}"),
        list(labels),
        key=filters.widget(name),
        format_func=lambda value: labels[value],
        label_visibility="collapsed",
        width=150,
        persist_state="session",
    )


def empty(page: Page) -> None:
    """No data at all: one sentence, one picture, one button."""
    with st.container(key="empty", horizontal_alignment="center"):
        st.image(PICTURE.read_text(encoding="utf-8"), width=160)
        st.markdown(page.words("ui.empty_title"))
        page_link("import", page.words("ui.empty_upload"), icon=":material/upload_file:")


def nothing_here(page: Page) -> None:
    """Data, but none under these filters."""
    with st.container(key="empty", horizontal_alignment="center"):
        st.image(PICTURE.read_text(encoding="utf-8"), width=160)
        st.markdown(page.words("ui.empty_filter"))
        if st.button(page.words("ui.empty_filter_reset"), key="empty_reset"):
            st.query_params.clear()
            st.rerun()

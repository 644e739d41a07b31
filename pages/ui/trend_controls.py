"""What the page Trends shows: metric, grain, basis, comparisons; kept in its URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from pages.ui import about, address
from pages.ui.session import Page
from shopdata.metrics.catalogue import CATALOGUE, KEYS
from shopdata.metrics.definition import Missing
from shopdata.scope import Basis

GRAINS = ("day", "week", "month", "heat")
BASES: tuple[Basis, ...] = ("paid", "placed", "event")
AGAINST = ("previous", "week", "year")
SPLITS = ("none", "source", "shop", "platform", "account")
# How many points are forecast: none, or a week, two, a month of them.
FORECASTS = ("0", "7", "14", "30")
LAST_URL = "trends_url"
NAMES = ("metric", "grain", "basis", "against", "split", "forecast")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for. ``against`` are the comparisons drawn beside the line."""

    metric: str = "paid_amount"
    grain: str = "day"
    basis: Basis = "paid"
    against: tuple[str, ...] = ("previous",)
    split: str = "none"
    forecast: str = "0"

    @property
    def ahead(self) -> int:
        """Points to forecast; none where the chart is split or is the heat map."""
        return int(self.forecast) if self.split == "none" and self.grain != "heat" else 0


DEFAULT = Choice()


def choosable() -> tuple[str, ...]:
    """Metrics that can be drawn: those whose file kind can be read."""
    return tuple(key for key in KEYS if not isinstance(CATALOGUE[key], Missing))


def widget(name: str) -> str:
    """The session key of a choice's widget."""
    return f"trends_{name}"


def decode(query: address.Query) -> Choice:
    """The choice a URL stands for; what cannot be meant becomes the default."""

    def one(name: str, allowed: tuple[str, ...]) -> str:
        value = next(iter(query.get(name, ())), "")
        return value if value in allowed else str(getattr(DEFAULT, name))

    asked = query.get("against")
    against = DEFAULT.against if asked is None else tuple(name for name in AGAINST if name in asked)
    return Choice(
        metric=one("metric", choosable()),
        grain=one("grain", GRAINS),
        basis=cast(Basis, one("basis", BASES)),
        against=against,
        split=one("split", SPLITS),
        forecast=one("forecast", FORECASTS),
    )


def encode(choice: Choice) -> dict[str, list[str]]:
    """The URL of a choice, defaults left out; no comparison at all is ``against=none``."""
    query: dict[str, list[str]] = {}
    for name in NAMES:
        value = getattr(choice, name)
        if value != getattr(DEFAULT, name):
            query[name] = (list(value) or ["none"]) if isinstance(value, tuple) else [value]
    return query


def _seed(query: address.Query) -> None:
    choice = decode(query)
    for name in NAMES:
        value = getattr(choice, name)
        st.session_state[widget(name)] = list(value) if isinstance(value, tuple) else value


def held() -> Choice:
    """What the widgets hold."""
    state = st.session_state
    values = {name: state.get(widget(name), getattr(DEFAULT, name)) for name in NAMES}
    against = tuple(name for name in AGAINST if name in values["against"])
    return Choice(**{**values, "against": against})


def sync() -> None:
    """Bring the page's own choices and the URL in line."""
    address.sync(LAST_URL, NAMES, _seed, lambda: encode(held()))


def row(page: Page) -> Choice:
    """The widgets, in one row."""
    words = page.words
    with st.container(key="trend_row", horizontal=True, vertical_alignment="center"):
        st.selectbox(
            words("pages.trends.metric"),
            choosable(),
            key=widget("metric"),
            format_func=lambda key: about.label_of(key, words),
            width=190,
            label_visibility="collapsed",
        )
        st.segmented_control(
            words("pages.trends.grain"),
            GRAINS,
            key=widget("grain"),
            format_func=lambda grain: words(f"pages.trends.grains.{grain}"),
            required=True,
            label_visibility="collapsed",
        )
        st.selectbox(
            words("ui.basis"),
            BASES,
            key=widget("basis"),
            format_func=lambda basis: words(f"ui.basis_{basis}"),
            width=126,
            label_visibility="collapsed",
        )
        if held().grain != "heat":
            _beside(page)
    return held()


def _beside(page: Page) -> None:
    """What the line is split by or, where it is not, compared with."""
    words = page.words
    st.selectbox(
        words("pages.trends.split"),
        SPLITS,
        key=widget("split"),
        format_func=lambda split: words(f"pages.trends.splits.{split}"),
        width=126,
        label_visibility="collapsed",
    )
    if held().split == "none":
        st.multiselect(
            words("ui.filters.compare"),
            AGAINST,
            key=widget("against"),
            format_func=lambda name: words(f"ui.filters.against_{name}"),
            placeholder=words("ui.filters.compare_none"),
            select_all=False,
            width=210,
            label_visibility="collapsed",
        )
        grain = held().grain
        st.selectbox(
            words("pages.trends.forecast"),
            FORECASTS,
            key=widget("forecast"),
            format_func=lambda ahead: (
                words(f"pages.trends.forecasts.{grain}", n=ahead)
                if ahead != "0"
                else words("pages.trends.forecasts.none")
            ),
            width=150,
            label_visibility="collapsed",
        )

"""The filters every page shares, kept in the URL by a small codec of our own.

The URL wins when it changed by itself (a link, Back); otherwise what the widgets hold goes into the URL.
Defaults stay out of it, and values that cannot be meant fall back to their default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

import streamlit as st

from pages.ui import address
from shopdata.scope import Basis, Scope

PRESETS: Mapping[str, tuple[int, int] | None] = {
    "today": (0, 1),
    "yesterday": (1, 1),
    "7": (0, 7),
    "30": (0, 30),
    "90": (0, 90),
    "all": None,
    "custom": None,
}
PLATFORMS = ("douyin", "taobao", "kuaishou", "other")
SOURCES = ("live", "short_video", "product_card", "showcase", "image_text", "other", "pending", "unknown")
COMPARISONS = ("previous", "week", "year", "none")
WIDGETS = ("days", "shop", "platform", "source", "compare")
LAST_URL, CURRENT = "filters_url", "filters_now"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the shared filters say. Empty text and shop 0 mean no filter."""

    days: str = "30"
    start: date | None = None
    end: date | None = None
    shop: int = 0
    platform: str = ""
    source: str = ""
    compare: str = "previous"

    def period(self, last_day: date) -> tuple[date | None, date | None]:
        """First and last day, both inclusive, where ``last_day`` is the newest day that can be asked for."""
        if self.days == "custom":
            return self.start, self.end
        preset = PRESETS[self.days]
        if preset is None:
            return None, None
        end = last_day - timedelta(days=preset[0])
        return end - timedelta(days=preset[1] - 1), end

    def scope(self, base: Scope, last_day: date, basis: Basis = "placed") -> Scope:
        """``base`` narrowed to these filters. A shop outside ``base`` narrows to nothing."""
        start, end = self.period(last_day)
        allowed = base.shops is None or self.shop in base.shops
        shops = ((self.shop,) if allowed else ()) if self.shop else base.shops
        return replace(
            base,
            shops=shops,
            start=start,
            end=end,
            basis=basis,
            platforms=(self.platform,) if self.platform else (),
            sources=(self.source,) if self.source else (),
        )


def _one_of(options: tuple[str, ...], default: str) -> Callable[[str], str]:
    return lambda text: text if text in options else default


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shop(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


DECODERS: Mapping[str, Callable[[str], object]] = {
    "days": _one_of(tuple(PRESETS), "30"),
    "start": _day,
    "end": _day,
    "shop": _shop,
    "platform": _one_of(PLATFORMS, ""),
    "source": _one_of(SOURCES, ""),
    "compare": _one_of(COMPARISONS, "previous"),
}
DEFAULT = Filters()
# What a filter is called in the URL where that is not its own name.
IN_URL = {"start": "from", "end": "to"}
URL_NAMES = {name: IN_URL.get(name, name) for name in DECODERS}


def decode(query: Mapping[str, str]) -> Filters:
    """Filters of a query string; a custom period that makes no sense becomes the default one."""
    wanted = {name: DECODERS[name](query[url]) for name, url in URL_NAMES.items() if query.get(url)}
    filters = replace(DEFAULT, **cast("dict[str, Any]", wanted))
    if filters.days != "custom":
        return replace(filters, start=None, end=None)
    sane = filters.start and filters.end and filters.start <= filters.end
    return filters if sane else replace(filters, days=DEFAULT.days, start=None, end=None)


def encode(filters: Filters) -> dict[str, str]:
    """The query string of ``filters`` without what is the default anyway."""
    pairs = {name: getattr(filters, name) for name in DECODERS}
    return {URL_NAMES[name]: str(value) for name, value in pairs.items() if value != getattr(DEFAULT, name)}


def widget(name: str) -> str:
    """The session key of a filter's widget."""
    return f"filter_{name}"


def sync() -> Filters:
    """The filters of this run, with the URL brought in line. Safe to call more than once a run."""
    address.sync(LAST_URL, tuple(URL_NAMES.values()), _seed, _held)
    return st.session_state[CURRENT]  # type: ignore[no-any-return]


def _seed(query: address.Query) -> None:
    state = st.session_state
    filters = decode({name: values[0] for name, values in query.items()})
    for name in WIDGETS:
        state[widget(name)] = getattr(filters, name)
    state[widget("range")] = (filters.start, filters.end) if filters.days == "custom" else ()
    state[CURRENT] = filters


def _held() -> dict[str, list[str]]:
    filters = _from_widgets(st.session_state[CURRENT])
    st.session_state[CURRENT] = filters
    return {name: [value] for name, value in encode(filters).items()}


def _from_widgets(before: Filters) -> Filters:
    """``before`` with what its widgets hold now; a half-chosen range of days leaves the days as they were.

    A widget drawn anew in another language may send a label of the language before, which means nothing now.
    """
    state = st.session_state
    held = {name: state[widget(name)] for name in WIDGETS if widget(name) in state}
    known = {name: value for name, value in held.items() if value == DECODERS[name](str(value))}
    filters = replace(before, **known)
    if filters.days != "custom":
        return replace(filters, start=None, end=None)
    chosen = tuple(state.get(widget("range")) or ())
    if len(chosen) == 2 and chosen[0] <= chosen[1]:
        return replace(filters, start=chosen[0], end=chosen[1])
    return filters if filters.start else replace(filters, days=before.days)

"""What stands around every page: style, navigation, language, theme, shop and user."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import streamlit as st

from pages.ui import components, filters
from pages.ui.links import page_file
from pages.ui.session import LANGUAGE, Page
from pages.ui.text import escape
from shopdata.words import LANGUAGES, Words

ASSETS = Path(__file__).with_name("assets")
# The navigation: groups, and in each its pages with their icons. A page not named here is not served.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "daily": {
        "overview": ":material/dashboard:",
        "abnormal": ":material/report:",
        "import": ":material/upload_file:",
    },
    "sales": {
        "funnel": ":material/filter_alt:",
        "trends": ":material/show_chart:",
        "sources": ":material/smart_display:",
        "live": ":material/live_tv:",
        "influencers": ":material/group:",
        "customers": ":material/groups:",
        "products": ":material/inventory_2:",
    },
    "fulfilment": {
        "logistics": ":material/local_shipping:",
        "warehouse": ":material/warehouse:",
    },
    "money_group": {
        "money": ":material/account_balance_wallet:",
        "closing": ":material/event_available:",
        "promotions": ":material/celebration:",
        "platforms": ":material/compare_arrows:",
    },
    "data": {
        "orders": ":material/receipt_long:",
        "settings": ":material/settings:",
    },
}
# Pages only links lead to.
HIDDEN = ("case",)
NAMES = (*chain.from_iterable(GROUPS.values()), *HIDDEN)
# Streamlit's own English and the words that replace it, one under the other.
PHRASES = "ui.browser.phrases."


def pages(words: Words) -> dict[str, st.Page]:
    """Every page by name; the hidden first one only leads from ``/`` to the overview."""
    named = {
        name: st.Page(
            page_file(name),
            title=words(f"nav.{name}"),
            url_path=name,
            visibility="hidden" if name in HIDDEN else "visible",
        )
        for name in NAMES
    }
    start = st.Page("start.py", title=words("nav.product"), default=True, visibility="hidden")
    return {"start": start} | named


def sidebar(words: Words, named: dict[str, st.Page]) -> None:
    """The navigation: links that carry the shared filters along."""
    query = filters.encode(filters.sync())
    with st.sidebar:
        st.markdown(f"**{words('nav.product')}**")
        for group, names in GROUPS.items():
            with st.container(key=f"nav_{group}", gap=None):
                st.caption(words(f"nav.{group}"))
                for name, icon in names.items():
                    st.page_link(named[name], icon=icon, width="stretch", query_params=query or None)


def sidebar_foot(page: Page) -> None:
    """Shop, user, language and theme at the bottom of the sidebar."""
    words = page.words
    with st.sidebar, st.container(key="foot"):
        chosen = [shop.name for shop in page.every_shop if shop.id == page.filters.shop] or [
            shop.name for shop in page.shops
        ]
        shown = chosen[0] if len(chosen) == 1 else words("ui.shops_n", n=len(chosen))
        shown = shown if chosen else words("ui.no_shop")
        user = escape(page.name_of(page.who.user))
        st.caption(f":material/storefront: {escape(shown)}  \n:material/person: {user}")
        language_switch(words)


def language_switch(words: Words) -> None:
    """Language and theme; both stay after a reload."""
    st.segmented_control(
        words("ui.language"),
        LANGUAGES,
        key=LANGUAGE,
        format_func=lambda language: words(f"ui.language_{language}"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        persist_state="session",
    )
    data = {
        "language": words.language,
        "locale": words("ui.browser.locale"),
        "phrases": phrases(words),
        "theme": words("ui.theme"),
        "themes": {key: words(f"ui.theme_{key}") for key in ("system", "light", "dark")},
        "paths": ["/", *(f"/{name}" for name in NAMES)],
    }
    components.mount("browser", "browser", data, on_spoken_change=lambda: None)


def phrases(words: Words) -> dict[str, str]:
    """Streamlit's own English phrases and what stands for them in this language."""
    pairs = (words(key).split(" = ", 1) for key in words.entries if key.startswith(PHRASES))
    return {english: own for english, own in pairs if english != own}


def icon() -> str:
    """The picture in the browser's tab: our own file, since Streamlit fetches named icons from outside."""
    return (ASSETS / "icon.svg").read_text(encoding="utf-8")


def style() -> None:
    """The one stylesheet."""
    st.html(ASSETS / "style.css")

"""Shops in the settings: name, currency, zone, where they ship from, which accounts are their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from zoneinfo import available_timezones

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.errors import ShopdataError
from shopdata.imports.preferences import save_shop
from shopdata.imports.scoping import Shop
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words.sentences import sentence

CURRENCIES = ("CNY", "HKD", "TWD", "USD", "EUR", "JPY", "KRW", "SGD", "MYR", "THB", "VND", "BRL", "GBP")
USUAL_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "UTC")
SAVED = "settings_saved"


def zones() -> list[str]:
    """Every time zone, the usual ones first."""
    return [*USUAL_ZONES, *sorted(available_timezones() - set(USUAL_ZONES))]


def shops(page: Page) -> None:
    """One form a shop."""
    words = page.words
    st.subheader(words("pages.settings.shops"), anchor=False)
    if not page.every_shop:
        st.caption(words("pages.settings.no_shops"))
    for shop in page.every_shop:
        tag = words("pages.settings.sample_tag") if shop.is_sample else words(f"ui.platforms.{shop.platform}")
        with st.expander(f"**{escape(shop.name)}** · {escape(tag)}", key=f"shop_{shop.id}"):
            _form(page, shop)


def _form(page: Page, shop: Shop) -> None:
    words, key = page.words, f"shop_{shop.id}"
    left, right = st.columns(2)
    with left:
        name = st.text_input(words("pages.settings.name"), plain(shop.name), key=f"{key}_name", max_chars=60)
        currency = st.selectbox(
            words("pages.settings.currency"),
            list(dict.fromkeys((shop.currency, *CURRENCIES))),
            key=f"{key}_currency",
        )
        st.caption(words("pages.settings.platform_fixed", platform=words(f"ui.platforms.{shop.platform}")))
    with right:
        known = list(dict.fromkeys((shop.zone, *zones())))
        zone = st.selectbox(words("pages.settings.zone"), known, key=f"{key}_zone")
        cities = places().cities
        held = dict(shop.ship_from).get("", "")
        codes = list(dict.fromkeys(("", held, *cities)))
        city = st.selectbox(
            words("pages.settings.ship_from"),
            codes,
            index=codes.index(held),
            format_func=lambda code: cities.get(code, words("ui.unknown")) if code else words("ui.unknown"),
            key=f"{key}_city",
        )
    own = st.text_area(
        words("pages.settings.own_accounts"),
        "\n".join(plain(one) for one in shop.own_accounts),
        key=f"{key}_own",
        placeholder=words("pages.settings.own_hint"),
        height=90,
    )
    if st.button(words("ui.save"), key=f"{key}_save", type="primary"):
        ship_from = {name: code for name, code in dict(shop.ship_from).items() if name}
        ship_from |= {"": city} if city else {}
        accounts = (own or "").splitlines()
        save = partial(save_shop, name=name, currency=currency, zone=zone, own_accounts=accounts)
        _save(page, shop, partial(save, ship_from=ship_from))


def _save(page: Page, shop: Shop, save: Callable[[Store, Scope, int], None]) -> None:
    """Save the shop, or say why it cannot be."""
    try:
        save(page.store, Scope(user=page.who.user, role=page.who.role), shop.id)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
    else:
        st.session_state[SAVED] = True
        st.rerun()

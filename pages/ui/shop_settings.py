"""Shops in the settings: name, currency, zone, where they ship from, which accounts are their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from zoneinfo import available_timezones

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.errors import ShopdataError
from shopdata.imports.preferences import save_shop
from shopdata.imports.scoping import Shop
from shopdata.imports.warehouses import named_city, warehouse_names
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import Words
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
        ship_from = _cities(page, shop)
    own = st.text_area(
        words("pages.settings.own_accounts"),
        "\n".join(plain(one) for one in shop.own_accounts),
        key=f"{key}_own",
        placeholder=words("pages.settings.own_hint"),
        height=90,
    )
    if st.button(words("ui.save"), key=f"{key}_save", type="primary"):
        accounts = (own or "").splitlines()
        save = partial(save_shop, name=name, currency=currency, zone=zone, own_accounts=accounts)
        _save(page, shop, partial(save, ship_from=ship_from))


def _cities(page: Page, shop: Shop) -> dict[str, str]:
    """The cities chosen for the shop and for each warehouse its orders name; what is not shown stays."""
    words, cities, held = page.words, places().cities, dict(shop.ship_from)
    named = page.ask(_warehouses).get(shop.id, ())
    chosen = {name: code for name, code in held.items() if name and name not in named}
    for place, name in enumerate(("", *named)):
        code = st.selectbox(
            words("pages.settings.ship_from_warehouse", warehouse=escape(name))
            if name
            else words("pages.settings.ship_from"),
            list(dict.fromkeys(("", held.get(name, ""), *cities))),
            index=1 if held.get(name) else 0,
            format_func=lambda code, name=name: _city(code, name, words),
            key=f"{shop.id}_city_{place}",
        )
        chosen |= {name: code} if code else {}
    return chosen


def _warehouses(store: Store) -> Mapping[int, tuple[str, ...]]:
    with store.read() as connection:
        return warehouse_names(connection)


def _city(code: str, warehouse: str, words: Words) -> str:
    """A choice's label; without one, what follows from the warehouse's name or the shop's city."""
    cities = places().cities
    if code:
        return cities.get(code, words("ui.unknown"))
    told = named_city(warehouse)
    if told:
        return words("pages.settings.by_name", city=cities[told])
    return words("pages.settings.as_shop") if warehouse else words("ui.unknown")


def _save(page: Page, shop: Shop, save: Callable[[Store, Scope, int], None]) -> None:
    """Save the shop, or say why it cannot be."""
    try:
        save(page.store, page.asker, shop.id)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
    else:
        st.session_state[SAVED] = True
        st.rerun()

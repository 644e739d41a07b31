"""What the page Logistics shows: the measure of the map, the province and the city; kept in its URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui import address, china_map

# What the map can be coloured by, and the count of orders behind each value.
MEASURES = {
    "ship_to_sign_hours_p50": "ship_to_sign_hours_n",
    "ship_to_sign_hours_p90": "ship_to_sign_hours_n",
    "pay_to_ship_hours_p50": "pay_to_ship_hours_n",
    "orders_paid": "orders_paid",
    "return_rate": "return_rate_d",
}
NAMES = ("measure", "province", "city")
LAST_URL = "logistics_url"
FIGURE = "figure_logistics_map"


@dataclass(frozen=True, slots=True)
class Choice:
    """Empty codes: the whole country, the whole province."""

    measure: str = "ship_to_sign_hours_p50"
    province: str = ""
    city: str = ""


DEFAULT = Choice()


def widget(name: str) -> str:
    """The session key of a choice's widget."""
    return f"logistics_{name}"


def decode(query: address.Query) -> Choice:
    """The choice a URL stands for; what cannot be meant becomes the default."""
    given = {name: next(iter(query.get(name, ())), "") for name in NAMES}
    measure = given["measure"] if given["measure"] in MEASURES else DEFAULT.measure
    province = given["province"] if given["province"] in china_map.codes() else ""
    city = given["city"] if province and given["city"] in china_map.codes(province) else ""
    return Choice(measure, province, city)


def encode(choice: Choice) -> dict[str, list[str]]:
    """The URL of a choice, defaults left out."""
    pairs = ((name, getattr(choice, name)) for name in NAMES)
    return {name: [value] for name, value in pairs if value != getattr(DEFAULT, name)}


def _seed(query: address.Query) -> None:
    choice = decode(query)
    for name in NAMES:
        st.session_state[widget(name)] = getattr(choice, name)


def held() -> Choice:
    """What the widgets hold; a city of another province is none."""
    state = st.session_state
    query = {name: [str(state.get(widget(name)) or getattr(DEFAULT, name))] for name in NAMES}
    return decode(query)


def sync() -> None:
    """Bring the page's own choices and the URL in line."""
    address.sync(LAST_URL, NAMES, _seed, lambda: encode(held()))
    st.session_state[widget("city")] = held().city


def clicked() -> None:
    """A click on the map: the province, or the city of the province shown."""
    state, shown = st.session_state, held().province
    points = state[f"{FIGURE}_{shown}"].selection.points
    code = str(points[0].get("location", "")) if points else ""
    if code in china_map.codes(shown):
        state[widget("city" if shown else "province")] = code

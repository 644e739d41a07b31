"""The map of how long parcels take, the same places as a table, and the way to the orders of a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.ui import about, china_map, figures, logistics_choice, measures, numbers
from pages.ui.about import About
from pages.ui.china_map import Legend, Spot
from pages.ui.links import page_link
from pages.ui.logistics_choice import MEASURES, Choice, widget
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure
from shopdata.analysis.lanes import ENOUGH
from shopdata.analysis.logistics import KEYS, unknown, unsigned
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.definition import Ratio
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.labels import place_of
from shopdata.metrics.table import MetricRow, MetricTable, metric_table
from shopdata.metrics.values import Value

COLUMNS = (
    "ship_to_sign_hours_p50",
    "ship_to_sign_hours_p90",
    "ship_to_sign_hours_n",
    "pay_to_ship_hours_p50",
    "orders_paid",
    "ship_48h_rate",
    "ship_promise_rate",
    "pickup_24h_rate",
    "return_rate",
    "orders_transit",
)


def read(page: Page) -> MetricTable:
    """The provinces of the orders paid in the period."""
    return metric_table(page.store, page.scope("paid"), by="province", keys=KEYS)


def _cities(page: Page, province: str) -> tuple[MetricRow, ...]:
    table = metric_table(page.store, page.scope("paid"), by="province,city", keys=KEYS)
    return tuple(MetricRow(row.keys[1:], row.values) for row in table.rows if row.keys[0] == province)


def size(measure: str, values: Mapping[str, Value]) -> int:
    """Orders behind a value; of a rate with a maturity, the matured ones."""
    metric = CATALOGUE[measure]
    pending = values.get(f"{measure}_pending") if isinstance(metric, Ratio) and metric.step else 0
    return int(values[MEASURES[measure]] or 0) - int(pending or 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the map shows: of all provinces (``found``) the ``rows`` of its places, which are provinces or the
    cities of the one chosen."""

    found: MetricTable
    rows: tuple[MetricRow, ...]
    choice: Choice

    @property
    def measure(self) -> str:
        """The metric the places are coloured by."""
        return self.choice.measure

    @property
    def level(self) -> str:
        """What its places are."""
        return "city" if self.choice.province else "province"


def maps(page: Page, found: MetricTable) -> None:
    """The map with its table beside it: provinces, or the cities of the one chosen."""
    choice = logistics_choice.held()
    rows = _cities(page, choice.province) if choice.province else found.rows
    shown = Shown(found, rows, choice)
    grid = _grid(page, shown)
    total = About((choice.measure,), "paid", found.total, _note(page, found))
    left, right = st.columns([3, 2])
    with left:
        title, caption = _finding(page, shown), _caption(page, choice.measure)
        panel(page, "logistics_map", title, caption, None, grid, total, partial(_map, page, shown))
    with right:
        title = page.words("pages.logistics.places_title", place=_place(page, choice))
        caption = page.words("pages.logistics.places_caption", n=ENOUGH)
        panel(page, "logistics_places", title, caption, None, grid, total)


def name_of(page: Page, level: str, code: str) -> str:
    """A province or a city in words."""
    return place_of(level, code, page.words)


def _place(page: Page, choice: Choice) -> str:
    if choice.province:
        return name_of(page, "province", choice.province)
    return page.words("pages.logistics.country")


def _map(page: Page, shown: Shown) -> None:
    """The controls, the map, and what is known of the place chosen."""
    words, measure = page.words, shown.measure
    _controls(page, shown)
    if missing := shown.found.missing.get(measure):
        file = words.get(f"ui.kinds.{missing}", missing)
        asked = {"measure": about.label_of(measure, words), "file": file}
        st.info(escape(words("pages.logistics.missing", **asked)), icon=":material/upload_file:")
    unit, province = CATALOGUE[measure].unit, shown.choice.province
    legend = Legend(in_figure(_unit(page, unit)), ".0%" if unit == "ratio" else ",.0f")
    figure = china_map.china(_spots(page, shown), legend, province)
    alt = words("pages.logistics.map_alt", measure=about.label_of(measure, words))
    figures.show(figure, words, f"{logistics_choice.FIGURE}_{province}", alt, logistics_choice.clicked)
    _chosen(page, shown)


def _controls(page: Page, shown: Shown) -> None:
    words, choice = page.words, shown.choice
    known = [row.key for row in shown.found.rows if row.key in china_map.codes()]
    options = {"": words("pages.logistics.country")} | {
        code: name_of(page, "province", code) for code in dict.fromkeys([*known, choice.province]) if code
    }
    with st.container(key="logistics_row", horizontal=True, vertical_alignment="center"):
        st.selectbox(
            words("pages.logistics.measure"),
            list(MEASURES),
            key=widget("measure"),
            format_func=lambda key: about.label_of(key, words),
            label_visibility="collapsed",
            width=260,
        )
        _select(page, "province", options)
        if choice.province:
            cities = [row.key for row in shown.rows if row.key in china_map.codes(choice.province)]
            held = dict.fromkeys([*cities, choice.city])
            inside = {"": words("pages.logistics.all_cities")}
            _select(page, "city", inside | {code: name_of(page, "city", code) for code in held if code})


def _select(page: Page, name: str, options: Mapping[str, str]) -> None:
    st.selectbox(
        page.words(f"pages.logistics.{name}"),
        list(options),
        key=widget(name),
        format_func=lambda code: options[code],
        label_visibility="collapsed",
        width=170,
    )


def _spots(page: Page, shown: Shown) -> list[Spot]:
    """Every place of the map, those without orders too."""
    by_code, measure = {row.key: row for row in shown.rows}, shown.measure
    spots = []
    for code in china_map.codes(shown.choice.province):
        row = by_code.get(code)
        name = in_figure(name_of(page, shown.level, code))
        if row is None:
            spots.append(Spot(code, None, f"{name}<br>{in_figure(page.words('pages.logistics.no_orders'))}"))
            continue
        value, n = measures.judged_value(measure, row.values)[0], size(measure, row.values)
        few = n < ENOUGH and measure != "orders_paid"
        spots.append(Spot(code, value, f"{name}<br>{_words_of(page, measure, row.values)}", few))
    return spots


def _words_of(page: Page, measure: str, values: Mapping[str, Value]) -> str:
    words, n = page.words, size(measure, values)
    value = numbers.by_unit(measures.judged_value(measure, values)[0], CATALOGUE[measure].unit, words)
    return value if measure == "orders_paid" else f"{value} · n={n:,}"


def _chosen(page: Page, shown: Shown) -> None:
    """What is known of the chosen place with the way to its orders; below, the orders of no known place."""
    words, rows, choice = page.words, shown.rows, shown.choice
    behind = f"paid.{choice.measure}"
    place = shown.found.row(choice.province) if choice.province else None
    if place is not None:
        query: dict[str, str | list[str]] = {"behind": behind, "provinces": [choice.province]}
        name = name_of(page, "province", choice.province)
        row: MetricRow | None = place
        inside = next((one for one in rows if one.key == choice.city), None)
        if choice.city:
            query["cities"], name = [choice.city], f"{name} · {name_of(page, 'city', choice.city)}"
            row = inside
        with st.container(key="logistics_place", horizontal=True, vertical_alignment="center"):
            label = about.label_of(choice.measure, words)
            known = words("pages.logistics.no_orders")
            if row is not None:
                known = f"{label} {_words_of(page, choice.measure, row.values)}"
            st.markdown(f":material/location_on: {escape(f'{name}: {known}')}", width="content")
            if row is not None:
                page_link("orders", words("pages.logistics.orders"), icon=":material/arrow_forward:", **query)
    lost = next((row for row in rows if row.key == UNKNOWN), None)
    outside = [row for row in rows if row.key not in china_map.codes(choice.province) and row is not lost]
    if outside:
        n = numbers.count(sum(int(row["orders_paid"] or 0) for row in outside), words)
        st.caption(escape(words("pages.logistics.outside", n=n)))
    if lost is not None:
        with st.container(key="logistics_unknown", horizontal=True, vertical_alignment="center"):
            n = numbers.count(lost["orders_paid"], words)
            st.caption(escape(words("pages.logistics.unknown", n=n)), width="content")
            query = {"behind": "paid.orders_paid"}
            query |= {"provinces": [choice.province], "cities": [UNKNOWN]} if choice.province else {}
            query |= {} if choice.province else {"provinces": [UNKNOWN]}
            page_link("orders", words("pages.logistics.orders"), icon=":material/arrow_forward:", **query)


def _unit(page: Page, unit: str) -> str:
    units = {"ratio": "ui.percent_unit", "hours": "pages.logistics.hours_unit"}
    return page.words(units.get(unit, "ui.orders_unit"))


def _grid(page: Page, shown: Shown) -> Grid:
    words, key = page.words, shown.measure
    first = [key, *(name for name in COLUMNS if name != key)]
    columns = [Column("label", words(f"pages.logistics.{shown.level}"), pinned=True)]
    columns += [Column(name, words(f"pages.logistics.column.{name}"), CATALOGUE[name].unit) for name in first]
    ranked = sorted(shown.rows, key=lambda row: -(measures.judged_value(key, row.values)[0] or -1))
    rows = [dict(row.values) | {"label": name_of(page, shown.level, row.key)} for row in ranked]
    return Grid.of(columns, rows)


def _finding(page: Page, shown: Shown) -> str:
    """The place at the top of the measure, and where the whole stands."""
    words, key, found, choice = page.words, shown.measure, shown.found, shown.choice
    judged = [row for row in shown.rows if size(key, row.values) >= ENOUGH and row.key != UNKNOWN]
    ranked = sorted(judged, key=lambda row: -(measures.judged_value(key, row.values)[0] or 0))
    label, unit = about.label_of(key, words), CATALOGUE[key].unit
    if found.missing.get(key):
        return words("pages.logistics.map_missing", measure=label)
    if len(ranked) < 2:
        return words("pages.logistics.map_few", measure=label, place=_place(page, choice), n=ENOUGH)
    whole = found.row(choice.province) if choice.province else None
    usual = measures.judged_value(key, found.total if whole is None else whole.values)[0]
    top, low = ranked[0], ranked[-1]
    values = {
        name: numbers.by_unit(measures.judged_value(key, row.values)[0], unit, words)
        for name, row in (("top_value", top), ("low_value", low))
    }
    return words(
        f"pages.logistics.map_finding_{'hours' if unit == 'hours' else 'plain'}",
        measure=label,
        place=_place(page, choice),
        usual=numbers.by_unit(usual, unit, words),
        top=name_of(page, shown.level, top.key),
        low=name_of(page, shown.level, low.key),
        **values,
    )


def _caption(page: Page, key: str) -> str:
    words = page.words
    said = [words("ui.basis_paid"), _unit(page, CATALOGUE[key].unit)]
    said += [words("pages.logistics.map_caption", n=ENOUGH)] if key != "orders_paid" else []
    return " · ".join([*said, words("pages.logistics.click")])


def _note(page: Page, found: MetricTable) -> str:
    words, said = page.words, []
    if waiting := unsigned(found.total):
        said.append(words("analysis.logistics.unsigned", n=numbers.count(waiting, words)))
    lost = unknown(found)
    if lost is not None:
        said.append(words("analysis.logistics.unknown", n=numbers.count(lost["orders_paid"], words)))
    return " ".join(said)

"""Where orders go, where they leave from today, and what one warehouse in another city would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, lying_bars, numbers
from pages.ui.about import About
from pages.ui.links import page_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure
from pages.ui.whiskers import whiskers
from shopdata.analysis.lane_orders import Warehouse
from shopdata.analysis.resampling import Interval
from shopdata.analysis.warehouse import MATERIAL_HOURS, Warehouses, WhatIf, warehouses
from shopdata.analysis.warehouse_document import city_name
from shopdata.analysis.warehouse_document import refusal as refusal_sentence
from shopdata.metrics.intervals import wilson
from shopdata.words import Words

SHOWN = 10
FEW = "rgba(154,164,178,0.55)"
HOURS = ".1f"


def read(page: Page) -> Warehouses:
    """The warehouse advice on the orders placed in the period."""
    return warehouses(page.store, page.scope("placed"))


def about(page: Page) -> About:
    """What stands behind every figure of this page."""
    return About(
        ("orders_shipped", "ship_to_sign_hours_mean"), "placed", note=page.words("pages.warehouse.method")
    )


def origins(page: Page, found: Warehouses) -> None:
    """Which city each warehouse is taken to stand in, and who says so."""
    words = page.words
    listed = words("analysis.warehouse.separator").join(_origin(one, words) for one in found.lanes.warehouses)
    st.caption(escape(words("pages.warehouse.origins", list=listed)))
    if any(one.origin.city is None for one in found.lanes.warehouses):
        page_link("settings", words("pages.warehouse.to_settings"), icon=":material/settings:")


def _origin(one: Warehouse, words: Words) -> str:
    name = one.name or f"{one.shop} {words('pages.warehouse.no_warehouse')}"
    if one.origin.city is None:
        place = words("pages.warehouse.origin_unknown", warehouse=name)
    else:
        place = words("pages.warehouse.origin_known", warehouse=name, city=city_name(one.origin.city, words))
    told = words(f"analysis.warehouse.told.{one.origin.told}")
    return words("pages.warehouse.origin_of", place=place, told=told, n=f"{one.orders:,}")


def refusal(page: Page, found: Warehouses) -> None:
    """Why there is no advice, and where to mend it."""
    st.info(escape(refusal_sentence(found, page.words)), icon=":material/info:")
    if found.refused == "no_origin":
        page_link("settings", page.words("pages.warehouse.to_settings"), icon=":material/settings:")
    if found.refused == "no_parcels":
        page_link("import", page.words("pages.warehouse.to_import"), icon=":material/upload_file:")


def provinces(page: Page, found: Warehouses) -> None:
    """Shipped orders by destination province."""
    words, whole = page.words, found.lanes.shipped
    sums: dict[str, int] = {}
    for city, n in found.lanes.by_city.items():
        sums[f"{city[:2]}0000"] = sums.get(f"{city[:2]}0000", 0) + n
    ranked = dict(sorted(sums.items(), key=lambda pair: -pair[1]))
    if not ranked:
        return
    labels = [words.get(f"provinces.{code}", code) for code in ranked]
    values = list(ranked.values())
    title = words(
        "pages.warehouse.density_title",
        first=labels[0],
        share=numbers.ratio(values[0] / whole, words),
        five=numbers.ratio(sum(values[:5]) / whole, words),
    )
    caption = words("pages.warehouse.density_caption", n=numbers.count(whole, words))
    grid = _shares(page, labels, values, whole, words("pages.warehouse.province"))
    panel(page, "provinces", title, caption, _bars(page, labels, values, whole), grid, about(page))


def cities(page: Page, found: Warehouses) -> None:
    """Shipped orders by destination city."""
    words, lanes = page.words, found.lanes
    if not lanes.by_city:
        return
    labels = [city_name(code, words) for code in lanes.by_city]
    values = list(lanes.by_city.values())
    title = words(
        "pages.warehouse.cities_title",
        first=labels[0],
        share=numbers.ratio(values[0] / lanes.shipped, words),
        ten=numbers.ratio(sum(values[:10]) / lanes.shipped, words),
    )
    n, unknown = (numbers.count(one, words) for one in (lanes.shipped, lanes.unknown_city))
    caption = words("pages.warehouse.cities_caption", n=n, unknown=unknown)
    grid = _shares(page, labels, values, lanes.shipped, words("pages.warehouse.destination"))
    panel(page, "cities", title, caption, _bars(page, labels, values, lanes.shipped), grid, about(page))


def _bars(page: Page, labels: Sequence[str], values: Sequence[int], whole: int) -> go.Figure:
    names, shown = [in_figure(label) for label in labels[:SHOWN]], values[:SHOWN]
    texts = [f"{n:,} · {numbers.ratio(n / whole, page.words)}" for n in shown]
    return lying_bars.bars(names, shown, figures.ACCENT, "%{y} %{x:,.0f}", texts=texts)


def _shares(page: Page, labels: Sequence[str], values: Sequence[int], whole: int, heading: str) -> Grid:
    words = page.words
    columns = [
        Column("label", heading),
        Column("n", words("pages.warehouse.orders"), "orders"),
        Column("share", words("pages.warehouse.share"), "ratio"),
        Column("low", words("pages.warehouse.low"), "ratio"),
        Column("high", words("pages.warehouse.high"), "ratio"),
    ]
    rows = []
    for label, n in zip(labels, values, strict=True):
        low, high = wilson(n, whole) or (None, None)
        rows.append({"label": label, "n": n, "share": n / whole, "low": low, "high": high})
    return Grid.of(columns, rows)


def what_if(page: Page, found: Warehouses) -> None:
    """Hours saved an order if the only warehouse stood in another city."""
    words = page.words
    if found.estimate is None:
        return
    ranked = sorted(found.estimate.what_if, key=lambda row: -row.only.value)
    best = ranked[0]
    title = words("pages.warehouse.what_if_flat")
    if certain(best.only):
        title = words(
            "pages.warehouse.what_if_title", city=city_name(best.city, words), hours=f"{best.only.value:.1f}"
        )
    shown = ranked[:SHOWN]
    figure = lying_bars.bars(
        [in_figure(city_name(row.city, words)) for row in shown],
        [row.only.value for row in shown],
        [figures.ACCENT if row.only.clear else FEW for row in shown],
        f"%{{y}} %{{x:{HOURS}}}",
        interval=whiskers([(row.only.value, row.only.low, row.only.high) for row in shown], width=4),
    )
    figure.update_xaxes(tickformat=",.0f", zeroline=True, zerolinecolor=figures.MUTED)
    panel(
        page,
        "what_if",
        title,
        words("pages.warehouse.what_if_caption"),
        figure,
        _what_if_grid(page, ranked),
        about(page),
    )
    _one_city(page, {row.city: row for row in ranked})


def certain(saved: Interval) -> bool:
    """Whether a saving is one: its interval above 0, and at least an hour."""
    return saved.low is not None and saved.low > 0 and saved.value >= MATERIAL_HOURS


def _what_if_grid(page: Page, rows: Sequence[WhatIf]) -> Grid:
    words = page.words
    columns = [
        Column("city", words("pages.warehouse.cities")),
        Column("orders", words("pages.warehouse.orders"), "orders"),
        Column("kilometres", words("pages.warehouse.distance"), "number"),
        Column("saved", words("pages.warehouse.saved"), "hours"),
        Column("low", words("pages.warehouse.low"), "hours"),
        Column("high", words("pages.warehouse.high"), "hours"),
        Column("beside", words("pages.warehouse.beside"), "hours"),
    ]
    documents = [
        {
            "city": city_name(row.city, words),
            "orders": row.orders,
            "kilometres": row.kilometres,
            "saved": row.only.value,
            "low": row.only.low,
            "high": row.only.high,
            "beside": row.beside.value,
        }
        for row in rows
    ]
    return Grid.of(columns, documents)


def _one_city(page: Page, rows: Mapping[str, WhatIf]) -> None:
    """Any city the reader asks about."""
    words = page.words
    with st.container(key="what_if_city", border=True):
        code = st.selectbox(
            words("pages.warehouse.what_if_here"),
            list(rows),
            format_func=lambda one: city_name(one, words),
            key="warehouse_city",
            width=260,
        )
        row = rows[code]
        figures_of = {
            f"{name}{end}": "–" if value is None else f"{value:+.1f}"
            for name, found in (("", row.only), ("beside", row.beside))
            for end, value in (("", found.value), ("_low", found.low), ("_high", found.high))
        }
        st.markdown(
            escape(
                words(
                    "pages.warehouse.what_if_one",
                    city=city_name(code, words),
                    km=f"{row.kilometres:,.0f}",
                    hours=figures_of[""],
                    low=figures_of["_low"],
                    high=figures_of["_high"],
                    beside=figures_of["beside"],
                    beside_low=figures_of["beside_low"],
                    beside_high=figures_of["beside_high"],
                )
            )
        )

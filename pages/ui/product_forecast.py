"""How many units of each product the coming days will want: asked for by a button, since it takes seconds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.forecast_told import reason_of, sentences
from shopdata.analysis.product_forecast import ProductForecast, forecast_products

AHEAD = 14
ASKED = "product_forecast_asked"


def coming(page: Page) -> None:
    """The button and, once pressed, the table of every product's forecast with how good it was when tried."""
    words = page.words
    place = st.empty()
    if not st.session_state.get(ASKED):
        label = words("pages.product_forecast.ask", n=AHEAD)
        if not place.button(label, icon=":material/insights:", key="product_forecast_ask"):
            return
        st.session_state[ASKED] = True
    bar = place.progress(0.0, text=words("pages.product_forecast.working", done=0, all=0))

    def progress(done: int, every: int) -> None:
        bar.progress(done / every, text=words("pages.product_forecast.working", done=done, all=every))

    found = forecast_products(page.store, page.scope("paid"), AHEAD, progress=progress)
    place.empty()
    shown = sum(reason_of(one.forecast) is None for one in found)
    panel(
        page,
        "product_forecast",
        words("pages.product_forecast.finding", shown=shown, all=len(found), n=AHEAD),
        words("pages.product_forecast.caption"),
        None,
        table_of(page, found),
        About(("units_paid",), "paid", note=words("pages.product_forecast.note")),
    )


def table_of(page: Page, found: Sequence[ProductForecast]) -> Grid:
    """One row a product, the best-selling first; where nothing is forecast, the reason stands at its end."""
    words = page.words
    columns = [Column("label", words("pages.product_forecast.product"), pinned=True)]
    columns += [Column("sold", words("pages.product_forecast.sold"), "units")]
    columns += [
        Column(name, words(f"pages.product_forecast.{name}"), "units")
        for name in ("value", "low", "high", "low95", "high95")
    ]
    columns += [
        Column(name, words(f"pages.product_forecast.{name}"), "ratio")
        for name in ("wape", "bar", "bias", "coverage80", "coverage95")
    ]
    columns += [Column(name, words(f"pages.product_forecast.{name}")) for name in ("model", "said")]
    rows = []
    for one in found:
        told, row = one.forecast.outlook, {"label": one.label, "sold": one.sold}
        if told.total is not None and told.accuracy is not None and told.bar is not None:
            row |= {
                name: round(getattr(told.total, name)) for name in ("value", "low", "high", "low95", "high95")
            }
            row |= {
                name: getattr(told.accuracy, name) for name in ("wape", "bias", "coverage80", "coverage95")
            }
            row |= {"bar": told.bar.wape, "model": words(f"analysis.forecast.models.{told.model}")}
        rows.append(row | {"said": " ".join(sentences(one.forecast, words))})
    return Grid.of(columns, rows)

"""The forecast on the page Trends: a dotted line with its bands, and the sentences that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, measures, numbers
from pages.ui.figures import Scale
from pages.ui.session import Page
from pages.ui.tables import Column
from pages.ui.text import escape, in_figure
from pages.ui.trend_controls import Choice
from shopdata.analysis.forecast import Forecast, forecast
from shopdata.analysis.forecast_told import sentences

BAND = "rgba(90,135,245,0.2)"
ENDS = ("low", "high", "low95", "high95")


def asked(page: Page, choice: Choice) -> Forecast | None:
    """The forecast that was asked for; ``None`` where none was."""
    if not choice.ahead:
        return None
    return forecast(page.store, page.scope(choice.basis), choice.metric, choice.grain, choice.ahead)


def highest(told: Forecast | None) -> list[float]:
    """The upper ends of the 80 % interval, which the axis must hold."""
    return [band.high for _, band in told.steps] if told else []


def draw(page: Page, figure: go.Figure, told: Forecast | None, scale: Scale) -> None:
    """Go on from the line with what is forecast."""
    if told is None or not told.steps:
        return
    words = page.words
    keys, bands = [key for key, _ in told.steps], [band for _, band in told.steps]
    bounds = [
        (scale.of([band.low95 for band in bands]), scale.of([band.high95 for band in bands]), "95%"),
        (scale.of([band.low for band in bands]), scale.of([band.high for band in bands]), "80%"),
    ]
    named = [(low, high, words("pages.trends.interval", level=level)) for low, high, level in bounds]
    values = scale.of([band.value for band in bands])
    hover = ".1%" if measures.unit_of(told.metric) == "ratio" else ",.2f"
    foretold(figure, keys, values, named, words("pages.trends.forecast"), hover=hover)


def foretold(
    figure: go.Figure,
    keys: Sequence[str],
    values: Sequence[float | None],
    bounds: Sequence[tuple[Sequence[float | None], Sequence[float | None], str]],
    name: str,
    *,
    hover: str = ",.2f",
) -> go.Figure:
    """Go on from a line: a dotted one with its intervals as bands (low, high, name), the widest first."""
    for low, high, label in bounds:
        edge = {"x": list(keys), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        figure.add_scatter(y=list(low), showlegend=False, **edge)
        figure.add_scatter(y=list(high), fill="tonexty", fillcolor=BAND, name=in_figure(label), **edge)
    figure.add_scatter(
        x=list(keys),
        y=list(values),
        name=in_figure(name),
        mode="lines+markers",
        line={"color": figures.ACCENT, "width": 2, "dash": "dot"},
        marker={"size": 5, "symbol": "diamond-open"},
        hovertemplate=f"%{{y:{hover}}}",
    )
    return figure


def columns(page: Page, unit: str) -> list[Column]:
    """Columns of the table behind the chart: the forecast and the ends of its intervals."""
    words = page.words
    return [Column(name, words(f"pages.trends.columns.{name}"), unit) for name in ("forecast", *ENDS)]


def rows(told: Forecast) -> list[dict[str, Any]]:
    """Rows of that table for the days ahead."""
    return [
        {"place": key, "forecast": band.value} | {name: getattr(band, name) for name in ENDS}
        for key, band in told.steps
    ]


def said(page: Page, told: Forecast | None) -> None:
    """What the forecast is and how good it was when it was tried, or why there is none."""
    if told is None:
        return
    words, unit, total = page.words, measures.unit_of(told.metric), told.outlook.total
    lines = sentences(told, words)
    if total is not None and told.steps:
        figures_of = {
            name: numbers.by_unit(round(getattr(total, name)), unit, words)
            for name in ("value", "low", "high")
        }
        lines.insert(0, words(f"analysis.forecast.totals.{told.by}", n=len(told.steps), **figures_of))
    with st.container(key="forecast_said"):
        for line in lines:
            st.caption(escape(line))

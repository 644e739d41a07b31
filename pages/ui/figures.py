"""How every chart looks, and the few kinds of chart there are. What a chart says is the page's matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.ui.text import in_figure
from shopdata.words import Words

SOURCE_COLOURS = {
    "live": "#2457D6",
    "short_video": "#F0A02C",
    "product_card": "#22A079",
    "showcase": "#4BA3C3",
    "image_text": "#C77BB5",
    "other": "#8C5BD6",
    "pending": "#C4A484",
    "unknown": "#9AA4B2",
}
ACCENT, ALARM, MUTED = "#2457D6", "#D9576B", "#9AA4B2"
FEW = "rgba(154,164,178,0.45)"  # what rests on too few orders, or is not clear
LINES = (ACCENT, "#9AA4B2", "#F0A02C", "#22A079", "#8C5BD6", "#D9576B")
GRID = "rgba(128,140,160,0.16)"
BAND = "rgba(240,160,44,0.07)"
LIGHT_TONE = 0.42
FEN_PER_YUAN = 100
MAP_ADDRESS = "/map/"
# From which amount (in yuan) an axis is written in the language's large unit, and that unit.
LARGE_FROM = {"zh": (10_000, 10_000), "en": (10_000, 1_000)}


@dataclass(frozen=True, slots=True)
class Scale:
    """What an axis divides by and how its unit is called."""

    divisor: float
    unit: str
    ticks: str

    def of(self, values: Sequence[float | None]) -> list[float | None]:
        """The values on this scale; gaps stay gaps."""
        return [None if value is None else value / self.divisor for value in values]


def scale_of(values: Sequence[float | None], unit: str, words: Words) -> Scale:
    """The scale on which ``values`` of a metric's ``unit`` read best."""
    largest = max((abs(value) for value in values if value is not None), default=0)
    if unit == "fen":
        start, step = LARGE_FROM[words.language]
        if largest / FEN_PER_YUAN >= start:
            few = largest / FEN_PER_YUAN / step < 5
            return Scale(FEN_PER_YUAN * step, words("ui.wan_unit"), ",.1f" if few else ",.0f")
        return Scale(FEN_PER_YUAN, words("ui.yuan_unit"), ",.0f")
    if unit == "ratio":
        return Scale(1.0, words("ui.percent_unit"), ".1%" if largest < 0.1 else ".0%")
    return Scale(1.0, words.get(f"ui.units.{unit}", words("ui.orders_unit")), ",.0f")


def dressed(figure: go.Figure, *, height: int = 320, ticks: str = ",.0f") -> go.Figure:
    """The figure in the house's look: legend on top, grid barely there, axis from zero."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom", "traceorder": "normal"},
        hovermode="x unified",
        bargap=0.22,
        dragmode=False,
        separators=".,",
    )
    figure.update_xaxes(showgrid=False, fixedrange=True, title=None, automargin=True)
    figure.update_yaxes(
        gridcolor=GRID, zeroline=False, fixedrange=True, rangemode="tozero", tickformat=ticks, automargin=True
    )
    return figure


def locale(words: Words) -> dict[str, Any]:
    """Plotly's words in the page's language, given inline so that nothing is fetched."""
    name = words("ui.browser.locale")
    dictionary = {"Double-click to zoom back out": words("ui.chart.double_click")}
    form = {
        "days": words("ui.chart.weekdays").split("|"),
        "shortDays": words("ui.chart.short_weekdays").split("|"),
        "months": words("ui.chart.months").split("|"),
        "shortMonths": words("ui.chart.short_months").split("|"),
        "date": "%Y-%m-%d",
        "year": words("ui.chart.year_format"),
        "month": words("ui.chart.month_format"),
        "dayMonth": words("ui.chart.day_format"),
        "dayMonthYear": words("ui.chart.day_year_format"),
        "dateTime": words("ui.chart.date_time_format"),
    }
    return {"locale": name, "locales": {name: {"dictionary": dictionary, "format": form}}}


def show(
    figure: go.Figure, words: Words, key: str, alt: str, on_select: Callable[[], None] | None = None
) -> None:
    """Draw the figure without tools, in the page's language. ``alt`` is what it shows, in words; a click on a
    point calls ``on_select``, which finds it in the session under ``key``."""
    config = {"displayModeBar": False, "responsive": True, "doubleClick": False, **locale(words)}
    config["topojsonURL"] = MAP_ADDRESS  # plotly asks for an outline of the world under every map
    if on_select is None:
        st.plotly_chart(figure, key=key, config=config, alt=alt)
    else:
        st.plotly_chart(figure, key=key, config=config, alt=alt, on_select=on_select, selection_mode="points")


def stacked(
    days: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    *,
    partial: frozenset[str] = frozenset(),
    hover: str = ",.2f",
    ticks: str = ",.0f",
) -> go.Figure:
    """One bar a day, stacked by series; days in ``partial`` in a lighter tone."""
    figure = go.Figure()
    opacity = [LIGHT_TONE if day in partial else 1.0 for day in days]
    for name, values in series.items():
        figure.add_bar(
            x=list(days),
            y=list(values),
            name=in_figure(labels[name]),
            marker={"color": colours.get(name, MUTED), "opacity": opacity, "line": {"width": 0}},
            hovertemplate=f"%{{y:{hover}}}",
        )
    figure.update_layout(barmode="stack")
    return dressed(figure, ticks=ticks)


def lines(
    days: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    labels: Mapping[str, str],
    *,
    partial: frozenset[str] = frozenset(),
    hover: str = ",.2f",
    colours: Mapping[str, str] | None = None,
    ticks: str = ",.0f",
) -> go.Figure:
    """One line a series, the first its subject. Unfinished days are open points on a dotted line."""
    figure = go.Figure()
    for place, (name, values) in enumerate(series.items()):
        colour = (colours or {}).get(name, LINES[place % len(LINES)])
        unfinished = partial if place == 0 or colours else frozenset()
        whole = [None if day in unfinished else value for day, value in zip(days, values, strict=True)]
        figure.add_scatter(
            x=list(days),
            y=whole,
            name=in_figure(labels[name]),
            mode="lines" if len(days) > 1 else "markers",
            line={"color": colour, "width": 2.2 if place == 0 else 1.5},
            hovertemplate=f"%{{y:{hover}}}",
        )
        open_ends = _open_ends(days, values, unfinished)
        if any(value is not None for value in open_ends):
            figure.add_scatter(
                x=list(days),
                y=open_ends,
                mode="lines+markers",
                showlegend=False,
                name=in_figure(labels[name]),
                line={"color": colour, "width": 1.5, "dash": "dot"},
                opacity=0.7,
                hoverinfo="skip",
                marker={"size": [7 if day in unfinished else 0 for day in days], "symbol": "circle-open"},
            )
    return dressed(figure, ticks=ticks)


def _open_ends(
    days: Sequence[str], values: Sequence[float | None], partial: frozenset[str]
) -> list[float | None]:
    """Values of unfinished days and of their neighbours, so that the dotted line meets the whole one."""
    near = {place + step for place, day in enumerate(days) if day in partial for step in (-1, 0, 1)}
    return [value if place in near else None for place, value in enumerate(values)]


def banded(figure: go.Figure, first: date, last: date, name: str) -> go.Figure:
    """Name a promotion on a chart over days: a faint band from its first to its last day."""
    half = timedelta(hours=12)
    start, end = datetime.combine(first, time()) - half, datetime.combine(last, time()) + half
    figure.add_vrect(x0=start, x1=end, fillcolor=BAND, line_width=0, layer="below")
    figure.add_annotation(
        x=last,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if first != last else "center",
        text=in_figure(name),
        showarrow=False,
        font={"size": 11, "color": MUTED},
    )
    return figure


def heat(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float | None]], *, ticks: str
) -> go.Figure:
    """A heat map; darker is more, gaps are blank."""
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values],
            x=list(columns),
            y=list(rows),
            xgap=2,
            ygap=2,
            colorscale=[[0, "rgba(36,87,214,0.06)"], [1, "rgba(36,87,214,1)"]],
            hovertemplate=f"%{{y}} %{{x}}<br>%{{z:{ticks}}}<extra></extra>",
            colorbar={"thickness": 8, "tickformat": ticks, "outlinewidth": 0},
        )
    )
    dressed(figure, height=300)
    figure.update_layout(hovermode="closest", margin={"t": 12, "l": 8, "r": 8, "b": 8})
    figure.update_yaxes(autorange="reversed", showgrid=False, rangemode="normal")
    return figure


def steps(
    labels: Sequence[str],
    done: Sequence[float],
    pending: Sequence[float],
    lost: Sequence[float],
    names: tuple[str, str, str],
    texts: Sequence[str],
) -> go.Figure:
    """A funnel as bars: who came this far, who may still come, who was lost on the way here."""
    figure = go.Figure()
    shades = ((done, ACCENT, 1.0, ""), (pending, ACCENT, LIGHT_TONE, "/"), (lost, ALARM, 0.28, ""))
    for place, (values, colour, opacity, pattern) in enumerate(shades):
        figure.add_bar(
            y=[in_figure(label) for label in labels],
            x=list(values),
            name=names[place],
            orientation="h",
            marker={
                "color": colour,
                "opacity": opacity,
                "pattern": {"shape": pattern, "fgcolor": "#fff", "fillmode": "overlay", "size": 6},
            },
            text=list(texts) if place == 0 else None,
            textposition="inside",
            insidetextanchor="start",
            hovertemplate="%{x:,.0f}",
        )
    figure.update_layout(barmode="stack")
    dressed(figure, height=60 + 46 * len(labels))
    figure.update_layout(hovermode="y unified", bargap=0.3)
    figure.update_yaxes(autorange="reversed", showgrid=False, rangemode="normal", tickformat="")
    figure.update_xaxes(showgrid=True, gridcolor=GRID, tickformat=",.0f", rangemode="tozero", nticks=5)
    return figure


def lying(figure: go.Figure, bars: int) -> go.Figure:
    """Horizontal bars with names on the left and values on them, the first one on top."""
    dressed(figure, height=70 + 34 * bars)
    figure.update_layout(hovermode="closest", showlegend=False, margin={"t": 12, "l": 8, "r": 8, "b": 8})
    figure.update_yaxes(autorange="reversed", showgrid=False, rangemode="normal", tickformat="")
    figure.update_xaxes(showgrid=True, gridcolor=GRID, tickformat=",.0f", rangemode="tozero", nticks=5)
    return figure

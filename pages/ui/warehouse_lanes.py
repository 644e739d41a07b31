"""What the advice rests on: hours of each lane over its distance, and how well they foretell."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.ui import figures
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import in_figure
from pages.ui.warehouse_demand import about
from shopdata.analysis.lane_times import UNIT_KM, Lane, lane_table
from shopdata.analysis.warehouse import Warehouses
from shopdata.analysis.warehouse_document import city_name, left_out_sentence, score_sentence

ENOUGH = 30


def lanes(page: Page, found: Warehouses) -> None:
    """One point a lane, and the line of the estimate."""
    words = page.words
    if found.estimate is None:
        return
    times = found.estimate.times
    rows = lane_table(found.lanes.cells, times)
    title = words("pages.warehouse.lanes_title_flat")
    if times.is_clear:
        title = words("pages.warehouse.lanes_title", hours=f"{times.slope:.1f}")
    parts = [
        words("pages.warehouse.lanes_caption"),
        score_sentence(found, words),
        left_out_sentence(found, words),
    ]
    columns = [
        Column("origin", words("pages.warehouse.origin")),
        Column("city", words("pages.warehouse.destination")),
        Column("n", words("pages.warehouse.orders"), "orders"),
        Column("kilometres", words("pages.warehouse.distance"), "number"),
        Column("hours", words("pages.warehouse.hours_mean"), "hours"),
        Column("expected", words("pages.warehouse.hours_estimated"), "hours"),
    ]
    documents = [
        {
            "origin": city_name(row.origin, words),
            "city": city_name(row.city, words),
            "n": row.n,
            "kilometres": row.kilometres,
            "hours": row.hours,
            "expected": row.expected,
        }
        for row in rows
    ]
    caption = words("pages.warehouse.joined").join(part for part in parts if part)
    figure = _figure(page, found, rows)
    panel(page, "lanes", title, caption, figure, Grid.of(columns, documents), about(page))


def _figure(page: Page, found: Warehouses, rows: list[Lane]) -> go.Figure:
    words = page.words
    figure = go.Figure()
    figure.add_scatter(
        x=[row.kilometres for row in rows],
        y=[row.hours for row in rows],
        mode="markers",
        name=words("pages.warehouse.lane"),
        marker={
            "size": [min(26.0, 4 + row.n**0.5) for row in rows],
            "color": [figures.ACCENT if row.n >= ENOUGH else figures.MUTED for row in rows],
            "opacity": 0.55,
            "line": {"width": 0},
        },
        text=[
            in_figure(f"{city_name(row.origin, words)} → {city_name(row.city, words)} · n={row.n:,}", 60)
            for row in rows
        ],
        hovertemplate="%{text}<br>%{x:,.0f} km · %{y:.1f} h<extra></extra>",
    )
    if found.estimate is not None:
        times, far = found.estimate.times, max(row.kilometres for row in rows)
        middle = sum(row.n * row.without_place for row in rows) / sum(row.n for row in rows)
        figure.add_scatter(
            x=[0, far],
            y=[middle, middle + times.slope * far / UNIT_KM],
            mode="lines",
            name=words("pages.warehouse.line"),
            line={"color": figures.LINES[2], "width": 2},
            hoverinfo="skip",
        )
    figures.dressed(figure, height=380)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=words("pages.warehouse.distance"), rangemode="tozero", tickformat=",.0f")
    figure.update_yaxes(title=words("pages.warehouse.hours_axis"))
    return figure

"""A rate of things side by side: standing bars with their intervals, and the table behind them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.ui import about, figures
from pages.ui.tables import Column, Grid
from pages.ui.text import in_figure
from pages.ui.whiskers import whiskers
from shopdata.metrics.table import MetricRow
from shopdata.words import Words

COUNTS = {"low": "ratio", "high": "ratio", "n": "orders", "d": "orders"}
HEADINGS = {"low": "low", "high": "high", "n": "hits", "d": "of"}


def chart(
    labels: Sequence[str],
    rows: Sequence[MetricRow],
    key: str,
    colours: Sequence[str],
    *,
    texts: Sequence[str] | None = None,
    thickness: float = 1.2,
) -> go.Figure:
    """The rate ``key`` of each row with its interval; ``texts`` stand in the bars."""
    figure = go.Figure(
        go.Bar(
            x=[f"{in_figure(name)}<br>n={row[f'{key}_d']:,}" for name, row in zip(labels, rows, strict=True)],
            y=[row[key] for row in rows],
            marker={"color": list(colours)},
            error_y=whiskers(
                [(row[key], row[f"{key}_low"], row[f"{key}_high"]) for row in rows],
                thickness=thickness,
                width=4,
            ),
            text=texts,
            textposition="inside" if texts else None,
            insidetextanchor="start" if texts else None,
            customdata=[[row[f"{key}_d"]] for row in rows],
            hovertemplate="%{y:.1%} · n=%{customdata[0]:,}<extra></extra>",
        )
    )
    figures.dressed(figure, height=280, ticks=".0%")
    figure.update_layout(hovermode="closest", showlegend=False, bargap=0.45, margin_t=16)
    return figure


def grid(
    labels: Sequence[str], rows: Sequence[MetricRow], key: str, words: Words, heading: str, group: str
) -> Grid:
    """The rate, its interval and what it is counted from; headings are words of ``group``."""
    columns = [Column("label", heading), Column(key, about.label_of(key, words), "ratio")]
    columns += [
        Column(f"{key}_{part}", words(f"{group}.{HEADINGS[part]}"), unit) for part, unit in COUNTS.items()
    ]
    documents = [dict(row.values) | {"label": label} for label, row in zip(labels, rows, strict=True)]
    return Grid.of(columns, documents)

"""Lying bars of named things: names that stay apart however they are cut, the bars, strokes on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.ui import figures
from pages.ui.text import in_figure

WIDEST = 14
APART = "\u200b"


def names(labels: Sequence[str], length: int = WIDEST) -> list[str]:
    """Labels for an axis; equal ones are told apart by an invisible sign, else their bars would be one."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        short = in_figure(label, length)
        seen[short] = seen.get(short, 0) + 1
        found.append(short + APART * (seen[short] - 1))
    return found


def bars(
    labels: Sequence[str],
    values: Sequence[float | None],
    colours: str | Sequence[str],
    hover: str,
    *,
    opacity: float | None = None,
    texts: Sequence[str] | None = None,
    interval: Mapping[str, object] | None = None,
    details: Sequence[Sequence[object]] | None = None,
) -> go.Figure:
    """One bar a label, the first on top; ``texts`` stand on them, ``interval`` are their whiskers, ``hover``
    may speak of their ``details``."""
    figure = go.Figure(
        go.Bar(
            y=list(labels),
            x=list(values),
            orientation="h",
            marker={"color": colours, "opacity": opacity},
            text=texts,
            textposition="auto" if texts else None,
            error_x=interval,
            customdata=details,
            hovertemplate=f"{hover}<extra></extra>",
        )
    )
    return figures.lying(figure, len(labels))


@dataclass(frozen=True, slots=True)
class Part:
    """What each of some stacked bars is made of: one length a bar, in one colour."""

    name: str
    values: Sequence[float | None]
    colour: str
    opacity: float = 1.0


def stacked(labels: Sequence[str], parts: Sequence[Part], hover: str) -> go.Figure:
    """One bar a label, the first on top, made of ``parts`` as the legend names them."""
    figure = go.Figure()
    for part in parts:
        figure.add_bar(
            y=list(labels),
            x=list(part.values),
            name=part.name,
            orientation="h",
            marker={"color": part.colour, "opacity": part.opacity},
            hovertemplate=hover,
        )
    figures.lying(figure, len(labels))
    figure.update_layout(barmode="stack", showlegend=True, hovermode="y unified", margin_t=40)
    return figure


def strokes(figure: go.Figure, labels: Sequence[str], values: Sequence[float | None], name: str) -> None:
    """Mark on each bar by a stroke what its value is held against."""
    figure.add_scatter(
        y=list(labels),
        x=list(values),
        name=name,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 16, "color": figures.MUTED, "line": {"width": 2}},
        hovertemplate="%{x:,.0f}",
    )

"""The waterfall: levels and the steps between them, as lying bars that float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.ui.figures import ACCENT, lying, scale_of
from pages.ui.text import in_figure
from shopdata.words import Words


@dataclass(frozen=True, slots=True)
class Flight:
    """A bar of a waterfall from ``start`` to ``end`` with its text; ``hatched`` is what is not there yet."""

    label: str
    start: float
    end: float
    text: str
    colour: str = ACCENT
    hatched: bool = False


def waterfall(flights: Sequence[Flight], words: Words) -> go.Figure:
    """Levels and the steps between them (fen), lying, the first on top; every bar says its amount."""
    scale = scale_of([one.end for one in flights], "fen", words)
    figure = go.Figure(
        go.Bar(
            y=[in_figure(one.label) for one in flights],
            x=scale.of([one.end - one.start for one in flights]),
            base=scale.of([one.start for one in flights]),
            orientation="h",
            marker={
                "color": [one.colour for one in flights],
                "pattern": {"shape": ["/" if one.hatched else "" for one in flights], "size": 6},
            },
            text=[one.text for one in flights],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    lying(figure, len(flights))
    ends = [end / scale.divisor for one in flights for end in (one.start, one.end)]
    figure.update_xaxes(
        range=[min([0, *ends]), max([0, *ends]) * 1.45], title=scale.unit, tickangle=0, nticks=4
    )
    return figure

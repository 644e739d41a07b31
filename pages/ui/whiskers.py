"""Intervals on a chart, as whiskers."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui.figures import MUTED

Bounded = tuple[float | None, float | None, float | None]


def whiskers(
    values: Sequence[Bounded],
    divisor: float = 1,
    *,
    thickness: float = 1.2,
    width: float = 3,
) -> dict[str, object]:
    """Plotly's error bars of (value, low, high), divided as their axis is; where a bound is not known there
    is no whisker on that side. ``thickness`` and ``width`` in pixels.
    """
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(value, high) / divisor for value, _, high in values],
        "arrayminus": [_length(low, value) / divisor for value, low, _ in values],
        "thickness": thickness,
        "width": width,
        "color": MUTED,  # to be seen on light and dark pages alike
    }


def _length(start: float | None, end: float | None) -> float:
    return 0 if start is None or end is None else end - start

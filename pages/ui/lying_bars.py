"""Lying bars of named things: names that stay apart however they are cut, intervals as whiskers."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui import figures
from pages.ui.text import in_figure

GREY = "rgba(154,164,178,0.45)"
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


def whiskers(
    values: Sequence[tuple[float | None, float | None, float | None]], divisor: float = 1
) -> dict[str, object]:
    """Intervals of (value, low, high); where a bound is not known there is no whisker on that side."""
    above = [
        (high - value) / divisor if value is not None and high is not None else 0 for value, _, high in values
    ]
    below = [
        (value - low) / divisor if value is not None and low is not None else 0 for value, low, _ in values
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "thickness": 1.2,
        "width": 3,
        "color": figures.MUTED,
    }

"""Documents as aligned text for a terminal. Chinese characters take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from shopdata.units import half_widths, yuan
from shopdata.words import Words

WIDEST_CELL = 40


def plain(text: str) -> str:
    """Text from a file without what a terminal would act on (escape codes, line ends, direction marks)."""
    return "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)


def _cut(text: str) -> str:
    if half_widths(text) <= WIDEST_CELL:
        return text
    kept = ""
    for sign in text:
        if half_widths(kept + sign) >= WIDEST_CELL:
            break
        kept += sign
    return f"{kept}…"


def money(fen: int | None, words: Words) -> str:
    """Fen as yuan with two places, or the dash of the unknown."""
    return words("cli.none") if fen is None else f"{yuan(fen):,}"


def moment(time: datetime | str | None, words: Words) -> str:
    """A wall-clock time to the minute, or the dash of the unknown."""
    if time is None:
        return words("cli.none")
    return (time if isinstance(time, datetime) else datetime.fromisoformat(time)).strftime("%Y-%m-%d %H:%M")


def figure(value: object, unit: str, words: Words) -> str:
    """A figure of a document by its unit: money in yuan, shares in percent, durations in hours."""
    if value is None:
        return words("cli.none")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return plain(str(value))
    if unit == "fen":
        return f"{value / 100:,.2f}"
    if unit == "ratio":
        return f"{value:.2%}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Rows under a header, columns aligned: the first ``left`` to the left, figures to the right."""
    cells = [[_cut(plain(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(half_widths(row[place]) for row in cells) for place in range(len(header))]

    def aligned(row: Sequence[str]) -> str:
        padded = (
            cell + " " * (wide - half_widths(cell))
            if place < left
            else " " * (wide - half_widths(cell)) + cell
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * wide for wide in widths)
    return "\n".join([aligned(cells[0]), rule, *(aligned(row) for row in cells[1:])])


def pairs(entries: Sequence[tuple[str, str]]) -> str:
    """Names and values below each other."""
    wide = max((half_widths(name) for name, _ in entries), default=0)
    return "\n".join(
        f"{name}{' ' * (wide - half_widths(name))}  {plain(value)}".rstrip() for name, value in entries
    )

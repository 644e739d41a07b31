"""Tables: literal cells (text from files shows as it is), figures to the right, units in the heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import streamlit as st

from pages.ui import numbers
from pages.ui.text import plain
from shopdata.units import half_widths
from shopdata.words import Words

ROW_HEIGHT, HEAD_HEIGHT, MOST_ROWS = 33, 36, 14
# Pixels of a Chinese sign, of a figure and of a letter, and of what stands beside the text of a cell and of a
# heading.
SIGN, FIGURE, LETTER, BESIDE_CELL, BESIDE_HEADING = 14, 7.5, 6.4, 20, 24
# Half signs of a word that is to be read whole: a state, a verdict.
SHORT = 14
Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its cells, its heading, and the unit they are in (``text`` for text, ``rate`` for
    a share agreed on to the hundredth of a percent)."""

    key: str
    label: str
    unit: str = "text"
    pinned: bool = False

    @staticmethod
    def each(words: Words, group: str, units: Mapping[str, str], pinned: str = "") -> list[Column]:
        """A column for each key of ``units``, headed by the word of that name in ``group``."""
        return [Column(key, words(f"{group}.{key}"), unit, key == pinned) for key, unit in units.items()]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as data: what is shown, and what a download holds."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @staticmethod
    def of(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Grid:
        """A grid from documents: each column takes the cell under its key."""
        return Grid(tuple(columns), tuple(tuple(row.get(column.key) for column in columns) for row in rows))


def shown(cell: Cell, unit: str, words: Words) -> str:
    """A cell as people read it."""
    if cell is None:
        return "" if unit in {"text", "time"} else words("ui.none")
    if unit == "fen" and isinstance(cell, int | float):
        return numbers.exact_money(cell, words)
    if isinstance(cell, (datetime, date)):
        return numbers.moment(cell, words)
    if unit == "ratio" and isinstance(cell, (int, float)):
        return numbers.ratio(cell, words)
    if unit == "rate" and isinstance(cell, (int, float)):
        return f"{cell:.2%}"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return plain(cell)


def table(
    grid: Grid, words: Words, key: str, *, select: bool = False, height: int | None = None
) -> int | None:
    """Draw ``grid``; with ``select``, the place of the row that is chosen."""
    mode: Any = ["single-row", "single-cell"]
    chosen = _drawn(grid, words, key, mode if select else None, height)
    return chosen[0] if chosen else None


def table_of_many(grid: Grid, words: Words, key: str) -> list[int]:
    """Draw ``grid``; the places of the rows that are chosen."""
    return _drawn(grid, words, key, "multi-row", None)


def _drawn(grid: Grid, words: Words, key: str, mode: Any, height: int | None) -> list[int]:
    headings = [_heading(column, words) for column in grid.columns]
    cells = {
        f"{place}": [shown(row[place], column.unit, words) for row in grid.rows]
        for place, column in enumerate(grid.columns)
    }
    config: dict[Any, Any] = {
        f"{place}": st.column_config.TextColumn(
            headings[place],
            width=_width(headings[place], cells[f"{place}"]) if _is_fixed(grid, place) else None,
            alignment="left" if column.unit in {"text", "time"} else "right",
            pinned=column.pinned,
        )
        for place, column in enumerate(grid.columns)
    }
    selecting: Any = "ignore" if mode is None else "rerun"
    with st.container(key=f"table_{key}"):
        chosen = st.dataframe(
            pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()}),
            hide_index=True,
            column_config=config,
            key=f"grid_{key}",
            height=height or HEAD_HEIGHT + ROW_HEIGHT * max(1, min(len(grid.rows), MOST_ROWS)),
            row_height=ROW_HEIGHT,
            on_select=selecting,
            selection_mode=mode or "single-row",
        )
    if mode is None:
        return []
    return [*chosen.selection.rows, *(row for row, _ in chosen.selection.cells)]


def _is_fixed(grid: Grid, place: int) -> bool:
    """Whether a column has a width of its own: numbers, times and short words; the others share the rest."""
    if grid.columns[place].unit != "text":
        return True
    longest = max((half_widths(plain(row[place] or "")) for row in grid.rows), default=0)
    return place > 0 and 0 < longest <= SHORT


def _width(heading: str, texts: Sequence[str]) -> int:
    """Pixels in which all of a column stands. A browser measures the first rows alone, and of a number that
    does not fit it leaves out the first digits without a sign."""
    longest = max((_pixels(text, FIGURE) for text in texts), default=0)
    return round(max(_pixels(heading, LETTER) + BESIDE_HEADING, longest + BESIDE_CELL))


def _pixels(text: str, narrow: float) -> float:
    """How wide text is; ``narrow`` is a sign that is no Chinese one."""
    wide = half_widths(text) - len(text)
    return SIGN * wide + narrow * (len(text) - wide)


def _heading(column: Column, words: Words) -> str:
    unit = words("ui.yuan_unit") if column.unit == "fen" else ""
    return plain(
        f"{column.label}（{unit}）"
        if unit and words.language == "zh"
        else f"{column.label} ({unit})"
        if unit
        else column.label
    )

"""Links that fetch a table once, through the server's own door (never Streamlit's media links)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui.session import Page
from pages.ui.tables import Cell, Grid
from pages.ui.text import escape
from shopdata.orders import sheets
from shopdata.orders.sheets import Heading, Kind, write_file
from shopdata.units import yuan
from shopdata.web import exports

KIND_OF: Mapping[str, Kind] = {
    "fen": "money",
    "ratio": "money",
    "hours": "money",
    "seconds": "money",
    "number": "money",
    "orders": "count",
    "units": "count",
    "buyers": "count",
    "parcels": "count",
}
KINDS = {"csv": "ui.download_csv", "xlsx": "ui.download_xlsx"}


Offer = Callable[[str, str, exports.Make, str], str]


def links(page: Page, key: str, title: str, grid: Grid, offer: Offer = exports.offer_figures) -> None:
    """A link for each kind of file, for who sees it; ``offer`` is ``exports.offer`` for lists of orders."""
    with st.container(key=f"links_{key}", horizontal=True):
        for suffix, label in KINDS.items():
            make = partial(write_grid, grid=grid, suffix=suffix)
            link(page, page.words(label), make, f"{title}.{suffix}", offer)


def link(page: Page, label: str, make: exports.Make, file_name: str, offer: Offer = exports.offer) -> None:
    """One link that fetches what ``make`` writes: once, within a minute, unless ``offer`` says otherwise."""
    token = offer(page.who.user, page.who.role, make, file_name)
    st.link_button(escape(label), f"/export/{token}", icon=":material/download:")


def write_grid(path: Path, *, grid: Grid, suffix: str) -> None:
    """Write the table beside ``path``, whose name says nothing of its kind, and put it in its place."""
    headings = [Heading(column.label, KIND_OF.get(column.unit, "text")) for column in grid.columns]
    rows = [
        [_cell(cell, column.unit) for cell, column in zip(row, grid.columns, strict=True)]
        for row in grid.rows
    ]
    written = path.with_name(f"{path.name}.{suffix}")
    write_file(written, headings, [rows])
    written.replace(path)


def _cell(cell: Cell, unit: str) -> sheets.Cell:
    if cell is None:
        return None
    if unit == "fen" and isinstance(cell, int | float):
        return yuan(round(cell))
    if KIND_OF.get(unit) == "money" and isinstance(cell, int | float):
        return Decimal(str(round(float(cell), 6)))
    if KIND_OF.get(unit) == "count" and isinstance(cell, int | float):
        return int(cell)
    return str(cell)

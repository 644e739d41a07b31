"""Imports of the past: what each brought, the rows it left out to correct, and taking it out again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import download, import_words, tables
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.imports import effects
from shopdata.imports.history import Import, LeftOut, history, left_out
from shopdata.orders.sheets import Heading, write_file
from shopdata.web import state
from shopdata.words import Words

COLUMNS = (
    ("imported_at", "time"),
    ("file_name", "text"),
    ("shop", "text"),
    ("kind", "text"),
    ("rows", "orders"),
    ("new", "orders"),
    ("updated", "orders"),
    ("unchanged", "orders"),
    ("rejected", "orders"),
    ("effect", "text"),
    ("range", "text"),
    ("user", "text"),
    ("state", "text"),
)


def show(page: Page) -> None:
    """The table, and under it what can be done with the chosen import."""
    words, found = page.words, history(page.store)
    if not found:
        return
    st.subheader(words("pages.import.history"), anchor=False)
    st.caption(words("pages.import.history_hint"))
    columns = Column.each(words, "pages.import.column", dict(COLUMNS))
    grid = Grid.of(columns, [_row(words, one) for one in found])
    place = tables.table(grid, words, f"history_{found[0].id}", select=True)
    if place is not None and place < len(found):
        _chosen(page, found[place])


def _row(words: Words, one: Import) -> dict[str, tables.Cell]:
    span = ""
    if one.first_at and one.last_at:
        span = words("ui.filters.from_to", start=f"{one.first_at:%Y-%m-%d}", end=f"{one.last_at:%Y-%m-%d}")
    shown: dict[str, tables.Cell] = {key: getattr(one, key, None) for key, _ in COLUMNS}
    return shown | {
        "effect": effects.told(one.effect, words),
        "kind": words.get(f"ui.kinds.{one.kind}", one.kind),
        "range": span,
        "user": words("ui.local_user") if one.user == "local" else one.user,
        "state": words("pages.import.undone" if one.undone_at else "pages.import.standing"),
    }


def _chosen(page: Page, one: Import) -> None:
    words = page.words
    with st.container(key="import_chosen", border=True):
        st.markdown(f"**{escape(one.file_name)}**")
        if one.rejected:
            out = left_out(page.store, one.id)
            lines = [line for line, _ in out.lines[:200]]
            tables.table(import_words.reject_grid(words, lines), words, f"left_out_{one.id}")
            make = partial(_write_rejects, out=out, words=words)
            download.link(page, words("pages.import.get_rejects"), make, rejects_name(words, one.file_name))
        if one.undone_at is None:
            _undo(page, one)


def rejects_name(words: Words, file_name: str) -> str:
    """The name of the file of rejected rows."""
    return words("pages.import.rejects_name", file=Path(file_name).stem) + ".csv"


def _write_rejects(path: Path, *, out: LeftOut, words: Words) -> None:
    """The rejected rows under the file's own headers, with the reason behind them."""
    extra = [words("pages.import.reject.row"), words("pages.import.reject.why")]
    headings = [Heading(name, "text") for name in (*out.headers, *extra)]
    width = len(out.headers)
    rows = []
    for line, cells in out.lines:
        why = import_words.reason(words, line)
        padded = (*cells[:width], *([""] * (width - len(cells))))
        rows.append([*padded, str(line.row), why])
    written = path.with_name(f"{path.name}.csv")
    write_file(written, headings, [rows])
    written.replace(path)


def _undo(page: Page, one: Import) -> None:
    words = page.words
    with st.popover(words("pages.import.undo"), icon=":material/undo:", key=f"undo_{one.id}"):
        st.markdown(escape(words("pages.import.undo_ask", file=one.file_name, rows=f"{one.accepted:,}")))
        if st.button(words("pages.import.undo"), key=f"undo_go_{one.id}", type="primary"):
            worker = state.worker()
            asked = {"import": one.id, "name": one.file_name}
            worker.add("undo", asked, user=page.who.user, role=page.who.role)
            st.toast(words("pages.import.undo_queued"), icon=":material/hourglass_top:")
            st.rerun()

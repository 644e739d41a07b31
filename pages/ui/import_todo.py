"""What to export today: per shop and kind of file the days that cover everything still unfinished."""

from __future__ import annotations

import streamlit as st

from pages.ui import tables
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.imports.coverage import ToExport, to_export_today


def todo(page: Page) -> None:
    """The table, with what would go stale without it."""
    words = page.words
    wanted = page.ask(to_export_today, page.now)
    if not wanted:
        return
    st.subheader(words("pages.import.todo"), anchor=False)
    stale = sum(one.stale for one in wanted)
    key = "pages.import.todo_stale" if stale else "pages.import.todo_note"
    st.caption(words(key, n=f"{stale:,}") if stale else words(key))
    names = ("shop", "kind", "range", "time", "unfinished", "stale", "as_of")
    units = {"unfinished": "orders", "stale": "orders", "as_of": "time"}
    columns = Column.each(words, "pages.import.todo_column", dict.fromkeys(names, "text") | units)
    tables.table(Grid.of(columns, [_row(page, one) for one in wanted]), words, "todo")


def _row(page: Page, one: ToExport) -> dict[str, tables.Cell]:
    words = page.words
    return {
        "shop": one.shop.name,
        "kind": words(f"ui.kinds.{one.kind}"),
        "range": words("ui.filters.from_to", start=one.start, end=one.end),
        "time": words(f"pages.import.by_time.{one.time}"),
        "unfinished": one.unfinished,
        "stale": one.stale,
        "as_of": one.as_of or words("pages.import.never"),
    }

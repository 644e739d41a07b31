"""The platform board's daily export against our figures: by measure and cause, and what stays unexplained."""

from __future__ import annotations

import streamlit as st

from pages.ui import numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.board_check import CAUSES, BoardCheck, Compared, board_check
from shopdata.analysis.board_rows import MEASURES

ABOUT = {
    "paid_amount": "paid_amount",
    "orders": "orders_paid",
    "units": "units_paid",
    "refund_amount": "refund_amount",
    "refund_amount_paid": "refund_amount",
    "settled_amount": "settled_amount",
}
SPLIT = ("difference", *CAUSES, "unexplained")


def board(page: Page) -> None:
    """The comparison by measure, then the days with something left over."""
    words, found = page.words, board_check(page.store, page.scope("paid"))
    if not found.rows:
        with st.container(border=True, key="panel_board_missing"):
            st.caption(escape(words("pages.closing.board_missing")))
        return
    days = {(row.shop_id, row.day) for row in found.rows if row.ours is not None}
    open_days = {(row.shop_id, row.day) for row in found.unexplained}
    title = words("pages.closing.board_title_all", n=len(days))
    if open_days:
        title = words("pages.closing.board_title", n=len(days), days=len(days - open_days))
    about = About(tuple(dict.fromkeys(ABOUT.values())), "paid")
    panel(page, "board", title, words("pages.closing.board_caption"), None, _by_measure(page, found), about)
    if found.unexplained:
        _rest(page, found)


def _by_measure(page: Page, found: BoardCheck) -> Grid:
    words = page.words
    columns = [
        Column("measure", words("pages.closing.measure"), pinned=True),
        Column("days", words("pages.closing.days"), "orders"),
        Column("agreeing", words("pages.closing.agreeing"), "orders"),
        *_figure_columns(page),
    ]
    rows = []
    for measure in MEASURES:
        total = found.total(measure)
        if total is None:
            continue
        known = [row for row in found.rows if row.measure == measure and row.ours is not None]
        agreeing = sum(not row.unexplained for row in known)
        document = {"measure": words(f"board.measures.{measure}"), "days": len(known), "agreeing": agreeing}
        rows.append(document | _figures(page, total))
    return Grid.of(columns, rows)


def _rest(page: Page, found: BoardCheck) -> None:
    words = page.words
    columns = [
        Column("day", words("pages.closing.day"), "time", pinned=True),
        Column("shop", words("pages.closing.shop")),
        Column("measure", words("pages.closing.measure")),
        *_figure_columns(page),
    ]
    rows = [
        {
            "day": row.day,
            "shop": found.shop_names[row.shop_id],
            "measure": words(f"board.measures.{row.measure}"),
        }
        | _figures(page, row)
        for row in found.unexplained
    ]
    largest = found.unexplained[0]
    value = numbers.by_unit(largest.unexplained, MEASURES[largest.measure], words)
    title = words("pages.closing.board_rest_title", n=len(found.unexplained), value=value)
    about = About((ABOUT[largest.measure],), "paid")
    caption = words("pages.closing.board_rest_caption")
    panel(page, "board_rest", title, caption, None, Grid.of(columns, rows), about)


def _figure_columns(page: Page) -> list[Column]:
    words = page.words
    named = {name: words(f"pages.closing.{name}") for name in ("board", "ours", "difference", "unexplained")}
    named |= {cause: words(f"board.causes.{cause}") for cause in CAUSES}
    return [Column(name, named[name], "number") for name in ("board", "ours", *SPLIT)]


def _figures(page: Page, row: Compared) -> dict[str, str]:
    """Cells as text: a column holds money in one row and orders in the next."""
    figures = {
        "board": row.board,
        "ours": row.ours,
        "difference": row.difference,
        "unexplained": row.unexplained,
    }
    figures |= {cause: row.parts.get(cause, 0) for cause in CAUSES}
    money = MEASURES[row.measure] == "fen"
    return {
        name: numbers.exact_money(value, page.words) if money else numbers.count(value, page.words)
        for name, value in figures.items()
    }

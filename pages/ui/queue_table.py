"""The queue as a table: choose several and answer them at once, or take all of them away as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import case_actions, download, tables
from pages.ui.queue_answers import ask
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape
from shopdata.abnormal import document
from shopdata.abnormal.reading import Choice, Flag, flags
from shopdata.abnormal.taking import record_export
from shopdata.orders.privacy import may_export
from shopdata.scope import Scope

MOST_ROWS = 1_000
UNITS = {
    "order": "text",
    "shop": "text",
    "severity": "text",
    "rule": "text",
    "why": "text",
    "todo": "text",
    "deadline": "time",
    "as_of": "time",
    "state": "text",
    "assignee": "text",
    "amount": "fen",
}


def table(page: Page, scope: Scope, choice: Choice, total: int, place: str) -> None:
    """The most urgent rows behind a fold, what can be done with those chosen, and the files."""
    words = page.words
    with st.expander(
        escape(words("pages.abnormal.table", n=f"{total:,}")),
        icon=":material/table_rows:",
        key="abnormal_table",
        on_change="rerun",
    ) as fold:
        if not fold.open:
            return
        listed = ask(page, flags, scope, choice, most=MOST_ROWS)
        if total > len(listed):
            st.caption(words("pages.abnormal.most", n=f"{len(listed):,}"))
        picked = tables.table_of_many(grid_of(page, listed), words, f"abnormal_{place}")
        chosen = [listed[one] for one in picked if one < len(listed)]
        _bulk(page, scope, chosen, listed)
        _files(page, scope, choice)


def _bulk(page: Page, scope: Scope, chosen: Sequence[Flag], listed: Sequence[Flag]) -> None:
    words = page.words
    if st.checkbox(words("pages.abnormal.bulk_all", n=f"{len(listed):,}"), key="abnormal_all"):
        chosen = listed
    keys = tuple(dict.fromkeys(flag.key for flag in chosen))
    st.caption(escape(words("pages.abnormal.bulk", n=f"{len(chosen):,}", cases=f"{len(keys):,}")))
    with st.container(key="abnormal_bulk", horizontal=True, gap="small"):
        case_actions.take_button(page, scope, keys, "bulk")
        for state in case_actions.ANSWERS:
            case_actions.answer_button(page, scope, keys, state, "bulk")


def _files(page: Page, scope: Scope, choice: Choice) -> None:
    if not may_export(page.who.role):
        return
    title = page.words("pages.abnormal.title")
    with st.container(key="links_abnormal", horizontal=True):
        for suffix, label in download.KINDS.items():
            make = partial(_write, page=page, scope=scope, choice=choice, suffix=suffix)
            download.link(page, page.words(label), make, f"{title}.{suffix}")


def _write(path: Path, *, page: Page, scope: Scope, choice: Choice, suffix: str) -> None:
    """Everything the choice lists, as it stands when the file is fetched."""
    listed = flags(page.store, scope, choice)
    record_export(page.store, scope, "abnormal", len(listed))
    download.write_grid(path, grid=grid_of(page, listed), suffix=suffix)


def grid_of(page: Page, listed: Sequence[Flag]) -> Grid:
    """Hits as a table; without amounts for roles that see none."""
    words, names = page.words, {shop.id: shop.name for shop in page.every_shop}
    units = {key: unit for key, unit in UNITS.items() if key != "amount" or sees_money(page)}
    rows: list[dict[str, Cell]] = [
        {
            "order": flag.number,
            "shop": names.get(flag.shop_id),
            "severity": words(f"abnormal.severity.{flag.severity}"),
            "rule": words(f"abnormal.{flag.rule}.name"),
            "why": document.why(flag, words),
            "todo": words(f"abnormal.{flag.rule}.todo"),
            "deadline": flag.deadline,
            "as_of": flag.as_of,
            "state": words(f"pages.case.state.{flag.case.state}") if flag.case else "",
            "assignee": page.name_of(flag.case.assignee or "") if flag.case else "",
            "amount": flag.amount,
        }
        for flag in listed
    ]
    return Grid.of(Column.each(words, "pages.abnormal.column", units, pinned="order"), rows)


def sees_money(page: Page) -> bool:
    """Whether amounts are shown to this role."""
    return page.who.role not in document.WITHOUT_MONEY

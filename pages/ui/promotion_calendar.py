"""The promotion calendar as the shop keeps it: seen by all, changed by the owner and by operators."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.analysis.promotion_calendar import (
    DAYS,
    MAY_CHANGE,
    Event,
    calendar,
    given_events,
    label_of,
    save_own,
    taken_out,
)
from shopdata.errors import ShopdataError
from shopdata.words.sentences import sentence

SAVED = "promotions_saved"


def editor(page: Page) -> None:
    """The own entries as a table to edit: a name, its days, the days balances are due."""
    words, events = page.words, calendar(page.store)
    name = st.column_config.TextColumn(words("pages.promotions.name"), required=True, max_chars=30)
    with st.expander(words("pages.promotions.calendar"), icon=":material/calendar_month:", key="calendar"):
        if st.session_state.pop(SAVED, False):
            st.success(words("pages.promotions.saved"))
        st.caption(escape(words("pages.promotions.calendar_help")))
        shown = [one for one in events if one.end.year >= page.last_day.year - 1]
        may = page.who.role in MAY_CHANGE
        edited = st.data_editor(
            [_row(one, page) for one in shown],
            num_rows="dynamic" if may else "fixed",
            disabled=not may,
            hide_index=True,
            placeholder="",
            column_config={
                "name": name,
                **{
                    day: st.column_config.DateColumn(words(f"pages.promotions.{day}"), format="YYYY-MM-DD")
                    for day in DAYS
                },
            },
            key="calendar_rows",
        )
        if may and st.button(words("ui.save"), key="calendar_save", type="primary"):
            _save(page, edited, shown)


def _row(event: Event, page: Page) -> dict[str, Any]:
    return {
        "name": label_of(event, page.words),
        "start": event.start,
        "end": event.end,
        "balance_start": event.balance_start,
        "balance_end": event.balance_end,
    }


def _save(page: Page, rows: list[dict[str, Any]], shown: list[Event]) -> None:
    """Keep what differs from the calendar that came along, what was taken out of it, and the own entries too
    old to be shown; a known name keeps its key."""
    known = {label_of(one, page.words): one for one in (*given_events(), *shown)}
    events = []
    for row in rows:
        days = {day: _day(row.get(day)) for day in DAYS}
        name = str(row.get("name") or "").strip()
        if not name or days["start"] is None or days["end"] is None:
            continue
        like = known.get(name)
        key, own_name = (like.key, like.name) if like else (name, name)
        window = (days["balance_start"], days["balance_end"])
        events.append(Event(key, days["start"], days["end"], own_name, *window))
    given = {(one.key, one.start, one.end) for one in shown if not one.is_own}
    own = [one for one in calendar(page.store) if one.is_own and one not in shown]
    own += [one for one in events if (one.key, one.start, one.end) not in given or one.balance_end]
    came_along = {one.edition for one in given_events()}
    out = {one.edition for one in shown if one.edition in came_along} | taken_out(page.store)
    out -= {one.edition for one in events}
    try:
        save_own(page.store, page.asker, own, out)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
        return
    st.session_state[SAVED] = True
    st.rerun()


def _day(value: object) -> date | None:
    if isinstance(value, str) and value:
        return date.fromisoformat(value[:10])
    return value if isinstance(value, date) else None

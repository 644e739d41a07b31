"""The coverage calendar: a strip of days a kind of file; covered days filled, gaps marked, files on hover."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers
from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.imports.calendar import Covered, calendar

ROW, FRAME = 30, 34
GAP, FILLED = "rgba(217,119,6,0.30)", "rgba(36,87,214,0.85)"
GAP_SIGN, SIGN = "×", "rgb(217,119,6)"
MOST_FILES = 4


def show(page: Page) -> None:
    """A month's strips of every shop, with what is missing and how fresh each kind is."""
    found = page.ask(calendar)
    if not found:
        return
    words = page.words
    st.subheader(words("pages.import.calendar"), anchor=False)
    st.caption(words("pages.import.calendar_hint"))
    months = _months(found)
    month = st.selectbox(
        words("pages.import.month"),
        months,
        format_func=lambda first: f"{first:%Y-%m}",
        key="calendar_month",
        label_visibility="collapsed",
        width=140,
    )
    for shop in dict.fromkeys(one.shop for one in found):
        _strips(page, [one for one in found if one.shop == shop], month)


def _months(found: Sequence[Covered]) -> list[date]:
    """First days of the months that files span, the newest first."""
    days = [(one.ranges[0].start, one.ranges[-1].end) for one in found if one.ranges]
    first, last = min(start for start, _ in days).replace(day=1), max(end for _, end in days)
    months = [first]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= last:
        months.append(following)
    return months[::-1]


def _strips(page: Page, kinds: Sequence[Covered], month: date) -> None:
    words, shop = page.words, kinds[0].shop
    days = [month + timedelta(days=place) for place in range(monthrange(month.year, month.month)[1])]
    with st.container(key=f"calendar_{shop.id}", border=True, gap="xsmall"):
        st.markdown(f"**{escape(shop.name)}**")
        missing = _missing(page, kinds, month, days[-1])
        figures.show(_figure(page, kinds, days), words, f"calendar_figure_{shop.id}", missing)
        st.caption(escape(missing))
        st.caption(escape(_fresh(page, kinds)))


def _figure(page: Page, kinds: Sequence[Covered], days: Sequence[date]) -> go.Figure:
    values: list[list[int | None]] = []
    signs, hovers = [], []
    for one in kinds:
        states = [_state(one, day) for day in days]
        values.append(states)
        signs.append([GAP_SIGN if state == 0 else "" for state in states])
        hovers.append([_hover(page, one, day, state) for day, state in zip(days, states, strict=True)])
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[day.day for day in days],
            y=[_kind(page, one) for one in kinds],
            text=signs,
            texttemplate="%{text}",
            textfont={"color": SIGN},
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
            xgap=1,
            ygap=4,
            zmin=0,
            zmax=1,
            showscale=False,
            colorscale=[[0, GAP], [0.5, GAP], [0.5, FILLED], [1, FILLED]],
        )
    )
    figures.dressed(figure, height=FRAME + ROW * len(kinds))
    figure.update_layout(hovermode="closest", margin={"t": 2, "l": 4, "r": 4, "b": 4})
    figure.update_yaxes(autorange="reversed", showgrid=False, rangemode="normal")
    figure.update_xaxes(tickmode="array", tickvals=[1, 5, 10, 15, 20, 25, 30], zeroline=False)
    figure.update_xaxes(range=[0.5, len(days) + 0.5])
    return figure


def _state(one: Covered, day: date) -> int | None:
    """1 covered, 0 a gap, nothing where the shop's files do not reach."""
    if one.files_on(day):
        return 1
    return 0 if any(gap.start <= day <= gap.end for gap in one.gaps) else None


def _kind(page: Page, one: Covered) -> str:
    return page.words.get(f"ui.kinds.{one.kind}", one.kind)


def _hover(page: Page, one: Covered, day: date, state: int | None) -> str:
    files = [plain(name).replace("<", "‹").replace(">", "›") for name in one.files_on(day)]
    shown = files[:MOST_FILES] + (["…"] if len(files) > MOST_FILES else [])
    what = "<br>".join(shown) or (page.words("pages.import.gap") if state == 0 else "")
    return f"{day:%Y-%m-%d} {_kind(page, one)}<br>{what}"


def _missing(page: Page, kinds: Sequence[Covered], first: date, last: date) -> str:
    """The month's gaps in words, for those who cannot see or hover."""
    said = []
    for one in kinds:
        inside = [(max(gap.start, first), min(gap.end, last)) for gap in one.gaps]
        spans = [_span(start, end) for start, end in inside if start <= end]
        if spans:
            said.append(f"{_kind(page, one)} {', '.join(spans)}")
    return (
        page.words("pages.import.gaps", gaps=" · ".join(said)) if said else page.words("pages.import.no_gaps")
    )


def _span(start: date, end: date) -> str:
    return f"{start.day}" if start == end else f"{start.day}–{end.day}"


def _fresh(page: Page, kinds: Sequence[Covered]) -> str:
    words = page.words
    said = [
        f"{_kind(page, one)} {numbers.moment(one.as_of, words) if one.as_of else words('pages.import.never')}"
        for one in kinds
    ]
    return words("pages.import.fresh", kinds=" · ".join(said))

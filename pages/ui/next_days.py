"""What the next seven days will bring: one line of the overview, only where a forecast stood its test."""

from __future__ import annotations

import streamlit as st

from pages.ui import measures, numbers
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.analysis.forecast import forecast

AHEAD = 7
FIGURES = ("paid_amount", "orders_paid")


def next_days(page: Page) -> None:
    """Money and orders of the coming week with their 80 % intervals; nothing where the test was failed."""
    words, scope = page.words, page.scope("paid")
    if scope.end is not None and scope.end < page.last_day:
        return
    said, days = [], ""
    for key in FIGURES:
        told = forecast(page.store, scope, key, "day", AHEAD)
        total, figures, bar = told.outlook.total, told.outlook.accuracy, told.outlook.bar
        if total is None or figures is None or bar is None:
            continue
        unit = measures.unit_of(key)
        value, low, high = (
            numbers.by_unit(round(end), unit, words) for end in (total.value, total.low, total.high)
        )
        said.append(
            words(
                "pages.overview.next_figure",
                metric=words(f"metrics.{key}.label"),
                value=value,
                low=low,
                high=high,
                wape=f"{figures.wape:.0%}",
                bar=f"{bar.wape:.0%}",
            )
        )
        days = words("pages.overview.next_line", start=told.keys[0][5:], end=told.keys[-1][5:])
    if not said:
        return
    with st.container(key="next_days", gap="small"):
        st.caption(escape(" · ".join([days, *said])))
        page_link(
            "trends", words("pages.overview.next_more"), icon=":material/arrow_forward:", forecast=str(AHEAD)
        )

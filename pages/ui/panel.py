"""A panel: finding, caption, chart, and behind one button its meaning, its table and its download."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from pages.ui import about as abouts
from pages.ui import download, figures, tables
from pages.ui.about import About
from pages.ui.session import Page
from pages.ui.tables import Grid
from pages.ui.text import escape


def panel(
    page: Page,
    key: str,
    finding: str,
    caption: str,
    figure: go.Figure | None,
    grid: Grid,
    about: About,
    draw: Callable[[], None] | None = None,
) -> None:
    """Show a chart under the sentence it proves; without a figure, its table instead. ``draw`` draws what
    stands there where it is more than a chart."""
    with st.container(key=f"panel_{key}", border=True, height="stretch"):
        st.subheader(escape(finding), anchor=False)
        st.caption(escape(caption))
        behind(page, key, finding, grid, about)
        if draw is not None:
            draw()
        elif figure is None:
            tables.table(grid, page.words, key)
        else:
            figures.show(figure, page.words, f"figure_{key}", finding)


@st.fragment
def behind(page: Page, key: str, finding: str, grid: Grid, about: About) -> None:
    """The button of a panel. Its content is made only when it is opened."""
    words = page.words
    with st.container(key=f"about_panel_{key}"):
        opened = st.popover(words("ui.explain"), type="tertiary", key=f"open_{key}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        abouts.show(page, about)
        tables.table(grid, words, f"twin_{key}", height=280)
        download.links(page, key, finding, grid)

"""The shop's own sales beside a public index, both 100 on the same day."""

from __future__ import annotations

import streamlit as st

from pages.ui import about as abouts
from pages.ui import figures
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.benchmark_index import OWN_METRIC, benchmark_index

MOST = 3


def index(page: Page) -> None:
    """One panel an index; without one, which file would bring it."""
    words = page.words
    found = benchmark_index(page.store, page.scope("paid"))
    if not found:
        with st.container(key="panel_index", border=True):
            st.subheader(escape(words("pages.platforms.index_none")), anchor=False)
            st.caption(escape(words("pages.platforms.index_upload")))
        return
    for place, one in enumerate(found[:MOST]):
        name = " · ".join(part for part in (one.industry, one.metric) if part)
        name = name or words("pages.platforms.public")
        days = [day.isoformat() for day in one.days]
        own_label = words("pages.platforms.own")
        figure = figures.lines(
            days, {"own": one.own, "public": one.public}, {"own": own_label, "public": name}, hover=",.0f"
        )
        own, public = one.last
        finding = words("pages.platforms.index_flat", name=name)
        if own is not None and public is not None:
            finding = words(
                "pages.platforms.index_finding", name=name, own=f"{own:,.0f}", public=f"{public:,.0f}"
            )
        caption = words("pages.platforms.index_caption", base=one.base.isoformat())
        columns = [
            Column("day", words("pages.platforms.day")),
            Column("own", own_label, "number"),
            Column("public", name, "number"),
        ]
        rows = [
            {"day": day, "own": mine, "public": theirs}
            for day, mine, theirs in zip(days, one.own, one.public, strict=True)
        ]
        label = abouts.label_of(OWN_METRIC, words)
        about = About((OWN_METRIC,), "paid", {}, words("pages.platforms.index_note", metric=label))
        panel(page, f"index_{place}", finding, caption, figure, Grid.of(columns, rows), about)

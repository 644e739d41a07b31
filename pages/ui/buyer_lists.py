"""The buyers of the dearest orders, and taking a segment's buyers away as a list of members."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import download, numbers
from pages.ui.buyer_panels import about, money_share, scope
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.buyer_lists import LISTS, members
from shopdata.analysis.buyer_segments import Segment, Segments, segments
from shopdata.metrics.intervals import newcombe
from shopdata.orders.buyer_export import export_buyers, may_list_buyers, may_reveal_buyers
from shopdata.scope import Scope
from shopdata.store import Store

KINDS = {".csv": "ui.download_csv", ".xlsx": "ui.download_xlsx"}
ENOUGH = 30


def dearest(page: Page) -> None:
    """The tenth of buyers with the highest mean order: money, whether they come back, the list of them."""
    words, found = page.words, segments(page.store, scope(page))
    high = found.high_order
    if not high.buyers:
        return
    lines = [
        words(
            "pages.customers.high_line",
            shop=found.name_of(cut.shop_id),
            value=numbers.money(cut.order_value, words, page.currency),
        )
        for cut in found.cuts
        if cut.order_value is not None
    ]
    columns = [
        Column("label", words("pages.customers.segment")),
        Column("buyers", words("pages.customers.buyers"), "buyers"),
        Column("share", words("pages.customers.share"), "ratio"),
        Column("orders", words("pages.customers.orders_paid"), "orders"),
        Column("net_amount", words("pages.customers.net"), "fen"),
        Column("money_share", words("pages.customers.money_share"), "ratio"),
        Column("average_order_value", words("pages.customers.aov"), "fen"),
    ]
    document = found.as_json(words)
    grid = Grid.of(columns, [document["high_order_value"], document["total"] | {"label": words("ui.total")}])
    finding = words(
        "pages.customers.high_finding",
        n=numbers.count(high.buyers, words),
        share=numbers.ratio(high.buyers / found.total.buyers, words),
        money=money_share(page, high, found),
    )
    caption = " ".join([words("pages.customers.high_caption"), *lines, _again(page, found)])
    panel(page, "dearest", finding, caption, None, grid, about(page, words("pages.customers.high_about")))
    if may_list_buyers(page.who.role):
        _export(page, found)
    else:
        st.caption(escape(words("pages.customers.list_forbidden")))


def _again(page: Page, found: Segments) -> str:
    """Whether the buyers of dear orders bought on several days more often than the others."""
    words, high = page.words, found.high_order
    others = found.total.buyers - high.buyers
    rest = found.total.again - high.again
    bounds = newcombe(high.again, high.buyers, rest, others)
    if bounds is None:
        return ""
    if min(high.buyers, others) < ENOUGH:
        says = words("ui.small_n")
    elif bounds[0] <= 0 <= bounds[1]:
        says = words("ui.no_clear_change")
    else:
        says = words("pages.customers.more" if bounds[0] > 0 else "pages.customers.less")
    return words(
        "pages.customers.high_again",
        rate=numbers.ratio(high.again / high.buyers, words),
        n=high.again,
        d=high.buyers,
        other=numbers.ratio(rest / others, words),
        says=says,
    )


@st.fragment
def _export(page: Page, found: Segments) -> None:
    """The button that opens the choice of a segment and its links."""
    words = page.words
    opened = st.popover(
        words("pages.customers.export"), icon=":material/download:", key="buyers_export", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        segment = st.selectbox(
            words("pages.customers.list_pick"),
            LISTS,
            key="buyers_segment",
            format_func=lambda key: words(f"analysis.segments.{key}.label"),
        )
        role = page.who.role
        reveal = may_reveal_buyers(role) and st.checkbox(
            words("pages.customers.list_reveal"), key="buyers_reveal"
        )
        chosen = _chosen(found, segment)
        if not chosen.shown:
            st.caption(escape(words("pages.customers.list_none")))
            return
        if chosen.shown < chosen.buyers:
            gone = chosen.buyers - chosen.shown
            st.caption(escape(words("pages.customers.list_erased", n=f"{gone:,}")))
        st.caption(escape(words("pages.customers.list_note")))
        with st.container(key="buyers_links", horizontal=True):
            for suffix, label in KINDS.items():
                name = words(
                    "pages.customers.list_name",
                    segment=words(f"analysis.segments.{segment}.label"),
                    at=page.now.strftime("%Y%m%d-%H%M%S"),
                )
                make = partial(_write, page.store, scope(page), segment, suffix, bool(reveal), words.language)
                download.link(page, words(label), make, name + suffix)


def _chosen(found: Segments, segment: str) -> Segment:
    return next((row for row in found.rows if row.key == segment), found.high_order)


def _write(
    store: Store, asked: Scope, segment: str, suffix: str, reveal: bool, language: str, path: Path
) -> None:
    """Write the list beside ``path``, whose name says nothing of its kind, and put it in its place."""
    written = path.with_name(path.name + suffix)
    listed = members(store, asked, segment)
    export_buyers(store, asked, segment, listed, written, reveal=reveal, language=language)
    written.replace(path)

"""Unpaid orders: why, how fast others pay, where they are more frequent than usual, which to win back."""

from __future__ import annotations

import streamlit as st

from pages.ui import download, figures, lying_bars, numbers, tables
from pages.ui.about import About
from pages.ui.links import page_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.unpaid import SPLITS, SplitRow, Unpaid, unpaid
from shopdata.metrics.labels import label_of
from shopdata.platforms.places import places
from shopdata.web import exports

MOST_REASONS, MOST_ROWS = 8, 60
ABOUT = About(("orders_unpaid_closed", "pay_rate"), "placed")
SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60}


def read(page: Page) -> Unpaid:
    """The unpaid analysis of the orders placed in the period."""
    return unpaid(page.store, page.scope("placed"))


def reasons(page: Page, found: Unpaid) -> None:
    """Orders closed unpaid, by the reason given."""
    words, shown = page.words, found.reasons[:MOST_REASONS]
    if not shown:
        return
    labels = [words(f"analysis.reasons.{row.key}") for row in shown]
    counts = [row.n for row in shown]
    texts = [numbers.count(n, words) for n in counts]
    figure = lying_bars.bars(labels, counts, figures.ALARM, "%{x:,.0f}", opacity=0.7, texts=texts)
    columns = [
        Column("reason", words("pages.funnel.reason")),
        Column("n", words("ui.orders_unit"), "orders"),
        Column("amount", words("pages.funnel.owed"), "fen"),
        Column("words", words("pages.funnel.words")),
    ]
    rows = [
        {"reason": label, "n": row.n, "amount": row.amount, "words": ", ".join(row.examples)}
        for label, row in zip(labels, shown, strict=True)
    ]
    share = numbers.ratio(shown[0].n / sum(row.n for row in found.reasons), words)
    title = words("pages.funnel.reasons_title", reason=labels[0], share=share)
    caption = words("pages.funnel.reasons_caption")
    panel(page, "reasons", title, caption, figure, Grid.of(columns, rows), ABOUT)


def latency(page: Page, found: Unpaid) -> None:
    """How many orders are paid how long after they were placed."""
    words = page.words
    if not found.latency:
        return
    labels = [moment(page, seconds) for seconds, _ in found.latency]
    figure = figures.lines(
        labels,
        {"share": [share for _, share in found.latency]},
        {"share": words("pages.funnel.paid_by")},
        hover=".1%",
        ticks=".0%",
    )
    figure.update_xaxes(type="category", tickvals=labels[1::2], tickangle=0)
    figure.update_layout(showlegend=False, margin_t=16)
    soon = next((share for seconds, share in found.latency if seconds == 600), found.latency[-1][1])
    title = words("pages.funnel.latency_title", share=numbers.ratio(soon, words))
    columns = [Column("at", words("pages.funnel.after"))]
    columns.append(Column("share", words("pages.funnel.paid_by"), "ratio"))
    rows = [{"at": label, "share": share} for label, (_, share) in zip(labels, found.latency, strict=True)]
    caption = words("pages.funnel.latency_caption")
    panel(page, "latency", title, caption, figure, Grid.of(columns, rows), ABOUT)


def moment(page: Page, seconds: int) -> str:
    """A wait in the largest unit that is whole."""
    for unit, length in SECONDS.items():
        if seconds >= length:
            return page.words(f"pages.funnel.unit.{unit}", n=seconds // length)
    return page.words("pages.funnel.unit.second", n=seconds)


def splits(page: Page, found: Unpaid) -> None:
    """Where orders stay unpaid more or less often than the shop's usual, with certainty."""
    words = page.words
    with st.container(key="panel_splits", border=True):
        st.subheader(words("pages.funnel.splits"), anchor=False)
        usual = numbers.ratio(found.rate, words)
        st.caption(escape(words("pages.funnel.splits_caption", usual=usual, n=f"{found.d:,}")))
        split = st.segmented_control(
            words("pages.funnel.splits"),
            SPLITS,
            default="hour",
            required=True,
            key="unpaid_split",
            format_func=lambda name: words(f"pages.funnel.split.{name}"),
            label_visibility="collapsed",
            wrap=True,
        )
        names = ("label", "d", "n", "rate", "lift", "says")
        units = {"d": "orders", "n": "orders", "rate": "ratio", "lift": "number"}
        columns = Column.each(words, "pages.funnel.split_column", dict.fromkeys(names, "text") | units)
        rows = [_split_row(page, found, split, row) for row in found.splits[split][:MOST_ROWS]]
        tables.table(Grid.of(columns, rows), words, f"splits_{split}")


def _split_row(page: Page, found: Unpaid, split: str, row: SplitRow) -> dict[str, tables.Cell]:
    words = page.words
    if not row.clear or row.lift is None:
        says = words("ui.no_clear_change") if row.d >= 30 else words("ui.small_n")
    else:
        says = words("pages.funnel.more_often" if row.lift > 1 else "pages.funnel.less_often")
    label = label_of(split, row.key, found.names[split], words)
    return {"label": label, "d": row.d, "n": row.n, "rate": row.rate, "lift": row.lift, "says": says}


def win_back(page: Page, found: Unpaid) -> None:
    """Orders closed unpaid in the last 24 hours of the data, the dearest first."""
    words = page.words
    with st.container(key="panel_win_back", border=True):
        st.subheader(escape(words("pages.funnel.win_back", n=found.win_back_total)), anchor=False)
        st.caption(words("pages.funnel.win_back_caption"))
        if not found.win_back:
            return
        shops = {shop.id: shop.name for shop in page.every_shop}
        names = ("order_id", "placed_at", "amount", "product", "source", "province", "reason", "shop")
        units = {"amount": "fen", "placed_at": "time"}
        columns = Column.each(words, "pages.funnel.win_back_column", dict.fromkeys(names, "text") | units)
        rows = [
            {
                "order_id": one.order_id,
                "placed_at": one.placed_at,
                "amount": one.payable_amount,
                "product": one.product,
                "source": words.get(f"ui.sources.{one.source}", one.source or ""),
                "province": places().provinces.get(one.province or "", one.province),
                "reason": one.reason,
                "shop": shops.get(one.shop_id),
            }
            for one in found.win_back
        ]
        grid = Grid.of(columns, rows)
        tables.table(grid, words, "win_back")
        _win_back_links(page, grid)


@st.fragment
def _win_back_links(page: Page, grid: Grid) -> None:
    words = page.words
    label = words("ui.download")
    opened = st.popover(label, icon=":material/download:", key="win_back_links", on_change="rerun")
    if opened.open:
        with opened:
            download.links(page, "win_back", words("pages.funnel.win_back_file"), grid, exports.offer)
            page_link("orders", words("ui.rows_behind"), statuses="closed")

"""One influencer: weeks, products, names. Which one stands in the URL (``influencer=``)."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.ui import about as abouts
from pages.ui import address, figures, measures, numbers
from pages.ui.about import About
from pages.ui.case_links import case_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, plain, shortened
from shopdata.abnormal.reading import CaseKey
from shopdata.analysis.influencer_document import label_of
from shopdata.analysis.influencer_parts import Parts, influencer_parts
from shopdata.analysis.influencers import Influencers, Standing

NAME, WIDGET, LAST = "influencer", "influencer_chosen", "influencer_url"
PRODUCT_KEYS = (
    "orders_paid", "units_paid", "paid_amount", "refund_amount", "net_amount", "refund_rate",
    "commission_estimated", "commission_rate_estimated",
)  # fmt: skip


def detail(page: Page, found: Influencers) -> None:
    """The chosen influencer under the table; the one with the most sales where none is chosen."""
    words = page.words
    address.sync(LAST, (NAME,), lambda query: _seed(query, found), _held)
    labels = {row.key: plain(label_of(row, words)) for row in found.rows}
    if st.session_state.get(WIDGET) not in labels:
        st.session_state[WIDGET] = None
    chosen = st.selectbox(
        words("pages.influencers.choose"),
        list(labels),
        index=None,
        key=WIDGET,
        format_func=lambda key: labels[key] if labels[key] == key else f"{labels[key]}（{key}）",
        placeholder=words("pages.influencers.choose"),
        label_visibility="collapsed",
    )
    address.sync(LAST, (NAME,), lambda query: _seed(query, found), _held)
    row = found.row(chosen) if chosen else None
    if row is not None:
        _facts(page, row)
        if len(page.asked_shops) == 1:
            case_link(CaseKey(page.asked_shops[0].id, "influencer", row.key), words("pages.abnormal.to_case"))
        left, right = st.columns(2)
        with left:
            _weeks(page, row)
        with right:
            _products(page, row)


def _seed(query: address.Query, found: Influencers) -> None:
    values = query.get(NAME)
    st.session_state[WIDGET] = values[0] if values and found.row(values[0]) else None


def _held() -> dict[str, list[str]]:
    chosen = st.session_state.get(WIDGET)
    return {NAME: [chosen]} if chosen else {}


def _facts(page: Page, row: Standing) -> None:
    """Names, first and last sale, and what is judged of refunds, in sentences."""
    words, rate = page.words, row.shrunk
    names = words("analysis.influencers.separator").join(row.partner.nicknames) or row.partner.key
    said = [words("pages.influencers.names", names=names)]
    if row.partner.first_paid and row.partner.last_paid:
        first, last = (f"{moment:%Y-%m-%d}" for moment in (row.partner.first_paid, row.partner.last_paid))
        said.append(words("pages.influencers.active", first=first, last=last))
    if rate is not None and rate.n:
        said.append(
            words(
                "pages.influencers.judged",
                value=numbers.ratio(rate.value, words),
                low=numbers.ratio(rate.low, words),
                high=numbers.ratio(rate.high, words),
                usual=numbers.ratio(rate.usual, words),
                n=f"{rate.n:,}",
            )
        )
    with st.container(key="panel_facts", border=True):
        st.subheader(escape(label_of(row, words)), anchor=False)
        st.markdown("  \n".join(escape(one) for one in said))


def _parts(page: Page, row: Standing, by: str) -> Parts:
    return influencer_parts(page.store, page.scope("paid"), by, row.partner)


def _weeks(page: Page, row: Standing) -> None:
    """Paid money by week, split into what was refunded and what stays."""
    words, parts = page.words, _parts(page, row, "week")
    weeks = [part.key for part in parts.rows]
    paid = [part.values["paid_amount"] for part in parts.rows]
    scale = figures.scale_of(paid, "fen", words)
    figure = go.Figure()
    series = (("net_amount", figures.ACCENT, 1.0), ("refund_amount", figures.ALARM, 0.6))
    for key, colour, opacity in series:
        figure.add_bar(
            x=weeks,
            y=scale.of([part.values[key] for part in parts.rows]),
            name=abouts.label_of(key, words),
            marker={"color": colour, "opacity": opacity},
            hovertemplate="%{y:,.2f}",
        )
    if all(part.values["net_amount"] is None for part in parts.rows):
        figure = go.Figure(go.Bar(x=weeks, y=scale.of(paid), marker_color=figures.ACCENT))
    figure.update_layout(barmode="stack")
    figures.dressed(figure, ticks=scale.ticks)
    figure.update_xaxes(type="category")
    columns = [Column("week", words("pages.influencers.week"))]
    columns += [Column(key, abouts.label_of(key, words), measures.unit_of(key)) for key in PRODUCT_KEYS]
    rows = [dict(part.values) | {"week": part.key} for part in parts.rows]
    title = words("pages.influencers.weeks_title", name=label_of(row, words))
    caption = words("pages.influencers.weeks_caption", unit=scale.unit)
    about = About(("paid_amount", "refund_amount"), "paid", row.values)
    panel(page, "weeks", title, caption, figure, Grid.of(columns, rows), about)


def _products(page: Page, row: Standing) -> None:
    """What they sold, by product, with refunds and commission."""
    words, parts = page.words, _parts(page, row, "product")
    columns = [Column("product", words("pages.influencers.product"), pinned=True)]
    columns += [Column(key, abouts.label_of(key, words), measures.unit_of(key)) for key in PRODUCT_KEYS]
    rows = [dict(part.values) | {"product": parts.label(part, words)} for part in parts.rows]
    best = shortened(parts.label(parts.rows[0], words)) if parts.rows else ""
    title = words("pages.influencers.products_title", n=len(rows), best=best)
    about = About(("net_amount", "commission_estimated"), "paid", row.values)
    panel(
        page,
        "products",
        title,
        words("pages.influencers.products_caption"),
        None,
        Grid.of(columns, rows),
        about,
    )

"""Buyers: how they are told apart, how many come back, in which month after the first, which segments."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from pages.ui.whiskers import whiskers
from shopdata.analysis.buyer_cohorts import Cohorts, cohorts, label_of
from shopdata.analysis.buyer_segments import Segment, Segments, segments
from shopdata.analysis.buyers import ShopBuyers, shop_buyers
from shopdata.analysis.repurchase import Repurchase, Within, repurchase
from shopdata.scope import Scope

ENOUGH, MOST_LATER = 30, 12
# In opaque shades, against which the colour of the words in a cell is chosen.
OPAQUE = [[0, "#EDF1FC"], [1, figures.ACCENT]]


def scope(page: Page) -> Scope:
    """All days: a buyer's history is no matter of the filter of days."""
    return page.scope("paid").between(None, None)


def about(page: Page, *notes: str, metrics: tuple[str, ...] = ("buyers",)) -> About:
    """What stands behind a panel of this page."""
    return About(metrics, "paid", note=" ".join(notes), all_days=True)


def shops(page: Page) -> tuple[ShopBuyers, ...]:
    """The shops asked about and how their buyers are told apart."""
    return shop_buyers(page.store, scope(page))


def keys(page: Page, every: Sequence[ShopBuyers]) -> None:
    """A sentence a shop: what tells its buyers apart, or why nothing does."""
    words = page.words
    known = sum(shop.kind != "none" for shop in every)
    if known == len(every):
        finding = words("pages.customers.no_key_title")
    elif known:
        finding = words("pages.customers.some_key_finding", n=known)
    else:
        finding = words("pages.customers.no_key_finding")
    with st.container(key="panel_buyer_keys", border=True):
        st.subheader(escape(finding), anchor=False)
        st.markdown("\n".join(f"- {escape(shop.sentence(words))}" for shop in every))
        st.caption(escape(words("pages.customers.key_caption")))


def repurchase_rates(page: Page) -> None:
    """The shares that came back within 30, 60 and 90 days, with their intervals."""
    words, found = page.words, repurchase(page.store, scope(page))
    known = [row for row in found.rows if row.d]
    columns = [Column("label", words("pages.customers.within"))]
    for key, unit in (("rate", "ratio"), ("low", "ratio"), ("high", "ratio")):
        columns.append(Column(key, words(f"pages.customers.{key}"), unit))
    columns += [
        Column(key, words(f"pages.customers.{key}"), "buyers") for key in ("returned", "observed", "young")
    ]
    grid = Grid.of(columns, found.as_json(words)["rows"])
    said = [words("pages.customers.repurchase_about")]
    if found.median_days is not None:
        days = f"{found.median_days:.0f}"
        said.append(words("pages.customers.second_after", n=f"{found.returned:,}", days=days))
    figure = _rates(page, known) if known else None
    caption = words("pages.customers.repurchase_caption")
    panel(page, "repurchase", _repurchase_finding(page, found), caption, figure, grid, about(page, *said))


def _rates(page: Page, rows: Sequence[Within]) -> go.Figure:
    words = page.words
    bounds = [row.bounds or (0.0, 0.0) for row in rows]
    rates = [row.rate or 0.0 for row in rows]
    figure = go.Figure(
        go.Bar(
            x=[words("analysis.buyers.within", days=row.days) for row in rows],
            y=rates,
            marker={"color": [figures.ACCENT if row.d >= ENOUGH else figures.FEW for row in rows]},
            text=[f"{numbers.ratio(row.rate, words)}<br>{row.n:,}/{row.d:,}" for row in rows],
            textposition="inside",
            insidetextanchor="start",
            error_y=whiskers(
                [(rate, *ends) for rate, ends in zip(rates, bounds, strict=True)], thickness=1.4, width=6
            ),
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    )
    figures.dressed(figure, height=300, ticks=".0%")
    figure.update_layout(hovermode="closest", showlegend=False, bargap=0.4, margin_t=16)
    return figure


def _repurchase_finding(page: Page, found: Repurchase) -> str:
    words = page.words
    known = [row for row in found.rows if row.d]
    if not known:
        return words("pages.customers.repurchase_young")
    sure = [row for row in known if row.d >= ENOUGH]
    if not sure:
        return words("pages.customers.repurchase_few", days=known[0].days)
    row = sure[-1]
    return words("pages.customers.repurchase_finding", days=row.days, rate=numbers.ratio(row.rate, words))


def cohort_triangle(page: Page) -> None:
    """The triangle of months: which share of a month's new buyers bought in each month after it."""
    words, found = page.words, cohorts(page.store, scope(page))
    width = min(max((len(row.later) for row in found.rows), default=0), MOST_LATER)
    columns = [
        Column("label", words("pages.customers.cohort_month")),
        Column("buyers", words("pages.customers.buyers"), "buyers"),
    ]
    for later in range(1, width + 1):
        columns.append(Column(f"month_{later}", words("pages.customers.later", k=later), "ratio"))
    rows = found.as_json(words)["rows"]
    known = [cell for cell in found.total if cell.d]
    if known:
        total = found.as_json(words)["total"] | {"label": words("pages.customers.known_total")}
        rows.append(total | {"buyers": sum(row.buyers for row in found.rows if not row.from_before)})
    grid = Grid.of(columns, rows)
    note = [words("pages.customers.cohort_about")]
    if any(row.from_before for row in found.rows):
        note.append(words("analysis.buyers.from_before_note"))
    caption = words("pages.customers.cohort_caption")
    figure = _triangle(page, found, width) if width else None
    panel(page, "cohorts", _cohort_finding(page, found), caption, figure, grid, about(page, *note))


def _triangle(page: Page, found: Cohorts, width: int) -> go.Figure:
    words = page.words
    rows = [row for row in found.rows if row.later] or list(found.rows)
    names = [f"{label_of(row, words)} · {row.buyers:,}" for row in rows]
    values = [
        [row.later[place].rate if place < len(row.later) else None for place in range(width)] for row in rows
    ]
    columns = [words("pages.customers.later", k=later) for later in range(1, width + 1)]
    figure = figures.heat(names, columns, values, ticks=".0%")
    texts = [["" if value is None else numbers.ratio(value, words) for value in row] for row in values]
    figure.update_traces(
        text=texts,
        texttemplate="%{text}",
        colorscale=OPAQUE,
        showscale=False,
        hoverongaps=False,
        zmin=0,
        zmax=_darkest(values),
    )
    figure.update_layout(height=max(150, 60 + 34 * len(rows)))
    figure.update_xaxes(type="category", side="top")
    figure.update_yaxes(type="category")
    return figure


def _darkest(values: Sequence[Sequence[float | None]]) -> float:
    """Half as much again as the highest share, so that the words in a cell stay readable."""
    return 1.5 * max((value for row in values for value in row if value is not None), default=1.0)


def _cohort_finding(page: Page, found: Cohorts) -> str:
    words = page.words
    known = [row for row in found.rows if row.later and row.later[0].d >= ENOUGH and not row.from_before]
    if not known:
        return words("pages.customers.cohort_none")
    row = known[-1]
    rate = numbers.ratio(row.later[0].rate, words)
    return words("pages.customers.cohort_finding", month=f"{row.month:%Y-%m}", rate=rate)


def segment_table(page: Page) -> None:
    """The eight segments: how many buyers, what they bring, what to do."""
    words, found = page.words, segments(page.store, scope(page))
    if not found.total.buyers:
        return
    columns = [
        Column("label", words("pages.customers.segment"), pinned=True),
        Column("buyers", words("pages.customers.buyers"), "buyers"),
        Column("share", words("pages.customers.share"), "ratio"),
        Column("net_amount", words("pages.customers.net"), "fen"),
        Column("money_share", words("pages.customers.money_share"), "ratio"),
        Column("net_per_buyer", words("pages.customers.per_buyer"), "fen"),
        Column("average_order_value", words("pages.customers.aov"), "fen"),
        Column("days_ago", words("pages.customers.days_ago"), "number"),
        Column("todo", words("pages.customers.todo")),
    ]
    document = found.as_json(words)
    rows = [row | {"todo": words(f"analysis.segments.{row['key']}.todo")} for row in document["rows"]]
    rows.append(document["total"] | {"label": words("ui.total")})
    notes = [words("pages.customers.segments_about")]
    notes += [found.cut_sentence(cut, words) for cut in found.cuts]
    notes += [words("analysis.buyers.no_refunds", shop=shop.name) for shop in found.shops if _gross(shop)]
    caption = " ".join([words("pages.customers.segments_caption"), *notes[1:]])
    grid = Grid.of(columns, rows)
    panel(page, "segments", _segment_finding(page, found), caption, None, grid, about(page, notes[0]))


def _gross(shop: ShopBuyers) -> bool:
    return shop.kind != "none" and not shop.has_refunds


def _segment_finding(page: Page, found: Segments) -> str:
    """The segment that brings most money."""
    words = page.words
    best = max(found.rows, key=lambda row: row.net)
    return words(
        "pages.customers.segments_finding",
        share=numbers.ratio(best.buyers / found.total.buyers, words),
        segment=words(f"analysis.segments.{best.key}.label"),
        money=money_share(page, best, found),
    )


def money_share(page: Page, row: Segment, found: Segments) -> str:
    """A segment's part of all money, in words; a dash where currencies differ."""
    whole = found.total.net if found.currency is not None else 0
    return numbers.ratio(row.net / whole if whole > 0 else None, page.words)

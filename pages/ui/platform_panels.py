"""Platforms side by side: the shared figures, two rates with their certainty, and what cannot be told."""

from __future__ import annotations

import streamlit as st

from pages.ui import about as abouts
from pages.ui import figures, measures, numbers, rate_bars, tables
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.platform_comparison import Gap, Platforms, platforms
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.table import MetricRow
from shopdata.words import Words

COLOURS = {"douyin": "#2457D6", "taobao": "#F0A02C", "kuaishou": "#22A079", "other": "#8C5BD6"}
RATES = ("pay_rate", "refund_rate")
ENOUGH = 30


def read(page: Page) -> Platforms:
    """The platforms of the orders placed in the period."""
    return platforms(page.store, page.scope("placed"))


def shared(page: Page, found: Platforms) -> None:
    """One line a metric every platform can tell, one column a platform."""
    words = page.words
    columns = [Column("metric", words("pages.platforms.metric"), pinned=True)]
    columns += [Column(row.key, _name(row.key, words), "number") for row in found.rows]
    one_total = len(found.rows) > 1
    columns += [Column("total", words("ui.total"), "number")] if one_total else []
    shown = [
        {"metric": abouts.label_of(key, words)}
        | {row.key: _cell(key, row.values[key], words) for row in found.rows}
        | {"total": _cell(key, found.total[key], words)}
        for key in found.shared
    ]
    best = max(found.rows, key=lambda row: row.values["orders_paid"] or 0)
    title = words(
        "pages.platforms.finding",
        n=len(found.shared),
        platform=_name(best.key, words),
        orders=numbers.count(best.values["orders_paid"], words),
    )
    caption = words("pages.platforms.caption")
    if found.currency is None:
        caption += words("pages.platforms.currencies")
    about = About(("orders_placed", "orders_paid", "paid_amount"), "placed", found.total)
    panel(page, "shared", title, caption, None, Grid.of(columns, shown), about)


def _name(key: str, words: Words) -> str:
    return words(f"ui.platforms.{key}")


def _cell(key: str, value: float | None, words: Words) -> str:
    unit = CATALOGUE[key].unit
    return numbers.exact_money(value, words) if unit == "fen" else numbers.by_unit(value, unit, words)


def rate(page: Page, found: Platforms, key: str) -> None:
    """One rate by platform, with its interval; few orders in grey."""
    words = page.words
    tabled = measures.table(page, page.scope("placed"), "platform", (key,))
    rows = [row for row in tabled.rows if row.values[f"{key}_d"]]
    shown = [row for row in rows if row.values[key] is not None]
    if key not in found.shared or not shown:
        return
    labels = [_name(row.key, words) for row in shown]
    texts = [numbers.ratio(row[key], words) for row in shown]
    colours = [_colour(row, key) for row in shown]
    figure = rate_bars.chart(labels, shown, key, colours, texts=texts, thickness=2)
    ends = sorted(shown, key=lambda row: row.values[key] or 0)
    apart = len(ends) > 1 and (ends[-1].values[f"{key}_low"] or 0) > (ends[0].values[f"{key}_high"] or 0)
    title = words("pages.platforms.rate_flat", rate=abouts.label_of(key, words))
    if apart:
        title = words(
            "pages.platforms.rate_finding",
            rate=abouts.label_of(key, words),
            high=_name(ends[-1].key, words),
            low=_name(ends[0].key, words),
        )
    heading = words("pages.platforms.platform")
    grid = rate_bars.grid(labels, shown, key, words, heading, "pages.platforms")
    caption = words("pages.platforms.rate_caption")
    panel(page, f"rate_{key}", title, caption, figure, grid, About((key,), "placed", tabled.total))


def _colour(row: MetricRow, key: str) -> str:
    enough = (row[f"{key}_d"] or 0) >= ENOUGH
    return COLOURS.get(row.key, figures.MUTED) if enough else figures.FEW


def gaps(page: Page, found: Platforms) -> None:
    """What some platforms cannot tell: the figure where it is known, else why not."""
    words = page.words
    if not found.partly:
        return
    columns = [Column("metric", words("pages.platforms.metric"), pinned=True)]
    columns += [Column(row.key, _name(row.key, words)) for row in found.rows]
    shown = [
        {"metric": abouts.label_of(key, words)}
        | {
            row.key: reason(row.gaps[key], words) if key in row.gaps else _cell(key, row.values[key], words)
            for row in found.rows
        }
        for key in found.partly
    ]
    with st.container(key="panel_gaps", border=True):
        st.subheader(escape(words("pages.platforms.gaps", n=len(found.partly))), anchor=False)
        st.caption(escape(words("pages.platforms.gaps_caption")))
        tables.table(Grid.of(columns, shown), words, "gaps")


def reason(gap: Gap, words: Words) -> str:
    """Why a figure is not known, with the file that would bring it."""
    file = words.get(f"ui.kinds.{gap.kind}", gap.kind)
    key = "never" if gap.never else "upload"
    return words(f"pages.platforms.{key}", file=file)

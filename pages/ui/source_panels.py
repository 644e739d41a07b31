"""Content types side by side: money, refunds with their certainty, and whose account sold."""

from __future__ import annotations

from pages.ui import about as abouts
from pages.ui import figures, measures, numbers, rate_bars
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from shopdata.analysis.sources import KEYS, Sources, sources
from shopdata.metrics.table import MetricRow, MetricTable

ENOUGH = 30
RATES = ("refund_rate", "refund_rate_1h", "return_rate")
UNJUDGED = {"unknown", "pending", "other"}


def read(page: Page) -> Sources:
    """The comparison of the orders paid in the period."""
    return sources(page.store, page.scope("paid"))


def side_by_side(page: Page, found: Sources) -> None:
    """The table of content types: what they brought, what came back, what is left."""
    words, split = page.words, found.by_source
    panel(
        page,
        "sources",
        _money_finding(page, found),
        words("pages.sources.table_caption"),
        None,
        comparison(page, found, split, words("pages.sources.source")),
        About(("paid_amount", "net_amount", "refund_amount_rate"), "paid", split.total),
    )


def accounts(page: Page, found: Sources) -> None:
    """The same by whose account sold, crossed with the content type."""
    words, split = page.words, found.by_source_and_account
    panel(
        page,
        "accounts",
        words("pages.sources.accounts_title"),
        words("pages.sources.accounts_caption"),
        None,
        comparison(page, found, split, words("pages.sources.source_account")),
        About(("paid_amount", "net_amount", "commission_estimated"), "paid", split.total),
    )


def comparison(page: Page, found: Sources, split: MetricTable, heading: str) -> Grid:
    """Rows of a split with their share and what is left after commission; the total below."""
    words = page.words
    columns = [Column("label", heading), Column("share", words("pages.sources.share"), "ratio")]
    columns += [Column(key, abouts.label_of(key, words), measures.unit_of(key)) for key in KEYS]
    columns.append(Column("after_commission", words("pages.sources.after_commission"), "fen"))
    rows: list[dict[str, Cell]] = [
        {
            **row.values,
            "label": split.label(row, words),
            "share": found.share(row),
            "after_commission": found.after_commission(row),
        }
        for row in split.rows
    ]
    total = MetricRow(("total",), split.total)
    left = found.after_commission(total)
    rows.append({**split.total, "label": words("ui.total"), "share": 1.0, "after_commission": left})
    return Grid.of(columns, rows)


def rate(page: Page, found: Sources, key: str) -> None:
    """One rate by content type with its interval; few orders in grey."""
    words = page.words
    rows = [row for row in found.by_source.rows if row[f"{key}_d"]]
    if not rows:
        return
    labels = [found.by_source.label(row, words) for row in rows]
    figure = rate_bars.chart(labels, rows, key, [_colour(row, key) for row in rows])
    heading, caption = words("pages.sources.source"), words("pages.sources.rate_caption")
    grid = rate_bars.grid(labels, rows, key, words, heading, "pages.sources")
    about = About((key,), "paid", found.by_source.total)
    panel(page, f"rate_{key}", _rate_finding(page, found, key), caption, figure, grid, about)


def _colour(row: MetricRow, key: str) -> str:
    few = (row[f"{key}_d"] or 0) < ENOUGH
    return figures.FEW if few else figures.SOURCE_COLOURS.get(row.key, figures.MUTED)


def _money_finding(page: Page, found: Sources) -> str:
    words = page.words
    known = [row for row in found.by_source.rows if row.key not in {"unknown", "pending"}]
    best = max(known, key=lambda row: row["net_amount"] or 0, default=None)
    if best is None or not best["net_amount"]:
        return words("pages.sources.title")
    value = numbers.money(best["net_amount"], words, page.currency)
    return words("pages.sources.finding", source=found.by_source.label(best, words), value=value)


def _rate_finding(page: Page, found: Sources, key: str) -> str:
    """Says that two content types differ only where their intervals do not touch."""
    words, label = page.words, abouts.label_of(key, page.words)
    known = [
        row
        for row in found.by_source.rows
        if row.key not in UNJUDGED and (row[f"{key}_d"] or 0) >= ENOUGH and row[f"{key}_low"] is not None
    ]
    ranked = sorted(known, key=lambda row: row[key] or 0)
    if len(ranked) < 2 or (ranked[-1][f"{key}_low"] or 0) <= (ranked[0][f"{key}_high"] or 0):
        return words("pages.sources.rate_flat", rate=label)
    high, low = ranked[-1], ranked[0]
    return words(
        "pages.sources.rate_finding",
        rate=label,
        high=found.by_source.label(high, words),
        high_value=numbers.ratio(high[key], words),
        low=found.by_source.label(low, words),
        low_value=numbers.ratio(low[key], words),
    )

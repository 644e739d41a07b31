"""Money by day and content type: the chart of the overview and of the page about content types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from pages.ui import figures, measures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.promotion_calendar import calendar, label_of
from shopdata.metrics.table import MetricTable


def daily_by_source(page: Page, key: str = "paid_amount") -> None:
    """A panel of ``key`` a day, stacked by content type, by pay time."""
    words, scope = page.words, page.scope("paid")
    split = measures.table(page, scope, "day,source", (key,))
    whole = measures.table(page, scope, "day", (key,))
    by_source = measures.table(page, scope, "source", (key,))
    days = [row.key for row in whole.rows]
    present = [row.key for row in by_source.rows if row.values[key]]
    amounts = {row.keys: row.values[key] for row in split.rows}
    values = {source: [amounts.get((day, source)) for day in days] for source in present}
    scale = figures.scale_of([row.values[key] for row in whole.rows], measures.unit_of(key), words)
    labels = {source: words(f"ui.sources.{source}") for source in present}
    figure = figures.stacked(
        days,
        {source: scale.of(found) for source, found in values.items()},
        labels,
        figures.SOURCE_COLOURS,
        partial=measures.partial_places(page, scope, key, "day"),
        ticks=scale.ticks,
    )
    mark_promotions(page, figure, days)
    caption = words("pages.overview.chart_caption", unit=scale.unit)
    columns = [Column("day", words("pages.overview.day"))]
    columns += [Column(source, labels[source], "fen") for source in present]
    columns.append(Column("total", words("ui.total"), "fen"))
    rows = [
        {"day": row.key, "total": row.values[key]} | {s: amounts.get((row.key, s)) for s in present}
        for row in whole.rows
    ]
    about = About((key,), "paid", whole.total)
    panel(page, f"daily_{key}", finding(page, by_source, key), caption, figure, Grid.of(columns, rows), about)


def mark_promotions(page: Page, figure: go.Figure, days: Sequence[str]) -> None:
    """Name the promotions of the days on a chart."""
    if not days:
        return
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    for promotion in calendar(page.store):
        if promotion.meets(first, last):
            name = label_of(promotion, page.words)
            figures.banded(figure, max(promotion.start, first), min(promotion.end, last), name)


def finding(page: Page, by_source: MetricTable, key: str) -> str:
    """The sentence the chart proves: which content type brought how much."""
    words, whole = page.words, by_source.total[key]
    top = max(by_source.rows, key=lambda row: row.values[key] or 0, default=None)
    if top is None or not whole or not top.values[key] or top.key in {"unknown", "pending"}:
        return words("pages.overview.chart_title_flat")
    share = numbers.ratio((top.values[key] or 0) / whole, words)
    return words("pages.overview.chart_title_top", source=words(f"ui.sources.{top.key}"), share=share)

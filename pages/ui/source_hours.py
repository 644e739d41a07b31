"""Content types by hour of the day: when each of them sells."""

from __future__ import annotations

from pages.ui import figures, measures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.metrics.table import MetricTable
from shopdata.words import Words

KEY = "orders_paid"
HOURS = tuple(f"{hour:02d}" for hour in range(24))


def by_hour(page: Page) -> None:
    """A panel of paid orders an hour of the day, stacked by content type."""
    scope = page.scope("paid")
    split = measures.table(page, scope, "hour,source", (KEY,))
    by_source = measures.table(page, scope, "source", (KEY,))
    hours = measures.table(page, scope, "hour", (KEY,))
    labels = {row.key: page.words(f"ui.sources.{row.key}") for row in by_source.rows if row[KEY]}
    counts = {row.keys: row[KEY] for row in split.rows}
    values = {source: [counts.get((hour, source), 0) for hour in HOURS] for source in labels}
    figure = figures.stacked(HOURS, values, labels, figures.SOURCE_COLOURS, hover=",.0f")
    figure.update_xaxes(type="category", tickvals=HOURS[::3])
    columns = [Column("hour", page.words("dimensions.name.hour"))]
    columns += [Column(source, labels[source], "orders") for source in labels]
    columns.append(Column("total", page.words("ui.total"), "orders"))
    whole = {row.key: row[KEY] for row in hours.rows}
    rows = [
        {"hour": hour, "total": whole.get(hour)}
        | {source: counts.get((hour, source), 0) for source in labels}
        for hour in HOURS
    ]
    about = About((KEY,), "paid", hours.total)
    caption = page.words("pages.sources.hours_caption")
    grid = Grid.of(columns, rows)
    panel(page, "source_hours", finding(page.words, by_source, values), caption, figure, grid, about)


def finding(words: Words, by_source: MetricTable, values: dict[str, list[float | int | None]]) -> str:
    """When the largest content type sells most."""
    known = [row for row in by_source.rows if row.key in values and row.key not in {"unknown", "pending"}]
    top = max(known, key=lambda row: row[KEY] or 0, default=None)
    if top is None:
        return words("pages.sources.hours_title")
    hours = values[top.key]
    best = max(range(24), key=lambda hour: hours[hour] or 0)
    return words(
        "pages.sources.hours_finding",
        source=words(f"ui.sources.{top.key}"),
        hour=f"{best:02d}:00–{best + 1:02d}:00",
        n=numbers.count(hours[best], words),
    )

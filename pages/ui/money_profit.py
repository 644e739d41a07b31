"""Operating profit on screen: its parts as a waterfall, what it lacks in its title, shops in the table."""

from __future__ import annotations

from collections.abc import Iterator

from pages.ui import about as abouts
from pages.ui import numbers
from pages.ui.about import About
from pages.ui.figures import ACCENT, ALARM
from pages.ui.money_bridge import GAIN
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.waterfall import Flight, waterfall
from shopdata.analysis.money_bridge import Bridges
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.definition import Sum
from shopdata.metrics.table import MetricTable, metric_table

KEY = "operating_profit"
BEFORE_FEES = ("in_dispute", "in_progress", "waiting", "overdue")


def profit(page: Page, found: Bridges) -> None:
    """The profit of the period's orders; what is not known is named, never taken as nothing."""
    words, metric = page.words, CATALOGUE[KEY]
    if not isinstance(metric, Sum):
        return
    parts = (*metric.plus, *metric.minus)
    keys = (*parts, "units_uncosted", KEY)
    table = metric_table(page.store, page.scope("placed"), by="shop", keys=keys)
    units = {"units_uncosted": "units"}
    columns = [Column("label", words("pages.money.shop"), pinned=True)]
    columns += [Column(key, abouts.label_of(key, words), units.get(key, "fen")) for key in (*keys[::-1],)]
    columns.append(Column("lacking", words("pages.money.lacking")))
    rows = [
        dict(row.values)
        | {"label": table.label(row, words), "lacking": _named(page, row.lacking.get(KEY, ()))}
        for row in table.rows
    ]
    rows.append(
        dict(table.total) | {"label": words("ui.total"), "lacking": _named(page, table.lacking.get(KEY, ()))}
    )
    figure = None if table.total[KEY] is None else waterfall(list(_flights(page, table, metric)), words)
    about = About((KEY,), "placed", table.total, note=words("pages.money.profit_about"))
    grid = Grid.of(columns, rows)
    panel(page, "profit", _title(page, table), " ".join(_caption(page, table, found)), figure, grid, about)


def _named(page: Page, keys: tuple[str, ...]) -> str:
    separator = page.words("ui.list_separator")
    return separator.join(abouts.label_of(key, page.words) for key in keys)


def _title(page: Page, table: MetricTable) -> str:
    words, lacking = page.words, _named(page, table.lacking.get(KEY, ()))
    if table.total[KEY] is None:
        return words("pages.money.profit_unknown", parts=lacking)
    value = numbers.money(table.total[KEY], words, page.currency)
    return words(
        "pages.money.profit_title" if lacking else "pages.money.profit_whole", value=value, parts=lacking
    )


def _caption(page: Page, table: MetricTable, found: Bridges) -> Iterator[str]:
    words = page.words
    yield words("pages.money.profit_caption")
    uncosted = table.total["units_uncosted"]
    if uncosted:
        yield words("pages.money.profit_uncosted", n=numbers.count(uncosted, words))
    open_orders = sum(found.total[state].n for state in BEFORE_FEES)
    if open_orders:
        yield words("pages.money.profit_open", n=numbers.count(open_orders, words))


def _flights(page: Page, table: MetricTable, metric: Sum) -> Iterator[Flight]:
    """Parts from where the one before ended, then the profit from zero."""
    level = 0.0
    for key in (*metric.plus, *metric.minus):
        value = table.total[key]
        if not value:
            continue
        fen = value if key in metric.plus else -value
        colour = ACCENT if key == metric.plus[0] else GAIN if fen > 0 else ALARM
        text = numbers.money(fen, page.words, page.currency)
        yield Flight(abouts.label_of(key, page.words), level, level + fen, text, colour)
        level += fen
    text = numbers.money(level, page.words, page.currency)
    yield Flight(abouts.label_of(KEY, page.words), 0, level, text, ACCENT)

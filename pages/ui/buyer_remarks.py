"""What can be known without knowing buyers: tags of remarks, provinces, order values."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui import figures, lying_bars, numbers
from pages.ui.about import About
from pages.ui.buyer_panels import about, scope
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import in_figure
from shopdata.analysis.remarks import ENOUGH, Remarks, TagRow, remarks
from shopdata.metrics.table import MetricRow, MetricTable, metric_table
from shopdata.words import Words

MOST_PROVINCES = 12


def tags(page: Page) -> None:
    """Orders by what their remarks speak of: how many, how much they are worth, examples."""
    words, found = page.words, remarks(page.store, scope(page))
    notes = [words("pages.customers.tags_about"), *found.notes(words)]
    names = ("label", "n", "share", "low", "high", "paid_amount", "aov", "compared", "examples")
    units = {
        "n": "orders",
        "share": "ratio",
        "low": "ratio",
        "high": "ratio",
        "paid_amount": "fen",
        "aov": "fen",
    }
    headings = {
        "label": "pages.customers.tag",
        "share": "pages.customers.of_orders",
        "aov": "pages.customers.tag_aov",
        "paid_amount": "metrics.paid_amount.label",
    }
    columns = [
        Column(name, words(headings.get(name, f"pages.customers.{name}")), units.get(name, "text"))
        for name in names
    ]
    documents = zip(found.rows, found.as_json(words)["rows"], strict=True)
    rows = [_tag_row(page, row, document) for row, document in documents]
    caption = " ".join([words("pages.customers.tags_caption"), *notes[1:]])
    behind = about(page, notes[0], metrics=("orders_paid",))
    panel(page, "tags", _tags_finding(page, found), caption, None, Grid.of(columns, rows), behind)


def _tag_row(page: Page, row: TagRow, document: dict[str, Cell]) -> dict[str, Cell]:
    words = page.words
    if row.n < ENOUGH or row.difference is None:
        says = words("ui.small_n")
    elif not row.difference.clear:
        says = words("ui.no_clear_change")
    else:
        says = words("pages.customers.higher" if row.difference.value > 0 else "pages.customers.lower")
    shown: dict[str, Cell] = {"aov": document["average_order_value"], "compared": says}
    return document | shown | {"examples": " / ".join(row.examples)}


def _tags_finding(page: Page, found: Remarks) -> str:
    words = page.words
    if not found.orders:
        return words("pages.customers.tags_missing")
    if not found.rows:
        return words("pages.customers.tags_none")
    first = found.rows[0]
    return words(
        "pages.customers.tags_finding",
        tag=found.label(first, words),
        n=numbers.count(first.n, words),
        share=numbers.ratio(first.n / found.orders, words),
    )


def provinces(page: Page, *, keyed: bool) -> None:
    """Where buyers live; orders where buyers cannot be told apart."""
    words = page.words
    keys = ("buyers", "orders_paid", "paid_amount", "average_order_value")
    table = page.ask(metric_table, scope(page), by="province", keys=keys)
    counted = "buyers" if keyed and table.total["buyers"] else "orders_paid"
    what = words(f"pages.customers.province_of_{'buyers' if counted == 'buyers' else 'orders'}")
    _ranked(page, table, counted, what)


def _ranked(page: Page, table: MetricTable, counted: str, what: str) -> None:
    words = page.words
    rows = sorted((row for row in table.rows if row[counted]), key=lambda row: -(row[counted] or 0))
    if not rows:
        return
    shown = rows[:MOST_PROVINCES]
    labels = [table.label(row, words) for row in shown]
    texts = [numbers.count(row[counted], words) for row in shown]
    names = [in_figure(label) for label in labels]
    figure = lying_bars.bars(names, [row[counted] for row in shown], figures.ACCENT, "%{x:,.0f}", texts=texts)
    units = {"buyers": "buyers", "orders_paid": "orders", "paid_amount": "fen", "average_order_value": "fen"}
    columns = [Column("label", words("pages.customers.province"))]
    columns += [Column(key, words(f"metrics.{key}.label"), unit) for key, unit in units.items()]
    grid = Grid.of(columns, [dict(row.values) | {"label": table.label(row, words)} for row in rows])
    # One buyer may stand in several provinces, so shares are of all buyers, not of the sum of the rows.
    share = numbers.ratio((rows[0][counted] or 0) / (table.total[counted] or 1), words)
    finding = words("pages.customers.province_finding", province=labels[0], what=what, share=share)
    caption = f"{words('pages.customers.province_caption')} ({what})"
    panel(
        page,
        "provinces",
        finding,
        caption,
        figure,
        grid,
        About((counted,), "paid", table.total, all_days=True),
    )


def bands(page: Page) -> None:
    """Paid orders by their amount."""
    words = page.words
    keys = ("orders_paid", "paid_amount")
    table = page.ask(metric_table, scope(page), by="amount_band", keys=keys)
    rows = [row for row in table.rows if row["orders_paid"]]
    whole = table.total["orders_paid"]
    if not rows or not whole:
        return
    labels = [table.label(row, words) for row in rows]
    shares = [(row["orders_paid"] or 0) / whole for row in rows]
    colours = [figures.ACCENT if (row["orders_paid"] or 0) >= ENOUGH else figures.FEW for row in rows]
    texts = [numbers.ratio(share, words) for share in shares]
    figure = lying_bars.bars(labels, shares, colours, "%{x:.1%}", texts=texts)
    figure.update_xaxes(tickformat=".0%")
    best = max(range(len(rows)), key=lambda place: shares[place])
    finding = words(
        "pages.customers.bands_finding", band=labels[best], share=numbers.ratio(shares[best], words)
    )
    behind = About(("orders_paid",), "paid", table.total, all_days=True)
    caption = words("pages.customers.bands_caption")
    panel(page, "bands", finding, caption, figure, _bands_grid(words, rows, labels, shares), behind)


def _bands_grid(
    words: Words, rows: Sequence[MetricRow], labels: Sequence[str], shares: Sequence[float]
) -> Grid:
    columns = [
        Column("label", words("pages.customers.band")),
        Column("orders_paid", words("metrics.orders_paid.label"), "orders"),
        Column("share", words("pages.customers.of_orders"), "ratio"),
        Column("paid_amount", words("metrics.paid_amount.label"), "fen"),
    ]
    documents = [
        dict(row.values) | {"label": label, "share": share}
        for row, label, share in zip(rows, labels, shares, strict=True)
    ]
    return Grid.of(columns, documents)

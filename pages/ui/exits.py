"""Where orders left the funnel, apart from the steps."""

from __future__ import annotations

from pages.ui import figures, lying_bars, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.funnel import Funnel


def exits(page: Page, found: Funnel) -> None:
    """Bars of the ways out, the most frequent first."""
    words = page.words
    shown = sorted(found.exits, key=lambda one: -one.n)
    if not shown:
        return
    labels = [words(f"analysis.exits.{one.key}") for one in shown]
    texts = [numbers.count(one.n, words) for one in shown]
    figure = lying_bars.bars(labels, [one.n for one in shown], figures.MUTED, "%{x:,.0f}", texts=texts)
    columns = [
        Column("exit", words("pages.funnel.exit")),
        Column("n", words("ui.orders_unit"), "orders"),
        Column("amount", words("pages.funnel.owed"), "fen"),
    ]
    rows = [
        {"exit": label, "n": one.n, "amount": one.amount} for label, one in zip(labels, shown, strict=True)
    ]
    title = words("pages.funnel.exits_title", exit=labels[0], n=numbers.count(shown[0].n, words))
    about = About(("orders_closed",), "placed")
    panel(page, "exits", title, words("pages.funnel.exits_caption"), figure, Grid.of(columns, rows), about)

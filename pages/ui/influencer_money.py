"""Influencers' money from paid to settled, and who is new, back or lost."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.ui import about as abouts
from pages.ui import figures, numbers
from pages.ui.about import About
from pages.ui.influencer_panels import nothing
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from shopdata.analysis.influencer_document import label_of
from shopdata.analysis.influencers import Influencers, Waterfall
from shopdata.analysis.partners import LAYERS
from shopdata.metrics.values import Value
from shopdata.words import Words

Step = tuple[str, Value, str]


def waterfall(page: Page, found: Influencers) -> None:
    """Commission from estimated to settled, layer by layer, and what is still to settle."""
    words, fall = page.words, found.waterfall
    if fall is None:
        return
    unsettled = fall.stages["commission_unsettled"]
    due = numbers.money(unsettled, words, page.currency)
    finding = words("pages.influencers.due_finding", value=due)
    if unsettled is None:
        finding = words("pages.influencers.due_unknown")
    names = words("analysis.influencers.separator").join(fall.left_out)
    caption = words("pages.influencers.fall_caption")
    caption += words("pages.influencers.left_out", shops=names) if names else ""
    keys = ("commission_estimated", "commission_settled", "commission_unsettled")
    steps = _commission(words, fall)
    grid = _grid(page, [*_sold(words, fall), *steps])
    panel(page, "waterfall", finding, caption, _drawn(page, steps), grid, About(keys, "paid", found.total))


def _sold(words: Words, fall: Waterfall) -> list[Step]:
    """From paid to what is left after refunds."""
    return [
        (abouts.label_of("paid_amount", words), fall.paid, "total"),
        (abouts.label_of("refund_amount", words), _less(fall.refunds), "relative"),
        (abouts.label_of("net_amount", words), fall.net, "total"),
    ]


def _commission(words: Words, fall: Waterfall) -> list[Step]:
    """From the commission estimated, layer by layer, to what of it is still to settle."""
    stages = fall.stages
    layers = [f"commission_estimated_{layer}" for layer in LAYERS]
    return [
        *((abouts.label_of(layer, words), stages[layer], "relative") for layer in layers),
        (abouts.label_of("commission_estimated", words), stages["commission_estimated"], "total"),
        (words("pages.influencers.gone"), _less(fall.gone), "relative"),
        (abouts.label_of("commission_settled", words), _less(stages["commission_settled"]), "relative"),
        (abouts.label_of("commission_unsettled", words), stages["commission_unsettled"], "total"),
    ]


def _less(amount: Value) -> Value:
    return None if amount is None else -amount


def _drawn(page: Page, steps: Sequence[Step]) -> go.Figure:
    known = [step for step in steps if step[1] is not None]
    scale = figures.scale_of([step[1] for step in known], "fen", page.words)
    figure = go.Figure(
        go.Waterfall(
            y=[f"{name}" for name, _, _ in known],
            x=scale.of([amount for _, amount, _ in known]),
            measure=[kind for _, _, kind in known],
            orientation="h",
            text=[numbers.money(amount, page.words, page.currency) for _, amount, _ in known],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": figures.ACCENT}},
            decreasing={"marker": {"color": figures.MUTED}},
            totals={"marker": {"color": "#8C5BD6"}},
            connector={"line": {"width": 1, "color": figures.GRID}},
            hovertemplate="%{y}<br>%{text}<extra></extra>",
        )
    )
    figures.lying(figure, len(known))
    widest = max((amount or 0 for _, amount, _ in known), default=0) / scale.divisor or 1
    figure.update_xaxes(
        tickformat=scale.ticks, title=scale.unit, range=[0, widest * 1.25], rangemode="normal"
    )
    return figure


def _grid(page: Page, steps: Sequence[Step]) -> Grid:
    words = page.words
    columns = [
        Column("step", words("pages.influencers.step")),
        Column("amount", words("pages.influencers.amount"), "fen"),
    ]
    return Grid.of(columns, [{"step": name, "amount": amount} for name, amount, _ in steps])


def turns(page: Page, found: Influencers) -> None:
    """Who came, came back and left against the period before."""
    words = page.words
    rows = _turned(words, found)
    new = sum(row.turn == "new" for row in found.rows)
    finding = words("pages.influencers.turns_finding", new=new, lost=len(found.lost))
    if not found.reaches_back:
        finding = words("pages.influencers.turns_unknown")
    caption = words("pages.influencers.turns_caption")
    if not rows:
        nothing("turns", finding, caption)
        return
    names = (("turn", "text"), ("label", "text"), ("orders", "orders"), ("paid", "fen"), ("first", "time"))
    columns = Column.each(words, "pages.influencers.turn_column", dict(names))
    about = About(("orders_paid",), "paid", found.total)
    panel(page, "turns", finding, caption, None, Grid.of(columns, rows), about)


def _turned(words: Words, found: Influencers) -> list[dict[str, Cell]]:
    """The new ones, those who are back, then those who left."""
    rows: list[dict[str, Cell]] = [
        {
            "turn": words(f"analysis.influencers.turn.{row.turn}"),
            "label": label_of(row, words),
            "orders": row.values["orders_paid"],
            "paid": row.values["paid_amount"],
            "first": row.partner.first_paid,
        }
        for turn in ("new", "back")
        for row in found.rows
        if row.turn == turn
    ]
    rows += [
        {
            "turn": words("pages.influencers.lost"),
            "label": (one.partner.nicknames or (one.partner.key,))[0],
            "orders": one.orders_paid,
            "paid": one.paid_amount,
            "first": one.partner.first_paid,
        }
        for one in found.lost
    ]
    return rows

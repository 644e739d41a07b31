"""One product looked at closely (content types, reasons of refunds), and what is bought together."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, lying_bars, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import plain
from shopdata.analysis.bought_together import FEWEST, BoughtTogether, bought_together
from shopdata.analysis.products import ProductRow, Products
from shopdata.words import Words

MOST_REASONS = 8


def detail(page: Page, found: Products) -> None:
    """Choose a product; where its money came from and why money went back."""
    words = page.words
    by_key = {row.key: row for row in found.rows}
    chosen = st.selectbox(
        words("pages.products.look_at"),
        list(by_key),
        format_func=lambda key: plain(found.label(by_key[key], words)),
        key=f"product_chosen_{found.table.by[0]}",
        width=420,
    )
    row = by_key[chosen]
    left, right = st.columns(2)
    with left:
        _mix(page, found, row)
    with right:
        _reasons(page, found, row)


def _mix(page: Page, found: Products, row: ProductRow) -> None:
    """Its paid money by content type, in the colours every page gives them."""
    words = page.words
    parts = [(key, amount or 0) for key, amount in found.mix_of(row.key)]
    whole = sum(amount for _, amount in parts)
    if not whole:
        return
    labels = [words(f"ui.sources.{key}") for key, _ in parts]
    shares = [amount / whole for _, amount in parts]
    colours = [figures.SOURCE_COLOURS.get(key, figures.MUTED) for key, _ in parts]
    texts = [numbers.ratio(share, words) for share in shares]
    figure = lying_bars.bars(labels, shares, colours, "%{x:.1%}", texts=texts)
    figure.update_xaxes(tickformat=".0%")
    columns = [
        Column("source", words("pages.products.source")),
        Column("amount", words("metrics.paid_amount.label"), "fen"),
        Column("share", words("pages.products.column.share"), "ratio"),
    ]
    rows = [
        {"source": label, "amount": amount, "share": amount / whole}
        for label, (_, amount) in zip(labels, parts, strict=True)
    ]
    top = max(range(len(parts)), key=lambda place: parts[place][1])
    share = numbers.ratio(parts[top][1] / whole, words)
    title = words(
        "pages.products.mix_finding", product=found.label(row, words), source=labels[top], share=share
    )
    about = About(("paid_amount",), "paid", row.figures.values)
    panel(
        page, "product_mix", title, words("pages.products.mix_caption"), figure, Grid.of(columns, rows), about
    )


def _reason_bars(row: ProductRow, labels: Sequence[str], words: Words) -> go.Figure:
    shown = row.reasons.reasons[:MOST_REASONS]
    back, kept = [one.returns for one in shown], [one.n - one.returns for one in shown]
    parts = (
        lying_bars.Part(words("pages.products.with_goods"), back, figures.ALARM, 0.85),
        lying_bars.Part(words("pages.products.money_only"), kept, figures.LINES[2], 0.85),
    )
    figure = lying_bars.stacked(labels, parts, "%{x:,.0f}")
    figure.update_xaxes(dtick=max(1, -(-shown[0].n // 5)))
    return figure


def _reason_grid(row: ProductRow, words: Words) -> Grid:
    columns = [
        Column("reason", words("pages.products.reason")),
        Column("by", words("pages.products.column.by")),
        Column("n", words("pages.products.column.aftersales"), "orders"),
        Column("returns", words("pages.products.with_goods"), "orders"),
        Column("amount", words("metrics.refund_amount.label"), "fen"),
        Column("words", words("pages.products.column.words")),
    ]
    rows = [
        {
            "reason": words(f"analysis.aftersale_reasons.{one.key}"),
            "by": words(f"analysis.aftersale_by.{one.by}"),
            "n": one.n,
            "returns": one.returns,
            "amount": one.amount,
            "words": ", ".join(one.examples),
        }
        for one in row.reasons.reasons
    ]
    return Grid.of(columns, rows)


def _reasons(page: Page, found: Products, row: ProductRow) -> None:
    """Why money for it went back; with the goods, or without."""
    words, shown = page.words, row.reasons.reasons[:MOST_REASONS]
    about = About(("refund_rate",), "paid", {}, words("pages.products.returned_note"))
    if not shown:
        text = words("pages.products.no_reasons", product=found.label(row, words))
        grid = Grid((Column("text", words("pages.products.reason")),), ((text,),))
        panel(page, "product_reasons", words("pages.products.reasons_title"), text, None, grid, about)
        return
    labels = [words(f"analysis.aftersale_reasons.{one.key}") for one in shown]
    n = sum(one.n for one in row.reasons.reasons)
    title = words(
        "pages.products.reasons_finding",
        product=found.label(row, words),
        reason=labels[0],
        n=shown[0].n,
        of=n,
    )
    caption = words("pages.products.reasons_caption" if n >= 30 else "pages.products.reasons_few", n=n)
    panel(
        page,
        "product_reasons",
        title,
        caption,
        _reason_bars(row, labels, words),
        _reason_grid(row, words),
        about,
    )


def pairs(page: Page) -> None:
    """Products bought together more often than their popularity explains."""
    words = page.words
    found = bought_together(page.store, page.scope("paid"))
    names = {
        "first": "text",
        "second": "text",
        "n": "orders",
        "expected": "number",
        "lift": "number",
        "interval": "text",
        "also": "ratio",
        "says": "text",
    }
    columns = Column.each(words, "pages.products.pair", names)
    rows = [
        {
            "first": found.name(pair.first),
            "second": found.name(pair.second),
            "n": pair.n,
            "expected": pair.expected,
            "lift": pair.lift,
            "interval": f"{pair.low:.1f}–{pair.high:.1f}",
            "also": pair.n / pair.with_first if pair.with_first else None,
            "says": words(f"pages.products.pair.{'clear' if pair.clear else 'not_clear'}"),
        }
        for pair in found.pairs
    ]
    note = words("pages.products.pair.note", n=found.unnamed)
    about = About(("orders_paid",), "paid", {}, note)
    caption = words("pages.products.pair.caption", n=found.orders, least=FEWEST)
    panel(page, "product_pairs", _pairs_finding(page, found), caption, None, Grid.of(columns, rows), about)


def _pairs_finding(page: Page, found: BoughtTogether) -> str:
    words = page.words
    if not found.clear:
        return words("pages.products.pair.none")
    best = found.clear[0]
    return words(
        "pages.products.pair.finding",
        first=found.name(best.first),
        second=found.name(best.second),
        lift=f"{best.lift:.1f}",
        n=best.n,
    )

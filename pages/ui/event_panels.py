"""A promotion on screen: its cards, its days beside those of the time before, its presale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.ui import about, figures, numbers
from pages.ui.about import About
from pages.ui.cards import Card
from pages.ui.cards import cards as row_of_cards
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape, in_figure, plain
from shopdata.analysis.promotion_calendar import Event, label_of
from shopdata.analysis.promotion_report import (
    KEYS,
    PromotionReport,
    known_events,
    promotion_report,
)
from shopdata.metrics.catalogue import CATALOGUE

CARDS = ("paid_amount", "orders_paid", "average_order_value", "refund_amount_rate")


def pick(page: Page) -> Event | None:
    """The promotion to look at: the newest unless another is chosen."""
    words, scope = page.words, page.scope("paid")
    events = {
        f"{one.key}@{one.start}": one
        for one in known_events(page.store, replace(scope, start=None, end=None))
    }
    if not events:
        return None
    chosen = st.selectbox(
        words("pages.promotions.pick"),
        list(events),
        format_func=lambda key: _named(events[key], page),
        key="promotion",
        width=360,
    )
    return events[chosen]


def _named(event: Event, page: Page) -> str:
    return (
        f"{event.start.year} {plain(label_of(event, page.words))} · {event.start:%m-%d} – {event.end:%m-%d}"
    )


def read(page: Page, event: Event) -> PromotionReport:
    """The report of the promotion over the shops chosen."""
    return promotion_report(page.store, page.scope("paid"), event)


def cards(page: Page, found: PromotionReport) -> None:
    """The promotion's own figures, each with what the shared days were the time before."""
    words = page.words
    deck = []
    for key in CARDS:
        unit, before = CATALOGUE[key].unit, found.before.get(key)
        note = words("pages.promotions.no_before")
        if found.now.get(key) is not None and before is not None:
            shown = numbers.by_unit(before, unit, words)
            note = words("pages.promotions.before_value", value=shown, n=found.shared)
        value = numbers.by_unit(found.whole[key], unit, words)
        deck.append(
            Card(key, about.label_of(key, words), value, About((key,), "paid", found.whole), note=note)
        )
    row_of_cards(page, "promotion", deck)


def side_by_side(page: Page, found: PromotionReport) -> None:
    """Paid money by distance to the last day, this time and the time before."""
    words = page.words
    labels = [_day_label(page, pair.to_end) for pair in found.pairs]
    now = [pair.now["paid_amount"] if pair.now else None for pair in found.pairs]
    before = [pair.before["paid_amount"] if pair.before else None for pair in found.pairs]
    scale = figures.scale_of([*now, *before], "fen", words)
    figure = go.Figure()
    names = (str(found.event.start.year), str(found.earlier.start.year) if found.earlier else "")
    sides = ((now, figures.ACCENT, names[0]), (before, figures.MUTED, names[1]))
    for values, colour, name in sides:
        if any(value is not None for value in values):
            opacity = [figures.LIGHT_TONE if pair.partial and name == names[0] else 1 for pair in found.pairs]
            figure.add_bar(
                x=labels,
                y=scale.of(values),
                name=in_figure(name),
                marker={"color": colour, "opacity": opacity},
                hovertemplate=f"%{{y:,.2f}} {scale.unit}",
            )
    if found.usual is not None:
        figure.add_hline(
            y=found.usual / scale.divisor, line={"color": figures.ALARM, "dash": "dot", "width": 1.2}
        )
    figures.dressed(figure, ticks=scale.ticks)
    figure.update_xaxes(type="category", nticks=12)
    caption = words("pages.promotions.days_caption", unit=scale.unit)
    if found.usual is not None:
        usual = numbers.money(found.usual, words, page.currency)
        caption += words("pages.promotions.usual_note", value=usual, n=found.usual_days)
    asked = About(
        ("paid_amount", "orders_paid", "refund_amount"), "paid", found.whole, _shared_note(page, found)
    )
    panel(page, "promotion_days", _finding(page, found), caption, figure, _grid(page, found), asked)


def _day_label(page: Page, to_end: int) -> str:
    return (
        page.words("pages.promotions.last_day")
        if to_end == 0
        else page.words("pages.promotions.to_end", n=to_end)
    )


def _shared_note(page: Page, found: PromotionReport) -> str:
    return page.words("pages.promotions.shared_note", n=found.shared)


def _finding(page: Page, found: PromotionReport) -> str:
    words, name = page.words, label_of(found.event, page.words)
    if found.earlier is None or not found.shared:
        if found.uplift is not None:
            return words("pages.promotions.finding_uplift", name=name, times=f"{found.uplift:,.1f}")
        return words("pages.promotions.finding_alone", name=name)
    if found.change is None:
        return words("pages.promotions.finding_alone", name=name)
    share, year = numbers.ratio(abs(found.change), words), found.earlier.start.year
    key = "more" if found.change >= 0 else "less"
    return words(f"pages.promotions.finding_{key}", name=name, share=share, year=year, n=found.shared)


def _grid(page: Page, found: PromotionReport) -> Grid:
    words = page.words
    columns = [
        Column("place", words("pages.promotions.place"), pinned=True),
        Column("day", words("pages.promotions.day"), "time"),
        *(Column(key, about.label_of(key, words), CATALOGUE[key].unit) for key in KEYS),
        Column("before_day", words("pages.promotions.before_day"), "time"),
        *(
            Column(
                f"{key}_before",
                words("pages.promotions.before", name=about.label_of(key, words)),
                CATALOGUE[key].unit,
            )
            for key in KEYS
        ),
    ]
    rows: list[dict[str, Any]] = [
        {
            "place": _day_label(page, pair.to_end),
            "day": pair.day,
            "before_day": pair.before_day,
            **(pair.now or {}),
            **{f"{key}_before": value for key, value in (pair.before or {}).items()},
        }
        for pair in found.pairs
    ]
    return Grid.of(columns, rows)


def presale_panel(page: Page, found: PromotionReport) -> None:
    """Deposits and balances of the presale orders placed during the promotion."""
    words, one = page.words, found.presale
    if not one.placed:
        with st.container(border=True, key="panel_presale_none"):
            st.caption(escape(words("pages.promotions.no_presale")))
        return
    columns = [
        Column("state", words("pages.promotions.state")),
        Column("n", words("ui.orders_unit"), "orders"),
        Column("amount", words("pages.promotions.amount"), "fen"),
    ]
    rows: list[dict[str, Cell]] = [
        {"state": words("pages.promotions.presale_paid"), "n": one.paid, "amount": one.paid_amount},
        {
            "state": words("pages.promotions.presale_waiting"),
            "n": one.waiting,
            "amount": one.waiting_amount if one.waiting else 0,
        },
        {
            "state": words("pages.promotions.presale_lost"),
            "n": one.lost,
            "amount": one.lost_amount if one.lost else 0,
        },
        {"state": words("pages.promotions.presale_unpaid"), "n": one.unpaid, "amount": None},
        {"state": words("pages.promotions.presale_deposits"), "n": None, "amount": one.deposits},
    ]
    title = words("pages.promotions.presale_title", n=one.waiting)
    if one.rate is not None and one.bounds is not None:
        low, high = (numbers.ratio(bound, words) for bound in one.bounds)
        rate = numbers.ratio(one.rate, words)
        title = words("pages.promotions.presale_rate", rate=rate, low=low, high=high, n=one.decided)
    caption = words("pages.promotions.presale_caption")
    if found.event.balance_end is not None:
        caption = words(
            "pages.promotions.balance_window", start=found.event.balance_start, end=found.event.balance_end
        )
    panel(page, "presale", title, caption, None, Grid.of(columns, rows), About(("orders_placed",), "placed"))

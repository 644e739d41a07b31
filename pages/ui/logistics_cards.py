"""The key figures of shipping. A time that is still growing is not compared."""

from __future__ import annotations

from dataclasses import replace

from pages.ui import measures
from pages.ui.cards import Card
from pages.ui.measures import Asked
from pages.ui.numbers import count
from pages.ui.session import Page
from shopdata.analysis.logistics import unsigned
from shopdata.metrics.table import MetricTable

FIGURES = (
    Asked("ship_to_sign_hours_p50", "paid"),
    Asked("ship_to_sign_hours_p90", "paid"),
    Asked("pay_to_ship_hours_p50", "paid"),
    Asked("orders_transit", "paid"),
    Asked("ship_48h_rate", "paid"),
    Asked("ship_promise_rate", "paid"),
    Asked("pickup_24h_rate", "paid"),
    Asked("return_rate", "paid"),
)
SETTLED = 0.02


def deck(page: Page, found: MetricTable) -> list[Card]:
    """The cards. While more than 2 % of the shipped orders may still be signed, the times of those that are
    show the quick ones: neither a change nor their days are told."""
    waiting, shipped = unsigned(found.total), found.total["orders_shipped"] or 0
    cards = measures.deck(page, FIGURES)
    return [_growing(page, card, waiting) if waiting > SETTLED * shipped else card for card in cards]


def _growing(page: Page, card: Card, waiting: int) -> Card:
    if not card.key.startswith("ship_to_sign"):
        return card
    words = page.words
    if card.delta is None:
        return replace(card, trend=())
    note = words("pages.logistics.growing_note", n=count(waiting, words))
    return replace(card, delta=words("pages.logistics.growing"), better=None, note=note, trend=())

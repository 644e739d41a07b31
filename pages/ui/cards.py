"""Cards of key figures: value, change, a quiet line of its days, its meaning behind a button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import about as abouts
from pages.ui.about import About
from pages.ui.session import Page
from pages.ui.text import escape


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. ``better`` says whether more is better (``None``: neither); ``note`` stands below."""

    key: str
    label: str
    value: str
    about: About
    delta: str | None = None
    better: bool | None = None
    note: str = ""
    trend: tuple[float | None, ...] = ()

    @property
    def tone(self) -> str:
        """``good`` or ``bad`` for a certain change of a figure that has a better side, else ``plain``."""
        if self.better is None or self.delta is None or self.delta[:1] not in "+-":
            return "plain"
        return "good" if (self.delta[0] == "+") == self.better else "bad"


def cards(page: Page, name: str, shown: Sequence[Card]) -> None:
    """A row of cards: four across on a desk, two on a phone."""
    with st.container(key=f"kpis_{name}"):
        for card in shown:
            with st.container(key=f"card_{card.tone}_{card.key}"):
                _card(page, card)


def _card(page: Page, card: Card) -> None:
    known = [value for value in card.trend if value is not None]
    st.metric(
        escape(card.label),
        card.value,
        delta=card.delta,
        delta_color="off",  # the line takes the colour of the change and would judge every wiggle
        delta_arrow="auto" if card.delta and card.delta[:1] in "+-" else "off",
        delta_description=escape(card.note) if card.note else None,
        chart_data=known if len(known) > 1 else None,
        border=True,
    )
    with st.container(key=f"about_{card.key}"), st.popover("", icon=":material/info:", type="tertiary"):
        abouts.show(page, card.about)

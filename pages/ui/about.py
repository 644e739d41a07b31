"""What stands behind a figure: definition, formula, filters, sample, interval, and the way to its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.ui import numbers
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.metrics.formula import formula_text
from shopdata.words import Words


@dataclass(frozen=True, slots=True)
class About:
    """What to say about figures. ``row`` is their row of the metric document; ``note`` stands below.

    ``all_days``: they are over all days, whatever the filter of days says. ``rows`` are filters of the page
    Orders that show what is behind, where it is not what a metric counts.
    """

    metrics: tuple[str, ...]
    basis: str = "placed"
    row: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    all_days: bool = False
    rows: Mapping[str, str] = field(default_factory=dict)


def label_of(key: str, words: Words) -> str:
    """A metric's name."""
    return words.get(f"metrics.{key}.label", key)


def filter_text(page: Page, basis: str, *, all_days: bool = False) -> str:
    """The filters in words, with the time they are applied to."""
    words, chosen = page.words, page.filters
    start, end = (None, None) if all_days else chosen.period(page.last_day)
    days = words("ui.filters.all") if start is None else words("ui.filters.from_to", start=start, end=end)
    parts = [words(f"ui.basis_{basis}"), days]
    parts += [shop.name for shop in page.every_shop if shop.id == chosen.shop]
    parts += [words(f"ui.platforms.{chosen.platform}")] if chosen.platform else []
    parts += [words(f"ui.sources.{chosen.source}")] if chosen.source else []
    return " · ".join(parts)


def show(page: Page, about: About) -> None:
    """Write it out, in the place where this is called."""
    words = page.words
    for key in about.metrics:
        lines = [
            f"**{escape(label_of(key, words))}**",
            escape(words.get(f"metrics.{key}.help", "")),
            f"{escape(words('ui.formula'))}: {escape(formula_text(key, words))}",
            *(escape(line) for line in _sample(key, about.row, words)),
        ]
        st.markdown("  \n".join(line for line in lines if line))
    if about.note:
        st.caption(escape(about.note))
    st.caption(
        f"{escape(words('ui.filter_now'))}: {escape(filter_text(page, about.basis, all_days=about.all_days))}"
    )
    if not about.rows and not about.metrics:
        return  # the rows stand on the page itself
    behind = about.rows or {"behind": f"{about.basis}.{about.metrics[0]}"}
    days = {"days": "all"} if about.all_days else {}
    page_link("orders", words("ui.rows_behind"), icon=":material/arrow_forward:", **{**days, **behind})


def _sample(key: str, row: Mapping[str, Any], words: Words) -> list[str]:
    """Sample size, interval and maturity of a ratio or a duration, as far as the document gives them."""
    said = []
    size = row.get(f"{key}_d", row.get(f"{key.rsplit('_', 1)[0]}_n"))
    if size is not None:
        said.append(words("ui.sample_size", n=numbers.count(size, words)))
    low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
    if low is not None and high is not None:
        said.append(words("ui.interval", low=numbers.ratio(low, words), high=numbers.ratio(high, words)))
    matured, pending = row.get(f"{key}_matured"), row.get(f"{key}_pending")
    if pending:
        said.append(words("ui.matured_value", value=numbers.ratio(matured, words)))
        said.append(words("ui.pending_left_out", n=numbers.count(pending, words)))
    return said

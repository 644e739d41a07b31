"""The day's work on the first page: today against yesterday at the same time, and what needs somebody."""

from __future__ import annotations

import streamlit as st

from pages.ui import measures, numbers
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.attention import AttentionItem, attention
from shopdata.metrics.compare import compare, latest_day

TODAY = ("paid_amount", "orders_paid")
ICONS = {
    "high": ":red[:material/error:]",
    "medium": ":orange[:material/schedule:]",
    "low": ":material/info:",
}
MOST_NAMED = 60


def same_clock(page: Page) -> None:
    """One line: the last day up to where the data ends, and the day before up to the same time."""
    words, scope = page.words, latest_day(page.store, page.scope("paid"))
    if scope is None or scope.end is None:
        return
    changes = compare(page.store, scope, TODAY, against="previous")
    said = []
    for key in TODAY:
        change = changes.get(key)
        if change is None or change.value is None:
            continue
        unit = measures.unit_of(key)
        text, _ = measures.change_text(page, key, change)
        said.append(
            words(
                "pages.overview.today_figure",
                metric=words(f"metrics.{key}.label"),
                value=numbers.by_unit(change.value, unit, words),
                before=numbers.by_unit(change.base, unit, words),
                change=text or words("ui.none"),
            )
        )
    clock = next((f"{change.clock:%H:%M}" for change in changes.values() if change.clock), "24:00")
    if said:
        day = words("pages.overview.today_line", day=f"{scope.end:%m-%d}", clock=clock)
        st.caption(escape(" · ".join([day, *said])))


def needed(page: Page) -> None:
    """What needs attention, the most urgent first, each with the way to its orders."""
    words, found = page.words, attention(page.store, page.scope("placed"))
    with st.container(key="panel_attention", border=True):
        st.subheader(words("pages.overview.attention"), anchor=False)
        if not found:
            st.caption(words("pages.overview.attention_none"))
        for item in found:
            with st.container(key=f"todo_{item.key}", horizontal=True, vertical_alignment="center"):
                st.markdown(sentence(page, item), width="stretch")
                _way(page, item)


def sentence(page: Page, item: AttentionItem) -> str:
    """The item in words: what, how many, how much money, until when."""
    words = page.words
    parts = [words(f"abnormal.{item.key}.name" if item.is_rule else f"analysis.attention.{item.key}")]
    if not item.key.startswith("missing_"):
        parts.append(words("pages.overview.todo_n", n=numbers.count(item.n, words)))
    if item.amount:
        parts.append(numbers.money(item.amount, words, page.currency))
    if item.deadline is not None:
        key = "todo_over" if item.deadline < page.store.settings.now() else "todo_until"
        parts.append(words(f"pages.overview.{key}", at=f"{item.deadline:%m-%d %H:%M}"))
    if item.as_of is not None:
        parts.append(words("pages.overview.todo_as_of", at=f"{item.as_of:%m-%d %H:%M}"))
    return f"{ICONS[item.severity]} {escape(' · '.join(parts))}"


def _way(page: Page, item: AttentionItem) -> None:
    words = page.words
    if item.page == "import":
        page_link("import", words("pages.overview.to_import"), icon=":material/arrow_forward:")
        return
    if item.is_rule:
        page_link("abnormal", words("ui.rows_behind"), icon=":material/arrow_forward:", rule=item.key)
        return
    query: dict[str, str | list[str]] = {name: text.split(",") for name, text in item.filters.items()}
    if item.order_ids and item.n <= MOST_NAMED:
        query = {"order": " ".join(item.order_ids)}
    label = words("ui.rows_behind")
    page_link("orders", label, icon=":material/arrow_forward:", days="all", **query)

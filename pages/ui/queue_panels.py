"""The queue of abnormal orders: how many, what is at stake, until when; each with reason and action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from pages.ui import address, download, numbers, tables
from pages.ui.about import About
from pages.ui.attention import ICONS
from pages.ui.cards import Card, cards
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape
from shopdata.abnormal import document
from shopdata.abnormal.reading import Flag, counts, flags
from shopdata.abnormal.rules import RULES
from shopdata.metrics.context import frame_of
from shopdata.web import exports
from shopdata.words import Words

LAST_URL, NAMES = "abnormal_url", ("rule", "severity")
SEVERITIES = ("high", "medium", "low")
SHOWN, MOST_ROWS = 20, 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Which hits are listed; empty: all."""

    rule: str
    severity: str

    def lets(self, flag: Flag) -> bool:
        """Whether a hit is listed."""
        return self.rule in {"", flag.rule} and self.severity in {"", flag.severity}


def widget(name: str) -> str:
    """The session key of a choice's widget."""
    return f"abnormal_{name}"


def _allowed(name: str) -> Sequence[str]:
    return ("", *(RULES if name == "rule" else SEVERITIES))


def _seed(query: address.Query) -> None:
    for name in NAMES:
        value = next(iter(query.get(name, ())), "")
        st.session_state[widget(name)] = value if value in _allowed(name) else ""


def _held() -> dict[str, list[str]]:
    values = {name: st.session_state.get(widget(name)) or "" for name in NAMES}
    return {name: [value] for name, value in values.items() if value in _allowed(name) and value}


def sync() -> Choice:
    """Bring the page's own choices and the URL in line."""
    address.sync(LAST_URL, NAMES, _seed, _held)
    held = _held()
    return Choice(*(next(iter(held.get(name, ())), "") for name in NAMES))


def read(page: Page) -> tuple[Flag, ...]:
    """Every hit something can still be done about."""
    return flags(page.store, page.scope().between(None, None))


def key_figures(page: Page, found: Sequence[Flag]) -> None:
    """How many are open, how many urgent or overdue, the next deadline, the money at stake."""
    words, now = page.words, page.now
    high = [flag for flag in found if flag.severity == "high"]
    due = sorted(flag.deadline for flag in found if flag.deadline is not None)
    over = sum(moment < now for moment in due)
    ahead = next((moment for moment in due if moment >= now), None)
    orders = {(flag.shop_id, flag.order_id) for flag in found if flag.order_id}
    shown = [
        _card(
            page, "open", numbers.count(len(found), words), words("pages.abnormal.of_orders", n=len(orders))
        ),
        _card(page, "high", numbers.count(len(high), words), words("pages.abnormal.overdue_n", n=over)),
        _card(page, "next", f"{ahead:%m-%d %H:%M}" if ahead else words("ui.none"), remaining(ahead, page)),
    ]
    if sees_money(page):
        stake = numbers.money(at_stake(found), words, page.currency)
        shown.append(_card(page, "stake", stake, words("pages.abnormal.stake_note")))
    cards(page, "abnormal", shown)


def _card(page: Page, key: str, value: str, note: str) -> Card:
    words = page.words
    about = About((), "placed", note=words(f"pages.abnormal.card_about.{key}"), all_days=True)
    return Card(f"abnormal_{key}", words(f"pages.abnormal.card.{key}"), value, about, note=note)


def at_stake(found: Sequence[Flag]) -> int:
    """Fen at stake; an order with several hits counts once, with the largest."""
    largest: dict[tuple[int, str], int] = {}
    for flag in found:
        key = (flag.shop_id, flag.order_id or f"{flag.rule} {flag.subject}")
        largest[key] = max(largest.get(key, 0), flag.amount or 0)
    return sum(largest.values())


def sees_money(page: Page) -> bool:
    """Whether amounts are shown to this role."""
    return page.who.role not in document.WITHOUT_MONEY


def row(page: Page, found: Sequence[Flag]) -> None:
    """The choice of rule and severity; only rules with hits are offered."""
    words, by_rule = page.words, counts(found)
    chosen = st.session_state.get(widget("rule")) or ""
    offered = ["", *by_rule, *([chosen] if chosen and chosen not in by_rule else [])]
    names = {key: _rule_name(words, key, by_rule.get(key, 0), len(found)) for key in offered}
    with st.container(key="abnormal_row", horizontal=True, gap="small"):
        st.selectbox(
            words("pages.abnormal.rule"),
            offered,
            key=widget("rule"),
            format_func=lambda key: names[key],
            label_visibility="collapsed",
            width=320,
            persist_state="session",
        )
        st.selectbox(
            words("pages.abnormal.severity"),
            ["", *SEVERITIES],
            key=widget("severity"),
            format_func=lambda key: words(
                f"abnormal.severity.{key}" if key else "pages.abnormal.all_severities"
            ),
            label_visibility="collapsed",
            width=150,
            persist_state="session",
        )


def _rule_name(words: Words, key: str, n: int, everything: int) -> str:
    if not key:
        return words("pages.abnormal.all_rules", n=f"{everything:,}")
    return words("pages.abnormal.rule_n", rule=words(f"abnormal.{key}.name"), n=f"{n:,}")


def queue(page: Page, found: Sequence[Flag], choice: Choice) -> None:
    """The chosen hits: the first ones with their action, all of them as a table to fetch."""
    words, listed = page.words, [flag for flag in found if choice.lets(flag)]
    if not listed:
        st.success(words("pages.abnormal.nothing"), icon=":material/check:")
        return
    for place, flag in enumerate(listed[:SHOWN]):
        with st.container(key=f"hit_{place}", border=True):
            _hit(page, flag)
    rest = len(listed) - SHOWN
    title = words("pages.abnormal.table", n=f"{len(listed):,}", more=f"{max(rest, 0):,}")
    with st.expander(
        escape(title), icon=":material/table_rows:", key="abnormal_table", on_change="rerun"
    ) as more:
        if more.open:
            grid = grid_of(page, listed[:MOST_ROWS])
            if len(listed) > MOST_ROWS:
                st.caption(words("pages.abnormal.most", n=f"{MOST_ROWS:,}"))
            tables.table(grid, words, "abnormal")
            download.links(page, "abnormal", words("pages.abnormal.title"), grid, exports.offer)


def _hit(page: Page, flag: Flag) -> None:
    words, names = page.words, {shop.id: shop.name for shop in page.every_shop}
    said = [words(f"abnormal.{flag.rule}.name"), document.why(flag, words)]
    if flag.amount and sees_money(page):
        said.append(numbers.money(flag.amount, words, page.currency))
    head = f"**{escape(said[0])}** · {escape(' · '.join(said[1:]))}"
    st.markdown(f"{ICONS[flag.severity]} {head}")
    until = [remaining(flag.deadline, page)] if flag.deadline else []
    if flag.as_of:
        until.append(words("pages.abnormal.as_of", at=f"{flag.as_of:%m-%d %H:%M}"))
    who = [flag.order_id or flag.subject, names.get(flag.shop_id, "")]
    st.caption(escape(" · ".join([*until, *(part for part in who if part)])))
    with st.container(key=f"todo_{flag.rule}_{flag.shop_id}_{flag.subject}", horizontal=True):
        st.markdown(escape(words(f"abnormal.{flag.rule}.todo")), width="stretch")
        if flag.order_id:
            label = words("pages.abnormal.to_order")
            page_link("orders", label, icon=":material/arrow_forward:", days="all", order=flag.order_id)


def remaining(deadline: datetime | None, page: Page) -> str:
    """Hours left, or since, by the wall clock."""
    if deadline is None:
        return page.words("pages.abnormal.no_deadline")
    hours = (deadline - page.now).total_seconds() / 3600
    key = "left" if hours >= 0 else "over"
    return page.words(f"pages.abnormal.{key}", n=f"{abs(hours):,.1f}", at=f"{deadline:%m-%d %H:%M}")


def grid_of(page: Page, listed: Sequence[Flag]) -> Grid:
    """The hits as a table."""
    words, names = page.words, {shop.id: shop.name for shop in page.every_shop}
    units = {
        "order": "text",
        "shop": "text",
        "severity": "text",
        "rule": "text",
        "why": "text",
        "todo": "text",
    }
    units |= {"deadline": "time", "as_of": "time", "amount": "fen"}
    if not sees_money(page):
        del units["amount"]
    rows: list[dict[str, Cell]] = [
        {
            "order": flag.order_id or flag.subject,
            "shop": names.get(flag.shop_id),
            "severity": words(f"abnormal.severity.{flag.severity}"),
            "rule": words(f"abnormal.{flag.rule}.name"),
            "why": document.why(flag, words),
            "todo": words(f"abnormal.{flag.rule}.todo"),
            "deadline": flag.deadline,
            "as_of": flag.as_of,
            "amount": flag.amount,
        }
        for flag in listed
    ]
    return Grid.of(Column.each(words, "pages.abnormal.column", units, pinned="order"), rows)


def missing(page: Page) -> None:
    """Rules that wait for a file."""
    words = page.words
    waits = document.missing(frame_of(page.store, page.scope()))
    by_file: dict[str, list[str]] = {}
    for rule, file in waits.items():
        by_file.setdefault(file, []).append(words(f"abnormal.{rule}.name"))
    for file, rules in by_file.items():
        named = words.get("ui.list_separator", ", ").join(rules)
        said = words("pages.abnormal.missing", file=words.get(f"ui.kinds.{file}", file), rules=named)
        st.caption(f":material/upload_file: {escape(said)}")

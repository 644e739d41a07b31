"""Month end on screen: months and their state, the lines of one month for the books, its adjustments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import streamlit as st

from pages.ui import download, numbers, tables
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, plain
from shopdata.analysis.booked import adjustments
from shopdata.analysis.closing import Months, Statement, months
from shopdata.analysis.month_end import MAY_CLOSE, close_month
from shopdata.errors import ShopdataError
from shopdata.store.closing_tables import AMOUNTS
from shopdata.web import exports
from shopdata.words import Words
from shopdata.words.sentences import sentence

# What adds to the month's earnings and what takes from them; the settled amount is told beside them.
INCOME = ("paid_amount", "platform_subsidy", "influencer_subsidy")
EXPENSE = ("refund_amount", "platform_fee", "commission_settled")
DONE = "closing_done"


def read(page: Page) -> Months:
    """Every month of the shops chosen."""
    return months(page.store, page.scope("paid"))


def amount_columns(words: Words) -> list[Column]:
    """One column an amount."""
    return [Column(name, words(f"pages.closing.amount.{name}"), "fen") for name in AMOUNTS]


def months_panel(page: Page, found: Months) -> None:
    """Every month of every shop with its amounts, its adjustments and its state."""
    words = page.words
    if closed := st.session_state.pop(DONE, None):
        st.toast(escape(words("pages.closing.close_done", months=closed)), icon=":material/check:")
    columns = [
        Column("month", words("pages.closing.month"), pinned=True),
        Column("shop", words("pages.closing.shop")),
        Column("state", words("pages.closing.state")),
        Column("orders", words("metrics.orders_paid.label"), "orders"),
        *amount_columns(words),
        Column("adjusted_orders", words("pages.closing.adjusted_orders"), "orders"),
        Column("adjusted_refund", words("pages.closing.adjusted_refund"), "fen"),
        Column("receivable", words("pages.closing.receivable"), "fen"),
    ]
    rows = [_month_row(one, words) for one in found.statements]
    note = words("pages.closing.receivable_note")
    about = About(("paid_amount", "refund_amount", "platform_fee", "commission_settled"), "paid", note=note)
    caption = words("pages.closing.months_caption")
    panel(page, "months", _finding(found, words), caption, None, Grid.of(columns, rows), about)


def _finding(found: Months, words: Words) -> str:
    ready = [one for one in found.statements if one.closable]
    if ready:
        first = min(one.month for one in ready)
        return words("pages.closing.months_title", n=len(ready), month=f"{first:%Y-%m}")
    any_closed = any(one.closed_at for one in found.statements)
    return words("pages.closing.months_title_done" if any_closed else "pages.closing.months_title_none")


def _month_row(one: Statement, words: Words) -> dict[str, Any]:
    state = words("pages.closing.state_open" if one.closable else "pages.closing.state_short")
    if one.closed_at is not None:
        state = words("pages.closing.state_closed", at=f"{one.closed_at:%Y-%m-%d}")
    return {
        "month": f"{one.month:%Y-%m}",
        "shop": one.shop,
        "state": state,
        "orders": one.orders,
        **{name: one.booked(name) for name in AMOUNTS},
        "adjusted_orders": one.adjusted_orders,
        "adjusted_refund": one.adjusted["refund_amount"],
        "receivable": one.receivable,
    }


def pick(page: Page, found: Months) -> Statement | None:
    """The month to look at, with the button that closes it."""
    if not found.statements:
        return None
    words, known = page.words, {f"{one.month:%Y-%m}|{one.shop_id}": one for one in found.statements}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = next((place for place, one in enumerate(reversed(found.statements)) if one.closable), None)
        key = st.selectbox(
            words("pages.closing.pick"),
            list(known),
            index=0 if first is None else len(known) - 1 - first,
            format_func=lambda name: f"{known[name].month:%Y-%m} · {plain(known[name].shop)}",
            key="closing_month",
            width=320,
        )
        chosen = known[key]
        if chosen.closable:
            _close(page, chosen, found)
    return chosen


def _close(page: Page, chosen: Statement, found: Months) -> None:
    words = page.words
    due = [
        one
        for one in found.statements
        if one.shop_id == chosen.shop_id and one.closed_at is None and one.month <= chosen.month
    ]
    with st.popover(words("pages.closing.close"), icon=":material/lock:", key=f"close_{chosen.shop_id}"):
        if page.who.role not in MAY_CLOSE:
            st.caption(words("pages.closing.close_not_owner"))
            return
        asked = {"shop": chosen.shop, "month": f"{chosen.month:%Y-%m}", "n": len(due)}
        st.markdown(escape(words("pages.closing.close_ask", **asked)))
        if st.button(words("pages.closing.close"), key="close_go", type="primary"):
            _go(page, chosen.shop_id, chosen.month)


def _go(page: Page, shop_id: int, month: date) -> None:
    try:
        closed = close_month(page.store, page.asker, shop_id, month)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
        return
    st.session_state[DONE] = ", ".join(f"{one:%Y-%m}" for one in closed)
    st.rerun()


def book(page: Page, one: Statement) -> None:
    """The month as lines for the books: an account a line, income or expense."""
    words = page.words
    columns = [
        Column("line", words("pages.closing.line")),
        Column("income", words("pages.closing.income"), "fen"),
        Column("expense", words("pages.closing.expense"), "fen"),
        Column("note", words("pages.closing.note")),
    ]
    title = words("pages.closing.book_title", month=f"{one.month:%Y-%m}", shop=one.shop)
    about = About((*INCOME[:2], *EXPENSE), "paid", note=words("pages.closing.receivable_note"))
    rows = list(_lines(one, words))
    panel(page, "book", title, words("pages.closing.book_caption"), None, Grid.of(columns, rows), about)


def _lines(one: Statement, words: Words) -> Iterator[dict[str, Any]]:
    for name in (*INCOME, *EXPENSE):
        side = "income" if name in INCOME else "expense"
        label = words(f"pages.closing.amount.{name}")
        if one.own[name] is None:
            yield {"line": label, "note": words("pages.closing.missing_note")}
        else:
            yield {"line": label, side: one.own[name], "note": words("pages.closing.own_note", n=one.orders)}
        if one.adjusted[name]:
            note = words("pages.closing.adjusted_note", n=one.adjusted_orders)
            yield {"line": label, side: one.adjusted[name], "note": note}
    total = one.receivable
    yield {"line": words("pages.closing.receivable"), "income": total, "note": ""}


def adjusted(page: Page, one: Statement) -> None:
    """The orders of closed months whose change is booked in this month."""
    words = page.words
    rows = adjustments(page.store, page.scope("paid"), one.shop_id, one.month)
    month = f"{one.month:%Y-%m}"
    with st.container(border=True, key="panel_adjusted"):
        if not rows:
            st.subheader(escape(words("pages.closing.adjust_title_none", month=month)), anchor=False)
            st.caption(escape(words("pages.closing.adjust_caption")))
            return
        change = sum(one.adjusted[name] or 0 for name in INCOME)
        change -= sum(one.adjusted[name] or 0 for name in EXPENSE)
        value = numbers.money(change, words, page.currency)
        title = words("pages.closing.adjust_title", month=month, n=one.adjusted_orders, value=value)
        st.subheader(escape(title), anchor=False)
        st.caption(escape(words("pages.closing.adjust_caption")))
        columns = [
            Column("order", words("pages.closing.order"), pinned=True),
            Column("paid_month", words("pages.closing.paid_month")),
            *amount_columns(words),
        ]
        documents = [
            {"order": row.order_id, "paid_month": f"{row.paid_month:%Y-%m}", **row.amounts} for row in rows
        ]
        grid = Grid.of(columns, documents)
        tables.table(grid, words, "adjusted")
        if page.who.role != "viewer":
            download.links(page, "adjusted", title, grid, exports.offer)

"""The list of orders: totals of the selection, one page of it from the store, the way to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import numbers, order_filters, tables
from pages.ui.order_filters import mark_name
from pages.ui.queue_answers import ask
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.abnormal.reading import Choice, flags
from shopdata.metrics.labels import place_of
from shopdata.orders.filters import OrderFilter
from shopdata.orders.query import SORTS, Cursor, order_page, order_totals
from shopdata.orders.rows import OrderRow
from shopdata.scope import Scope

SORT, ASCENDING, TRAIL, ASKED = "orders_sort", "orders_ascending", "orders_trail", "orders_asked"
HEIGHT = 36 + 33 * 15
COLUMNS = (
    ("order_id", "text"),
    ("placed_at", "time"),
    ("status", "text"),
    ("products", "text"),
    ("units", "number"),
    ("paid_amount", "fen"),
    ("refund_amount", "fen"),
    ("pay_method", "text"),
    ("source", "text"),
    ("influencer_name", "text"),
    ("aftersales", "text"),
    ("buyer", "text"),
    ("province", "text"),
    ("courier", "text"),
    ("waybill", "text"),
    ("paid_at", "time"),
    ("shipped_at", "time"),
    ("marks", "text"),
    ("abnormal", "text"),
    ("shop", "text"),
)


def totals(page: Page, scope: Scope, chosen: OrderFilter) -> int:
    """One line of totals over the whole selection; the number of orders."""
    words = page.words
    found = order_totals(page.store, scope, chosen)
    currency = found.currency or page.currency
    text = words(
        "pages.orders.totals",
        orders=numbers.count(found.orders, words),
        paid=numbers.count(found.orders_paid, words),
        units=numbers.count(found.units, words),
        amount=numbers.money(found.paid_amount, words, currency),
        refund=numbers.money(found.refund_amount, words, currency),
    )
    st.markdown(escape(text), width="stretch")
    return found.orders


def listing(page: Page, scope: Scope, chosen: OrderFilter, total: int) -> OrderRow | None:
    """One page of the selection; the order that is chosen in it."""
    words, state = page.words, st.session_state
    sort, ascending = state.get(SORT, "placed"), state.get(ASCENDING, False)
    asked = (scope, chosen, sort, ascending)
    if state.get(ASKED) != asked:
        state[ASKED], state[TRAIL] = asked, (None,)
    trail: tuple[Cursor | None, ...] = state[TRAIL]
    found = order_page(page.store, scope, chosen, sort=sort, ascending=ascending, after=trail[-1])
    hits = order_hits(page, scope, found.rows)
    grid = Grid.of(
        Column.each(words, "pages.orders.column", dict(COLUMNS), pinned="order_id"),
        [cells(page, row) | {"abnormal": hits.get((row.shop_id, row.order_id))} for row in found.rows],
    )
    place = tables.table(grid, words, f"orders_{len(trail)}_{hash(asked)}", select=True, height=HEIGHT)
    _pager(page, trail, found.next, len(found.rows), total)
    return found.rows[place] if place is not None and place < len(found.rows) else None


def order_hits(page: Page, scope: Scope, rows: Sequence[OrderRow]) -> Mapping[tuple[int, str], str]:
    """The names of the rules that hold against each of the orders."""
    ids = tuple(row.order_id for row in rows)
    found = ask(page, flags, scope.between(None, None), Choice(orders=ids)) if rows else ()
    named: dict[tuple[int, str], dict[str, None]] = {}
    for flag in found:
        rule = page.words(f"abnormal.{flag.rule}.name")
        named.setdefault((flag.shop_id, flag.order_id or ""), {})[rule] = None
    return {key: page.words("ui.list_separator").join(rules) for key, rules in named.items()}


def cells(page: Page, row: OrderRow) -> dict[str, tables.Cell]:
    """A row as the table shows it."""
    words = page.words
    joined = ", "
    status = words(f"ui.statuses.{row.status or 'unknown'}")
    if row.stale:
        status = words(
            "pages.orders.stale_status", status=status, at=f"{row.as_of:%m-%d}" if row.as_of else ""
        )
    shown: dict[str, tables.Cell] = {key: getattr(row, key, None) for key, _ in COLUMNS}
    return shown | {
        "status": status,
        "products": joined.join(row.products),
        "source": words.get(f"ui.sources.{row.source}", row.source or words("ui.unknown")),
        "aftersales": joined.join(words.get(f"ui.aftersale_statuses.{one}", one) for one in row.aftersales),
        "buyer": row.buyer_id or row.receiver,
        "province": place_of("province", row.province, words),
        "marks": joined.join(mark_name(page, one) for one in row.marks),
    }


def _pager(
    page: Page, trail: tuple[Cursor | None, ...], after: Cursor | None, shown: int, total: int
) -> None:
    words, state = page.words, st.session_state
    with st.container(key="order_pager", horizontal=True, vertical_alignment="center"):
        st.selectbox(
            words("pages.orders.sort"),
            SORTS,
            key=SORT,
            format_func=lambda sort: words("pages.orders.sort_by", name=words(f"pages.orders.sorts.{sort}")),
            label_visibility="collapsed",
            width=170,
        )
        st.checkbox(words("pages.orders.ascending"), key=ASCENDING)
        first = (len(trail) - 1) * 50 + 1 if shown else 0
        place = words("pages.orders.place", first=first, last=first + max(shown - 1, 0), total=f"{total:,}")
        st.caption(escape(place), width="content")
        if st.button(words("pages.orders.previous"), key="orders_previous", disabled=len(trail) < 2):
            state[TRAIL] = trail[:-1]
            st.rerun()
        if st.button(words("pages.orders.next"), key="orders_next", disabled=after is None):
            state[TRAIL] = (*trail, after)
            st.rerun()


def selection(page: Page) -> tuple[Scope, OrderFilter]:
    """The scope and filter of this run."""
    return order_filters.scope_of(page), replace(order_filters.chosen(page))

"""The figures of a live session as cards, each with what stands behind it."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from pages.ui import numbers
from pages.ui.about import About
from pages.ui.cards import Card, cards
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.analysis.live_orders import TAIL
from shopdata.analysis.live_review import Compared, Review

UNITS = {
    "paid_amount": "fen",
    "average_order_value": "fen",
    "refunded_by_age": "ratio",
    "orders_per_hour": "number",
}
SHOWN_ON = {
    "orders": "orders_paid",
    "paid_amount": "paid_amount",
    "average_order_value": "average_order_value",
}


def about_of(page: Page, found: Review, *metrics: str) -> About:
    """What stands behind a figure of the session: the rule, and the live orders of its days."""
    start, end = found.session.started_at, (found.session.ended_at or found.session.started_at) + TAIL
    days = {"days": "custom", "from": f"{start:%Y-%m-%d}", "to": f"{end:%Y-%m-%d}"}
    rows = {"sources": "live", "time": "paid", "shop": str(found.session.shop_id), **days}
    return About(metrics or ("orders_paid",), "paid", note=page.words("pages.live.rule"), rows=rows)


def figures_of(page: Page, found: Review) -> None:
    """Cards: what the session sold, what came back, what it cost to be seen, beside those before it."""
    words, session = page.words, found.session
    sums, past = session.sums, {one.key: one for one in found.compared}
    if sums is None:
        return
    if not session.whole:
        st.caption(f":material/warning: {escape(words('pages.live.not_whole'))}")
    if not session.linked:
        st.caption(f":material/info: {escape(words('pages.live.by_time_only'))}")
    per_order = sums.paid_amount / sums.orders if sums.orders else None
    shown = [
        _card(page, found, "orders", numbers.count(sums.orders, words), past.get("orders")),
        _card(page, found, "paid_amount", _money(page, sums.paid_amount), past.get("paid_amount")),
        _card(page, found, "average_order_value", _money(page, per_order), past.get("average_order_value")),
        _viewers(page, found, past.get("visitors")),
        _refunds(page, found, "refunded_1h"),
        _refunds(page, found, "refunded"),
        _spend(page, found),
    ]
    cards(page, "live", shown)


def _money(page: Page, value: float | None) -> str:
    return numbers.money(value, page.words, page.currency)


def _card(page: Page, found: Review, key: str, value: str, past: Compared | None) -> Card:
    words = page.words
    metric = SHOWN_ON.get(key, "orders_paid")
    if past is None or past.median is None:
        return Card(key, words(f"pages.live.card.{key}"), value, about_of(page, found, metric))
    usual = numbers.by_unit(past.median, UNITS.get(key, "orders"), words)
    note = words("pages.live.usual", median=usual, n=past.n)
    delta = words(f"pages.live.verdict.{past.verdict}", n=past.n)
    return Card(key, words(f"pages.live.card.{key}"), value, about_of(page, found, metric), delta, note=note)


def _viewers(page: Page, found: Review, past: Compared | None) -> Card:
    visitors = found.session.visitors
    return _card(page, found, "visitors", numbers.count(visitors, page.words), past if visitors else None)


def _refunds(page: Page, found: Review, key: str) -> Card:
    """Refunds within the hour, or up to now, with the orders they are of."""
    words, sums = page.words, found.session.sums
    metric = "refund_rate_1h" if key == "refunded_1h" else "refund_rate"
    title = words(f"pages.live.card.{key}")
    if found.age is None or sums is None:
        note = words("ui.upload_first", file=words("ui.kinds.aftersales"))
        return Card(key, title, words("ui.none"), about_of(page, found, metric), note=note)
    count = sums.refunded_1h if key == "refunded_1h" else sums.refunded
    share = numbers.ratio(count / sums.orders if sums.orders else None, words)
    note = words("pages.live.refund_note", n=count, d=sums.orders, age=age(page, found.age))
    if key == "refunded":
        note += words("pages.live.refund_money", amount=_money(page, sums.refund_amount))
    return Card(key, title, share, about_of(page, found, metric), note=note)


def age(page: Page, since: timedelta) -> str:
    """How long after the end after-sales are known: hours, from two days on days."""
    hours = since.total_seconds() / 3600
    key = "days" if hours >= 48 else "hours"
    return page.words(f"pages.live.age_{key}", n=f"{hours / 24 if key == 'days' else hours:.0f}")


def _spend(page: Page, found: Review) -> Card:
    """What advertising cost in its time; a day's spend is called that."""
    words, sums, spend = page.words, found.session.sums, found.spend
    if spend is None:
        note = words("ui.upload_first", file=words("ui.kinds.ads"))
        return Card(
            "spend",
            words("pages.live.card.spend"),
            words("ui.none"),
            about_of(page, found, "ad_spend"),
            note=note,
        )
    title = words("pages.live.card.spend" if spend.overlaps else "pages.live.card.day_spend")
    note = words(f"pages.live.told.{spend.told}")
    if spend.overlaps and sums and sums.paid_amount:
        share = numbers.ratio(spend.amount / sums.paid_amount, words)
        note = words("pages.live.ad_ratio", share=share) + note
    return Card("spend", title, _money(page, spend.amount), about_of(page, found, "ad_spend"), note=note)

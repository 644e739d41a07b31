"""Refunds by both dates, how long settling takes, and rows nothing explains."""

from __future__ import annotations

import streamlit as st

from pages.ui import numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.money import Money

HOURS_PER_DAY = 24


def refund_dates(page: Page, found: Money) -> None:
    """Refunds of the orders paid in the period beside refunds paid back in it."""
    words = page.words
    parts = {"dates_paid": found.refunds_paid.total, "dates_dated": found.refunds_dated.total}
    said = {
        name.removeprefix("dates_"): numbers.money(total["refund_amount"], words, page.currency)
        for name, total in parts.items()
    }
    known = all(total["refund_amount"] is not None for total in parts.values())
    columns = [
        Column("label", words("pages.money.dates_column")),
        Column("amount", words("pages.money.amount"), "fen"),
        Column("n", words("pages.money.refunded"), "orders"),
    ]
    rows = [
        {
            "label": words(f"pages.money.{name}"),
            "amount": total["refund_amount"],
            "n": total["orders_refunded"],
        }
        for name, total in parts.items()
    ]
    title = words("pages.money.dates_title", **said) if known else words("pages.money.dates_missing")
    about = About(("refund_amount",), "paid", note=words("pages.money.dates_about"))
    panel(
        page, "refund_dates", title, words("pages.money.dates_caption"), None, Grid.of(columns, rows), about
    )


def lag(page: Page, found: Money) -> None:
    """From completion to settlement, all shops and each."""
    words, whole = page.words, found.lags[None]
    columns = [
        Column("label", words("pages.money.lag_shop")),
        Column("p50", words("pages.money.lag_p50")),
        Column("p90", words("pages.money.lag_p90")),
        Column("n", words("pages.money.n"), "orders"),
    ]
    names = {None: words("ui.all_shops")} | dict(found.bridges.shops)
    rows = [
        {"label": names.get(shop), "p50": _days(page, one.p50), "p90": _days(page, one.p90), "n": one.n}
        for shop, one in sorted(found.lags.items(), key=lambda item: item[0] or 0)
    ]
    said = {"p50": _days(page, whole.p50), "p90": _days(page, whole.p90)}
    title = words("pages.money.lag_title", **said) if whole.n else words("pages.money.lag_unknown")
    caption = words("pages.money.lag_caption", n=f"{whole.n:,}", reversed=f"{whole.reversed_n:,}")
    about = About(("settled_amount",), found.bridges.scope.basis)
    panel(page, "settlement_lag", title, caption, None, Grid.of(columns, rows), about)


def _days(page: Page, hours: float | None) -> str:
    if hours is None:
        return page.words("ui.none")
    return page.words("pages.money.days", value=f"{hours / HOURS_PER_DAY:.1f}")


def files(page: Page, found: Money) -> None:
    """Every row of every money file, by what explains it."""
    words = page.words
    if not found.rows.files:
        return
    left = found.rows.unexplained
    columns = [
        Column("file", words("pages.money.file")),
        Column("how", words("pages.money.how")),
        Column("rows", words("pages.money.rows"), "count"),
        Column("amount", words("pages.money.amount"), "fen"),
    ]
    rows = [
        {"file": words(f"ui.kinds.{one.kind}"), "how": words.get(f"analysis.money.how.{one.how}", one.how)}
        | {"rows": one.rows, "amount": one.amount}
        for one in found.rows.files
    ]
    amount = numbers.money(sum(abs(one.amount) for one in left), words, page.currency)
    n = f"{sum(one.rows for one in left):,}"
    title = (
        words("pages.money.files_title_left", n=n, amount=amount)
        if left
        else words("pages.money.files_title")
    )
    about = About(("settled_amount",), found.bridges.scope.basis, note=words("pages.money.files_about"))
    panel(page, "money_files", title, words("pages.money.files_caption"), None, Grid.of(columns, rows), about)


def unexplained(page: Page, found: Money) -> None:
    """The rows and orders nothing explains, the largest first; nothing where there are none."""
    words, listed = page.words, found.rows.listed
    if not listed:
        return
    columns = [
        Column("file", words("pages.money.file")),
        Column("how", words("pages.money.how")),
        Column("order", words("pages.money.order")),
        Column("row", words("pages.money.row")),
        Column("at", words("pages.money.at"), "time"),
        Column("amount", words("pages.money.amount"), "fen"),
    ]
    rows = [
        {
            "file": words(f"ui.kinds.{one.kind}"),
            "how": words.get(f"analysis.money.how.{one.how}", one.how),
            "order": one.order_id,
            "row": one.key,
            "at": one.at,
            "amount": one.amount,
        }
        for one in listed
    ]
    title = words("pages.money.listed_title", n=f"{len(listed):,}")
    about = About(("settled_amount",), found.bridges.scope.basis)
    with st.container(key="money_unexplained"):
        panel(
            page,
            "unexplained",
            title,
            words("pages.money.listed_caption"),
            None,
            Grid.of(columns, rows),
            about,
        )

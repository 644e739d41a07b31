"""The money bridge on screen: the waterfall, its months and shops, and the rows of a step."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import download, figures, numbers, tables
from pages.ui.about import About
from pages.ui.figures import ACCENT, ALARM, MUTED
from pages.ui.links import page_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape
from pages.ui.waterfall import Flight, waterfall
from shopdata.analysis.money import step_amounts
from shopdata.analysis.money_bridge import STEPS, UNPAID, Bridge, Bridges
from shopdata.analysis.money_entries import LISTED, step_rows
from shopdata.web import exports

GAIN, ODD = "#22A079", "#F0A02C"
LEVELS = ("placed", "paid", "receivable", "due", "settled")
UNEXPLAINED = ("difference_payable", "unexplained")
OPEN = ("in_dispute", "in_progress", "waiting", "overdue", "before_bill", "no_bill")
SHOWN_IF_ANY = frozenset(STEPS) - {"placed", "paid", "receivable", "settled", "unexplained"}
# The orders page can list the orders of these steps by the figure that counts them.
BEHIND = {
    "placed": "orders_placed",
    "unpaid_open": "orders_unpaid_open",
    "unpaid_closed": "orders_unpaid_closed",
    "paid": "orders_paid",
    "refund": "refund_amount",
}
ABOUT = ("paid_amount", "settled_amount", "platform_fee")
SPLIT = (
    "placed",
    "unpaid",
    "paid",
    "refund",
    "receivable",
    "platform_fee",
    "commission",
    "settled",
    "to_come",
)


def bridge(page: Page, found: Bridges) -> None:
    """The bridge of all orders of the period."""
    words, total = page.words, found.total
    if found.currency is None:
        st.info(words("pages.money.several_currencies"))
        return
    columns = [
        Column("label", words("pages.money.step_column")),
        Column("amount", words("pages.money.amount"), "fen"),
        Column("n", words("pages.money.n"), "orders"),
    ]
    rows = [
        {"label": label(page, name), "amount": total.step(name).fen, "n": total.step(name).n}
        for name in STEPS
    ]
    about = About(ABOUT, found.scope.basis, note=words("pages.money.about"))
    figure = waterfall(_flights(page, total), words)
    panel(
        page,
        "bridge",
        finding(page, found),
        words("pages.money.caption"),
        figure,
        Grid.of(columns, rows),
        about,
    )


def label(page: Page, step: str) -> str:
    """What a step is called."""
    return page.words(f"analysis.money.step.{step}")


def finding(page: Page, found: Bridges) -> str:
    """How much of what was paid has arrived, is to come, and is not explained."""
    total, words = found.total, page.words
    amounts = {
        "paid": total.step("paid").fen,
        "settled": total.step("settled").fen,
        "to_come": sum(total[state].fen for state in OPEN[:4]),
        "unexplained": total.step("unexplained").fen + total.step("difference_payable").fen,
    }
    said = {name: numbers.money(fen, words, page.currency) for name, fen in amounts.items()}
    sentence = words("pages.money.finding" if found.bills else "pages.money.finding_no_bill", **said)
    unknown = sum(total[state].fen for state in OPEN[4:])
    if not unknown or not found.bills:
        return sentence
    amount = numbers.money(unknown, words, page.currency)
    return sentence + words("pages.money.finding_unknown", amount=amount)


def _flights(page: Page, bridge: Bridge) -> list[Flight]:
    """Levels from zero, steps from where the one before ended; unsettled money on top of what is settled."""
    found, level = [], 0
    for name in STEPS:
        fen = bridge.step(name).fen
        if name in SHOWN_IF_ANY and not fen:
            continue
        start = 0 if name in LEVELS else level
        level = fen if name in LEVELS else level + fen
        text = numbers.money(fen, page.words, page.currency)
        flight = Flight(label(page, name), start, level, text, _colour(name, fen), name in OPEN)
        found.append(flight)
    return found


def _colour(step: str, fen: int) -> str:
    if step in UNEXPLAINED:
        return ODD
    if step in LEVELS:
        return ACCENT
    if step in OPEN:
        return MUTED if step in {"before_bill", "no_bill"} else figures.SOURCE_COLOURS["showcase"]
    return ALARM if fen < 0 else GAIN


def split(page: Page, found: Bridges) -> None:
    """The same by month or by shop, one row each; every row adds up."""
    words = page.words
    with st.container(key="panel_money_split", border=True):
        st.subheader(words("pages.money.split_title"), anchor=False)
        st.caption(escape(words("pages.money.split_caption")))
        by = st.segmented_control(
            words("pages.money.split"),
            ("month", "shop"),
            default="month",
            required=True,
            key="money_split",
            format_func=lambda name: words(f"pages.money.by_{name}"),
            label_visibility="collapsed",
        )
        parts: dict[str, Bridge] = (
            {f"{month:%Y-%m}" if month else words("ui.none"): one for month, one in found.by_month().items()}
            if by == "month"
            else {found.shops[shop]: one for shop, one in found.by_shop().items()}
        )
        rows: list[dict[str, Cell]] = [{"label": name, **_cells(one)} for name, one in parts.items()]
        if found.currency:
            rows.append({"label": words("ui.total"), **_cells(found.total)})
        columns = [Column("label", words(f"pages.money.{by}"), pinned=True)]
        columns += [Column(name, _heading(page, name), "fen") for name in (*SPLIT, "odd")]
        grid = Grid.of(columns, rows)
        tables.table(grid, words, f"money_{by}")
        download.links(page, f"money_{by}", words("pages.money.split"), grid)


def _heading(page: Page, name: str) -> str:
    own = {"odd": "analysis.money.step.unexplained"}
    own |= {key: f"pages.money.{key}" for key in ("unpaid", "commission", "to_come")}
    return page.words(own.get(name, f"analysis.money.step.{name}"))


def _cells(bridge: Bridge) -> Mapping[str, int]:
    fen = step_amounts(bridge)
    commission = ("commission_influencer", "commission_leader", "commission_service", "other_fee")
    return fen | {
        "unpaid": sum(fen[name] for name in (*UNPAID, "relief")),
        "commission": sum(fen[name] for name in commission),
        "odd": fen["unexplained"] + fen["difference_payable"],
    }


@st.fragment
def rows_of_step(page: Page, found: Bridges) -> None:
    """The rows of one step, once it is chosen."""
    words = page.words
    present = [name for name in LISTED if found.total.step(name).n]
    with st.container(key="panel_money_rows", border=True):
        st.subheader(words("pages.money.rows_of"), anchor=False)
        step = st.selectbox(
            words("pages.money.rows_of"),
            present,
            index=None,
            key="money_step",
            placeholder=words("pages.money.rows_choose"),
            format_func=lambda name: label(page, name),
            label_visibility="collapsed",
        )
        if step is None:
            return
        listed = step_rows(page.store, found.scope, step)
        st.caption(escape(words("pages.money.rows_shown", shown=f"{len(listed.rows):,}", n=f"{listed.n:,}")))
        if step in BEHIND:
            behind = f"{found.scope.basis}.{BEHIND[step]}"
            page_link(
                "orders", words("pages.money.open_orders"), icon=":material/arrow_forward:", behind=behind
            )
        columns = [
            Column("order", words("pages.money.order"), pinned=True),
            Column("shop", words("pages.money.shop")),
            Column("at", words("pages.money.settled_at"), "time"),
            Column("word", words("pages.money.how")),
            Column("amount", words("pages.money.amount"), "fen"),
        ]
        shown = columns if any(row.at for row in listed.rows) else [*columns[:2], columns[-1]]
        rows = [
            {"order": row.order_id, "shop": found.shops.get(row.shop_id), "at": row.at, "word": row.word}
            | {"amount": row.amount}
            for row in listed.rows
        ]
        grid = Grid.of(shown, rows)
        tables.table(grid, words, f"money_rows_{step}")
        download.links(page, f"money_rows_{step}", label(page, step), grid, exports.offer)

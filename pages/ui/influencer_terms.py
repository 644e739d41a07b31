"""What was agreed with whom and what it came to: team leaders, agreed rates, return on what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.ui import about as abouts
from pages.ui import measures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.agreement_document import agreement_rows
from shopdata.analysis.agreements import agreements
from shopdata.analysis.influencers import Influencers
from shopdata.analysis.leader_document import label_of, leader_rows
from shopdata.analysis.leaders import FEES, leaders
from shopdata.analysis.return_document import return_rows
from shopdata.analysis.returns import returns
from shopdata.words import Words

LEADER_COLUMNS = (
    ("label", "text"), ("platform_name", "text"), ("orders_paid", ""), ("paid_amount", ""),
    *((key, "") for key in FEES), ("service_rate", "rate"), ("settled_lines", "lines"),
)  # fmt: skip

AGREEMENT_COLUMNS = (
    ("label", "text"), ("side_name", "text"), ("product", "text"), ("plan", "text"), ("from_day", "time"),
    ("last_day", "time"), ("agreed_rate", "rate"), ("effective_rate", "rate"), ("difference", "fen"),
    ("settled_lines", "lines"), ("lines_off", "lines"), ("verdict_name", "text"), ("fixed_fee", "fen"),
)  # fmt: skip

RETURN_COLUMNS = (
    ("label", "text"), ("net_amount", ""), ("commission_cost", "fen"), ("fixed_fees", "fen"),
    ("goods_cost", ""), ("kept", "fen"), ("return", "rate"), ("kept_share", "ratio"), ("missing", "text"),
)  # fmt: skip


def team_leaders(page: Page) -> None:
    """What each team leader's lines sold, and the service fee. Nothing where no file names a leader."""
    words, found = page.words, leaders(page.store, page.scope("paid"))
    if not found:
        return
    first = found[0]
    paid = numbers.money(first.values["paid_amount"], words, page.currency)
    finding = words(
        "pages.influencers.leaders_finding", n=len(found), name=label_of(first, words), value=paid
    )
    grid = _grid(words, LEADER_COLUMNS, leader_rows(found, words), "leaders")
    about = About(FEES, "paid", {}, words("pages.influencers.leaders_help"))
    panel(page, "leaders", finding, words("pages.influencers.leaders_caption"), None, grid, about)


def agreed(page: Page) -> None:
    """Agreed rates beside those really charged. Nothing where no file of agreements was imported."""
    words, found = page.words, agreements(page.store, page.scope("paid"))
    if not found:
        return
    told = [one for one in found if one.found.lines]
    off = [one for one in told if one.found.differs]
    finding = words("pages.influencers.agreed_same", n=len(told))
    if off:
        finding = words("pages.influencers.agreed_off", n=len(off), all=len(told))
    elif not told:
        finding = words("pages.influencers.agreed_none", n=len(found))
    grid = _grid(words, AGREEMENT_COLUMNS, agreement_rows(found, words), "agreed")
    about = About(("commission_rate_settled",), "paid", {}, words("pages.influencers.agreed_help"))
    panel(page, "agreed", finding, words("pages.influencers.agreed_caption"), None, grid, about)


def returned(page: Page, found: Influencers) -> None:
    """What is kept of each influencer's sales for what they cost, beside the own accounts."""
    words, came = page.words, returns(page.store, page.scope("paid"))
    told = [one for one in came.rows if one.rate is not None]
    finding = words("pages.influencers.returns_none")
    if told:
        lost = sum((one.kept or 0) < 0 for one in told)
        finding = words("pages.influencers.returns_finding", n=len(told), lost=lost)
    grid = _grid(words, RETURN_COLUMNS, return_rows(found, came, words), "returns")
    about = About(("net_amount", "goods_cost"), "paid", {}, words("pages.influencers.returns_help"))
    panel(page, "returns", finding, words("pages.influencers.returns_caption"), None, grid, about)


def _grid(
    words: Words, shown: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]], table: str
) -> Grid:
    """A table of documents: a metric's own name where the column has no unit of its own."""
    columns = [
        Column(
            name,
            words(f"pages.influencers.{table}.{name}") if unit else abouts.label_of(name, words),
            unit or measures.unit_of(name),
            pinned=name == "label",
        )
        for name, unit in shown
    ]
    return Grid.of(columns, rows)

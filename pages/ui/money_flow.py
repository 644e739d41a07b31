"""The fund flow on screen: scenes, balances and their breaks, and the bill against the flow."""

from __future__ import annotations

from pages.ui import numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.fund_flow import FundFlow
from shopdata.analysis.fund_summary import FundSummary
from shopdata.analysis.money import Money

ABOUT = ("settled_amount",)


def scenes(page: Page, found: Money) -> None:
    """One row a scene: what came in, what went out, what it means."""
    words, flow = page.words, found.flow
    columns = [
        Column("scene", words("pages.money.scene"), pinned=True),
        Column("role", words("pages.money.role")),
        Column("came_in", words("pages.money.came_in"), "fen"),
        Column("went_out", words("pages.money.went_out"), "fen"),
        Column("net", words("pages.money.net"), "fen"),
        Column("rows", words("pages.money.rows"), "count"),
        Column("shop", words("pages.money.shop")),
        Column("account", words("pages.money.account")),
    ]
    rows = [
        {
            "scene": one.scene_raw or words(f"analysis.money.scene.{one.scene}"),
            "role": words(f"analysis.money.role.{one.role}"),
            "came_in": one.came_in,
            "went_out": one.went_out,
            "net": one.net,
            "rows": one.rows_in + one.rows_out + one.rows_unclear,
            "shop": found.bridges.shops.get(one.shop_id),
            "account": one.account,
        }
        for one in flow.scenes
    ]
    amounts = {
        "came_in": sum(one.came_in for one in flow.scenes),
        "went_out": sum(one.went_out for one in flow.scenes),
        "transfers": sum(one.went_out - one.came_in for one in flow.of_role("transfer")),
    }
    said = {name: numbers.money(fen, words, page.currency) for name, fen in amounts.items()}
    about = About(ABOUT, "event", note=words("pages.money.flow_about"))
    title, caption = words("pages.money.flow_title", **said), words("pages.money.flow_caption")
    panel(page, "fund_scenes", title, caption, None, Grid.of(columns, rows), about)


def balances(page: Page, found: Money) -> None:
    """Opening + in − out = closing, account by account; the rows at which balances break."""
    words, flow = page.words, found.flow
    names = ("shop", "account", "opening", "came_in", "went_out", "closing", "difference", "breaks")
    units = dict.fromkeys(names[2:7], "fen") | {"breaks": "count"}
    columns = Column.each(words, "pages.money", dict.fromkeys(names, "text") | units)
    rows = [
        {
            "shop": found.bridges.shops.get(one.shop_id),
            "account": one.account,
            "opening": one.opening,
            "came_in": one.came_in,
            "went_out": one.went_out,
            "closing": one.closing,
            "difference": one.difference,
            "breaks": len(one.breaks) if one.opening is not None else None,
        }
        for one in flow.accounts
    ]
    about = About(ABOUT, "event", note=words("pages.money.flow_about"))
    caption = words("pages.money.balance_caption")
    panel(page, "fund_balances", _balance_title(page, flow), caption, None, Grid.of(columns, rows), about)
    _breaks(page, found)


def _balance_title(page: Page, flow: FundFlow) -> str:
    broken = sum(len(one.breaks) for one in flow.accounts)
    if broken:
        return page.words("pages.money.balance_broken", n=f"{broken:,}")
    known = any(one.opening is not None for one in flow.accounts)
    return page.words("pages.money.balance_title" if known else "pages.money.balance_none")


def _breaks(page: Page, found: Money) -> None:
    words = page.words
    names = ("shop", "account", "break_flow", "at", "break_expected", "break_found", "difference")
    units = dict.fromkeys(names[4:], "fen") | {"at": "time"}
    rows = [
        {
            "shop": found.bridges.shops.get(account.shop_id),
            "account": account.account,
            "break_flow": one.movement.key,
            "at": one.movement.at,
            "break_expected": one.expected,
            "break_found": one.expected + one.difference,
            "difference": one.difference,
        }
        for account in found.flow.accounts
        for one in account.breaks
    ]
    if not rows:
        return
    columns = Column.each(words, "pages.money", dict.fromkeys(names, "text") | units)
    title = words("pages.money.balance_broken", n=f"{len(rows):,}")
    about = About(ABOUT, "event", note=words("pages.money.flow_about"))
    panel(page, "fund_breaks", title, words("pages.money.flow_about"), None, Grid.of(columns, rows), about)


def check(page: Page, found: Money) -> None:
    """Which entries of the bill the flow pays; the others, and what the flow holds besides."""
    words, told = page.words, found.check
    if told is None:
        return
    columns = [
        Column("how", words("pages.money.how")),
        Column("order", words("pages.money.order")),
        Column("at", words("pages.money.at"), "time"),
        Column("rows", words("pages.money.rows"), "count"),
        Column("amount", words("pages.money.amount"), "fen"),
    ]
    key = "pages.money.check_title" if told.missing or told.left else "pages.money.check_title_all"
    title = words(key, found=f"{told.found:,}", missing=f"{len(told.missing):,}")
    about = About(ABOUT, "event", note=words("pages.money.check_caption"))
    grid = Grid.of(columns, _check_rows(page, told))
    panel(page, "fund_check", title, words("pages.money.check_caption"), None, grid, about)


def _check_rows(page: Page, told: FundSummary) -> list[dict[str, object]]:
    words = page.words
    whole: list[dict[str, object]] = [
        {"how": words("analysis.money.how.order"), "rows": told.found, "amount": told.found_amount}
    ]
    missing: list[dict[str, object]] = [
        {
            "how": words("pages.money.check_missing"),
            "order": one.order_id,
            "at": one.at,
            "rows": 1,
            "amount": one.amount,
        }
        for one in told.missing[:200]
    ]
    left: list[dict[str, object]] = [
        {
            "how": f"{words('pages.money.check_left')} · {one.scene_raw or ''}",
            "rows": one.rows,
            "amount": one.amount,
        }
        for one in told.left
    ]
    return [*whole, *missing, *left]

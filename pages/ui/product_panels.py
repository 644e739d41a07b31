"""What each product sells and keeps, does to the order value, brings back, and what it was sold for."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.ui import about, figures, lying_bars, measures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.whiskers import whiskers
from shopdata.analysis.products import ENOUGH, KEYS, ProductRow, Products, products

SHOWN = 12


def read(page: Page, by: str) -> Products:
    """The products of the orders paid in the period."""
    return products(page.store, page.scope("paid"), by, page.filters.compare)


def money(page: Page, found: Products) -> None:
    """What each product brought: kept and paid back, the largest first."""
    words = page.words
    shown = sorted(found.rows, key=lambda row: -(row.figures["paid_amount"] or 0))[:SHOWN]
    paid = [row.figures["paid_amount"] for row in shown]
    scale = figures.scale_of(paid, "fen", words)
    kept = [_kept(row) for row in shown]
    back = [row.figures["refund_amount"] or 0 for row in shown]
    parts = (
        lying_bars.Part(about.label_of("net_amount", words), scale.of(kept), figures.ACCENT),
        lying_bars.Part(about.label_of("refund_amount", words), scale.of(back), figures.ALARM, 0.6),
    )
    figure = lying_bars.stacked(_labels(page, found, shown), parts, "%{x:,.2f}")
    figure.update_xaxes(tickformat=scale.ticks)
    panel(
        page,
        "product_money",
        _money_finding(page, found, shown),
        words("pages.products.money_caption", unit=scale.unit, n=len(shown), all=len(found.rows)),
        figure,
        table_of(page, found),
        About(("paid_amount", "net_amount", "refund_amount"), "paid", found.table.total),
    )


def _kept(row: ProductRow) -> float | None:
    net = row.figures["net_amount"]
    return row.figures["paid_amount"] if net is None else net


def _money_finding(page: Page, found: Products, shown: Sequence[ProductRow]) -> str:
    words, whole = page.words, found.table.total["paid_amount"]
    first = shown[0].figures["paid_amount"]
    if not whole or not first:
        return words("pages.products.money_title")
    return words(
        "pages.products.money_finding",
        product=found.label(shown[0], words),
        value=numbers.money(first, words, page.currency),
        share=numbers.ratio(first / whole, words),
    )


def order_value(page: Page, found: Products) -> None:
    """How much the orders with a product lift or lower the order value, with its interval."""
    words = page.words
    known = [row for row in found.rows if row.order_value.low is not None]
    ranked = sorted(known, key=lambda row: -abs(row.order_value.effect or 0))[:SHOWN]
    ranked.sort(key=lambda row: -(row.order_value.effect or 0))
    if not ranked:
        return
    top, low = ranked[0], ranked[-1]
    key = "order_value_finding" if top.order_value.is_clear else "order_value_flat"
    finding = words(
        f"pages.products.{key}",
        product=found.label(top, words),
        value=numbers.money(top.order_value.effect, words, page.currency),
        low=found.label(low, words),
    )
    whole = numbers.money(found.order_value, words, page.currency)
    caption = words("pages.products.order_value_caption", value=whole)
    orders = {"average_order_value_d": found.table.total["orders_paid"]}
    behind = About(("average_order_value",), "paid", orders, words("pages.products.order_value_note"))
    figure = _effects(page, found, ranked)
    panel(page, "product_order_value", finding, caption, figure, table_of(page, found), behind)


def _effects(page: Page, found: Products, ranked: Sequence[ProductRow]) -> go.Figure:
    told = [row.order_value for row in ranked]
    figure = lying_bars.bars(
        _labels(page, found, ranked),
        [(one.effect or 0) / 100 for one in told],
        [figures.ACCENT if one.is_clear else figures.FEW for one in told],
        "%{x:+,.2f}",
        interval=whiskers([(one.effect, one.low, one.high) for one in told], 100),
    )
    figure.update_xaxes(tickformat="+,.0f", zeroline=True, zerolinecolor=figures.MUTED)
    return figure


def returned(page: Page, found: Products) -> None:
    """The return rate of each product with its interval; few orders in grey."""
    words = page.words
    rows = [row for row in found.rows if row.returned and row.returned.d]
    rows = sorted(rows, key=lambda row: -(row.returned.d if row.returned else 0))[:SHOWN]
    rows.sort(key=lambda row: -((row.returned.rate if row.returned else None) or 0))
    if not rows:
        missing = words.get(f"ui.kinds.{found.missing}", "") if found.missing else ""
        text = words("ui.upload_first", file=missing) if missing else words("pages.products.no_returns")
        grid = Grid((Column("text", words("pages.products.returned_title")),), ((text,),))
        panel(page, "product_returns", words("pages.products.returned_title"), text, None, grid, _about(page))
        return
    told = [(row, row.returned) for row in rows if row.returned]
    figure = lying_bars.bars(
        _labels(page, found, rows),
        [back.rate for _, back in told],
        [figures.ALARM if back.d >= ENOUGH else figures.FEW for _, back in told],
        "%{x:.1%} · %{customdata[0]:,}/%{customdata[1]:,}",
        opacity=0.8,
        interval=whiskers([(back.rate, back.low, back.high) for _, back in told]),
        details=[[back.n, back.d] for _, back in told],
    )
    figure.update_xaxes(tickformat=".0%")
    young = any(back.is_young for _, back in told)
    caption = words("pages.products.returned_young" if young else "pages.products.returned_caption")
    title = _returned_finding(page, found, rows)
    panel(page, "product_returns", title, caption, figure, table_of(page, found), _about(page))


def _about(page: Page) -> About:
    return About(("return_rate",), "paid", {}, page.words("pages.products.returned_note"))


def _returned_finding(page: Page, found: Products, rows: Sequence[ProductRow]) -> str:
    """The highest is named only where its interval lies above that of the lowest."""
    words = page.words
    known = [(row, row.returned) for row in rows if row.returned and row.returned.d >= ENOUGH]
    if len(known) < 2:
        return words("pages.products.returned_title")
    (high, most), (low, least) = known[0], known[-1]
    if (most.low or 0) <= (least.high or 0):
        return words("pages.products.returned_flat")
    return words(
        "pages.products.returned_finding",
        product=found.label(high, words),
        rate=numbers.ratio(most.rate, words),
        other=found.label(low, words),
        other_rate=numbers.ratio(least.rate, words),
    )


def prices(page: Page, found: Products) -> None:
    """What one piece was paid with: the middle, and where four of five orders lie."""
    words = page.words
    rows = [row for row in found.rows if row.price and row.price.n >= ENOUGH][:SHOWN]
    known = [row.price for row in rows if row.price]
    if not known:
        return
    figure = go.Figure(
        go.Scatter(
            y=_labels(page, found, rows),
            x=[price.p50 / 100 for price in known],
            mode="markers",
            marker={"color": figures.ACCENT, "size": 9},
            error_x=whiskers([(price.p50, price.p10, price.p90) for price in known], 100, thickness=3),
            hovertemplate="%{x:,.2f}<extra></extra>",
        )
    )
    figures.lying(figure, len(rows))
    wide = max(range(len(known)), key=lambda place: known[place].p90 / max(known[place].p10, 1))
    panel(
        page,
        "product_prices",
        words(
            "pages.products.prices_finding",
            product=found.label(rows[wide], words),
            low=numbers.money(known[wide].p10, words, page.currency),
            high=numbers.money(known[wide].p90, words, page.currency),
        ),
        words("pages.products.prices_caption"),
        figure,
        table_of(page, found),
        About(("amount_per_unit",), "paid", found.table.total, words("pages.products.prices_note")),
    )


def everything(page: Page, found: Products) -> None:
    """Every product with every figure, the total below."""
    words = page.words
    title = words("pages.products.table_title", n=len(found.rows))
    note = words("pages.products.returned_note")
    about_table = About(("paid_amount", "net_amount", "units_paid"), "paid", found.table.total, note)
    caption = words("pages.products.table_caption", n=found.unattributed.matured + found.unattributed.young)
    panel(page, "product_table", title, caption, None, table_of(page, found), about_table)


def table_of(page: Page, found: Products) -> Grid:
    """The table behind every panel of sales."""
    words, whole = page.words, found.table.total["paid_amount"]
    names = {"product_return_rate": "ratio", "returns": "orders", "of": "orders", "aov_part": "fen"}
    names |= {
        "aov_change": "fen",
        "aov_effect": "fen",
        "price_p10": "fen",
        "price_p50": "fen",
        "price_p90": "fen",
    }
    columns = [Column("label", words(f"pages.products.bys.{found.table.by[0]}"), pinned=True)]
    columns.append(Column("share", words("pages.products.column.share"), "ratio"))
    columns += [Column(key, about.label_of(key, words), measures.unit_of(key)) for key in KEYS]
    columns += Column.each(words, "pages.products.column", names)
    rows: list[dict[str, Cell]] = [
        {
            **row.figures.values,
            "label": found.label(row, words),
            "share": (row.figures["paid_amount"] or 0) / whole if whole else None,
            "product_return_rate": row.returned.rate if row.returned else None,
            "returns": row.returned.n if row.returned else None,
            "of": row.returned.d if row.returned else None,
            "aov_part": row.order_value.part,
            "aov_change": row.order_value.change,
            "aov_effect": row.order_value.effect,
            "price_p10": row.price.p10 if row.price else None,
            "price_p50": row.price.p50 if row.price else None,
            "price_p90": row.price.p90 if row.price else None,
        }
        for row in found.rows
    ]
    rows.append(
        {
            **found.table.total,
            "label": words("ui.total"),
            "aov_part": found.order_value,
            "aov_change": found.order_value_change,
        }
    )
    return Grid.of(columns, rows)


def _labels(page: Page, found: Products, rows: Sequence[ProductRow]) -> list[str]:
    return lying_bars.names([found.label(row, page.words) for row in rows])

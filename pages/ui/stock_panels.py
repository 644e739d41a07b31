"""How long the stock lasts, what to order, what does not sell, and what could not be matched."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, lying_bars, numbers, product_controls
from pages.ui.about import About
from pages.ui.links import page_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, plain
from pages.ui.whiskers import whiskers
from shopdata.analysis.inventory import Inventory, StockRow, inventory, stockout_curve
from shopdata.analysis.inventory_document import notes
from shopdata.words import Words

SHOWN, AHEAD = 16, 60
DAYS = tuple(str(day) for day in range(1, AHEAD + 1))
COLUMNS = {
    "label": "text",
    "code": "text",
    "stock": "units",
    "coming": "units",
    "units": "units",
    "per_day": "number",
    "cover_days": "number",
    "interval": "text",
    "stockout_7": "ratio",
    "stockout_14": "ratio",
    "stockout_30": "ratio",
    "lead": "units",
    "reorder_point": "units",
    "reorder_quantity": "units",
    "says": "text",
    "last_sold": "time",
    "owed": "units",
    "counted": "time",
}


def read(page: Page) -> Inventory | None:
    """The stock under the terms typed; without any stock table it says which file to upload."""
    if not inventory(page.store, page.scope()).has_stock:
        without_table(page)
        return None
    return inventory(page.store, page.scope(), product_controls.terms(page))


def without_table(page: Page) -> None:
    """Which file to upload, and how its table looks."""
    words = page.words
    with st.container(key="panel_no_stock", border=True):
        st.subheader(words("pages.products.no_stock"), anchor=False)
        st.markdown(escape(words("pages.products.no_stock_how")))
        columns = words("pages.products.stock_columns").split("|")
        example = words("pages.products.stock_example").split("|")
        st.table({name: [cell] for name, cell in zip(columns, example, strict=True)})
        page_link("import", words("ui.empty_upload"), icon=":material/upload_file:")


def cover(page: Page, found: Inventory) -> None:
    """Days the stock of each thing lasts, the most urgent first, beside its lead time."""
    words = page.words
    shown = [row for row in found.rows if row.cover_days is not None][:SHOWN]
    if not shown:
        grid, title = table_of(page, found.rows), words("pages.products.cover_unknown")
        panel(page, "stock_cover", title, words("pages.products.cover_few"), None, grid, about(page, found))
        return
    labels = lying_bars.names([row.name for row in shown], 18)
    figure = go.Figure()
    figure.add_bar(
        y=labels,
        x=[row.cover_days for row in shown],
        name=words("pages.products.stock.cover_days"),
        orientation="h",
        marker={"color": [figures.ALARM if row.should_order else figures.ACCENT for row in shown]},
        error_x=whiskers([(row.cover_days, row.cover_low, row.cover_high) for row in shown]),
        hovertemplate="%{x:,.1f}",
        showlegend=False,
    )
    lead = words("pages.products.stock.lead")
    lying_bars.strokes(figure, labels, [row.lead for row in shown], lead)
    figures.lying(figure, len(shown))
    figure.update_layout(showlegend=True, hovermode="y unified", margin_t=40)
    urgent = sum(row.should_order for row in found.rows)
    key = "cover_finding" if urgent else "cover_fine"
    title = words(f"pages.products.{key}", n=urgent, of=len(found.rows))
    caption = words("pages.products.cover_caption", days=found.terms.history)
    panel(page, "stock_cover", title, caption, figure, table_of(page, found.rows), about(page, found))


def about(page: Page, found: Inventory) -> About:
    """What stands behind every panel of the stock."""
    words = page.words
    said = [*notes(found, words), words("pages.products.stock_note")]
    return About(("units_paid",), "paid", {}, " ".join(said))


@st.fragment
def curve(page: Page, found: Inventory) -> None:
    """The chance that one thing is sold out, by day."""
    words = page.words
    known = {f"{row.item.shop}|{row.item.code}": row for row in found.rows if row.stockout}
    if not known:
        return
    key = st.selectbox(
        words("pages.products.look_at"),
        list(known),
        index=next((place for place, row in enumerate(known.values()) if row.stock > 0), 0),
        format_func=lambda key: plain(f"{known[key].item.code} · {known[key].name}"),
        key="stock_chosen",
        width=420,
    )
    row = known[key]
    chances = stockout_curve(row, AHEAD)
    half = next((day for day, chance in enumerate(chances, 1) if chance >= 0.5), None)
    title = words(
        "pages.products.curve_finding" if half else "pages.products.curve_fine",
        name=row.name,
        day=half,
        ahead=AHEAD,
        lead=row.lead,
        chance=numbers.ratio(row.stockout_lead, words),
    )
    caption = words(
        "pages.products.curve_caption",
        stock=row.stock,
        coming=row.item.coming,
        units=row.units,
        days=row.days,
    )
    label = words("pages.products.chance")
    grid = Grid(
        (Column("day", words("pages.products.day")), Column("chance", label, "ratio")),
        tuple(zip(DAYS, chances, strict=True)),
    )
    panel(page, "stock_curve", title, caption, _curve(words, row, chances), grid, about(page, found))


def _curve(words: Words, row: StockRow, chances: Sequence[float]) -> go.Figure:
    """The chance by day, and the day an order placed now would arrive."""
    label = words("pages.products.chance")
    figure = figures.lines(DAYS, {"chance": chances}, {"chance": label}, hover=".1%", ticks=".0%")
    figure.update_xaxes(type="linear", tickmode="linear", tick0=0, dtick=7)
    figure.update_yaxes(range=[0, 1.04])
    figure.update_layout(showlegend=False, margin_t=24)
    if 0 < row.lead <= AHEAD:
        figure.add_vline(
            x=row.lead,
            line={"color": figures.MUTED, "width": 1.5, "dash": "dot"},
            annotation={"text": words("pages.products.stock.lead"), "font": {"size": 11}},
        )
    return figure


def everything(page: Page, found: Inventory) -> None:
    """Every thing on the shelf; what does not sell any more apart."""
    words = page.words
    title = words("pages.products.stock_title", n=len(found.rows))
    caption = words("pages.products.stock_caption", every=found.terms.every)
    panel(page, "stock_table", title, caption, None, table_of(page, found.rows), about(page, found))
    dead = [row for row in found.rows if row.is_dead]
    judged = sum(row.is_dead is not None for row in found.rows)
    days = found.terms.dead_days
    title = words(
        "pages.products.dead_finding" if dead else "pages.products.dead_none",
        n=len(dead),
        days=days,
        of=judged,
    )
    caption = words("pages.products.dead_caption", days=days, unknown=len(found.rows) - judged)
    if dead:
        panel(page, "stock_dead", title, caption, None, table_of(page, dead), about(page, found))
    else:
        st.caption(escape(f"{title} {caption}"))


def table_of(page: Page, rows: Sequence[StockRow]) -> Grid:
    """The figures of things on the shelf."""
    words = page.words
    columns = Column.each(words, "pages.products.stock", COLUMNS, pinned="label")
    return Grid.of(columns, [_cells(page, row) for row in rows])


def _cells(page: Page, row: StockRow) -> dict[str, object]:
    words = page.words
    low, high = row.cover_low, row.cover_high
    says = "dead" if row.is_dead else "order" if row.should_order else "enough"
    if not row.is_matched:
        says = "unmatched"
    elif row.cover_days is None and not row.is_dead:
        says = "unknown"
    return {
        "label": row.name,
        "code": row.item.code,
        "stock": row.stock,
        "coming": row.item.coming,
        "units": row.units,
        "per_day": row.per_day,
        "cover_days": row.cover_days,
        "interval": "" if low is None else f"{low:.0f}–{high:.0f}" if high is not None else f"{low:.0f}–",
        **{f"stockout_{day}": row.stockout.get(day) for day in (7, 14, 30)},
        "lead": row.lead,
        "reorder_point": row.reorder_point,
        "reorder_quantity": row.reorder_quantity,
        "says": words(f"pages.products.says.{says}"),
        "last_sold": row.last_sold,
        "owed": row.owed,
        "counted": row.item.counted_at.date(),
    }


def unmatched(page: Page, found: Inventory) -> None:
    """Stock without sales and sales without stock: listed, never dropped."""
    words = page.words
    if found.unmatched:
        title = words("pages.products.unmatched_stock", n=len(found.unmatched))
        caption = words("pages.products.unmatched_stock_caption")
        grid = table_of(page, found.unmatched)
        panel(page, "stock_unmatched", title, caption, None, grid, about(page, found))
    if found.unmatched_sold:
        units = sum(units for _, units in found.unmatched_sold)
        title = words("pages.products.unmatched_sold", n=len(found.unmatched_sold), units=units)
        names = {"label": "text", "code": "text", "units": "units", "last_sold": "time"}
        columns = Column.each(words, "pages.products.stock", names)
        rows = [
            {
                "label": " · ".join(part for part in (one.name, one.spec) if part),
                "code": one.article.sku_code or one.product,
                "units": sold,
                "last_sold": one.last_day,
            }
            for one, sold in found.unmatched_sold
        ]
        grid = Grid.of(columns, rows)
        caption = words("pages.products.unmatched_sold_caption", days=found.terms.history)
        panel(page, "sold_unmatched", title, caption, None, grid, about(page, found))
    shops = [shop.name for shop in page.every_shop if shop.id in found.without]
    if shops:
        said = words("pages.products.shops_without", shops=words("ui.list_separator").join(shops))
        st.caption(escape(said))

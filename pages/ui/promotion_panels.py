"""What past promotions did to sales, and what the next one may need of each article."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.ui import figures, lying_bars, product_controls
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.stock_panels import without_table
from pages.ui.tables import Column, Grid
from shopdata.analysis.inventory import inventory
from shopdata.analysis.promotion_stock import Prepared, Scenario, prepare
from shopdata.analysis.promotion_uplift import PastEvent, Uplift, past_events
from shopdata.metrics.context import frame_of
from shopdata.metrics.labels import data_names

SHOWN = 14
NEED = {
    "label": "text",
    "code": "text",
    "uplift": "number",
    "by": "text",
    "event": "units",
    "middle": "units",
    "most": "units",
    "stock": "units",
    "coming": "units",
    "shortage": "units",
    "days": "units",
}
PAST = {
    "label": "text",
    "value": "number",
    "interval": "text",
    "n": "units",
    "expected": "number",
    "days": "units",
    "base_days": "units",
    "says": "text",
}


def promotion(page: Page) -> None:
    """Past events first: the next one is prepared by them."""
    events = past_events(page.store, page.scope())
    scenario = product_controls.scenario(page, events)
    if scenario is not None:
        if inventory(page.store, page.scope()).has_stock:
            needs(page, prepare(page.store, page.scope(), scenario), scenario)
        else:
            without_table(page)
    for event in events[:2]:
        past(page, event)
    if not events:
        words = page.words
        text = words("pages.products.event.no_past")
        grid = Grid((Column("text", words("pages.products.event.uplift")),), ((text,),))
        panel(page, "event_none", words("pages.products.event.no_past_title"), text, None, grid, _about(page))


def _about(page: Page) -> About:
    return About(("units_paid",), "paid", {}, page.words("pages.products.event.note"))


def needs(page: Page, found: Prepared, scenario: Scenario) -> None:
    """Units needed until the event is over against what is there."""
    words = page.words
    short = [need for need in found.needs if need.shortage]
    shown = (short or list(found.needs))[:SHOWN]
    labels = lying_bars.names([need.row.name for need in shown], 18)
    figure = go.Figure()
    there = [max(need.row.stock + need.row.item.coming, 0) for need in shown]
    for values, key, colour, opacity in (
        (there, "there", figures.ACCENT, 1.0),
        ([need.shortage for need in shown], "shortage", figures.ALARM, 0.6),
    ):
        figure.add_bar(
            y=labels,
            x=values,
            name=words(f"pages.products.need.{key}"),
            orientation="h",
            marker={"color": colour, "opacity": opacity},
            hovertemplate="%{x:,.0f}",
        )
    figure.add_scatter(
        y=labels,
        x=[need.until_p50 for need in shown],
        name=words("pages.products.need.middle"),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 16, "color": figures.MUTED, "line": {"width": 2}},
        hovertemplate="%{x:,.0f}",
    )
    figures.lying(figure, len(shown))
    figure.update_layout(barmode="stack", showlegend=True, hovermode="y unified", margin_t=40)
    columns = [Column(key, words(f"pages.products.need.{key}"), unit) for key, unit in NEED.items()]
    rows = [
        {
            "label": need.row.name,
            "code": need.row.item.code,
            "uplift": need.uplift,
            "by": words(f"pages.products.need.of.{need.by}"),
            "event": need.event_p50,
            "middle": need.until_p50,
            "most": need.until_p95,
            "stock": need.row.stock,
            "coming": need.row.item.coming,
            "shortage": need.shortage,
            "days": need.ordinary_days,
        }
        for need in found.needs
    ]
    title = words(
        "pages.products.need.finding" if short else "pages.products.need.fine",
        n=len(short),
        of=len(found.needs),
        units=sum(need.shortage for need in short),
        end=scenario.end,
    )
    caption = words("pages.products.need.caption", start=scenario.start, end=scenario.end)
    grid = Grid.of(columns, rows)
    panel(page, "event_needs", title, caption, figure if shown else None, grid, _about(page))
    panel(
        page,
        "event_table",
        words("pages.products.need.table"),
        _left_out(page, found),
        None,
        grid,
        _about(page),
    )


def _left_out(page: Page, found: Prepared) -> str:
    return page.words("pages.products.need.table_caption", n=found.short_of_days)


def past(page: Page, event: PastEvent) -> None:
    """The uplift of each product in a past event, with its interval; 1 is as before."""
    words, name = page.words, page.words(f"analysis.promotions.{event.promotion.key}")
    known = sorted(event.products.items(), key=lambda pair: -pair[1].n)
    shown = sorted(
        (pair for pair in known if pair[1].low is not None), key=lambda pair: -(pair[1].value or 0)
    )
    shown = shown[:SHOWN]
    labels = data_names(page.store, "product", frame_of(page.store, page.scope()))
    figure = go.Figure(
        go.Bar(
            y=lying_bars.names([labels.get(key, key) for key, _ in shown]),
            x=[one.value for _, one in shown],
            orientation="h",
            marker={"color": [figures.ACCENT if one.is_clear else lying_bars.GREY for _, one in shown]},
            error_x=lying_bars.whiskers([(one.value, one.low, one.high) for _, one in shown]),
            hovertemplate="%{x:.2f}<extra></extra>",
        )
    )
    figures.lying(figure, len(shown))
    figure.update_xaxes(tickformat=".1f")
    figure.add_vline(x=1, line={"color": figures.MUTED, "width": 1.5, "dash": "dot"})
    columns = [Column(key, words(f"pages.products.past.{key}"), unit) for key, unit in PAST.items()]
    rows = [_past_cells(page, labels.get(key, key), one) for key, one in known]
    rows.insert(0, _past_cells(page, words("pages.products.past.whole"), event.whole))
    whole = event.whole
    title = words(
        "pages.products.past.finding" if whole.is_clear else "pages.products.past.flat",
        event=name,
        year=event.promotion.end.year,
        value=f"{whole.value or 0:.2f}",
        low=f"{whole.low or 0:.2f}",
        high=f"{whole.high or 0:.2f}",
    )
    caption = words(
        "pages.products.past.caption",
        start=event.promotion.start,
        end=event.promotion.end,
        days=whole.days,
        base=whole.base_days,
    )
    grid = Grid.of(columns, rows)
    key = f"event_{event.promotion.key}_{event.promotion.end.year}"
    panel(page, key, title, caption, figure if shown else None, grid, _about(page))


def _past_cells(page: Page, label: str, one: Uplift) -> dict[str, object]:
    known = one.low is not None and one.high is not None
    says = "small_n" if not known else "clear" if one.is_clear else "no_clear"
    return {
        "label": label,
        "value": one.value,
        "interval": f"{one.low:.2f}–{one.high:.2f}" if known else "",
        "n": one.n,
        "expected": one.expected,
        "days": one.days,
        "base_days": one.base_days,
        "says": page.words(f"pages.products.past.verdict.{says}"),
    }

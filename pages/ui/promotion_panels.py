"""What past promotions did to sales, and what the next one may need of each article."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.ui import figures, lying_bars, product_controls
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.stock_panels import without_table
from pages.ui.tables import Column, Grid
from pages.ui.whiskers import whiskers
from shopdata.analysis.inventory import inventory
from shopdata.analysis.promotion_calendar import label_of
from shopdata.analysis.promotion_stock import Need, Prepared, Scenario, prepare
from shopdata.analysis.promotion_uplift import PastEvent, Uplift, past_events
from shopdata.metrics.context import frame_of
from shopdata.metrics.labels import data_names
from shopdata.words import Words

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
    title = words(
        "pages.products.need.finding" if short else "pages.products.need.fine",
        n=len(short),
        of=len(found.needs),
        units=sum(need.shortage for need in short),
        end=scenario.end,
    )
    caption = words("pages.products.need.caption", start=scenario.start, end=scenario.end)
    figure, grid = _needed(words, shown) if shown else None, _need_grid(words, found.needs)
    panel(page, "event_needs", title, caption, figure, grid, _about(page))
    title = words("pages.products.need.table")
    panel(page, "event_table", title, _left_out(page, found), None, grid, _about(page))


def _needed(words: Words, shown: Sequence[Need]) -> go.Figure:
    """What is there, what is short, and a stroke at what will likely be needed."""
    labels = lying_bars.names([need.row.name for need in shown], 18)
    there = [max(need.row.stock + need.row.item.coming, 0) for need in shown]
    short = [need.shortage for need in shown]
    parts = (
        lying_bars.Part(words("pages.products.need.there"), there, figures.ACCENT),
        lying_bars.Part(words("pages.products.need.shortage"), short, figures.ALARM, 0.6),
    )
    figure = lying_bars.stacked(labels, parts, "%{x:,.0f}")
    middle = words("pages.products.need.middle")
    lying_bars.strokes(figure, labels, [need.until_p50 for need in shown], middle)
    return figure


def _need_grid(words: Words, needs: Sequence[Need]) -> Grid:
    columns = Column.each(words, "pages.products.need", NEED)
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
        for need in needs
    ]
    return Grid.of(columns, rows)


def _left_out(page: Page, found: Prepared) -> str:
    return page.words("pages.products.need.table_caption", n=found.short_of_days)


def past(page: Page, event: PastEvent) -> None:
    """The uplift of each product in a past event, with its interval; 1 is as before."""
    words, held, whole = page.words, event.promotion, event.whole
    names = data_names(page.store, "product", frame_of(page.store, page.scope()))
    known = [
        (names.get(key, key), one) for key, one in sorted(event.products.items(), key=lambda pair: -pair[1].n)
    ]
    told = [pair for pair in known if pair[1].low is not None]
    shown = sorted(told, key=lambda pair: -(pair[1].value or 0))[:SHOWN]
    columns = Column.each(words, "pages.products.past", PAST)
    every = [(words("pages.products.past.whole"), whole), *known]
    grid = Grid.of(columns, [_past_cells(page, label, one) for label, one in every])
    title = words(
        "pages.products.past.finding" if whole.is_clear else "pages.products.past.flat",
        event=label_of(held, words),
        year=held.end.year,
        value=f"{whole.value or 0:.2f}",
        low=f"{whole.low or 0:.2f}",
        high=f"{whole.high or 0:.2f}",
    )
    caption = words(
        "pages.products.past.caption",
        start=held.start,
        end=held.end,
        days=whole.days,
        base=whole.base_days,
    )
    key, figure = f"event_{held.key}_{held.start}", _lifted(shown) if shown else None
    panel(page, key, title, caption, figure, grid, _about(page))


def _lifted(shown: Sequence[tuple[str, Uplift]]) -> go.Figure:
    figure = lying_bars.bars(
        lying_bars.names([label for label, _ in shown]),
        [one.value for _, one in shown],
        [figures.ACCENT if one.is_clear else figures.FEW for _, one in shown],
        "%{x:.2f}",
        interval=whiskers([(one.value, one.low, one.high) for _, one in shown]),
    )
    figure.update_xaxes(tickformat=".1f")
    figure.add_vline(x=1, line={"color": figures.MUTED, "width": 1.5, "dash": "dot"})
    return figure


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

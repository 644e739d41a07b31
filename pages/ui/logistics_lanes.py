"""Couriers on the same lanes, and the lanes that cost buyers most waiting."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers, tables
from pages.ui.about import About
from pages.ui.links import page_link
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape, in_figure
from pages.ui.whiskers import whiskers
from shopdata.analysis.lanes import ENOUGH, LANES, CourierRow, Lane, couriers, lanes
from shopdata.analysis.logistics import SIGNED, lane_label
from shopdata.metrics.labels import label_of

ABOUT = (SIGNED, "ship_to_sign_hours_p90")
IN_ORDERS = {"province": "provinces", "city": "cities", "courier": "couriers"}
MOST_LANES, HOURS_A_DAY = 60, 24
SLOWER, FASTER = figures.ALARM, "#22A079"
COURIER_COLUMNS = {
    "label": "text",
    "says": "text",
    "difference": "hours",
    "low": "hours",
    "high": "hours",
    "shared_n": "parcels",
    "lanes": "number",
    "p50": "hours",
    "p90": "hours",
    "n": "parcels",
}
LANE_COLUMNS = {
    "label": "text",
    "extra_days": "number",
    "n": "parcels",
    "p50": "hours",
    "low": "hours",
    "high": "hours",
    "p90": "hours",
    "slower": "hours",
    "others_p50": "hours",
    "others_n": "parcels",
}


def compared(page: Page) -> None:
    """Each courier against the others in the same provinces, with its interval."""
    words, found = page.words, couriers(page.store, page.scope("paid"))
    rows = [row for row in found or () if row.difference is not None]
    if not rows:
        return
    labels = [in_figure(label_of("courier", row.key, {}, words)) for row in rows]
    figure = go.Figure(
        go.Scatter(
            y=labels,
            x=[row.difference for row in rows],
            mode="markers+text",
            marker={"size": 12, "color": [_colour(row) for row in rows]},
            text=[f"{row.difference:+.1f}" for row in rows],
            textposition="top center",
            cliponaxis=False,
            error_x=whiskers([(row.difference, row.low, row.high) for row in rows], thickness=1.4, width=5),
            customdata=[[row.shared_n, row.lanes] for row in rows],
            hovertemplate=words("pages.logistics.courier_hover") + "<extra></extra>",
        )
    )
    figures.lying(figure, len(rows) + 1)
    figure.update_xaxes(rangemode="normal", zeroline=True, zerolinecolor=figures.MUTED, zerolinewidth=1.5)
    figure.update_layout(margin_t=24)
    columns = Column.each(words, "pages.logistics.courier", COURIER_COLUMNS)
    documents = [
        {name: getattr(row, name, None) for name in COURIER_COLUMNS}
        | {"label": label_of("courier", row.key, {}, words), "says": _says(page, row)}
        for row in found or ()
    ]
    about = About(ABOUT, "paid", note=words("pages.logistics.courier_note"))
    title, caption = _finding(page, rows), words("pages.logistics.courier_caption")
    panel(page, "couriers", title, caption, figure, Grid.of(columns, documents), about)


def _colour(row: CourierRow) -> str:
    if not row.clear:
        return figures.MUTED
    return SLOWER if (row.difference or 0) > 0 else FASTER


def _says(page: Page, row: CourierRow) -> str:
    words = page.words
    if row.difference is None or row.shared_n < ENOUGH or row.low is None:
        return words("pages.logistics.cannot_judge")
    if not row.clear:
        return words("ui.no_clear_change")
    return words("pages.logistics.slower" if row.difference > 0 else "pages.logistics.faster")


def _finding(page: Page, rows: list[CourierRow]) -> str:
    words = page.words
    slow = next((row for row in rows if row.clear and (row.difference or 0) > 0), None)
    fast = next((row for row in reversed(rows) if row.clear and (row.difference or 0) < 0), None)
    said = [
        words(
            f"pages.logistics.courier_{name}",
            courier=label_of("courier", row.key, {}, words),
            hours=f"{abs(row.difference or 0):.1f}",
        )
        for name, row in (("slowest", slow), ("fastest", fast))
        if row is not None
    ]
    return words("pages.logistics.join").join(said) if said else words("pages.logistics.courier_flat")


def worst(page: Page) -> None:
    """The lanes, the one that costs most first."""
    words = page.words
    by = str(st.session_state.get("logistics_lanes") or LANES[0])
    found = lanes(page.store, page.scope("paid"), by)
    if found is None or not found.n:
        return
    columns = [
        Column(name, words(f"pages.logistics.lane.{name}"), unit, pinned=name == "label")
        for name, unit in LANE_COLUMNS.items()
        if found.by[-1] == "courier" or not name.startswith("others")
    ]
    usual = found.usual or 0.0
    rows = [_row(page, lane, found.by, usual) for lane in found.rows[:MOST_LANES]]
    caption = words(
        "pages.logistics.lanes_caption",
        usual=numbers.hours(found.usual, words),
        n=numbers.count(found.n, words),
        small=numbers.count(found.small, words),
        small_n=numbers.count(found.small_n, words),
        least=ENOUGH,
    )
    grid = Grid.of(columns, rows)
    about = About(ABOUT, "paid", note=words("pages.logistics.lanes_note"))
    draw = partial(_lanes, page, found.rows[:MOST_LANES], found.by, grid)
    panel(page, "lanes", _worst_finding(page, found.rows, found.by), caption, None, grid, about, draw)


def _lanes(page: Page, rows: tuple[Lane, ...], by: tuple[str, ...], grid: Grid) -> None:
    """How lanes are cut, the table, and the way to the orders of the one ticked."""
    st.segmented_control(
        page.words("pages.logistics.lanes"),
        LANES,
        default=LANES[0],
        required=True,
        key="logistics_lanes",
        format_func=lambda name: page.words(f"pages.logistics.lanes_by.{name.replace(',', '_')}"),
        label_visibility="collapsed",
        wrap=True,
    )
    place = tables.table(grid, page.words, f"lanes_{by[0]}_{len(by)}", select=True)
    if place is None or place >= len(rows):
        st.caption(page.words("pages.logistics.lanes_tick"))
        return
    lane = dict(zip(by, rows[place].keys, strict=True))
    query = {IN_ORDERS[name]: [key] for name, key in lane.items()} | {"behind": f"paid.{SIGNED}"}
    label = page.words("pages.logistics.orders_of", lane=escape(lane_label(rows[place], by, page.words)))
    page_link("orders", label, icon=":material/arrow_forward:", **query)


def _row(page: Page, lane: Lane, by: tuple[str, ...], usual: float) -> dict[str, Cell]:
    return {name: getattr(lane, name, None) for name in LANE_COLUMNS} | {
        "label": lane_label(lane, by, page.words),
        "slower": lane.p50 - usual,
        "extra_days": lane.extra_hours / HOURS_A_DAY,
    }


def _worst_finding(page: Page, rows: tuple[Lane, ...], by: tuple[str, ...]) -> str:
    words = page.words
    lane = rows[0] if rows else None
    if lane is None or lane.low <= lane.p50 - lane.extra_hours / lane.n:
        return words("pages.logistics.lanes_flat")
    hours = numbers.hours(lane.extra_hours / lane.n, words)
    return words(
        "pages.logistics.lanes_finding", lane=lane_label(lane, by, words), hours=hours, n=f"{lane.n:,}"
    )

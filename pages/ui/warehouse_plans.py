"""The best one, two and three places, against today; and what a further warehouse must save to pay."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure
from pages.ui.warehouse_demand import about
from shopdata.analysis.lane_orders import WITHIN
from shopdata.analysis.moved_orders import Spread
from shopdata.analysis.warehouse import Plan, Warehouses, break_even
from shopdata.analysis.warehouse import plans as plans_of
from shopdata.analysis.warehouse_document import break_even_sentence, city_name, city_names, plan_sentence

FEN = 100
# Opaque: the colour of the words inside is chosen against them.
SHADES = (figures.ACCENT, "#91ABEA", "#CDD3DB")


def plans(page: Page, found: Warehouses) -> None:
    """How soon orders would be signed with one, two or three warehouses."""
    words = page.words
    keep = st.toggle(words("pages.warehouse.keep"), key="warehouse_keep", value=True)
    rows = plans_of(page.store, page.scope("placed"), keep=keep)
    caption = words(
        "pages.warehouse.plans_caption", candidates=len(found.estimate.what_if) if found.estimate else 0
    )
    panel(page, "plans", _finding(page, rows), caption, _figure(page, rows), _grid(page, rows), about(page))
    _pay(page, found, rows)


def _finding(page: Page, rows: Sequence[Plan]) -> str:
    """The fewest warehouses that change something for certain."""
    words = page.words
    plan = next((row for row in rows if row.clear), None)
    if plan is None:
        return words("pages.warehouse.plans_title_unclear")
    key = "pages.warehouse.plans_title_keep" if plan.keep else "pages.warehouse.plans_title"
    cities, hours = city_names(plan.sites, words), f"{plan.saved.value:.1f}"
    return words(key, sites=len(plan.sites), cities=cities, hours=hours)


def _figure(page: Page, rows: Sequence[Plan]) -> go.Figure:
    """Each plan as a bar: signed within 48 hours, within 72, later."""
    words = page.words
    spreads = [rows[0].before, *(row.after for row in rows)]
    labels = [words("pages.warehouse.now"), *(_name(page, row) for row in rows)]
    soon, late = WITHIN
    names = [
        words("pages.warehouse.within", hours=soon),
        words("pages.warehouse.between", start=soon, end=late),
        words("pages.warehouse.slower", hours=late),
    ]
    figure = go.Figure()
    for place, colour in enumerate(SHADES):
        shares = [_parts(spread)[place] for spread in spreads]
        figure.add_bar(
            y=labels,
            x=shares,
            name=names[place],
            orientation="h",
            marker={"color": colour},
            text=[f"{share:.0%}" for share in shares],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"{names[place]} %{{x:.1%}}<extra></extra>",
        )
    figures.lying(figure, 2 * len(labels))
    figure.update_layout(barmode="stack", showlegend=True, margin={"t": 40, "l": 8, "r": 8, "b": 8})
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    return figure


def _name(page: Page, plan: Plan) -> str:
    cities = "<br>".join(in_figure(city_name(code, page.words)) for code in plan.sites)
    return f"+ {cities}" if plan.keep else cities


def _parts(spread: Spread) -> list[float]:
    """Shares signed within 48 hours, from there to 72, and later."""
    bounds = [0, *spread.within, spread.n]
    return [(end - start) / spread.n for start, end in pairwise(bounds)]


def _grid(page: Page, rows: Sequence[Plan]) -> Grid:
    words = page.words
    columns = [
        Column("cities", words("pages.warehouse.cities"), pinned=True),
        Column("clear", words("pages.warehouse.clear")),
        Column("saved", words("pages.warehouse.saved"), "hours"),
        Column("low", words("pages.warehouse.low"), "hours"),
        Column("high", words("pages.warehouse.high"), "hours"),
        Column("later", words("pages.warehouse.later"), "hours"),
        *(Column(f"within_{one}", words("pages.warehouse.within", hours=one), "ratio") for one in WITHIN),
        Column("p90", words("pages.warehouse.p90"), "hours"),
        Column("n", words("pages.warehouse.orders"), "orders"),
        Column("shares", words("pages.warehouse.shares")),
        Column("nearer", words("pages.warehouse.nearer"), "ratio"),
    ]
    documents = [{"cities": words("pages.warehouse.now"), **_told(rows[0].before)}]
    documents += [_document(page, row) for row in rows]
    return Grid.of(columns, documents)


def _told(spread: Spread) -> dict[str, object]:
    within = {f"within_{limit}": spread.within[at] / spread.n for at, limit in enumerate(WITHIN)}
    return {"n": spread.n, "p90": spread.p90, **within}


def _document(page: Page, plan: Plan) -> dict[str, object]:
    words = page.words
    shares = [
        f"{city_name(code, words)} {numbers.ratio(share, words)}"
        for code, share in zip(plan.sites, plan.shares, strict=False)
    ]
    if plan.keep:
        share = numbers.ratio(plan.shares[-1], words)
        shares.append(words("pages.warehouse.today_place", share=share))
    return {
        "cities": city_names(plan.sites, words),
        "clear": words("pages.warehouse.is_clear" if plan.clear else "pages.warehouse.is_unclear"),
        "saved": plan.saved.value,
        "low": plan.saved.low,
        "high": plan.saved.high,
        "later": plan.later,
        "shares": words("analysis.warehouse.separator").join(shares),
        "nearer": plan.nearer,
        **_told(plan.after),
    }


def _pay(page: Page, found: Warehouses, rows: Sequence[Plan]) -> None:
    """What the reader says a warehouse costs, against what it saves."""
    words = page.words
    with st.container(key="warehouse_pay", border=True):
        with st.container(key="warehouse_pay_row", horizontal=True, vertical_alignment="bottom"):
            sites = st.segmented_control(
                words("pages.warehouse.sites_choice"),
                range(1, len(rows) + 1),
                key="warehouse_sites",
                default=1,
                required=True,
            )
            cost = _typed(page, "cost", 500.0, 230)
            worth = _typed(page, "worth", 0.1, 260)
        plan = rows[(sites or 1) - 1]
        said = [plan_sentence(plan, words)]
        if cost:
            paying = break_even(found, plan, round(cost * FEN), round(worth * FEN) if worth else None)
            said.append(break_even_sentence(paying, words))
        st.markdown(escape(" ".join(said)))


def _typed(page: Page, name: str, step: float, width: int) -> float | None:
    """An amount in yuan that only the reader knows."""
    return st.number_input(
        page.words(f"pages.warehouse.{name}"),
        min_value=0.0,
        value=None,
        step=step,
        key=f"warehouse_{name}",
        help=page.words(f"pages.warehouse.{name}_help"),
        width=width,
    )

"""Content types on equal terms: what is left of a difference once the same products are compared."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers
from pages.ui.about import About
from pages.ui.panel import behind
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure
from pages.ui.whiskers import whiskers
from shopdata.analysis.equal_terms import Comparison, Difference, EqualTerms, equal_terms, group_label
from shopdata.analysis.strata import GROUPS, MEASURES, By

ACCOUNT_COLOURS = {"own": figures.ACCENT, "influencer": "#F0A02C"}
KNOWN_BY = {
    **{key: (key,) for key in MEASURES if key.endswith(("rate", "rate_1h", "value"))},
    "net_per_order": ("net_amount", "orders_paid"),
    "left_per_order": ("net_amount", "commission_estimated", "orders_paid"),
}
CLEAR = ("reversed", "higher", "lower", "mix")


def equal(page: Page) -> None:
    """The panel: a measure, what is compared, against what; chart, sentence, and the figures behind."""
    words = page.words
    with st.container(key="panel_equal", border=True):
        heading = st.empty()
        st.caption(words("pages.sources.equal_caption"))
        found = _asked(page)
        heading.subheader(escape(finding(page, found)), anchor=False)
        if found.missing:
            kind = words(f"ui.kinds.{found.missing}")
            st.caption(escape(words("ui.upload_first", file=kind)))
        if not found.comparisons:
            return
        figures.show(_chart(page, found), words, "figure_equal", finding(page, found))
        if found.young:
            young, n = numbers.count(found.young, words), numbers.count(found.n, words)
            st.caption(escape(words("pages.sources.equal_young", n=n, young=young)))
        for one in found.comparisons:
            st.caption(escape(sentence(page, found, one)))
        note = words("pages.sources.equal_help")
        about = About(KNOWN_BY[found.measure.key], "paid", note=note)
        behind(page, "equal", finding(page, found), grid_of(page, found), about)


def _asked(page: Page) -> EqualTerms:
    words = page.words
    with st.container(key="equal_row", horizontal=True, gap="small"):
        by = st.selectbox(
            words("pages.sources.compare"),
            list(GROUPS),
            key="equal_by",
            format_func=lambda name: words(f"pages.sources.by_{name}"),
            label_visibility="collapsed",
            width=150,
        )
        measure = st.selectbox(
            words("pages.sources.measure"),
            list(MEASURES),
            key="equal_measure",
            format_func=lambda name: words(f"analysis.measures.{name}"),
            label_visibility="collapsed",
            width=250,
        )
        chosen: By = by
        base = st.selectbox(
            words("pages.sources.base"),
            list(GROUPS[chosen]),
            key=f"equal_base_{by}",
            format_func=lambda name: words("pages.sources.against", name=group_label(name, chosen, words)),
            label_visibility="collapsed",
            width=200,
        )
    return equal_terms(page.store, page.scope("paid"), measure, by=chosen, base=base)


def finding(page: Page, found: EqualTerms) -> str:
    """The sentence over the chart: the first thing that is certain, else that nothing is."""
    words, label = page.words, page.words(f"analysis.measures.{found.measure.key}")
    if not found.comparisons:
        return words("pages.sources.equal_none", measure=label)
    for verdict in CLEAR:
        for one in found.comparisons:
            if one.verdict == verdict:
                return words(
                    f"pages.sources.equal_{verdict}",
                    measure=label,
                    one=group_label(one.key, found.by, words),
                    base=group_label(one.base, found.by, words),
                    difference=_by(page, found, abs(_shown(one).interval.value)),
                    n=numbers.count(_shown(one).n, words),
                    base_n=numbers.count(_shown(one).base_n, words),
                )
    few = all(one.verdict in {"few", "apart"} for one in found.comparisons)
    return words("pages.sources.equal_few" if few else "pages.sources.equal_flat", measure=label)


def _shown(one: Comparison) -> Difference:
    """What a comparison is judged by: on equal terms where they have anything in common."""
    return one.standardised or one.crude


def sentence(page: Page, found: EqualTerms, one: Comparison) -> str:
    """One comparison in words, with what it rests on."""
    words = page.words
    name = group_label(one.key, found.by, words)
    base = group_label(one.base, found.by, words)
    if one.standardised is None:
        return words("pages.sources.equal_apart", one=name, base=base)
    fair = one.standardised
    verdict = one.verdict if one.verdict in {"few", "higher", "lower"} else "none"
    if one.verdict == "reversed":
        verdict = "higher" if fair.interval.value > 0 else "lower"
    return words(
        "pages.sources.equal_line",
        one=name,
        base=base,
        crude=f"{_value(page, found, one.crude.value)} / {_value(page, found, one.crude.base)}",
        fair=f"{_value(page, found, fair.value)} / {_value(page, found, fair.base)}",
        verdict=words(f"pages.sources.verdict_{verdict}"),
        coverage=numbers.ratio(one.coverage, words),
        strata=one.strata,
        n=numbers.count(fair.n, words),
        base_n=numbers.count(fair.base_n, words),
    )


def _value(page: Page, found: EqualTerms, value: float) -> str:
    return numbers.by_unit(value, found.measure.unit, page.words)


def _by(page: Page, found: EqualTerms, value: float) -> str:
    """A difference without its sign."""
    if found.measure.unit == "ratio":
        return page.words("ui.percent_points", value=f"{value * 100:.1f}")
    return numbers.money(value, page.words, page.currency)


def _chart(page: Page, found: EqualTerms) -> go.Figure:
    """Differences from the base: as it is (open), on equal terms (filled), each with its interval."""
    words = page.words
    names = [in_figure(group_label(one.key, found.by, words)) for one in found.comparisons]
    figure = go.Figure()
    _marks(
        figure, found, [one.crude for one in found.comparisons], "circle-open", words("pages.sources.crude")
    )
    _marks(
        figure, found, [one.standardised for one in found.comparisons], "circle", words("pages.sources.fair")
    )
    figures.dressed(figure, height=110 + 62 * len(names))
    figure.update_layout(hovermode="closest")
    figure.add_vline(x=0, line={"color": figures.MUTED, "width": 1, "dash": "dot"})
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        rangemode="normal",
        showgrid=False,
        tickformat="",
    )
    unit = words("pages.sources.points_unit") if found.measure.unit == "ratio" else words("ui.yuan_unit")
    title = words("pages.sources.axis", base=group_label(str(found.base), found.by, words), unit=unit)
    figure.update_xaxes(
        title={"text": in_figure(title, 60), "font": {"size": 12}},
        showgrid=True,
        gridcolor=figures.GRID,
        nticks=6,
        tickformat=",.0f",
    )
    return figure


def _marks(
    figure: go.Figure, found: EqualTerms, shown: Sequence[Difference | None], symbol: str, name: str
) -> None:
    """One way of comparing: a mark and its interval for each group, above or below the group's line."""
    factor = 100.0 if found.measure.unit == "ratio" else 1 / figures.FEN_PER_YUAN
    shift = -0.14 if symbol == "circle-open" else 0.14
    kept = [(place, one) for place, one in enumerate(shown) if one is not None]
    intervals = [one.interval for _, one in kept]
    figure.add_scatter(
        x=[one.value * factor for one in intervals],
        y=[place + shift for place, _ in kept],
        mode="markers",
        name=name,
        marker={
            "size": 11,
            "symbol": symbol,
            "color": [_colour(found, found.comparisons[place].key, one) for place, one in kept],
            "line": {"width": 0 if shift > 0 else 2},
        },
        error_x=whiskers(
            [(one.value, one.low, one.high) for one in intervals], 1 / factor, thickness=1.4, width=4
        ),
        customdata=[[one.n, one.base_n] for _, one in kept],
        hovertemplate="%{x:+,.1f} · n=%{customdata[0]:,} / %{customdata[1]:,}<extra></extra>",
    )


def _colour(found: EqualTerms, key: str, one: Difference) -> str:
    if not one.enough:
        return figures.MUTED
    if found.by == "account":
        return ACCOUNT_COLOURS[key]
    return figures.SOURCE_COLOURS["other" if key == "rest" else key]


def grid_of(page: Page, found: EqualTerms) -> Grid:
    """Every figure of the panel as a table."""
    words, unit = page.words, found.measure.unit
    units: dict[str, str] = {"value": unit, "base": unit, "difference": unit, "low": unit, "high": unit}
    units |= {"n": "orders", "base_n": "orders", "coverage": "ratio", "strata": "orders"}
    names = (
        "label",
        "way",
        "value",
        "base",
        "difference",
        "low",
        "high",
        "n",
        "base_n",
        "coverage",
        "strata",
    )
    columns = Column.each(words, "pages.sources.equal_column", dict.fromkeys(names, "text") | units)
    rows = []
    for one in found.as_json(words)["rows"]:
        for way in ("crude", "standardised"):
            shared = {name: one[name] for name in ("coverage", "strata")} if way == "standardised" else {}
            spoken = words("pages.sources.crude" if way == "crude" else "pages.sources.fair")
            rows.append({"label": one["label"], "way": spoken} | shared | (one[way] or {}))
    return Grid.of(columns, rows)

"""Where the time goes between paying and signing, when parcels leave, and what is in transit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from pages.ui import figures, logistics_map, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.logistics import Stage, stages
from shopdata.metrics.table import MetricTable

REST = "rgba(36,87,214,0.38)"  # the accent, lighter: a legend shows no opacity
COLUMNS = {"label": "text", "p50": "hours", "p90": "hours", "mean": "hours", "n": "orders", "says": "text"}


def legs(page: Page, found: MetricTable) -> None:
    """The legs of the way as bars: median, and on to the time nine of ten keep within."""
    words, shown = page.words, stages(found)
    known = [stage for stage in shown if stage.p50 is not None and stage.p90 is not None]
    if not known:
        return
    columns = Column.each(words, "pages.logistics.stage_column", COLUMNS)
    rows = [
        {name: getattr(stage, name, None) for name in COLUMNS}
        | {"label": _label(page, stage), "says": _missing(page, stage)}
        for stage in shown
    ]
    note = " ".join(dict.fromkeys(filter(None, (_missing(page, stage) for stage in shown))))
    about = About(tuple(f"{stage.key}_p50" for stage in known), "paid", found.total, note)
    title, caption = _finding(page, known), words("pages.logistics.stages_caption")
    panel(page, "stages", title, caption, _bars(page, known), Grid.of(columns, rows), about)


def _bars(page: Page, known: Sequence[Stage]) -> go.Figure:
    """The median in full colour, the rest up to nine of ten in a lighter one, and both as text."""
    texts = [_text(page, stage) for stage in known]
    rest = [(stage.p90 or 0) - (stage.p50 or 0) for stage in known]
    parts = (
        ("median", [stage.p50 or 0 for stage in known], figures.ACCENT, None),
        ("ninth", rest, REST, texts),
    )
    figure = go.Figure()
    for name, values, colour, shown in parts:
        figure.add_bar(
            y=[_label(page, stage) for stage in known],
            x=values,
            name=page.words(f"pages.logistics.{name}"),
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            text=shown,
            textposition="outside",
            cliponaxis=False,
            customdata=[[text, f"{stage.n:,}"] for text, stage in zip(texts, known, strict=True)],
            hovertemplate="%{customdata[0]} · n=%{customdata[1]}<extra></extra>",
        )
    figures.lying(figure, len(known))
    longest = max(stage.p90 or 0 for stage in known)
    figure.update_xaxes(range=[0, longest * 1.5])
    figure.update_layout(barmode="stack", showlegend=True, margin_t=40)
    return figure


def _label(page: Page, stage: Stage) -> str:
    return page.words(f"pages.logistics.stage.{stage.key}")


def _text(page: Page, stage: Stage) -> str:
    return page.words("pages.logistics.stage_text", p50=f"{stage.p50:,.1f}", p90=f"{stage.p90:,.1f}")


def _missing(page: Page, stage: Stage) -> str:
    words = page.words
    if stage.missing is None:
        return ""
    return words("ui.upload_first", file=words.get(f"ui.kinds.{stage.missing}", stage.missing))


def _finding(page: Page, known: list[Stage]) -> str:
    words = page.words
    parts = [stage for stage in known if stage.key != "ship_to_sign_hours"]
    longest = max(parts or known, key=lambda stage: stage.p50 or 0)
    hours = numbers.hours(longest.p50, words)
    return words("pages.logistics.stages_finding", stage=_label(page, longest), hours=hours)


def transit(page: Page, found: MetricTable) -> None:
    """Orders whose files show the first leg only, apart from all times."""
    words, n = page.words, found.total["orders_transit"]
    if not n:
        return
    rows = [row for row in found.rows if row["orders_transit"]]
    columns = [
        Column("label", words("pages.logistics.province")),
        Column("orders_transit", words("pages.logistics.column.orders_transit"), "orders"),
        Column("orders_shipped", words("pages.logistics.shipped"), "orders"),
        Column("share", words("pages.logistics.transit_share"), "ratio"),
    ]
    documents: list[Mapping[str, object]] = [
        {**row.values}
        | {
            "label": logistics_map.name_of(page, "province", row.key),
            "share": (row["orders_transit"] or 0) / row["orders_shipped"] if row["orders_shipped"] else None,
        }
        for row in sorted(rows, key=lambda row: -(row["orders_transit"] or 0))
    ]
    about = About(("orders_transit",), "paid", found.total)
    title = words("pages.logistics.transit_title", n=numbers.count(n, words))
    caption = words("pages.logistics.transit_caption")
    panel(page, "transit", title, caption, None, Grid.of(columns, documents), about)

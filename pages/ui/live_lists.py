"""Live sessions of a period: by day, one by one, and what stands in for them where no file tells of any."""

from __future__ import annotations

import streamlit as st

from pages.ui import figures, measures, numbers
from pages.ui.about import About
from pages.ui.links import page_link
from pages.ui.panel import behind, panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.analysis.live import live
from shopdata.analysis.live_values import By, Live

WAYS: tuple[By, ...] = ("start", "pay")
ROWS = {"sources": "live", "time": "paid"}
DAY_COLUMNS = {
    "day": "text",
    "sessions": "orders",
    "orders_paid": "orders",
    "paid_amount": "fen",
    "average_order_value": "fen",
    "orders_refunded_1h": "orders",
    "refund_amount": "fen",
}
COLUMNS = {
    "started_at": "time",
    "name": "text",
    "hours": "hours",
    "visitors": "orders",
    "orders_paid": "orders",
    "paid_amount": "fen",
    "average_order_value": "fen",
    "orders_refunded_1h": "orders",
    "orders_refunded": "orders",
    "refund_amount": "fen",
    "placed_paid_after": "orders",
    "told_orders": "orders",
    "told_amount": "fen",
    "says": "text",
}


def read(page: Page, by: By = "start") -> Live:
    """The sessions of the period."""
    return live(page.store, page.scope("paid"), by)


def without_sessions(page: Page) -> None:
    """Which file to upload, and meanwhile the hours of live orders."""
    words = page.words
    st.info(escape(words("analysis.live.no_file")), icon=":material/upload_file:")
    page_link("import", words("ui.empty_upload"), icon=":material/arrow_forward:")
    hours(page)


def no_session_here(page: Page) -> None:
    """Sessions are kept, but none began in this period."""
    st.info(escape(page.words("pages.live.none_here")), icon=":material/event_busy:")


def hours(page: Page) -> None:
    """Live orders by the hour they were paid in, under their own name."""
    words, key = page.words, "orders_paid"
    split = measures.table(page, page.scope("paid"), "hour,source", (key,))
    counts = {row.keys[0]: row[key] or 0 for row in split.rows if row.keys[1] == "live"}
    if not counts:
        st.caption(escape(words("pages.live.no_live_orders")))
        return
    every = [f"{hour:02d}" for hour in range(24)]
    values = [counts.get(hour, 0) for hour in every]
    label = words("ui.sources.live")
    figure = figures.stacked(every, {"live": values}, {"live": label}, figures.SOURCE_COLOURS, hover=",.0f")
    figure.update_xaxes(type="category", tickvals=every[::3])
    figure.update_layout(showlegend=False, margin_t=16)
    best = max(every, key=lambda hour: counts.get(hour, 0))
    title = words(
        "pages.live.hours_finding",
        hour=f"{best}:00–{int(best) + 1:02d}:00",
        n=numbers.count(counts[best], words),
        total=numbers.count(sum(values), words),
    )
    columns = [Column("hour", words("dimensions.name.hour")), Column(key, label, "orders")]
    grid = Grid.of(columns, [{"hour": one, key: n} for one, n in zip(every, values, strict=True)])
    about = About((key,), "paid", rows=ROWS)
    panel(page, "live_hours", title, words("pages.live.hours_caption"), figure, grid, about)


def days(page: Page) -> None:
    """Orders of sessions a day: by the day the session began on, or by the day they were paid."""
    words = page.words
    with st.container(key="panel_live_days", border=True):
        heading, note = st.empty(), st.empty()
        way: By = st.segmented_control(
            words("pages.live.by"),
            WAYS,
            default="start",
            required=True,
            key="live_by",
            format_func=lambda name: words(f"pages.live.by_{name}"),
            label_visibility="collapsed",
        )
        found = read(page, way)
        title = words(
            "pages.live.days_finding",
            sessions=len(found.sessions),
            n=numbers.count(found.total.orders, words),
            amount=numbers.money(found.total.paid_amount, words, page.currency),
        )
        heading.subheader(escape(title), anchor=False)
        note.caption(escape(words(f"pages.live.days_caption_{way}")))
        shown = [day.isoformat() for day in found.days]
        counts = [sums.orders for _, sums in found.days.values()]
        label = words("pages.live.column.orders_paid")
        figure = figures.stacked(
            shown, {"live": counts}, {"live": label}, figures.SOURCE_COLOURS, hover=",.0f"
        )
        figure.update_layout(showlegend=False, margin_t=16)
        figures.show(figure, words, "figure_live_days", title)
        st.caption(escape(apart(page, found)))
        documents = [row | {"day": row["key"]} for row in found.as_json(words)["days"]]
        about = About(("orders_paid", "paid_amount"), "paid", note=words("pages.live.rule"), rows=ROWS)
        behind(page, "live_days", title, Grid.of(_columns(page, DAY_COLUMNS), documents), about)


def apart(page: Page, found: Live) -> str:
    """Live orders that are in no session."""
    counts = {name: numbers.count(count, page.words) for name, count in found.apart.items()}
    return page.words("pages.live.apart", **counts)


def _columns(page: Page, names: dict[str, str]) -> list[Column]:
    return [Column(name, page.words(f"pages.live.column.{name}"), unit) for name, unit in names.items()]


def every(page: Page, found: Live) -> None:
    """A row for each session, with what the file of sessions itself says."""
    words = page.words
    rows = []
    for session, document in zip(found.sessions, found.as_json(words)["rows"], strict=True):
        says = "" if session.days is not None else words("pages.live.not_known")
        if session.days is not None and not session.whole:
            says = words("pages.live.not_whole")
        if session.days is not None and not session.linked:
            says = " · ".join(filter(None, (says, words("pages.live.by_time_only"))))
        more = {"started_at": session.started_at, "name": session.name, "hours": session.hours, "says": says}
        rows.append(document | more)
    about = About(("orders_paid", "paid_amount"), "paid", note=words("pages.live.rule"), rows=ROWS)
    title = words("pages.live.every", n=len(rows))
    caption = words("pages.live.every_caption")
    panel(page, "live_every", title, caption, None, Grid.of(_columns(page, COLUMNS), rows), about)

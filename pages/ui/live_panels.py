"""One live session the morning after: its figures, minutes, products, hosts, and the sessions before it."""

from __future__ import annotations

from datetime import timedelta

import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers
from pages.ui.live_cards import UNITS, about_of, age
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure, plain
from shopdata.analysis.live_orders import TAIL
from shopdata.analysis.live_review import Review, review
from shopdata.analysis.live_values import PLACED, Live, Session

TALKED_OF = 3


def choose(page: Page, found: Live) -> Session:
    """The session to review; the newest whose figures are known unless another was chosen."""
    known = [one for one in found.sessions if one.days is not None and one.whole]
    keys = [one.key for one in found.sessions]
    newest = (known or list(found.sessions))[0].key
    if st.session_state.get("live_session") not in keys:
        st.session_state["live_session"] = newest
    labels = {one.key: label(one) for one in found.sessions}
    key = st.selectbox(
        page.words("pages.live.session"),
        keys,
        key="live_session",
        format_func=lambda chosen: labels[chosen],
        width=460,
    )
    return next(one for one in found.sessions if one.key == key)


def label(session: Session) -> str:
    """When and where: ``11-21 19:00–23:30 · room``; past midnight with the next day."""
    start, end = session.started_at, session.ended_at
    until = "?" if end is None else (f"{end:%H:%M}" if end.date() == start.date() else f"{end:%m-%d %H:%M}")
    return f"{start:%m-%d %H:%M}–{until} · {plain(session.name)}"


def read(page: Page, session: Session) -> Review | None:
    """The review of a session."""
    return review(page.store, page.scope("paid"), session.key)


def unknown(page: Page, session: Session) -> None:
    """Why nothing can be said of it."""
    key = "no_end" if session.ended_at is None else "not_covered"
    st.info(escape(page.words(f"pages.live.{key}")), icon=":material/help:")


def curve(page: Page, found: Review) -> None:
    """Orders paid minute by minute (or a few minutes at a time), with the hosts' turns and the end marked."""
    words, session = page.words, found.session
    step = next(size for size in (1, 2, 5, 10, 15, 30, 60) if len(found.minutes) / size <= 140 or size == 60)
    starts = range(0, len(found.minutes), step)
    times = [session.started_at + timedelta(minutes=start) for start in starts]
    counts = [sum(found.minutes[start : start + step]) for start in starts]
    texts = [f"{at:%H:%M}" for at in times]
    figure = figures.stacked(
        [at.isoformat() for at in times],
        {"live": counts},
        {"live": words("pages.live.column.orders_paid")},
        figures.SOURCE_COLOURS,
        hover=",.0f",
    )
    figure.update_layout(showlegend=False, margin_t=40)
    figure.update_xaxes(tickformat="%H:%M", nticks=8)
    figure.update_yaxes(dtick=1 if max(counts) <= 5 else None)
    if session.ended_at is not None:
        _mark(figure, session.ended_at.isoformat(), words("pages.live.end"))
    for turn in found.turns:
        _mark(figure, turn.started_at.isoformat(), turn.host)
    best = max(range(len(counts)), key=lambda place: counts[place])
    until = f"{times[best] + timedelta(minutes=step):%H:%M}"
    title = words("pages.live.curve_flat" if counts[best] else "pages.live.curve_nothing", n=sum(counts))
    if counts[best] >= TALKED_OF:
        title = words("pages.live.curve_finding", at=f"{texts[best]}–{until}", n=counts[best])
    columns = [Column("at", words("pages.live.column.at")), Column("n", words("ui.orders_unit"), "orders")]
    rows = [
        {"at": session.started_at + timedelta(minutes=place), "n": count}
        for place, count in enumerate(found.minutes)
    ]
    caption = words("pages.live.curve_caption", step=step, tail=int(TAIL.total_seconds() // 60))
    panel(page, "live_curve", title, caption, figure, Grid.of(columns, rows), about_of(page, found))


def _mark(figure: go.Figure, at: str, text: str) -> None:
    figure.add_vline(x=at, line={"color": figures.MUTED, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=at,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="left",
        text=in_figure(text, 10),
        showarrow=False,
        font={"size": 11, "color": figures.MUTED},
    )


def products(page: Page, found: Review) -> None:
    """What was sold, by money."""
    words, shown = page.words, found.products
    names = {
        "name": "text",
        "orders": "orders",
        "units": "orders",
        "paid_amount": "fen",
        "refund_amount": "fen",
    }
    columns = Column.each(words, "pages.live.product", names)
    rows = [
        {name: getattr(one, name) for name in names}
        | {"name": one.name or one.product_id or words("ui.unknown")}
        for one in found.products
    ]
    if not shown:
        title = words("pages.live.products_none")
    else:
        name = plain(shown[0].name or shown[0].product_id or "")
        title = words("pages.live.products_finding", n=len(found.products), name=name)
    grid, about = Grid.of(columns, rows), about_of(page, found, "paid_amount")
    panel(page, "live_products", title, words("pages.live.products_caption"), None, grid, about)


def placed(page: Page, found: Review) -> None:
    """Orders placed in the session by whether and when they were paid, and those placed before it."""
    words, counts = page.words, found.session.placed
    total = found.session.sums.orders if found.session.sums else 0
    before = total - counts.get("paid_in", 0)
    rows = [{"label": words(f"pages.live.placed.{name}"), "n": counts.get(name, 0)} for name in PLACED]
    rows.append({"label": words("pages.live.placed.before"), "n": before})
    columns = [
        Column("label", words("pages.live.placed.label")),
        Column("n", words("ui.orders_unit"), "orders"),
    ]
    late = counts.get("paid_after", 0)
    title = words("pages.live.placed_finding" if late else "pages.live.placed_none", n=late)
    caption = words("pages.live.placed_caption", tail=int(TAIL.total_seconds() // 60))
    grid, about = Grid.of(columns, rows), about_of(page, found, "orders_placed")
    panel(page, "live_placed", title, caption, None, grid, about)


def hosts(page: Page, found: Review) -> None:
    """Orders of each host's turn, and an hour."""
    words = page.words
    names = {
        "host": "text",
        "time": "text",
        "orders": "orders",
        "paid_amount": "fen",
        "orders_per_hour": "number",
    }
    columns = Column.each(words, "pages.live.host", names)
    rows = [
        {
            "host": turn.host,
            "time": f"{turn.started_at:%H:%M}–{turn.ended_at:%H:%M}",
            "orders": turn.orders,
            "paid_amount": turn.paid_amount,
            "orders_per_hour": turn.orders / ((turn.ended_at - turn.started_at).total_seconds() / 3600),
        }
        for turn in found.turns
    ]
    if rows:
        title = words("pages.live.hosts_finding", n=len({turn.host for turn in found.turns}))
    elif found.has_shifts:
        title = words("pages.live.hosts_none")
    else:
        title = words("ui.upload_first", file=words("ui.kinds.host_shifts"))
    grid, caption = Grid.of(columns, rows), words("pages.live.hosts_caption")
    panel(page, "live_hosts", title, caption, None, grid, about_of(page, found))


def beside(page: Page, found: Review) -> None:
    """The session beside those before it on the same account."""
    words, n = page.words, max((one.n for one in found.compared), default=0)
    names = ("label", "value", "median", "least", "most", "n", "says")
    columns = [
        Column(name, words(f"pages.live.beside.{name}"), "orders" if name == "n" else "text")
        for name in names
    ]
    rows = []
    for one in found.compared:
        unit = UNITS.get(one.key, "orders")
        values = {name: numbers.by_unit(getattr(one, name), unit, words) for name in names[1:5]}
        says = words(f"pages.live.verdict.{one.verdict}", n=one.n)
        text = words(f"pages.live.card.{one.key}")
        rows.append(values | {"label": text, "n": one.n, "says": says})
    outside = [one for one in found.compared if one.verdict in {"above", "below"}]
    if not found.compared:
        title = words("pages.live.beside_none")
    elif outside:
        parts = [
            words(f"pages.live.beside_{one.verdict}", label=words(f"pages.live.card.{one.key}"))
            for one in outside
        ]
        title = words("pages.live.beside_finding", n=n, what=words("ui.list_separator").join(parts))
    else:
        title = words("pages.live.beside_flat" if n >= 5 else "pages.live.beside_few", n=n)
    known = age(page, found.age) if found.age is not None else words("ui.none")
    caption = words("pages.live.beside_caption", age=known)
    panel(page, "live_beside", title, caption, None, Grid.of(columns, rows), about_of(page, found))

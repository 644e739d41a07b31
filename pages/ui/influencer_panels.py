"""Influencers side by side: key figures, the ranking, refund rates with their certainty, the table."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import about as abouts
from pages.ui import figures, lying_bars, measures, numbers
from pages.ui.about import About
from pages.ui.cards import Card, cards
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape, in_figure
from pages.ui.whiskers import whiskers
from shopdata.analysis.influencer_document import label_of, notes, standing
from shopdata.analysis.influencers import ENOUGH, TOP, Influencers, Standing, influencers
from shopdata.analysis.shrinkage import Shrunk
from shopdata.words import Words

MOST = 12
SHOWN = (
    "orders_paid", "paid_amount", "refund_amount", "net_amount", "refund_rate", "commission_estimated",
    "commission_settled", "commission_unsettled", "commission_rate_estimated", "commission_rate_settled",
)  # fmt: skip
OWN = (
    ("rank", "number"), ("label", "text"), ("role", "text"), ("turn", "text"), *((key, "") for key in SHOWN),
    ("after_commission", "fen"), ("per_commission_yuan", "number"), ("refund_rate_shrunk", "ratio"),
    ("refund_rate_shrunk_n", "orders"), ("refund_verdict", "text"), ("left_low", "ratio"),
    ("nicknames", "text"),
)  # fmt: skip


def read(page: Page) -> Influencers:
    """The influencers who sold orders paid in the period."""
    return influencers(page.store, page.scope("paid"))


def key_figures(page: Page, found: Influencers) -> None:
    """What influencers sold, what it cost, what is still to settle, how much hangs on a few."""
    words, total = page.words, found.total
    fall = found.waterfall
    estimated = fall.stages["commission_estimated"] if fall else None
    due = fall.stages["commission_unsettled"] if fall else None
    whole, part = found.sold, total["paid_amount"]
    share = part / whole if whole and part is not None else None
    top = numbers.ratio(found.top_share, words)
    shown = [
        _card(page, "paid_amount", part, _share_note(words, share)),
        _card(page, "commission_estimated", estimated, _left_out(words, found)),
        _card(page, "commission_unsettled", due, words("pages.influencers.due_note")),
        Card(
            "top_share",
            words("pages.influencers.top_share", n=TOP),
            top,
            About(("paid_amount",), "paid", total, words("pages.influencers.top_help", n=TOP)),
            note=words("pages.influencers.top_note", n=len(found.rows)),
        ),
    ]
    cards(page, "influencers", shown)


def _card(page: Page, key: str, value: float | None, note: str) -> Card:
    words = page.words
    shown = numbers.money(value, words, page.currency)
    return Card(key, words(f"pages.influencers.card.{key}"), shown, About((key,), "paid"), note=note)


def _share_note(words: Words, share: float | None) -> str:
    return "" if share is None else words("pages.influencers.share_note", share=numbers.ratio(share, words))


def _left_out(words: Words, found: Influencers) -> str:
    if found.waterfall is None:
        return words("ui.upload_first", file=words("ui.kinds.commissions"))
    names = words("analysis.influencers.separator").join(found.waterfall.left_out)
    return words("pages.influencers.left_out", shops=names) if names else ""


def caveats(page: Page, found: Influencers) -> None:
    """Which files are missing and whom figures leave out, in sentences."""
    for sentence in notes(found, page.words):
        st.caption(f":material/info: {escape(sentence)}")


def ranking(page: Page, found: Influencers) -> None:
    """What surely stays of 100 yuan paid, after refunds and commission."""
    words = page.words
    ranked = sorted((row for row in found.rows if row.rank), key=lambda row: row.rank or 0)
    caption = words("pages.influencers.rank_caption", days=_judged(page, found))
    if not ranked:
        nothing("ranking", words("pages.influencers.rank_none"), caption)
        return
    shown = ranked if len(ranked) <= MOST else [*ranked[: MOST // 2], *ranked[-MOST // 2 :]]
    first, last = ranked[0], ranked[-1]
    finding = words(
        "pages.influencers.rank_finding",
        best=label_of(first, words),
        best_value=f"{(first.left_low or 0) * 100:.1f}",
        worst=label_of(last, words),
        worst_value=f"{(last.left_low or 0) * 100:.1f}",
    )
    if len(ranked) == 1:
        finding = words("pages.influencers.rank_one", best=label_of(first, words))
    about = _about(words, found, "refund_rate", "commission_rate_estimated")
    panel(page, "ranking", finding, caption, _left_bars(words, shown), _grid(words, ranked), about)


def _about(words: Words, found: Influencers, *metrics: str) -> About:
    note = words("pages.influencers.rank_help", prior=f"{found.prior:,.0f}")
    return About(metrics, "paid", found.total, note)


def _left_bars(words: Words, shown: Sequence[Standing]) -> go.Figure:
    """What surely stays as bars; up to what is expected to, as whiskers."""
    sure = [(row.left_low or 0) * 100 for row in shown]
    expected = [(row.left or 0) * 100 for row in shown]
    figure = lying_bars.bars(
        [_named(row, words) for row in shown],
        sure,
        [_tone(row) for row in shown],
        words("pages.influencers.rank_hover"),
        texts=[f"{value:.1f}" for value in sure],
        interval=whiskers(
            [(low, None, value) for low, value in zip(sure, expected, strict=True)], thickness=1.4, width=4
        ),
        details=[
            [row.shrunk.n if row.shrunk else 0, value] for row, value in zip(shown, expected, strict=True)
        ],
    )
    figure.update_traces(textposition="inside", insidetextanchor="start")
    return figure


def refunds(page: Page, found: Influencers) -> None:
    """Shrunk refund rates with their interval, the plain rate, and what the shop is used to."""
    words = page.words
    judged = [(row, row.shrunk) for row in found.rows if row.shrunk and row.shrunk.n]
    caption = words("pages.influencers.refund_caption", days=_judged(page, found))
    if not judged:
        nothing("refunds", words("pages.influencers.refund_none"), caption)
        return
    worst = sorted(judged, key=lambda pair: pair[1].usual - pair[1].low)[:MOST]
    bad = [(row, rate) for row, rate in judged if rate.verdict == "worse"]
    finding = words("pages.influencers.refund_flat")
    if bad:
        most, _ = max(bad, key=lambda pair: pair[1].low - pair[1].usual)
        finding = words("pages.influencers.refund_finding", n=len(bad), name=label_of(most, words))
    figure, grid = _refund_marks(words, worst), _refund_grid(words, judged)
    panel(page, "refunds", finding, caption, figure, grid, _about(words, found, "refund_rate"))


def _refund_marks(words: Words, shown: Sequence[tuple[Standing, Shrunk]]) -> go.Figure:
    """Each rate as a point with its interval, and the usual one as a stroke."""
    names, rates = [_named(row, words) for row, _ in shown], [rate for _, rate in shown]
    figure = go.Figure()
    figure.add_scatter(
        y=names,
        x=[one.value for one in rates],
        mode="markers",
        name=words("pages.influencers.shrunk"),
        marker={"size": 10, "color": [_tone(row) for row, _ in shown]},
        error_x=whiskers([(one.value, one.low, one.high) for one in rates], thickness=1.6, width=4),
        customdata=[[one.n, one.low, one.high] for one in rates],
        hovertemplate=words("pages.influencers.refund_hover") + "<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=[one.usual for one in rates],
        mode="markers",
        name=words("pages.influencers.usual"),
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": figures.MUTED}},
        hovertemplate="%{x:.1%}<extra></extra>",
    )
    figures.lying(figure, len(shown))
    figure.update_layout(showlegend=True, margin_t=48, legend_itemsizing="constant")
    figure.update_xaxes(tickformat=".0%")
    return figure


def _refund_grid(words: Words, shown: Sequence[tuple[Standing, Shrunk]]) -> Grid:
    names = ("label", "hits_n", "shrunk", "low", "high", "usual", "verdict")
    units = {"hits_n": "orders"} | dict.fromkeys(("shrunk", "low", "high", "usual"), "ratio")
    columns = Column.each(words, "pages.influencers.column", dict.fromkeys(names, "text") | units)
    rows = [
        {
            "label": label_of(row, words),
            "hits_n": rate.n,
            "shrunk": rate.value,
            "low": rate.low,
            "high": rate.high,
            "usual": rate.usual,
            "verdict": _word(words, "verdict", rate.verdict),
        }
        for row, rate in shown
    ]
    return Grid.of(columns, rows)


def comparison(page: Page, found: Influencers) -> None:
    """Everybody in one table."""
    words = page.words
    title = words("pages.influencers.table_title", n=len(found.rows))
    caption = words("pages.influencers.table_caption")
    about = About(("net_amount", "commission_estimated", "commission_unsettled"), "paid", found.total)
    panel(page, "influencers", title, caption, None, _grid(words, found.rows, found), about)


def _grid(words: Words, rows: Sequence[Standing], found: Influencers | None = None) -> Grid:
    columns = [
        Column(
            name,
            abouts.label_of(name, words) if name in SHOWN else words(f"pages.influencers.column.{name}"),
            unit or measures.unit_of(name),
            pinned=name == "label",
        )
        for name, unit in OWN
    ]
    shown = [_row(words, row) for row in rows]
    if found is not None:
        shown.append(dict(found.own) | {"label": words("pages.influencers.own")})
        shown.append(dict(found.total) | {"label": words("ui.total")})
    return Grid.of(columns, shown)


def _row(words: Words, row: Standing) -> dict[str, object]:
    document = standing(row, words)
    spoken = {
        "role": words(f"analysis.influencers.role.{row.partner.role}"),
        "turn": _word(words, "turn", row.turn),
        "refund_verdict": _word(words, "verdict", document["refund_verdict"]),
        "nicknames": words("analysis.influencers.separator").join(row.partner.nicknames),
    }
    return document | spoken


def _word(words: Words, group: str, key: str | None) -> str:
    return words(f"analysis.influencers.{group}.{key}") if key else ""


def _named(row: Standing, words: Words) -> str:
    count = row.shrunk.n if row.shrunk else 0
    return f"{in_figure(label_of(row, words), 12)} · {count:,}"


def _tone(row: Standing) -> str:
    """Red where refunds are clearly more than usual, grey where too few orders are matured."""
    if row.shrunk is None or row.shrunk.n < ENOUGH:
        return figures.MUTED
    return figures.ALARM if row.shrunk.verdict == "worse" else figures.ACCENT


def _judged(page: Page, found: Influencers) -> str:
    start, words = found.judged_from, page.words
    return (
        words("ui.filters.all") if start is None else words("pages.influencers.since", day=start.isoformat())
    )


def nothing(key: str, said: str, caption: str) -> None:
    """A panel that has nothing to draw, and why."""
    with st.container(key=f"panel_{key}", border=True, height="stretch"):
        st.subheader(escape(said), anchor=False)
        st.caption(escape(caption))

"""Figures of whole days that left what is usual of them: paid orders, money, rates, times, where orders come
from. Which days are compared is said in ``day_figures``, what a shift is in ``shifting``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Float, Select, column, values

from shopdata.abnormal.day_figures import TESTED, DayFigure, day_figures
from shopdata.abnormal.definition import Ground, Limit, Rule, hit
from shopdata.abnormal.shifting import DAY, Bounds, Compared, Shift, compared, shifts
from shopdata.metrics.definition import Need
from shopdata.store.schema import MOMENT, MONEY, TEXT

COLUMNS = (
    column("subject", TEXT), column("day", MOMENT), column("since", MOMENT), column("measure", Float(53)),
    column("limit_value", Float(53)), column("amount", MONEY), column("evidence", TEXT),
)  # fmt: skip


def _bounds(ground: Ground) -> Bounds:
    return Bounds(
        deviations=ground.limit("deviations"),
        change=ground.limit("change"),
        points=ground.limit("share_points"),
        fewest=ground.limit("fewest"),
        in_a_row=round(ground.limit("in_a_row")),
        false_share=ground.limit("false_share"),
    )


def _tested(figure: DayFigure) -> Sequence[Compared]:
    """The newest days of a figure beside what is usual of them."""
    days = sorted(figure.series.values)
    recent = (day for day in days if day > days[-1] - TESTED)
    return [one for day in recent if (one := compared(figure.series, day)) is not None]


def _amount(shift: Shift, figure: DayFigure) -> int:
    """Fen at stake: orders or money missing (or too many) on all its days."""
    days = (shift.last - shift.first) / DAY + 1
    orders = 1 if shift.scale == "amount" else shift.n
    return round(abs(shift.value - shift.usual) * orders * figure.worth * days)


def _row(ground: Ground, shift: Shift, figure: DayFigure) -> tuple[object, ...]:
    start = datetime.combine(shift.first, time.min)
    told = {
        "metric": shift.key, "scale": shift.scale, "first": shift.first.isoformat(),
        "last": shift.last.isoformat(), "value": shift.value, "usual": shift.usual, "n": round(shift.n),
        "change": shift.change,
    }  # fmt: skip
    limit = ground.limit("share_points" if shift.scale == "share" else "change")
    subject = f"{shift.key}|{shift.first.isoformat()}"
    amount = _amount(shift, figure)
    return subject, start, start + DAY + figure.lag, abs(shift.change), limit, amount, json.dumps(told)


def _shift(ground: Ground) -> Select[Any] | None:
    figures = {one.series.key: one for one in day_figures(ground) if one.series.values}
    found = shifts([_tested(one) for one in figures.values()], _bounds(ground))
    if not found:
        return None
    rows = values(*COLUMNS, name="shifts").data([_row(ground, one, figures[one.key]) for one in found])
    c = rows.c
    return hit(
        ground,
        rows,
        (),
        subject=c.subject,
        dated_at=c.day,
        since=c.since,
        measure=c.measure,
        limit_value=c.limit_value,
        amount=c.amount,
        as_of=ground.shop.as_of["orders"],
        evidence=c.evidence,
    )


RULES = (
    Rule(
        "metric_shift", "metric", "medium", "ratio", _shift, whole=True, acts_within=14,
        limits=(
            Limit("change", 0.2, "ratio", ours=True), Limit("share_points", 0.05, "ratio", ours=True),
            Limit("deviations", 4, "number", ours=True), Limit("fewest", 30, "orders", ours=True),
            Limit("in_a_row", 3, "days", ours=True), Limit("false_share", 0.05, "ratio", ours=True),
        ),
        needs=(Need("orders", "paid_at"),),
    ),
)  # fmt: skip

"""Rates agreed with influencers and leaders beside the rates really charged while they held.

An agreement names an influencer, a product, a plan or leaves them open, and holds from a day to a day of
paying. A line belongs to the one that names most of it (influencer, then product, then plan), of equals to
the latest begun. Effective rate = settled commission ÷ settled base of its lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, not_, or_, select, union_all

from shopdata.analysis.settled_lines import settled_lines
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import Expression, day_of, real
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope
from shopdata.store.own_entities import AGREED_RATES

# A platform rounds (or cuts) each line's commission to the fen.
ROUNDING = 1
SIDES = ("influencer", "leader")


@dataclass(frozen=True, slots=True)
class Charged:
    """What was charged on the lines of an agreement: fen charged, their base in fen, settled rows, and how
    many of them are off by more than rounding."""

    agreed: float
    charged: int = 0
    base: int = 0
    lines: int = 0
    lines_off: int = 0

    @property
    def effective(self) -> float | None:
        """The rate really charged."""
        return self.charged / self.base if self.base else None

    @property
    def difference(self) -> float:
        """Fen charged beyond the agreed rate; negative where less was charged."""
        return self.charged - self.agreed * self.base

    @property
    def differs(self) -> bool:
        """Whether the difference is more than the rounding of so many lines can make."""
        return abs(self.difference) > self.lines * ROUNDING + 1e-6


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement and what came of it. ``side``: whom the rate is paid to, ``influencer`` or ``leader``.
    Names are empty where it holds for any."""

    entry: str
    shop_id: int
    side: str
    influencer: str
    product: str
    plan: str
    from_day: datetime | None
    last_day: datetime | None
    fixed_fee: int | None
    found: Charged


def agreements(store: Reads, scope: Scope) -> tuple[Agreement, ...]:
    """Agreements that hold on some day of the period: the largest difference in money first."""
    asked = replace(scope, basis="paid")
    return remembered(store, ("agreements", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> tuple[Agreement, ...]:
    frame = frame_of(store, scope)
    terms = AGREED_RATES.table
    with store.read() as connection:
        kept = [
            row
            for row in connection.execute(select(terms).where(terms.c.shop_id.in_(frame.ids)))
            if _holds_within(row, scope)
        ]
        if not kept:
            return ()
        sums = {
            (row.shop_id, row.entry, side): row
            for side in SIDES
            for row in connection.execute(_charged(settled_lines(frame, scope), side))
        }
    found = [
        _agreement(row, side, rate, sums.get((row.shop_id, row.entry, side)))
        for row in kept
        for side, rate in zip(SIDES, (row.rate, row.service_rate), strict=True)
        if rate is not None
    ]
    return tuple(
        sorted(found, key=lambda one: (not one.found.differs, -abs(one.found.difference), one.entry))
    )


def _holds_within(row: Any, scope: Scope) -> bool:
    started = scope.end is None or row.from_day is None or row.from_day.date() <= scope.end
    lasts = scope.start is None or row.last_day is None or row.last_day.date() >= scope.start
    return started and lasts


def _agreement(row: Any, side: str, rate: float, sums: Any) -> Agreement:
    found = Charged(rate)
    if sums is not None:
        found = Charged(rate, int(sums.charged), int(sums.base), int(sums.lines), int(sums.lines_off))
    return Agreement(
        row.entry,
        row.shop_id,
        side,
        row.influencer_name or row.influencer_id or "",
        row.product_name or row.product_id or "",
        row.plan or "",
        row.from_day,
        row.last_day,
        row.fixed_fee,
        found,
    )


def agreed_of_lines(frame: Frame) -> Subquery:
    """The agreed rate of each settled row that an agreement is about: shop, line, row and ``agreed``."""
    lines = settled_lines(frame, Scope())
    sides = [_fitting(lines, side) for side in SIDES]
    columns = ("shop_id", "line_id", "row_key", "agreed")
    best = [select(*(one.c[name] for name in columns)).where(one.c.place == 1) for one in sides]
    return union_all(*best).subquery("agreed_of_lines")


def _fitting(lines: Subquery, side: str) -> Subquery:
    """Settled rows with each agreement that is about them; the one that names most has ``place`` 1."""
    terms, rows = AGREED_RATES.table.c, lines.c
    agreed = terms.service_rate if side == "leader" else terms.rate
    to_side = rows.to_leader if side == "leader" else not_(rows.to_leader)
    place = func.row_number().over(
        partition_by=(rows.shop_id, rows.line_id, rows.row_key),
        order_by=(
            _named(terms, "influencer").desc(),
            _named(terms, "product").desc(),
            terms.plan.is_not(None).desc(),
            terms.from_day.desc().nulls_last(),
            terms.entry,
        ),
    )
    off = func.abs(rows.charged - real(agreed) * rows.base) > ROUNDING + 1e-6
    columns = (rows.shop_id, rows.line_id, rows.row_key, terms.entry, rows.charged, rows.base)
    return (
        select(*columns, agreed.label("agreed"), off.label("off"), place.label("place"))
        .select_from(lines.join(AGREED_RATES.table, _fits(terms, rows)))
        .where(to_side, agreed.is_not(None))
        .subquery(f"fits_{side}")
    )


def _charged(lines: Subquery, side: str) -> Select[Any]:
    """Sums by agreement, each settled row under the agreement that names most of it."""
    fits = _fitting(lines, side)
    return (
        select(
            fits.c.shop_id,
            fits.c.entry,
            func.sum(fits.c.charged).label("charged"),
            func.sum(fits.c.base).label("base"),
            func.count().label("lines"),
            func.count().filter(fits.c.off).label("lines_off"),
        )
        .where(fits.c.place == 1)
        .group_by(fits.c.shop_id, fits.c.entry)
    )


def _named(terms: Any, what: str) -> Expression:
    named: Expression = or_(terms[f"{what}_id"].is_not(None), terms[f"{what}_name"].is_not(None))
    return named


def _fits(terms: Any, rows: Any) -> Expression:
    """Whether a line is one an agreement is about: the id decides where both have one, else the name."""
    return and_(
        terms.shop_id == rows.shop_id,
        _same(terms, rows, "influencer"),
        _same(terms, rows, "product"),
        or_(terms.plan.is_(None), terms.plan == rows.plan_type),
        or_(terms.from_day.is_(None), day_of(terms.from_day) <= day_of(rows.paid_at)),
        or_(terms.last_day.is_(None), day_of(rows.paid_at) <= day_of(terms.last_day)),
    )


def _same(terms: Any, rows: Any, what: str) -> Expression:
    by_id, by_name = terms[f"{what}_id"] == rows[f"{what}_id"], terms[f"{what}_name"] == rows[f"{what}_name"]
    both = and_(terms[f"{what}_id"].is_not(None), rows[f"{what}_id"].is_not(None))
    same: Expression = case(
        (not_(_named(terms, what)), True), (both, by_id), else_=func.coalesce(by_name, False)
    )
    return same

"""The platform board's daily export against our own figures (对数): every difference split by its cause.

``causes_of`` is a pure function: it finds which causes make the days of an export agree to the fen. One is
stated by the platform itself: Douyin's board counts sub orders (SKU) where we count main orders. What is left
is unexplained, and the day's orders are its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations
from typing import Any

from shopdata.analysis.board_rows import MEASURES, OurDay, board_rows, by_day, lines_paid, refunded_by
from shopdata.imports.scoping import shops_in
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads, ShopFrame
from shopdata.scope import Basis, Scope
from shopdata.words import Words, words

BASES: tuple[Basis, ...] = ("paid", "placed", "event")
CAUSES = ("grain", "zero", "subsidy", "freight", "date", "pending")
# What the board's own definition says, so that it holds even where the rest stays unexplained.
STATED = "grain"
Effects = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of one day and shop: what the board says, what we count, and why they differ.

    Money in fen. ``parts``: cause → its effect; parts and ``unexplained`` add up to ``difference``. ``ours``
    is ``None`` where no file of ours covers the day or brings the measure.
    """

    shop_id: int
    day: date
    measure: str
    board: int
    ours: int | None
    parts: Mapping[str, int]

    @property
    def difference(self) -> int | None:
        """Board minus ours."""
        return None if self.ours is None else self.board - self.ours

    @property
    def unexplained(self) -> int | None:
        """What no cause accounts for."""
        return None if self.ours is None else self.board - self.ours - sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class BoardCheck:
    """Every measure of every day a board's export holds, oldest first."""

    rows: tuple[Compared, ...]
    shop_names: Mapping[int, str]
    data_up_to: datetime | None
    currency: str | None

    def total(self, measure: str) -> Compared | None:
        """The sum of a measure over the days both sides know."""
        known = [row for row in self.rows if row.measure == measure and row.ours is not None]
        if not known:
            return None
        parts = {cause: sum(row.parts.get(cause, 0) for row in known) for cause in CAUSES}
        return Compared(
            shop_id=0,
            day=known[0].day,
            measure=measure,
            board=sum(row.board for row in known),
            ours=sum(row.ours or 0 for row in known),
            parts={cause: effect for cause, effect in parts.items() if effect},
        )

    @property
    def unexplained(self) -> tuple[Compared, ...]:
        """The rows with something left over, the largest first within their unit."""
        left = (row for row in self.rows if row.unexplained)
        return tuple(sorted(left, key=lambda row: (MEASURES[row.measure], -abs(row.unexplained or 0))))

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``board --json``: a row a day and measure; the total by measure."""
        spoken = language or words()
        totals = {measure: self.total(measure) for measure in MEASURES}
        return {
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [_document(row, self.shop_names, spoken) for row in self.rows],
            "total": {measure: _figures(total) for measure, total in totals.items() if total is not None},
        }


def causes_of(days: Sequence[tuple[int, Effects]]) -> tuple[str, ...]:
    """The causes that hold for an export as a whole, from its days: (difference, effect of each cause).

    A board counts one way on all days, so chance agreement on single days proves nothing. Chosen is the set
    of causes that makes most days agree exactly, of equals the one that leaves less, then the smaller one. It
    is claimed where it settles at least half of the differing days; else only the stated one, where it helps.
    """
    differing = sum(difference != 0 for difference, _ in days)
    if not differing:
        return ()
    known = [cause for cause in CAUSES if any(effects.get(cause) for _, effects in days)]
    sets = [chosen for size in range(1, len(known) + 1) for chosen in combinations(known, size)]

    def left(chosen: tuple[str, ...]) -> list[int]:
        return [abs(gap - sum(effects.get(cause, 0) for cause in chosen)) for gap, effects in days]

    def rank(chosen: tuple[str, ...]) -> tuple[int, int, int]:
        rest = left(chosen)
        return sum(map(bool, rest)), sum(rest), len(chosen)

    best = min(sets, key=rank, default=())
    if best and rank(best)[0] <= differing / 2:
        return best
    return (STATED,) if STATED in known and sum(left((STATED,))) < sum(left(())) else ()


def board_check(store: Reads, scope: Scope) -> BoardCheck:
    """Every board row of the shops and days of ``scope`` beside our own figures of the same day."""
    asked = replace(scope, basis="paid", sources=())
    return remembered(store, ("board_check", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> BoardCheck:
    frame = frame_of(store, scope)
    with store.read() as connection:
        held = board_rows(connection, scope, shops_in(connection, scope))
    rows = [row for shop in frame.shops for row in _of_shop(store, scope, shop, held.get(shop.id, {}))]
    return BoardCheck(
        rows=tuple(sorted(rows, key=lambda row: (row.day, row.shop_id, list(MEASURES).index(row.measure)))),
        shop_names={shop.id: shop.name for shop in frame.shops},
        data_up_to=frame.data_up_to,
        currency=frame.currency,
    )


def _of_shop(
    store: Reads, scope: Scope, shop: ShopFrame, held: Mapping[date, Mapping[str, int]]
) -> Iterator[Compared]:
    if not held:
        return
    asked = replace(scope, shops=(shop.id,), platforms=()).between(min(held), max(held))
    ours = {basis: by_day(store, asked, basis) for basis in BASES}
    with store.read() as connection:
        lines = lines_paid(connection, shop.id)
        early = refunded_by(connection, shop.id, max(held))
    days = {
        day: OurDay(
            {basis: ours[basis].get(day, {}) for basis in BASES}, lines.get(day, 0), early.get(day, 0)
        )
        for day in held
        if any(first <= day <= last for first, last in shop.covered)
    }
    for measure in MEASURES:
        told = {day: figures[measure] for day, figures in held.items() if measure in figures}
        own = {day: value for day in told if day in days and (value := days[day].own(measure)) is not None}
        effects = {day: days[day].effects(measure) for day in own}
        causes = causes_of([(told[day] - own[day], effects[day]) for day in own])
        for day, board in told.items():
            parts = {cause: effect for cause in causes if (effect := effects.get(day, {}).get(cause))}
            yield Compared(shop.id, day, measure, board, own.get(day), parts)


def _figures(row: Compared) -> dict[str, Any]:
    return {
        "board": row.board,
        "ours": row.ours,
        "difference": row.difference,
        **{cause: row.parts.get(cause, 0) for cause in CAUSES},
        "unexplained": row.unexplained,
    }


def _document(row: Compared, names: Mapping[int, str], spoken: Words) -> dict[str, Any]:
    shop = names[row.shop_id]
    label = f"{row.day.isoformat()} · {shop} · {spoken(f'board.measures.{row.measure}')}"
    where = {
        "day": row.day.isoformat(),
        "shop": shop,
        "measure": row.measure,
        "unit": MEASURES[row.measure],
    }
    return {"key": f"{row.day}|{shop}|{row.measure}", "label": label, **where, **_figures(row)}

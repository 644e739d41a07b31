"""One promotion beside the same promotion the time before, day by day, and beside a usual day.

Days are put side by side by their distance to the last day, the one the promotion is named for: 11-11 stands
beside 11-11, whatever day of the week it is and however long the run-up was. Days the files do not cover are
unknown, the last day of the data is partial, and a comparison is of the days both sides know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from shopdata.analysis.presale import Presale, presale
from shopdata.analysis.promotion_calendar import Event, calendar, event_before, label_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.table import MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.words import Words, words

KEYS = (
    "orders_paid",
    "paid_amount",
    "units_paid",
    "average_order_value",
    "refund_amount",
    "refund_amount_rate",
    "net_amount",
)
USUAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Pair:
    """A day of the promotion and the day as far from the end of the one before; values by metric key.

    ``to_end``: days to the last day (0). A side is ``None`` where it has no such day or no file covers it;
    ``partial`` where the data ends within the day.
    """

    to_end: int
    day: date | None
    before_day: date | None
    now: dict[str, Value] | None
    before: dict[str, Value] | None
    partial: bool


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """``now``/``before``: figures over the days both sides know (``shared`` of them); ``whole``: over
    all days of this one. ``usual``: paid money of a day outside any promotion, the mean of the last
    ``usual_days``."""

    event: Event
    earlier: Event | None
    pairs: tuple[Pair, ...]
    whole: dict[str, Value]
    now: dict[str, Value]
    before: dict[str, Value]
    shared: int
    usual: float | None
    usual_days: int
    presale: Presale
    data_up_to: datetime | None
    currency: str | None

    @property
    def change(self) -> float | None:
        """Paid money of the shared days against the time before: −0.1 is a tenth less."""
        now, before = self.now.get("paid_amount"), self.before.get("paid_amount")
        return None if now is None or not before else now / before - 1

    @property
    def uplift(self) -> float | None:
        """Paid money a day against a usual day: 3.0 is three times as much."""
        days = sum(pair.now is not None and not pair.partial for pair in self.pairs)
        whole = [pair.now["paid_amount"] or 0 for pair in self.pairs if pair.now and not pair.partial]
        return sum(whole) / days / self.usual if days and self.usual else None

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``promotions --json``."""
        spoken = language or words()
        return {
            "promotion": self.event.key,
            "label": label_of(self.event, spoken),
            "from": self.event.start.isoformat(),
            "to": self.event.end.isoformat(),
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [_document(pair) for pair in self.pairs],
            "total": self.whole
            | {"shared_days": self.shared, "change": self.change, "uplift": self.uplift}
            | {f"{key}_shared": value for key, value in self.now.items()}
            | {f"{key}_before": value for key, value in self.before.items()},
        }


def known_events(store: Reads, scope: Scope) -> tuple[Event, ...]:
    """Promotions that have begun by the end of the data and that it reaches back to, newest first."""
    frame = frame_of(store, scope)
    if frame.covered_days is None:
        return ()
    first, last = frame.covered_days
    return tuple(one for one in reversed(calendar(store)) if one.start <= last and one.end >= first)


def promotion_report(store: Reads, scope: Scope, event: Event) -> PromotionReport:
    """The report of one promotion, by pay time, over the shops of ``scope``; its days are the promotion's."""
    asked = replace(scope, basis="paid", start=event.start, end=event.end)
    return remembered(store, ("promotion", asked, event), lambda: _read(store, asked, event))


def _read(store: Reads, scope: Scope, event: Event) -> PromotionReport:
    frame, events = frame_of(store, scope), calendar(store)
    earlier = event_before(events, event)
    pairs = _pairs(store, scope, frame, event, earlier)
    both = [pair for pair in pairs if pair.now and pair.before and not pair.partial]
    now, before = (_over(store, scope, both, side) for side in ("day", "before_day"))
    usual, usual_days = _usual(store, scope, frame, events)
    return PromotionReport(
        event=event,
        earlier=earlier,
        pairs=pairs,
        whole=dict(metric_table(store, scope, keys=KEYS).total),
        now=now,
        before=before,
        shared=len(both),
        usual=usual,
        usual_days=usual_days,
        presale=presale(store, scope),
        data_up_to=frame.data_up_to,
        currency=frame.currency,
    )


def _pairs(store: Reads, scope: Scope, frame: Frame, event: Event, earlier: Event | None) -> tuple[Pair, ...]:
    ours = _days(metric_table(store, scope, by="day", keys=KEYS))
    theirs: dict[date, dict[str, Value]] = {}
    if earlier is not None:
        theirs = _days(metric_table(store, scope.between(earlier.start, earlier.end), by="day", keys=KEYS))
    longest = max(event.days, earlier.days if earlier else 0)
    found = []
    for to_end in range(longest - 1, -1, -1):
        day = event.end - timedelta(days=to_end)
        past = earlier.end - timedelta(days=to_end) if earlier else None
        mine = day if day >= event.start else None
        other = past if past and earlier and past >= earlier.start else None
        partial = mine is not None and frame.data_up_to is not None and mine >= frame.data_up_to.date()
        found.append(
            Pair(
                to_end,
                mine,
                other,
                ours.get(mine) if mine and frame.covers(mine) else None,
                theirs.get(other) if other and frame.covers(other) else None,
                partial,
            )
        )
    return tuple(found)


def _days(table: MetricTable) -> dict[date, dict[str, Value]]:
    return {date.fromisoformat(row.key): dict(row.values) for row in table.rows}


def _over(store: Reads, scope: Scope, pairs: list[Pair], side: str) -> dict[str, Value]:
    """Figures over the days of one side, asked as one run of days where they are one."""
    days = sorted(getattr(pair, side) for pair in pairs)
    if not days:
        return dict.fromkeys(KEYS)
    if (days[-1] - days[0]).days + 1 == len(days):
        return dict(metric_table(store, scope.between(days[0], days[-1]), keys=KEYS).total)
    sums: dict[str, Value] = dict.fromkeys(KEYS)
    for key in ("orders_paid", "paid_amount", "units_paid", "refund_amount", "net_amount"):
        values = [(pair.now if side == "day" else pair.before or {})[key] for pair in pairs]  # type: ignore[index]
        sums[key] = None if None in values else sum(value or 0 for value in values)
    paid, orders, refunds = (sums[key] for key in ("paid_amount", "orders_paid", "refund_amount"))
    sums["average_order_value"] = paid / orders if paid is not None and orders else None
    sums["refund_amount_rate"] = refunds / paid if refunds is not None and paid else None
    return sums


def _usual(store: Reads, scope: Scope, frame: Frame, events: tuple[Event, ...]) -> tuple[float | None, int]:
    """Paid money of a usual day: the mean of covered days outside any promotion before this one."""
    if scope.start is None:
        return None, 0
    quiet: list[date] = []
    day = scope.start - timedelta(days=1)
    first = frame.covered_days[0] if frame.covered_days else scope.start
    while day > first and len(quiet) < USUAL_DAYS:
        if frame.covers(day) and not any(one.meets(day, day) for one in events):
            quiet.append(day)
        day -= timedelta(days=1)
    if not quiet:
        return None, 0
    table = metric_table(store, scope.between(quiet[-1], quiet[0]), by="day", keys=("paid_amount",))
    values = {date.fromisoformat(row.key): row["paid_amount"] for row in table.rows}
    known = [value for one in quiet if (value := values.get(one)) is not None]
    return (sum(known) / len(known) if known else None), len(known)


def _document(pair: Pair) -> dict[str, Any]:
    label = pair.day.isoformat() if pair.day else f"-{pair.to_end}"
    return {
        "key": str(pair.to_end),
        "label": label,
        "day": pair.day and pair.day.isoformat(),
        "before_day": pair.before_day and pair.before_day.isoformat(),
        "partial": pair.partial,
        **(pair.now or dict.fromkeys(KEYS)),
        **{f"{key}_before": value for key, value in (pair.before or dict.fromkeys(KEYS)).items()},
    }

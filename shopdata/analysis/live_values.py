"""What is known of live sessions: their sums, how orders placed in them ended, and the document of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from shopdata.scope import Scope
from shopdata.words import Words, words

By = Literal["start", "pay"]
SUMS = ("orders", "paid_amount", "units", "refund_amount", "refunded", "refunded_1h")
# How an order placed in a session stands to it; see ``Session.placed``.
PLACED = ("paid_in", "paid_after", "unpaid")


@dataclass(frozen=True, slots=True)
class Sums:
    """Orders paid in a session (or part of it): money in fen; refunds up to now, and those applied for within
    an hour of paying."""

    orders: int = 0
    paid_amount: int = 0
    units: int = 0
    refund_amount: int = 0
    refunded: int = 0
    refunded_1h: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in SUMS))


@dataclass(frozen=True, slots=True)
class Session:
    """One session. ``days``: its sums by the day of payment; ``None`` where nothing can be said.

    ``placed``: of the orders placed in it, how many were paid in it, after it, not (yet). ``told_orders``,
    ``told_amount`` and ``told_spend`` are what the file of sessions itself says. ``linked``: an order names
    its account or influencer; otherwise its orders are those of its time. ``whole``: order files reach
    beyond its end.
    """

    shop_id: int
    entry: str
    account: str
    name: str
    started_at: datetime
    ended_at: datetime | None
    linked: bool
    whole: bool
    days: Mapping[date, Sums] | None
    placed: Mapping[str, int]
    visitors: int | None
    clicks: int | None
    told_orders: int | None
    told_amount: int | None
    told_spend: int | None

    @property
    def key(self) -> str:
        """What names it in a document and a URL."""
        return f"{self.shop_id}/{self.entry}"

    @property
    def hours(self) -> float | None:
        """How long it ran."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds() / 3600

    @property
    def sums(self) -> Sums | None:
        """All its orders."""
        return None if self.days is None else sum(self.days.values(), Sums())

    def of_days(self, inside: Iterable[date]) -> Session:
        """The same session with the orders paid on those days alone."""
        kept = set(inside)
        days = None if self.days is None else {day: one for day, one in self.days.items() if day in kept}
        return replace(self, days=days)


@dataclass(frozen=True, slots=True)
class Live:
    """The sessions of a period, newest first, and those before it (``before``) to compare with.

    ``apart``: live orders paid in the period by what kept them out of every session (``no_session``: none of
    theirs ran then; ``ambiguous``: see ``live_orders``). ``refunds``: whether after-sales are known.
    ``missing``: the file to upload where no shop has sessions.
    """

    scope: Scope
    by: By
    data_up_to: datetime | None
    currency: str | None
    sessions: tuple[Session, ...]
    before: tuple[Session, ...]
    apart: Mapping[str, int]
    refunds: bool
    missing: str | None = None

    @property
    def total(self) -> Sums:
        """All sessions together."""
        return sum((one.sums for one in self.sessions if one.sums is not None), Sums())

    @property
    def days(self) -> dict[date, tuple[int, Sums]]:
        """Sessions and their sums a day: by start, or by payment."""
        found: dict[date, tuple[int, Sums]] = {}
        for session in self.sessions:
            start = session.started_at.date()
            parts = {start: session.sums} if self.by == "start" else (session.days or {})
            for day, sums in parts.items():
                count, before = found.get(day, (0, Sums()))
                found[day] = (count + 1, before + (sums or Sums()))
        return dict(sorted(found.items()))

    def find(self, key: str) -> Session | None:
        """The session of that key, whole, whether in the period or before it."""
        return next((one for one in (*self.sessions, *self.before) if one.key == key), None)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``live --json``."""
        spoken = language or words()
        return {
            "from": self.scope.start and self.scope.start.isoformat(),
            "to": self.scope.end and self.scope.end.isoformat(),
            "by": self.by,
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [self._row(one) for one in self.sessions],
            "total": {"sessions": len(self.sessions)} | self._sums(self.total),
            "days": [
                {"key": day.isoformat(), "sessions": count} | self._sums(sums)
                for day, (count, sums) in self.days.items()
            ],
            "apart": dict(self.apart),
            "missing": self.missing,
            "notes": [spoken("analysis.live.no_file")] if self.missing else [],
        }

    def _row(self, one: Session) -> dict[str, Any]:
        return {
            "key": one.key,
            "label": f"{one.started_at:%Y-%m-%d %H:%M} {one.name}".strip(),
            "started_at": one.started_at.isoformat(),
            "ended_at": one.ended_at and one.ended_at.isoformat(),
            "whole": one.whole,
            "linked": one.linked,
            "visitors": one.visitors,
            "clicks": one.clicks,
            **self._sums(one.sums),
            **{f"placed_{name}": one.placed.get(name) for name in PLACED},
            "told_orders": one.told_orders,
            "told_amount": one.told_amount,
        }

    def _sums(self, sums: Sums | None) -> dict[str, Any]:
        n, paid = (None, None) if sums is None else (sums.orders, sums.paid_amount)
        known = sums if self.refunds else None
        return {
            "orders_paid": n,
            "paid_amount": paid,
            "average_order_value": paid / n if n and paid is not None else None,
            "units_paid": sums and sums.units,
            "orders_refunded": known and known.refunded,
            "refund_amount": known and known.refund_amount,
            "orders_refunded_1h": known and known.refunded_1h,
            "refund_rate_1h": known.refunded_1h / n if known and n else None,
        }

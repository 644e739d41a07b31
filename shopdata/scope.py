"""Who asks, for which shops and which days: a required argument of every question to the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Basis = Literal["placed", "paid", "event"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The frame of a question. Hashable: it is part of every cache key.

    ``shops`` are ids of shops the asker may and wants to see; ``None`` means every shop that counts (sample
    shops leave the figures when the first real import commits). ``start`` and ``end`` are days of the shop's
    wall clock, both inclusive; ``None`` means unbounded. Empty tuples filter nothing.
    """

    user: str = "local"
    role: str = "owner"
    shops: tuple[int, ...] | None = None
    start: date | None = None
    end: date | None = None
    basis: Basis = "placed"
    platforms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def days(self) -> int | None:
        """Number of days in the period, or ``None`` where it is unbounded."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start).days + 1

    def as_json(self) -> dict[str, str | None]:
        """Period and basis, as documents begin with them."""
        return {
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
            "basis": self.basis,
        }

    def between(self, start: date | None, end: date | None) -> Scope:
        """The same question about other days."""
        return replace(self, start=start, end=end)

    def moved(self, days: int) -> Scope:
        """The same question that many days later (earlier when negative)."""
        shift = timedelta(days=days)
        return self.between(self.start and self.start + shift, self.end and self.end + shift)

"""A shop world whose buyers come back by a known process, and the same figures counted in plain loops."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.metrics.world import Row, World, import_row, line_row, order_row, shop_row

BEGIN = datetime(2026, 3, 10)
END = datetime(2026, 9, 30, 23, 59)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bought:
    """One paid order of a buyer."""

    buyer: str
    at: datetime
    paid: int


def bought(seed: int = 5, buyers: int = 900) -> list[Bought]:
    """40 % of buyers come back after 5–85 days; first purchases go on to the very end of the data."""
    dice = random.Random(seed)  # noqa: S311 - an invented world, not a secret
    found = []
    span = int((END - BEGIN) / DAY) - 1
    for number in range(buyers):
        name, at = (
            f"buyer{number}",
            BEGIN + dice.randrange(span) * DAY + timedelta(hours=dice.randrange(8, 22)),
        )
        found.append(Bought(name, at, dice.randrange(2_000, 40_000)))
        if dice.random() < 0.1:  # a second order of the same day is no return
            found.append(Bought(name, at + timedelta(minutes=30), 900))
        while dice.random() < 0.4:
            at += timedelta(days=dice.randrange(5, 86))
            if at >= END:
                break
            found.append(Bought(name, at, dice.randrange(2_000, 40_000)))
    return found


def world_of(orders: list[Bought], platform: str = "taobao", shop_id: int = 1) -> World:
    """A world of one shop with these orders, paid and with the buyer's member name."""
    rows: list[Row] = [
        order_row(
            f"{shop_id}-{place}",
            one.at,
            shop_id=shop_id,
            platform=platform,
            paid_at=one.at,
            paid_amount=one.paid,
            payable_amount=one.paid,
            buyer_id=one.buyer if platform == "taobao" else None,
            province="440000",
            as_of=END,
        )
        for place, one in enumerate(orders)
    ]
    kinds = ("orders", "aftersales")
    return World(
        shops=[shop_row(shop_id, platform=platform)],
        imports=[import_row(kind, END, shop_id, first_at=BEGIN, imported_at=END) for kind in kinds],
        orders=rows,
        lines=[line_row(row) for row in rows],
    )


def days_of(orders: list[Bought]) -> dict[str, list[datetime]]:
    """Each buyer's purchases, one a day: the time of the day's first order."""
    found: dict[str, dict[date, datetime]] = defaultdict(dict)
    for one in sorted(orders, key=lambda one: one.at):
        found[one.buyer].setdefault(one.at.date(), one.at)
    return {buyer: list(days.values()) for buyer, days in found.items()}


def within(orders: list[Bought], days: int) -> tuple[int, int]:
    """Buyers back within ``days``, and buyers observed that long."""
    hits = observed = 0
    for times in days_of(orders).values():
        if times[0] + days * DAY <= END:
            observed += 1
            hits += len(times) > 1 and times[1] - times[0] <= days * DAY
    return hits, observed


def months_after(first: datetime, later: datetime) -> int:
    return (later.year - first.year) * 12 + later.month - first.month

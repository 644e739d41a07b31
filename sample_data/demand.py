"""How many orders come on which day and hour, from which source. What becomes of them is in ``fate``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sample_data.catalog import Shop, catalog

DAYS = 90


@dataclass(frozen=True, slots=True)
class Wish:
    """One order about to be placed. ``special``: blank, ``price_error`` or ``gift``."""

    placed_at: datetime
    source: str
    special: str = ""


def day_weight(day: date) -> float:
    """Demand of a day against an ordinary one: promotions, weekends, the quiet after a promotion."""
    calendar = catalog()["calendar"]
    waves = {(month, number): factor for month, number, factor in calendar["waves"]}
    weight = float(waves.get((day.month, day.day), 1.0))
    if weight == 1.0 and any(
        waves.get(((day - timedelta(days=back)).month, (day - timedelta(days=back)).day), 1.0) >= 1.8
        for back in (1, 2, 3)
    ):
        weight = calendar["after_promotion"]
    if day.isoweekday() >= 6:
        weight *= calendar["weekend"]
    return weight


def is_live_day(day: date) -> bool:
    """Whether the shops' own rooms stream that evening: their weekdays, and every promotion."""
    calendar = catalog()["calendar"]
    waves = {(month, number) for month, number, factor in calendar["waves"] if factor >= 1.3}
    return day.isoweekday() in calendar["live_weekdays"] or (day.month, day.day) in waves


def _source(random: Random, shop: Shop, day: date) -> str:
    weights = dict(shop.sources)
    if "live" in weights and not is_live_day(day):
        weights["live"] *= 0.45
    return random.choices(list(weights), list(weights.values()))[0]


def _moment(random: Random, day: date, source: str) -> datetime:
    hours = catalog()["calendar"]["hours_live" if source == "live" else "hours_other"]
    hour = random.choices(range(24), hours)[0]
    return datetime.combine(day, time(hour, int(random.random() * 60), int(random.random() * 60)))


def wishes(random: Random, shop: Shop, cut: datetime) -> list[Wish]:
    """Every order of the 90 days ending at ``cut``, oldest first."""
    days = [cut.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = random.choices(days, [day_weight(day) for day in days], k=shop.orders)
    found: list[Wish] = []
    for day in counts:
        source = _source(random, shop, day)
        placed_at = _moment(random, day, source)
        if placed_at <= cut - timedelta(minutes=3):
            found.append(Wish(placed_at, source))
    if shop.key == "mountain":
        found += _price_error(random, cut) + _gifts(random, cut)
    return sorted(found, key=lambda wish: (wish.placed_at, wish.source, wish.special))


def _price_error(random: Random, cut: datetime) -> list[Wish]:
    """Twenty minutes on one live evening in which a product sold at a tenth of its price."""
    start = datetime.combine(cut.date() - timedelta(days=17), time(20, 10))
    return [
        Wish(start + timedelta(seconds=int(random.random() * 1200)), "live", "price_error") for _ in range(26)
    ]


def _gifts(random: Random, cut: datetime) -> list[Wish]:
    """Lucky-bag gifts that cost nothing."""
    start = datetime.combine(cut.date() - timedelta(days=11), time(21, 0))
    return [Wish(start + timedelta(seconds=int(random.random() * 900)), "live", "gift") for _ in range(7)]

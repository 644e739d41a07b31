"""What the shop's own tables tell: who came, what advertising cost, which rooms streamed, what lies in stock.

Everything hangs on the orders: visitors are many times the orders of their day and source, sessions count
the orders of their evening, stock covers some weeks of sales. The rest is spread by a number made of a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from sample_data.catalog import Person, Shop, Spec
from sample_data.demand import DAYS, is_live_day
from sample_data.truth import Order

VISITOR_SOURCES = {"live": "live", "short_video": "short_video", "product_card": "product_card"}
PER_ORDER = {"live": 30, "short_video": 44, "product_card": 19, "other": 26}
AD_SHARE = {"mountain": 60, "cloud": 85, "tea": 40, "sauce": 50}
EVENING = (time(19, 0), time(23, 30))


def spread(name: str, low: int, high: int) -> int:
    """A number between two, the same for the same name."""
    return low + int(sha256(name.encode()).hexdigest()[:12], 16) % (high - low + 1)


def days(cut: datetime) -> list[date]:
    """The days of the sample, oldest first."""
    return [cut.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


@dataclass(frozen=True, slots=True)
class Visits:
    """Who came on one day from one source."""

    day: date
    source: str
    exposed: int
    visitors: int
    clicks: int


def visits(shop: Shop, orders: list[Order], cut: datetime) -> list[Visits]:
    """A row a day for the whole shop, and one for each source; Taobao's board tells no sources.

    Some come from two sources, so the whole is less than its parts.
    """
    placed: dict[tuple[date, str], int] = {}
    for order in orders:
        source = VISITOR_SOURCES.get(order.lines[0].source, "other")
        placed[order.day, source] = placed.get((order.day, source), 0) + 1
    found = []
    for day in days(cut):
        rows = []
        for source, factor in PER_ORDER.items():
            if source == "live" and "live" not in shop.sources:
                continue
            people = placed.get((day, source), 0) * factor + spread(f"{shop.key} {day} {source}", 20, 140)
            rows.append(Visits(day, source, people * 7, people, people * 3 // 5))
        sums = (sum(getattr(row, name) for row in rows) for name in ("exposed", "visitors", "clicks"))
        whole = Visits(day, "all", *(amount * 9 // 10 for amount in sums))
        rows = [whole] if shop.platform == "taobao" else [whole, *rows]
        found += rows
    return found


@dataclass(frozen=True, slots=True)
class Spend:
    """What advertising cost on one day, in fen."""

    day: date
    spend: int
    exposures: int
    clicks: int


def spends(shop: Shop, orders: list[Order], cut: datetime) -> list[Spend]:
    """So many yuan a day and a share of what was sold, in thousandths."""
    sold: dict[date, int] = {}
    for order in orders:
        if order.paid_at:
            sold[order.day] = sold.get(order.day, 0) + sum(line.paid for line in order.lines)
    found = []
    for day in days(cut):
        base = spread(f"{shop.key} ads {day}", 3_000, 12_000)
        amount = base + sold.get(day, 0) * AD_SHARE[shop.key] // 1000
        found.append(Spend(day, amount, amount // 4, amount // 90))
    return found


@dataclass(frozen=True, slots=True)
class Session:
    """One evening of one room of the shop's own; ``amount`` in fen."""

    person: Person
    started_at: datetime
    ended_at: datetime
    visitors: int
    clicks: int
    orders: int
    amount: int


def sessions(shop: Shop, orders: list[Order], cut: datetime) -> list[Session]:
    """The first of the shop's accounts streams on its live days."""
    person = shop.own_accounts[0]
    found = []
    for day in days(cut):
        start, end = (datetime.combine(day, at) for at in EVENING)
        if not is_live_day(day) or end > cut:
            continue
        sold = [
            order
            for order in orders
            if start <= order.placed_at < end
            and order.paid_at
            and order.lines[0].source == "live"
            and order.lines[0].person == person
        ]
        amount = sum(line.paid for order in sold for line in order.lines)
        people = len(sold) * 41 + spread(f"{shop.key} room {day}", 180, 460)
        found.append(Session(person, start, end, people, people * 2 // 5, len(sold), amount))
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """One variant in the warehouse. ``cost`` in fen a piece."""

    product: str
    spec: Spec
    on_hand: int
    in_transit: int
    lead_days: int
    cost: int


def stock(shop: Shop, orders: list[Order], cut: datetime) -> list[Held]:
    """Some days' to some weeks' sales of every variant; one in ten has run out."""
    sold: dict[str, int] = {}
    for order in orders:
        for line in order.lines:
            if order.paid_at:
                sold[line.sku_code] = sold.get(line.sku_code, 0) + line.quantity
    found = []
    for product in shop.products:
        for spec in product.specs:
            number = spread(f"{shop.key} {spec.sku_code}", 0, 99)
            cover = 0 if number < 10 else 4 + number // 3
            units = sold.get(spec.sku_code, 0) * cover // DAYS
            coming = sold.get(spec.sku_code, 0) * 14 // DAYS if number % 3 == 0 else 0
            cost = spec.price * (38 + number % 20) // 100
            found.append(Held(product.name, spec, units, coming, 5 + number % 16, cost))
    return found

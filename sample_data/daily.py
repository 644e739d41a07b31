"""Expected figures of what is told by the day alone: visitors, advertising, their ratios to orders, money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sample_data.catalog import Shop
from sample_data.figures import Figures, ratio, share
from sample_data.own_facts import spends, visits
from sample_data.truth import Order

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one shop: how many people came and what advertising cost, in fen."""

    shop: str
    platform: str
    day: date
    visitors: int
    spend: int


BY: Mapping[str, Callable[[Day], str]] = {
    "day": lambda one: one.day.isoformat(),
    "week": lambda one: (one.day - timedelta(days=one.day.weekday())).isoformat(),
    "month": lambda one: one.day.strftime("%Y-%m"),
    "weekday": lambda one: str(one.day.isoweekday()),
    "shop": lambda one: one.shop,
    "platform": lambda one: one.platform,
}


def days_of(shop: Shop, orders: list[Order], cut: datetime) -> list[Day]:
    """Every day of one shop."""
    people = {one.day: one.visitors for one in visits(shop, orders, cut) if one.source == WHOLE}
    return [
        Day(shop.name, shop.platform, one.day, people[one.day], one.spend)
        for one in spends(shop, orders, cut)
    ]


def told(days: list[Day], found: Figures, basis: str) -> Figures:
    """The keys of one group whose other figures are ``found``; what advertising sold needs a bill of it."""
    visitors, spend = sum(one.visitors for one in days), sum(one.spend for one in days)
    added: Figures = {"visitors": visitors, "ad_spend": spend}
    placed, settled = found.get("orders_placed"), found["settled_amount"]
    if basis == "placed" and isinstance(placed, int):
        added |= share("visit_to_order_rate", placed, visitors)
    if isinstance(settled, int):
        added |= ratio("ad_ratio", spend, settled)
    return added

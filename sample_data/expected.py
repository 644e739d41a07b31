"""The expected figures of the whole set as one JSON document; those of one file are in ``one_file``."""

from __future__ import annotations

from datetime import datetime

from sample_data.catalog import Shop
from sample_data.daily import Day
from sample_data.events import events
from sample_data.exports import earlier, last_seen, overlap_from
from sample_data.facts import (
    OrderFact,
    Seen,
    fact,
    last_case_event,
    last_order_event,
    last_parcel_event,
)
from sample_data.maturity import matured
from sample_data.tables import funnel, tables
from sample_data.truth import Order

OF_EACH_SHOP = ("day", "month", "source", "province", "account")


def facts_of(shop: Shop, orders: list[Order], cut: datetime) -> list[OrderFact]:
    """The facts of one shop's orders, each as of the last order export that held it."""
    held = {
        cut: [order for order in orders if order.placed_at >= overlap_from(cut, shop.key)],
        earlier(cut): [order for order in orders if order.placed_at <= earlier(cut)],
    }
    cases, parcels = last_case_event(shop, orders, cut), last_parcel_event(orders, cut)
    seen = {
        moment: Seen(moment, cut, last_order_event(shop, some, moment), cases, parcels)
        for moment, some in held.items()
    }
    return [fact(order, seen[last_seen(order, cut)], shop) for order in orders]


def of_all(
    facts: dict[str, list[OrderFact]],
    days: dict[str, list[Day]],
    files: list[dict[str, str]],
    cut: datetime,
) -> dict[str, object]:
    """The whole set: every table for all shops together and for each alone."""
    every = [one for shop in facts.values() for one in shop]
    return {
        "cut": cut.isoformat(),
        "files": files,
        "shops": list(facts),
        "orders": len(every),
        "lines": sum(len(one.lines) for one in every),
        "together": {
            **tables(every, [one for shop in days.values() for one in shop]),
            "event": events(every),
            "funnel": funnel(every),
            "matured": matured(list(facts.values())),
        },
        "each": {
            name: {
                **tables(found, days[name], OF_EACH_SHOP),
                "event": events(found),
                "funnel": funnel(found),
                "matured": matured([found]),
            }
            for name, found in facts.items()
        },
    }

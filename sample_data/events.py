"""Expected figures on the ``event`` basis: each thing on its own day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sample_data.facts import OrderFact

Event = tuple[datetime, str, int]
PARTS: dict[str, Callable[[datetime], str]] = {
    "total": lambda at: "total",
    "month": lambda at: at.strftime("%Y-%m"),
    "day": lambda at: at.date().isoformat(),
}


def _events(fact: OrderFact) -> Iterator[Event]:
    """What happened to one order, when, and how much."""
    steps = {
        "orders_placed": fact.placed_at,
        "orders_paid": fact.paid_at,
        "orders_shipped": fact.shipped_at,
        "orders_signed": fact.signed_at,
        "orders_completed": fact.completed_at,
    }
    for key, at in steps.items():
        if at is not None:
            yield at, key, 1
    if fact.paid_at is not None:
        yield fact.paid_at, "paid_amount", fact.paid_amount
        yield fact.paid_at, "units_paid", sum(line.quantity for line in fact.lines)
    for at, amount in fact.refunds:
        yield at, "refund_amount", amount
    for line in fact.lines:
        due = line.commission
        if due is not None and fact.paid_at is not None:
            yield fact.paid_at, "commission_estimated", due.estimated
            if due.settled_at is not None:
                yield due.settled_at, "commission_settled", due.settled


def events(facts: list[OrderFact]) -> dict[str, dict[str, dict[str, int]]]:
    """Sums of every key by total, month and day; orders refunded count once a group."""
    found: dict[str, dict[str, dict[str, int]]] = {part: {} for part in PARTS}
    refunded: dict[tuple[str, str], set[str]] = {}
    for fact in facts:
        for at, key, amount in _events(fact):
            for part, name in PARTS.items():
                group = found[part].setdefault(name(at), {})
                group[key] = group.get(key, 0) + amount
        for at, _ in fact.refunds:
            for part, name in PARTS.items():
                refunded.setdefault((part, name(at)), set()).add(fact.order_id)
    for (part, group_name), orders in refunded.items():
        found[part][group_name]["orders_refunded"] = len(orders)
    for groups in found.values():
        for group in groups.values():
            group["net_amount"] = group.get("paid_amount", 0) - group.get("refund_amount", 0)
    return {part: dict(sorted(groups.items())) for part, groups in found.items()}

"""Expected rates over matured orders: those old enough for a step they have not made to count as lost.

The horizon is the shop's own p95 of the step among orders at least 45 days old, where 200 of them made it;
else a day to pay and thirty to send back or be refunded. States are judged at the last event of their file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sample_data.facts import OrderFact
from sample_data.figures import Figures, quantile
from sample_data.truth import Moment

OWN_AGE, OWN_ORDERS = timedelta(days=45), 200
Read = Callable[[OrderFact], Moment]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rate over orders that have a start: which orders count as hits, how old they must be."""

    start: Read
    end: Read
    clock: Read
    hit: Callable[[OrderFact], bool]
    default: timedelta


RULES = {
    "pay_rate": Rule(
        lambda fact: fact.placed_at,
        lambda fact: fact.paid_at,
        lambda fact: fact.as_of,
        lambda fact: fact.paid_at is not None,
        timedelta(days=1),
    ),
    "refund_rate": Rule(
        lambda fact: fact.paid_at,
        lambda fact: fact.refunded_at,
        lambda fact: fact.aftersales_as_of,
        lambda fact: fact.refunded_at is not None,
        timedelta(days=30),
    ),
    "return_rate": Rule(
        lambda fact: fact.paid_at,
        lambda fact: fact.refunded_at if fact.returned else None,
        lambda fact: fact.aftersales_as_of,
        lambda fact: fact.returned,
        timedelta(days=30),
    ),
}


def horizon(facts: list[OrderFact], rule: Rule) -> float:
    """Seconds of one shop."""
    newest = max(fact.as_of for fact in facts)
    spans = [
        (end - start).total_seconds()
        for fact in facts
        if fact.placed_at <= newest - OWN_AGE and (start := rule.start(fact)) and (end := rule.end(fact))
    ]
    own = quantile(spans, 0.95)
    return own if own is not None and len(spans) >= OWN_ORDERS else rule.default.total_seconds()


def matured(shops: list[list[OrderFact]]) -> Figures:
    """``X_matured`` and ``X_pending`` of the rates above over the orders of the shops."""
    found: Figures = {}
    for name, rule in RULES.items():
        hits = old = young = 0
        for facts in shops:
            seconds = horizon(facts, rule)
            for fact in facts:
                start, clock = rule.start(fact), rule.clock(fact)
                if start is None or clock is None:
                    continue
                waits = name == "pay_rate" and fact.deposit_pending
                ripe = not waits and (clock - start).total_seconds() >= seconds
                old += ripe
                young += not ripe
                hits += ripe and rule.hit(fact)
        found |= {f"{name}_matured": hits / old if old else None, f"{name}_pending": young}
    return found

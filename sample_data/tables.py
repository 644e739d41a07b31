"""Expected metric tables by day, month, source, province and shop, and the expected funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sample_data.daily import BY as DAILY
from sample_data.daily import Day, told
from sample_data.facts import OrderFact
from sample_data.figures import WITHOUT_ESTIMATES, Figures, figures, quantile

Group = Callable[[OrderFact, datetime], set[str]]
BY: dict[str, Group] = {
    "day": lambda fact, anchor: {anchor.date().isoformat()},
    "month": lambda fact, anchor: {anchor.strftime("%Y-%m")},
    "hour": lambda fact, anchor: {anchor.strftime("%H")},
    "weekday": lambda fact, anchor: {str(anchor.isoweekday())},
    "week": lambda fact, anchor: {(anchor.date() - timedelta(days=anchor.weekday())).isoformat()},
    "source": lambda fact, anchor: {line.source for line in fact.lines},
    "product_id": lambda fact, anchor: {line.product_id for line in fact.lines},
    "sku_code": lambda fact, anchor: {line.sku_code for line in fact.lines},
    "influencer_id": lambda fact, anchor: {line.influencer_id for line in fact.lines},
    "pay_method": lambda fact, anchor: {fact.pay_method},
    "account": lambda fact, anchor: {line.account for line in fact.lines},
    "province": lambda fact, anchor: {fact.province},
    "shop": lambda fact, anchor: {fact.shop},
    "platform": lambda fact, anchor: {fact.platform},
}
ENOUGH_WAYBILLS = 0.95
LINE_KEYS = ("source", "account", "product_id", "sku_code", "influencer_id")
NAMES = {"product_id": "product", "sku_code": "sku", "influencer_id": "influencer"}


def _anchored(facts: list[OrderFact], basis: str) -> list[tuple[OrderFact, datetime]]:
    if basis == "placed":
        return [(fact, fact.placed_at) for fact in facts]
    return [(fact, fact.paid_at) for fact in facts if fact.paid_at]


def table(facts: list[OrderFact], basis: str, by: str) -> dict[str, Figures]:
    """Figures of every group, in the order of the keys."""
    groups: dict[str, list[OrderFact]] = {}
    for fact, anchor in _anchored(facts, basis):
        for key in BY[by](fact, anchor):
            groups.setdefault(key, []).append(fact)
    if by not in LINE_KEYS:
        of_shops = by in ("shop", "platform")
        return {
            key: as_told(figures(groups[key], basis), groups[key] if of_shops else facts)
            for key in sorted(groups)
        }
    return {
        key: as_told(
            figures(groups[key], basis, lambda line, key=key: getattr(line, by) == key),  # type: ignore[misc]
            facts,
        )
        for key in sorted(groups)
    }


def as_told(found: Figures, facts: list[OrderFact]) -> Figures:
    """No estimates where no shop of these orders has files that tell any."""
    if any(fact.platform not in WITHOUT_ESTIMATES for fact in facts):
        return found
    return found | {key: None for key in found if "estimated" in key}


def _with_days(groups: dict[str, Figures], days: list[Day], basis: str, by: str) -> dict[str, Figures]:
    """The groups with what is told of their days, where days can be split so."""
    if by not in DAILY:
        return groups
    return {
        key: found | told([one for one in days if DAILY[by](one) == key], found, basis)
        for key, found in groups.items()
    }


def tables(
    facts: list[OrderFact], days: list[Day], groupings: Iterable[str] = tuple(BY)
) -> dict[str, object]:
    """Both cohort bases with totals and the groupings asked for."""
    result: dict[str, object] = {}
    for basis in ("placed", "paid"):
        total = as_told(figures([fact for fact, _ in _anchored(facts, basis)], basis), facts)
        result[basis] = {
            "total": total | told(days, total, basis),
            **{NAMES.get(by, by): _with_days(table(facts, basis, by), days, basis, by) for by in groupings},
        }
    return result


STEPS: dict[str, tuple[Callable[[OrderFact], object], Callable[[OrderFact], datetime | None]]] = {
    "placed": (lambda fact: True, lambda fact: fact.placed_at),
    "paid": (lambda fact: fact.paid_at, lambda fact: fact.paid_at),
    "shipped": (lambda fact: fact.shipped_at, lambda fact: fact.shipped_at),
    "signed": (lambda fact: fact.signed_at, lambda fact: fact.signed_at),
    "completed": (lambda fact: fact.completed, lambda fact: fact.completed_at),
}


def _chain(facts: list[OrderFact]) -> list[str]:
    """The steps; signed only where nearly all that shipped have a waybill row."""
    shipped = [fact for fact in facts if fact.shipped_at]
    told = sum(fact.tracked for fact in shipped)
    return [key for key in STEPS if key != "signed" or told >= ENOUGH_WAYBILLS * len(shipped)]


def funnel(facts: list[OrderFact]) -> dict[str, object]:
    """Counts of the steps on one cohort, each among those that passed the step before; times to the next."""
    left = facts
    found: dict[str, dict[str, object]] = {}
    previous = ""
    for key in _chain(facts):
        made, at = STEPS[key]
        left = [fact for fact in left if made(fact)]
        found[key] = {"n": len(left), "median_hours": None}
        if previous:
            before = STEPS[previous][1]
            pairs = [(before(fact), at(fact)) for fact in left]
            spans = [(end - start).total_seconds() / 3600 for start, end in pairs if start and end]
            found[previous]["median_hours"] = quantile(spans, 0.5)
        previous = key
    return dict(found)

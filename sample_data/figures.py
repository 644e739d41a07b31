"""The expected figures of the sample, by plain Python from the facts. Knows no product code.

Money in fen, durations in hours, ratios with numerator ``X_n`` and denominator ``X_d``; a ratio over nothing
is null. Quantiles interpolate linearly between neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sample_data.facts import OrderFact
from sample_data.facts_of_lines import LineFact

Figures = dict[str, int | float | None]
Keep = Callable[[LineFact], bool]
WITHOUT_BILLS = WITHOUT_ESTIMATES = ("taobao",)
Z = 1.959963984540054
DAY, TWO_DAYS, HOUR = timedelta(days=1), timedelta(days=2), timedelta(hours=1)


def quantile(values: list[float], share: float) -> float | None:
    """Linear interpolation between the two nearest of the sorted values."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratio(name: str, n: int, d: int) -> Figures:
    """A ratio with both its parts."""
    return {name: n / d if d else None, f"{name}_n": n, f"{name}_d": d}


def share(name: str, n: int, d: int) -> Figures:
    """A ratio of counted orders, with its Wilson interval at 95 %."""
    found = ratio(name, n, d)
    if not d:
        return found | {f"{name}_low": None, f"{name}_high": None}
    p, z2 = n / d, Z * Z
    middle = (p + z2 / (2 * d)) / (1 + z2 / d)
    half = Z / (1 + z2 / d) * (p * (1 - p) / d + z2 / (4 * d * d)) ** 0.5
    return found | {f"{name}_low": max(0.0, middle - half), f"{name}_high": min(1.0, middle + half)}


def duration(name: str, spans: Iterable[timedelta]) -> Figures:
    """Mean, median and ninth decile in hours; negative spans are left out."""
    values = [span.total_seconds() / 3600 for span in spans if span >= timedelta(0)]
    return {
        f"{name}_mean": sum(values) / len(values) if values else None,
        f"{name}_p50": quantile(values, 0.5),
        f"{name}_p90": quantile(values, 0.9),
        f"{name}_n": len(values),
    }


def known(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known; null where there is something and none of it is."""
    every = list(amounts)
    told = [amount for amount in every if amount is not None]
    return sum(told) if told or not every else None


def _count(facts: Iterable[OrderFact], keep: Callable[[OrderFact], object]) -> int:
    return sum(1 for fact in facts if keep(fact))


def _counts(facts: list[OrderFact]) -> Figures:
    unpaid = [fact for fact in facts if not fact.paid_at]
    return {
        "orders_placed": len(facts),
        "orders_paid": len(facts) - len(unpaid),
        "orders_shipped": _count(facts, lambda fact: fact.shipped_at),
        "orders_signed": _count(facts, lambda fact: fact.signed_at),
        "orders_transit": _count(facts, lambda fact: fact.transit),
        "orders_completed": _count(facts, lambda fact: fact.completed),
        "orders_closed": _count(facts, lambda fact: fact.closed),
        "orders_unpaid": len(unpaid),
        "orders_unpaid_open": _count(unpaid, lambda fact: not fact.closed),
        "orders_unpaid_closed": _count(unpaid, lambda fact: fact.closed),
        "orders_zero": _count(facts, lambda fact: fact.paid_at and fact.paid_amount == 0),
        "orders_refunded": _count(facts, lambda fact: fact.refunded_at),
        "orders_returned": _count(facts, lambda fact: fact.returned),
        "dispute_orders": _count(facts, lambda fact: fact.disputed),
    }


def _money(facts: list[OrderFact], keep: Keep) -> Figures:
    every = [line for fact in facts for line in fact.lines if keep(line)]
    paid = [line for fact in facts if fact.paid_at for line in fact.lines if keep(line)]
    paid_amount = sum(line.paid for line in paid)
    refund_amount = sum(line.refund_amount for line in every)
    return {
        "paid_amount": paid_amount,
        "payable_amount": sum(line.payable for line in every),
        "discount_amount": known(line.discount for line in every),
        "platform_subsidy": known(line.platform_discount for line in every),
        "freight_amount": sum(line.freight for line in every),
        "refund_amount": refund_amount,
        "net_amount": paid_amount - refund_amount,
        "units_paid": sum(line.quantity for line in paid),
    }


def _refund_stage(fact: OrderFact) -> str:
    """When the first successful refund was asked for: before shipping, before receipt, or after it."""
    applied = fact.refund_applied_at
    if applied is None:
        return ""
    if fact.shipped_at is None or applied < fact.shipped_at:
        return "unshipped"
    return "unsigned" if fact.signed_at is None or applied < fact.signed_at else "signed"


def _refunds(facts: list[OrderFact], totals: Figures) -> Figures:
    paid = [fact for fact in facts if fact.paid_at]
    stages = [_refund_stage(fact) for fact in paid]
    quick = sum(
        1
        for fact in paid
        if fact.refund_applied_at and fact.paid_at and fact.refund_applied_at - fact.paid_at <= HOUR
    )
    found: Figures = {}
    for stage in ("unshipped", "unsigned", "signed"):
        found |= share(f"refund_rate_{stage}", stages.count(stage), len(paid))
    return {
        **found,
        **share("refund_rate_1h", quick, len(paid)),
        **share("refund_rate", _whole(totals, "orders_refunded"), len(paid)),
        **share("return_rate", _whole(totals, "orders_returned"), len(paid)),
        **ratio("refund_amount_rate", _whole(totals, "refund_amount"), _whole(totals, "paid_amount")),
        **share("dispute_rate_paid", _whole(totals, "dispute_orders"), len(paid)),
    }


def _whole(totals: Figures, key: str) -> int:
    value = totals[key]
    assert isinstance(value, int)  # noqa: S101 - counts and fen are whole
    return value


def _left_early(fact: OrderFact, limit: datetime) -> bool:
    """Refunded while unshipped, before the limit: outside the denominator of shipping on time."""
    if fact.refunded_at is None or fact.refunded_at > limit:
        return False
    return fact.shipped_at is None or fact.shipped_at > fact.refunded_at


def _on_time(name: str, facts: list[OrderFact], limit: Callable[[OrderFact], datetime | None]) -> Figures:
    good = due = 0
    for fact in facts:
        by = limit(fact)
        if by is None or by > fact.as_of or _left_early(fact, by):
            continue
        due += 1
        good += fact.shipped_at is not None and fact.shipped_at <= by
    return share(name, good, due)


def promise(fact: OrderFact) -> datetime | None:
    """When a paid order was to ship: as promised, else two days after paying."""
    return (fact.promised_at or fact.paid_at + TWO_DAYS) if fact.paid_at else None


def _logistics(facts: list[OrderFact]) -> Figures:
    shipped = [(fact, fact.shipped_at) for fact in facts if fact.shipped_at]
    told = [(fact, at) for fact, at in shipped if fact.picked_up_at or fact.tracked]
    due = [(fact, at) for fact, at in told if at + DAY <= fact.parcels_as_of]
    scanned = sum(1 for fact, at in due if fact.picked_up_at and fact.picked_up_at <= at + DAY)
    pays = [(fact.paid_at - fact.placed_at).total_seconds() for fact in facts if fact.paid_at]
    return {
        **duration("ship_to_sign_hours", [fact.signed_at - at for fact, at in shipped if fact.signed_at]),
        **duration("pay_to_ship_hours", [at - fact.paid_at for fact, at in shipped if fact.paid_at]),
        **duration("ship_to_pickup_hours", [f.picked_up_at - at for f, at in shipped if f.picked_up_at]),
        **duration(
            "pickup_to_sign_hours",
            [f.signed_at - f.picked_up_at for f, _ in shipped if f.signed_at and f.picked_up_at],
        ),
        **duration("ship_to_complete_hours", [f.completed_at - at for f, at in shipped if f.completed_at]),
        "pay_seconds_p50": quantile(pays, 0.5),
        **_on_time(
            "ship_48h_rate", facts, lambda f: f.paid_at + TWO_DAYS if f.paid_at and not f.presale else None
        ),
        **_on_time("ship_promise_rate", facts, promise),
        **share("pickup_24h_rate", scanned, len(due)),
    }


def _commissions(facts: list[OrderFact], keep: Keep) -> Figures:
    """Commissions by the files; shops whose files tell no estimates have no part in these."""
    dues = [
        (line, line.commission) for fact in facts for line in fact.lines if keep(line) and line.commission
    ]
    telling = [fact for fact in facts if fact.platform not in WITHOUT_ESTIMATES]
    paid = sum(line.paid for fact in telling for line in fact.lines if keep(line) and line.commission)
    found: Figures = {}
    for layer in ("influencer", "leader", "service"):
        for stage in ("estimated", "settled"):
            found[f"commission_{stage}_{layer}"] = sum(getattr(getattr(due, layer), stage) for _, due in dues)
    estimated, settled = sum(due.estimated for _, due in dues), sum(due.settled for _, due in dues)
    listed = [due for _, due in dues if due.settled_at and not due.by_bill]
    return {
        **found,
        "commission_estimated": estimated,
        "commission_settled": settled,
        **ratio("commission_rate_estimated", estimated, paid),
        **ratio(
            "commission_rate_settled",
            sum(due.settled for due in listed),
            sum(due.settled_base for due in listed),
        ),
    }


def _settlements(facts: list[OrderFact], keep: Keep) -> Figures:
    """What the bills paid out; unknown where orders of a shop without bills are among them."""
    keys = ("settled_amount", "unsettled_amount", "platform_fee")
    if any(fact.platform in WITHOUT_BILLS for fact in facts):
        return dict.fromkeys(keys)
    rows = [row for fact in facts for line in fact.lines if keep(line) for row in line.payouts]
    waiting = [
        line.paid
        for fact in facts
        if fact.completed and not fact.refunded_at and not any(line.payouts for line in fact.lines)
        for line in fact.lines
        if keep(line)
    ]
    amounts = sum(row.amount for row in rows), sum(waiting), sum(row.platform_fee for row in rows)
    return dict(zip(keys, amounts, strict=True))


def figures(facts: list[OrderFact], basis: str, keep: Keep = lambda line: True) -> Figures:
    """Every expected key of one group of orders; money and units only of the lines that ``keep`` lets in."""
    found = _counts(facts) | _money(facts, keep)
    paid = _whole(found, "orders_paid")
    units = _whole(found, "units_paid")
    found |= _refunds(facts, found) | _logistics(facts) | _commissions(facts, keep)
    found |= _settlements(facts, keep)
    found |= ratio("average_order_value", _whole(found, "paid_amount"), paid)
    found |= ratio("units_per_order", units, paid) | ratio(
        "amount_per_unit", _whole(found, "paid_amount"), units
    )
    if basis == "placed":
        found |= share("pay_rate", paid, len(facts))
        found |= share("dispute_rate", _whole(found, "dispute_orders"), len(facts))
        return found
    for key in ("orders_placed", "orders_unpaid", "orders_unpaid_open", "orders_unpaid_closed"):
        del found[key]
    return found

"""The days whose figures are whole: covered by every shop's files, over, and old enough not to change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from shopdata.metrics.catalogue import CATALOGUE, parts
from shopdata.metrics.context import horizons_of
from shopdata.metrics.definition import Metric
from shopdata.metrics.frame import Frame, Reads, ShopFrame
from shopdata.metrics.maturity import DAY, STEPS, horizon
from shopdata.metrics.series import WHOLE_TO

# The step of an order that settles each figure of its day, by the figure's key or the beginning of it; the
# longest beginning decides. Figures of no step are known with the order.
SETTLED_BY: Mapping[str, str | None] = {
    "": "settle",
    "orders_placed": None,
    "payable_amount": None,
    "platform_subsidy": None,
    "discount_amount": None,
    "freight_amount": None,
    "ad_spend": None,
    "visitors": None,
    "orders_paid": "pay",
    "orders_zero": "pay",
    "orders_unpaid": "pay",
    "paid_amount": "pay",
    "units_paid": "pay",
    "buyers": "pay",
    "new_buyers": "pay",
    "repeat_buyers": "pay",
    "pay_seconds": "pay",
    "orders_shipped": "ship",
    "orders_due": "ship",
    "orders_picked_up": "ship",
    "orders_transit": "ship",
    "pay_to_ship": "ship",
    "ship_to_pickup": "sign",
    "orders_signed": "sign",
    "ship_to_sign": "sign",
    "orders_completed": "complete",
    "ship_to_complete": "complete",
    "orders_closed": "refund",
    "orders_refunded": "refund",
    "refund_amount": "refund",
    "orders_returned": "return",
    "dispute_orders": "dispute",
}
BEFORE: Mapping[str, tuple[str, ...]] = {"paid_at": ("pay",), "shipped_at": ("pay", "ship")}
SETTLE_DAYS = 40


def is_whole(day: date, frame: Frame) -> bool:
    """Whether every shop's order files cover the day to its end; before a shop's first file it has no say."""
    return all(_has_whole(shop, day) for shop in frame.shops if shop.covered)


def _has_whole(shop: ShopFrame, day: date) -> bool:
    if day < min(first for first, _ in shop.covered):
        return True
    ends = datetime.combine(day, WHOLE_TO)
    reached = shop.as_of.get("orders", datetime.combine(day, time()))
    return any(
        first <= day and (day < last or (day == last and reached >= ends)) for first, last in shop.covered
    )


def final_until(store: Reads, frame: Frame, key: str, basis: str) -> date | None:
    """The last day whose figure of the metric will not change any more; ``None`` where no shop has files.

    On the ``event`` basis a day is final when it is over. On a cohort it waits for the step that settles it,
    as long as the shop's own horizon of that step (and of the steps before it) says.
    """
    step = None if basis == "event" else _step_of(CATALOGUE[key])
    chain = _chain(step, basis) if step and step != "settle" else ()
    horizons = horizons_of(store, frame, chain)
    found = []
    for shop in frame.shops:
        clock = STEPS[step].clock if step and step in STEPS else "orders"
        reached = shop.as_of.get(clock, shop.as_of.get("orders"))
        if reached is None:
            continue
        waits = timedelta(seconds=sum(horizon(horizons, shop.id, one) for one in chain))
        if step == "settle":
            waits = timedelta(seconds=SETTLE_DAYS * DAY)
        found.append((reached - waits).date() - timedelta(days=1 if waits else 0))
    return min(found, default=None)


def _chain(step: str, basis: str) -> tuple[str, ...]:
    """The steps a cohort waits for, one after the other."""
    steps = (*BEFORE.get(STEPS[step].start, ()), step)
    return tuple(one for one in steps if one != "pay") if basis == "paid" else steps


def _step_of(metric: Metric) -> str | None:
    """The slowest of the steps that settle a metric's parts."""
    of_parts = [_step_of(CATALOGUE[part]) for part in parts(metric)]
    if of_parts:
        order = (None, "pay", *(step for step in STEPS if step != "pay"), "settle")
        return max(of_parts, key=order.index)
    beginning = max((one for one in SETTLED_BY if metric.key.startswith(one)), key=len)
    return SETTLED_BY[beginning]

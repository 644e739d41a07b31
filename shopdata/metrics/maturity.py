"""How old an order must be before a step it has not made counts as lost.

The horizon of a step is the shop's own p95 among orders at least 45 days old, read from all its data and
never from a filter, where at least 200 of them made the step; otherwise the default below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy import Connection, and_, func, select

from shopdata.metrics.constructs import Expression, quantiles, seconds_between
from shopdata.metrics.frame import Frame
from shopdata.store import tables

HOUR, DAY = 3600, 86_400
OWN_AGE = timedelta(days=45)
OWN_ORDERS = 200


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step's clock: the moment it starts from, the moment it ends at, the file kind that shows it.

    ``flag`` restricts the orders whose own p95 is read; without ``end`` the default always holds.
    """

    start: str
    clock: str
    default: int
    end: str | None = None
    flag: str | None = None


STEPS: Mapping[str, StepRule] = MappingProxyType(
    {
        "pay": StepRule("placed_at", "orders", DAY, end="paid_at"),
        "ship": StepRule("paid_at", "orders", 2 * DAY, end="shipped_at"),
        "sign": StepRule("shipped_at", "parcels", 10 * DAY, end="signed_at"),
        "complete": StepRule("shipped_at", "orders", 20 * DAY, end="completed_at"),
        "return": StepRule("paid_at", "aftersales", 30 * DAY, end="refunded_at", flag="is_returned"),
        "refund": StepRule("paid_at", "aftersales", 30 * DAY, end="refunded_at", flag="is_refunded"),
        "refund_soon": StepRule("paid_at", "aftersales", 2 * DAY),
        "dispute": StepRule("placed_at", "aftersales", 30 * DAY),
    }
)
OWN = tuple(step for step, rule in STEPS.items() if rule.end)

Horizons = Mapping[tuple[int, str], int]


def load_horizon(connection: Connection, frame: Frame, step: str) -> Horizons:
    """Seconds per shop for one step, where its own p95 may stand; a shop that is absent has the default."""
    found: dict[tuple[int, str], int] = {}
    orders = tables.orders.c
    seconds, made = _own_step(step)
    for shop in frame.shops:
        as_of = shop.as_of.get("orders")
        if as_of is None:
            continue
        own, made_orders = connection.execute(
            select(quantiles(seconds), func.count())
            .select_from(tables.orders)
            .where(orders.shop_id == shop.id, orders.placed_at <= as_of - OWN_AGE, made)
        ).one()
        if made_orders >= OWN_ORDERS:
            found[shop.id, step] = round(own[-1])
    return found


def _own_step(step: str) -> tuple[Expression, Expression]:
    rule = STEPS[step]
    orders = tables.orders.c
    start, end = orders[rule.start], orders[rule.end or rule.start]
    seconds = seconds_between(start, end)
    made = and_(end.is_not(None), start.is_not(None), seconds >= 0)
    return seconds, and_(made, orders[rule.flag]) if rule.flag else made


def horizon(horizons: Horizons, shop_id: int, step: str) -> int:
    """Seconds after which a missing step of that shop counts as lost."""
    return horizons.get((shop_id, step), STEPS[step].default)

"""Limits a shop set for itself: who, when, from which day. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from shopdata.abnormal.definition import Limit
from shopdata.abnormal.rules import RULES
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.preferences import may_change
from shopdata.imports.scoping import all_shops
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_limits

MOST = 1e9
# What holds for all rules together stands under a name that is none of theirs.
BUDGET, A_DAY = "budget", Limit("a_day", 20, "number", ours=True)
LIMITS: Mapping[str, tuple[Limit, ...]] = {BUDGET: (A_DAY,)} | {
    key: rule.limits for key, rule in RULES.items() if rule.limits
}


@dataclass(frozen=True, slots=True)
class SetLimit:
    """A limit as somebody set it; ``value`` is ``None`` where the default was taken again."""

    shop_id: int
    rule: str
    name: str
    value: float | None
    from_day: date
    user: str | None
    at: datetime


def limit_history(connection: Connection, shop_id: int) -> tuple[SetLimit, ...]:
    """Everything ever set in a shop, oldest first."""
    c = abnormal_limits.c
    query = select(abnormal_limits).where(c.shop_id == shop_id).order_by(c.from_day, c.at)
    return tuple(SetLimit(**row._mapping) for row in connection.execute(query))


def limits_of(connection: Connection, shop_id: int, day: date) -> Mapping[tuple[str, str], float]:
    """The limits that hold in a shop on a day, by rule and name; those that are not there are the default."""
    held: dict[tuple[str, str], float] = {}
    for one in limit_history(connection, shop_id):
        if one.from_day > day:
            continue
        held.pop((one.rule, one.name), None)
        if one.value is not None:
            held[one.rule, one.name] = one.value
    return held


def limits_in_force(connection: Connection, day: date) -> list[list[object]]:
    """Every limit of every shop that holds on a day: shop, rule, name, value."""
    shops = sorted(connection.execute(select(abnormal_limits.c.shop_id).distinct()).scalars())
    held = {shop: limits_of(connection, shop, day) for shop in shops}
    return [[shop, *key, value] for shop in shops for key, value in sorted(held[shop].items())]


def set_limit(
    store: Store,
    scope: Scope,
    shop_id: int,
    rule: str,
    name: str,
    value: float | None,
    *,
    from_day: date | None = None,
) -> None:
    """Set a limit of a rule from a day on (today unless said), or take the default again with ``None``.

    Raises ``NotAllowed`` for anyone but the owner, ``BadUsage`` for a limit the rule does not have or a
    number below 0.
    """
    if not may_change(scope.role):
        raise NotAllowed(role=scope.role)
    known = [limit.name for limit in LIMITS.get(rule, ())]
    if name not in known:
        raise BadUsage("value_unknown", name="limit", value=f"{rule}.{name}", choices=", ".join(known))
    if value is not None and not 0 <= value <= MOST:
        raise BadUsage("value_unknown", name=name, value=value, choices=f"0–{MOST:,.0f}")
    now = store.settings.now()
    with store.write() as connection:
        if shop_id not in {shop.id for shop in all_shops(connection)}:
            raise NotFound("not_found", what=shop_id)
        told = {"rule": rule, "name": name, "value": value, "from_day": from_day or now.date()}
        connection.execute(insert(abnormal_limits).values(shop_id=shop_id, user=scope.user, at=now, **told))
        record_action(connection, now, scope.user, "limit_set", role=scope.role, shop=shop_id, **told)

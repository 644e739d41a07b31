"""A cause many hits may share: one rule, one province, one courier. Nothing is derived here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, not_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.tables import orders


@dataclass(frozen=True, slots=True)
class Cause:
    """What hits of a shop have in common. ``province``: a code, ``courier``: as exported; ``None`` where the
    orders do not tell it."""

    shop_id: int
    rule: str
    province: str | None
    courier: str | None


def has_cause(c: Any, cause: Cause) -> ColumnElement[bool]:
    """Condition on ``held``: hits of the rule on orders of that province and courier."""
    o = orders.alias("orders_of_lane").c
    of_lane = exists(
        select(o.order_id).where(
            o.shop_id == c.shop_id,
            o.order_id == c.order_id,
            o.province.is_not_distinct_from(cause.province),
            o.courier.is_not_distinct_from(cause.courier),
        )
    )
    return and_(c.shop_id == cause.shop_id, c.rule == cause.rule, of_lane)


def has_none_of(c: Any, causes: tuple[Cause, ...]) -> tuple[ColumnElement[bool], ...]:
    """Conditions on ``held``: hits of none of the causes."""
    return tuple(not_(has_cause(c, cause)) for cause in causes)

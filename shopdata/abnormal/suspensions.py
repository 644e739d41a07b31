"""Suspended rules: on which days, where and for which courier hits of a rule do not count as open.

A suspended hit stays a hit: it is counted, shown with the day it is suspended until, and open again after
that day if it still holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, Integer, and_, case, cast, null, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.rules import RULES
from shopdata.metrics.constructs import Expression
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.suspension_tables import suspensions
from shopdata.store.tables import orders

SUSPENDABLE = tuple(key for key, rule in RULES.items() if rule.suspendable)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Rules suspended in a shop from a day to a day, both inclusive; no ``province`` (a code): everywhere,
    no ``courier`` (as exported): any."""

    id: int
    shop_id: int
    rules: tuple[str, ...]
    province: str | None
    courier: str | None
    from_day: date
    to_day: date
    reason: str | None
    user: str | None
    at: datetime
    ended_at: datetime | None
    ended_by: str | None

    def is_over(self, day: date) -> bool:
        """Whether it holds neither on the day nor later."""
        return self.ended_at is not None or self.to_day < day


def every_suspension(connection: Connection, shops: Sequence[int]) -> tuple[Suspension, ...]:
    """All there ever were in the shops, the one that lasts longest first."""
    c = suspensions.c
    query = select(suspensions).where(c.shop_id.in_(shops)).order_by(c.to_day.desc(), c.id)
    rows = (dict(row._mapping) for row in connection.execute(query))
    return tuple(Suspension(**row | {"rules": tuple(json.loads(row["rules"]))}) for row in rows)


def in_force(connection: Connection, shops: Sequence[int], day: date) -> tuple[Suspension, ...]:
    """Those that hold on the day, the one that lasts longest first."""
    every = every_suspension(connection, shops)
    return tuple(one for one in every if one.from_day <= day and not one.is_over(day))


def with_place(hits: Any, held: Sequence[Suspension]) -> Any:
    """Hits joined with what tells their province and courier, where any suspension has to know."""
    h = abnormal_hits.c
    same = and_(orders.c.shop_id == h.shop_id, orders.c.order_id == h.order_id)
    return hits.outerjoin(orders, same) if held else hits


def openness(
    would_be: ColumnElement[bool], held: Sequence[Suspension]
) -> tuple[Expression, Expression, Expression]:
    """Of a hit ``with_place`` that ``would_be`` open: whether it is, else the suspension it falls under, and
    that one's last day."""
    found = [(_concerns(one), one) for one in held]
    if not found:
        return would_be, cast(null(), Integer), cast(null(), Date)
    which = case(*((where, one.id) for where, one in found))
    until = case(*((where, one.to_day) for where, one in found))
    return and_(would_be, which.is_(None)), case((would_be, which)), case((would_be, until))


def _concerns(one: Suspension) -> ColumnElement[bool]:
    h, where = abnormal_hits.c, []
    if one.province is not None:
        where.append(orders.c.province == one.province)
    if one.courier is not None:
        where.append(orders.c.courier == one.courier)
    return and_(h.shop_id == one.shop_id, h.rule.in_(one.rules), *where)

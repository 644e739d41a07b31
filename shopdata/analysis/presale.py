"""Presales: deposits paid, balances paid, still open, lost.

An order waits for its balance from its deposit on; it is neither unpaid nor paid. It is lost
once it is closed without a payment. How many pay is said only of orders whose fate is known: paid or closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, not_, select

from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import quantiles, seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.metrics.query import window
from shopdata.metrics.relation import orders_relation
from shopdata.scope import Scope
from shopdata.store.tables import COMMISSIONS, ORDER_LINES, orders

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Presale:
    """Presale orders placed in the period. Amounts in fen; ``deposits`` is ``None`` where no file tells them.

    ``placed`` = ``paid`` + ``waiting`` + ``lost`` + ``unpaid`` (no deposit yet). ``hours_p50``: from the
    order to its balance.
    """

    placed: int
    paid: int
    paid_amount: int
    waiting: int
    waiting_amount: int | None
    lost: int
    lost_amount: int | None
    unpaid: int
    deposits: int | None
    hours_p50: float | None

    @property
    def decided(self) -> int:
        """Orders whose fate is known: the balance was paid, or the order was closed without it."""
        return self.paid + self.lost

    @property
    def rate(self) -> float | None:
        """Balances paid of those decided."""
        return self.paid / self.decided if self.decided else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The 95 % interval of ``rate`` (Wilson)."""
        return wilson(self.paid, self.decided) if self.decided else None


def presale(store: Reads, scope: Scope) -> Presale:
    """The presale orders placed in the period of ``scope``."""
    asked = replace(scope, basis="placed")
    return remembered(store, ("presale", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Presale:
    frame = frame_of(store, scope)
    relation = orders_relation(frame, scope, ())
    facts = Facts(relation.c, frame, {})
    c = relation.c
    paid = func.coalesce(c.is_paid, False)
    waiting = and_(
        func.coalesce(c.deposit_pending, False), not_(paid), not_(func.coalesce(c.is_closed, False))
    )
    lost = and_(func.coalesce(c.is_closed, False), not_(paid))
    taken = seconds_between(c.placed_at, c.paid_at)
    wanted = select(
        func.count(),
        func.count().filter(paid),
        func.sum(c.paid_amount).filter(paid),
        func.count().filter(waiting),
        func.sum(c.payable_amount).filter(waiting),
        func.count().filter(lost),
        func.sum(c.payable_amount).filter(lost),
        quantiles(taken).filter(paid),
    ).where(func.coalesce(c.is_presale, False), *window(scope, facts, "placed_at"))
    with store.read() as connection:
        row = connection.execute(wanted.select_from(relation)).one()
        deposits = connection.scalar(_deposits(scope, frame.ids))
    placed, paid_n, paid_sum, waiting_n, waiting_sum, lost_n, lost_sum, spread = row
    return Presale(
        placed=placed,
        paid=paid_n,
        paid_amount=int(paid_sum or 0),
        waiting=waiting_n,
        waiting_amount=None if waiting_sum is None else int(waiting_sum),
        lost=lost_n,
        lost_amount=None if lost_sum is None else int(lost_sum),
        unpaid=placed - paid_n - waiting_n - lost_n,
        deposits=None if deposits is None else int(deposits),
        hours_p50=spread[0] / HOUR if spread else None,
    )


def _deposits(scope: Scope, shops: tuple[int, ...]) -> Any:
    """Deposits the commission files tell of orders placed in the period: one a line, whoever earns on it."""
    rows, lines = COMMISSIONS.table.c, ORDER_LINES.table.c
    by_line = (
        select(rows.shop_id, rows.line_id, func.max(rows.deposit_amount).label("deposit"))
        .where(rows.shop_id.in_(shops), rows.deposit_amount > 0)
        .group_by(rows.shop_id, rows.line_id)
        .subquery("deposits")
    )
    line = and_(lines.shop_id == by_line.c.shop_id, lines.line_id == by_line.c.line_id)
    order = and_(orders.c.shop_id == lines.shop_id, orders.c.order_id == lines.order_id)
    inside = []
    if scope.start is not None:
        inside.append(orders.c.placed_at >= datetime.combine(scope.start, datetime.min.time()))
    if scope.end is not None:
        inside.append(orders.c.placed_at <= datetime.combine(scope.end, datetime.max.time()))
    joined = by_line.join(ORDER_LINES.table, line).join(orders, order)
    return select(func.sum(by_line.c.deposit)).select_from(joined).where(*inside)

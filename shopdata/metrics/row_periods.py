"""Which commission rows and bill entries can belong to a period, found before they are grouped and joined.

A cohort's rows are those of its orders, an event's those dated in the period. What is found may be more than
the period (ids are not told apart by shop), never less: the window of the question still decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, FromClause, Select, cast, null, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.relation import dated_since
from shopdata.store import tables


@dataclass(frozen=True, slots=True)
class Period:
    """The window of a question, over any columns that have its anchor; ``dated``: by the rows' own time.

    ``since``: when the first order of a cohort was placed; no row of such an order is older.
    """

    inside: Callable[[Any], Sequence[ColumnElement[bool]]]
    dated: bool
    since: datetime | None = None

    @property
    def orders(self) -> Select[Any]:
        """The ids of a cohort's orders."""
        orders = tables.orders.c
        return select(orders.order_id).where(*self.inside(orders))

    @property
    def order_lines(self) -> Select[Any]:
        """The ids of their lines."""
        lines = tables.ORDER_LINES.table.c
        return select(lines.line_id).where(
            lines.counted, lines.order_id.in_(self.orders), *dated_since(lines.placed_at, self.since)
        )

    @property
    def told_lines(self) -> Select[Any]:
        """The ids of all lines with a commission row or bill entry of the period."""
        commissions, bills = tables.COMMISSIONS.table.c, tables.SETTLEMENTS.table.c
        if self.dated:
            found = [self._dated(commissions, commissions.paid_at), self._dated(bills, null())]
        else:
            of_orders = [
                select(rows.line_id).where(rows.order_id.in_(self.orders), *dated_since(time, self.since))
                for rows, time in ((commissions, commissions.paid_at), (bills, bills.settled_at))
            ]
            found = [*of_orders, self.order_lines]
        lines = union_all(*found).cte("told_lines")
        return select(lines.c.line_id)

    def _dated(self, rows: Any, paid_at: Any) -> Select[Any]:
        paid = cast(paid_at, DateTime).label("row_paid_at")
        own = select(rows.shop_id, rows.line_id, paid, rows.settled_at.label("row_settled_at")).subquery()
        return select(own.c.line_id).where(*self.inside(own.c))


def bill_entries(period: Period | None) -> FromClause:
    """The entries of bills; of a cohort those of its orders, or of its lines where they name no order."""
    bills = tables.SETTLEMENTS.table
    if period is None or period.dated:
        return bills
    late = dated_since(bills.c.settled_at, period.since)
    of_order = select(bills).where(bills.c.order_id.in_(period.orders), *late)
    of_line = select(bills).where(bills.c.order_id.is_(None), bills.c.line_id.in_(period.order_lines), *late)
    return union_all(of_order, of_line).subquery("bill_entries")

"""Which commission rows and bill entries can belong to a period, found before they are grouped and joined.

A cohort's rows are those of its orders, an event's those dated in the period. What is found may be more than
the period (ids are not told apart by shop), never less: the window of the question still decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, DateTime, FromClause, Select, and_, cast, null, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.refund_lines import dated_since
from shopdata.store import tables

LINES = tables.ORDER_LINES.table
COUNTED_LINES = select(LINES).where(LINES.c.counted).subquery("counted_lines")


@dataclass(frozen=True)
class Period:
    """The window of a question, over any columns that have its anchor; ``dated``: by the rows' own time.

    ``since``: when the first order of a cohort was placed; no row of such an order is older.
    """

    inside: Callable[[Any], Sequence[ColumnElement[bool]]]
    dated: bool
    since: datetime | None = None

    @cached_property
    def _orders(self) -> CTE:
        """The ids of a cohort's orders."""
        orders = tables.orders.c
        return select(orders.order_id).where(*self.inside(orders)).cte("period_orders")

    @cached_property
    def lines(self) -> FromClause:
        """The counted lines of a cohort's orders; of dated rows every counted line."""
        if self.dated:
            return COUNTED_LINES
        found = select(LINES).where(LINES.c.counted, self._of_orders(LINES.c.order_id, LINES.c.placed_at))
        return found.cte("period_lines")

    @cached_property
    def bills(self) -> FromClause:
        """The entries of bills; of a cohort those of its orders, or of its lines where they name no order."""
        bills = tables.SETTLEMENTS.table
        if self.dated:
            return bills
        of_order = select(bills).where(self._of_orders(bills.c.order_id, bills.c.settled_at))
        of_line = select(bills).where(
            bills.c.order_id.is_(None),
            bills.c.line_id.in_(select(self.lines.c.line_id)),
            *dated_since(bills.c.settled_at, self.since),
        )
        return union_all(of_order, of_line).cte("period_bills")

    @cached_property
    def told_lines(self) -> Select[Any]:
        """The ids of all lines with a commission row or bill entry of the period."""
        commissions, bills = tables.COMMISSIONS.table.c, self.bills.c
        if self.dated:
            found = [self._dated(commissions, commissions.paid_at), self._dated(bills, null())]
        else:
            of_order = self._of_orders(commissions.order_id, commissions.paid_at)
            filed = select(commissions.line_id).where(of_order)
            found = [filed, select(bills.line_id), select(self.lines.c.line_id)]
        lines = union_all(*found).cte("told_lines")
        return select(lines.c.line_id)

    def _of_orders(self, order_id: Any, time: Any) -> ColumnElement[bool]:
        return and_(order_id.in_(select(self._orders.c.order_id)), *dated_since(time, self.since))

    def _dated(self, rows: Any, paid_at: Any) -> Select[Any]:
        paid = cast(paid_at, DateTime).label("row_paid_at")
        own = select(rows.shop_id, rows.line_id, paid, rows.settled_at.label("row_settled_at")).subquery()
        return select(own.c.line_id).where(*self.inside(own.c))


def counted_lines(period: Period | None) -> FromClause:
    """The order lines that rows of the period can hang on."""
    return COUNTED_LINES if period is None else period.lines


def bill_entries(period: Period | None) -> FromClause:
    """The entries of bills that can belong to the period."""
    return tables.SETTLEMENTS.table if period is None else period.bills

"""The lines of each order as one row: its times, state, money and words, for the rollup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, false, func, null, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, Subquery

from shopdata.store import side_files
from shopdata.store.tables import ORDER_LINES
from shopdata.store.terms import terms
from shopdata.store.touched import Touched

PROGRESS = ("unpaid", "deposit_paid", "paid", "part_shipped", "shipped", "completed")
SHIPPED_STATES = ("part_shipped", "shipped", "completed")
MIXED = "mixed"
MONEY = (
    "payable_amount",
    "paid_amount",
    "freight_amount",
    "discount_amount",
    "platform_subsidy",
    "influencer_subsidy",
    "payment_discount",
)
FIRST_KNOWN = ("province", "city", "pay_method", "order_type", "cancel_reason", "warehouse_name", "buyer_id")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Line rows of an order: those whose state leads, and those whose money counts. They differ only where an
    order came as lines and as one row: then the newer form tells the state, the counted form the money."""

    rows: FromClause
    doubled: bool

    def state(self, aggregate: Any) -> Any:
        """``aggregate`` over the rows whose state leads."""
        return aggregate.filter(self.rows.c.leads) if self.doubled else aggregate

    def told(self, aggregate: Any) -> Any:
        """``state``, filled from the other form where the leading one has no such column or cell."""
        if not self.doubled:
            return aggregate
        return func.coalesce(aggregate.filter(self.rows.c.leads), aggregate.filter(~self.rows.c.leads))

    def either(self, aggregate: Any) -> Any:
        """Whether ``aggregate`` holds in one of the forms."""
        if not self.doubled:
            return aggregate
        leading, other = aggregate.filter(self.rows.c.leads), aggregate.filter(~self.rows.c.leads)
        return or_(leading, func.coalesce(other, false()))

    def money(self, aggregate: Any) -> Any:
        """``aggregate`` over the rows that count."""
        return aggregate.filter(self.rows.c.counted) if self.doubled else aggregate

    def common(self, name: str, blank: str) -> ColumnElement[Any]:
        """The one value all counting rows have (``blank`` for null), or ``mixed``."""
        value = func.coalesce(self.rows.c[name], blank)
        least, greatest = self.money(func.min(value)), self.money(func.max(value))
        return case((least == greatest, least), else_=MIXED)


def _rows(shop_id: int, touched: Touched, doubled: bool) -> _Rows:
    lines = ORDER_LINES.table
    query = select(lines).where(lines.c.shop_id == shop_id, touched.among(lines.c.order_id))
    if doubled:
        newest_first = (
            lines.c.event_at.desc().nulls_last(),
            lines.c.status_rank.desc().nulls_last(),
            lines.c.exported_at.desc().nulls_last(),
            lines.c.grain,
        )
        leader = func.first_value(lines.c.grain).over(partition_by=lines.c.order_id, order_by=newest_first)
        query = query.add_columns((lines.c.grain == leader).label("leads"))
    return _Rows(query.subquery("line_rows"), doubled)


def _payments(of: _Rows, status: Any, done: Any) -> dict[str, ColumnElement[Any]]:
    """METRICS ``orders_paid`` line by line: a pay time; cash on delivery when completed; in a file without
    pay times what its status says (null: it cannot be known); a deposit alone is no payment."""
    line = of.rows
    on_delivery = func.coalesce(line.c.pay_method, "").in_(terms("pay_method", "cash_on_delivery"))
    paid = case(
        (status == "deposit_paid", False),
        (line.c.paid_at.is_not(None), True),
        (on_delivery, done),
        else_=line.c.paid_by_status,
    )
    paid_at = case(
        (status == "deposit_paid", null()),
        (on_delivery, func.coalesce(line.c.paid_at, line.c.completed_at)),
        else_=line.c.paid_at,
    )
    kind = func.coalesce(line.c.order_type, "")
    presale = or_(false(), *(kind.contains(word, autoescape=True) for word in terms("order_type", "presale")))
    return {
        "paid_at": of.told(func.min(paid_at)),
        "any_paid": of.told(func.bool_or(paid)),
        "payment_known": of.either(func.bool_and(paid.is_not(None))),
        "is_presale": of.state(func.bool_or(or_(presale, status == "deposit_paid"))),
        "is_cash_on_delivery": of.state(func.bool_or(on_delivery)),
        "deposit_pending": of.state(func.bool_or(status == "deposit_paid")),
    }


def _progress(of: _Rows, status: Any, done: Any) -> dict[str, ColumnElement[Any]]:
    line = of.rows
    rank = case({name: place for place, name in enumerate(PROGRESS)}, value=status, else_=null())
    after_sale = func.coalesce(line.c.aftersale_status, "")
    return {
        "progress": of.state(func.min(rank)),
        "any_shipped": of.state(func.bool_or(status.in_(SHIPPED_STATES))),
        "any_done": of.state(func.bool_or(done)),
        "any_undone": of.state(func.bool_or(and_(~done, status != "closed"))),
        "all_closed": of.state(func.bool_and(status == "closed")),
        "refunded_by_line": of.state(func.bool_or(after_sale == side_files.REFUNDED)),
        "open_by_line": of.state(func.bool_or(after_sale.in_(side_files.OPEN_STATES))),
        "placed_at": of.told(func.min(line.c.placed_at)),
        "shipped_at": of.told(func.min(line.c.shipped_at)),
        "completed_at": of.told(func.max(line.c.completed_at)),
        "promised_ship_at": of.told(func.min(line.c.promised_ship_at)),
        "as_of": func.max(line.c.as_of),
    }


def line_totals(shop_id: int, touched: Touched, *, doubled: bool) -> Subquery:
    """One row an order. ``doubled``: the shop has orders both as lines and as one row."""
    of = _rows(shop_id, touched, doubled)
    line = of.rows
    status = func.coalesce(line.c.status, "unknown")
    done = or_(line.c.completed_at.is_not(None), status == "completed")
    columns = {
        "lines": of.money(func.count()),
        "units": of.money(func.sum(line.c.quantity)),
        "source": of.common("source", "unknown"),
        "influencer_id": func.nullif(of.common("influencer_id", ""), ""),
        "courier": func.min(line.c.courier),
        "waybill": func.min(line.c.waybill),
    }
    columns |= {name: of.money(func.sum(line.c[name])) for name in MONEY}
    columns |= {name: of.told(func.min(line.c[name])) for name in FIRST_KNOWN}
    columns |= _progress(of, status, done) | _payments(of, status, done)
    return (
        select(line.c.order_id, *(value.label(name) for name, value in columns.items()))
        .group_by(line.c.order_id)
        .subquery("line_totals")
    )

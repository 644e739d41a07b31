"""The lines of each order as one row: its times, state, money and words, for the rollup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, case, exists, false, func, literal, null, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, Subquery

from shopdata.store import side_files
from shopdata.store.line_marks import LINE, ORDER
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


Aggregate = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Lone:
    """Orders of one row (most are): every figure of the order is the row's own, nothing to group."""

    rows: FromClause

    def state(self, aggregate: Aggregate, value: Any) -> Any:
        """Over the rows whose state leads."""
        return value

    told = either = money = whole = items = every = state

    def number(self) -> Any:
        """How many rows count."""
        return literal(1)

    def common(self, name: str, blank: str) -> Any:
        """The one value all counting rows have (``blank`` for null), or ``mixed``."""
        return func.coalesce(self.rows.c[name], blank)


@dataclass(frozen=True, slots=True)
class _Several:
    """Orders of several rows. Where an order came as lines and as one row (``doubled``), the newer form tells
    the state, the lines tell the goods, and the money is of the lines where they carry paid money, else of
    the order row; what one form lacks the other may have."""

    rows: FromClause
    doubled: bool

    def state(self, aggregate: Aggregate, value: Any) -> Any:
        """Over the rows whose state leads."""
        return aggregate(value).filter(self.rows.c.leads) if self.doubled else aggregate(value)

    def told(self, aggregate: Aggregate, value: Any) -> Any:
        """``state``, filled from the other form where the leading one has no such column or cell."""
        return self._first_known(aggregate(value), "leads")

    def either(self, aggregate: Aggregate, value: Any) -> Any:
        """Whether it holds in one of the forms."""
        if not self.doubled:
            return aggregate(value)
        leading, other = self._by_form(aggregate(value), "leads")
        return or_(leading, func.coalesce(other, false()))

    def money(self, aggregate: Aggregate, value: Any) -> Any:
        """Over the form whose money is of record."""
        return self._first_known(aggregate(value), "pays")

    def whole(self, aggregate: Aggregate, value: Any) -> Any:
        """Of the order row, which holds what lines leave out (freight), else over the lines."""
        return self._first_known(aggregate(value), "is_whole")

    def items(self, aggregate: Aggregate, value: Any) -> Any:
        """Over the rows that say what was bought."""
        return self._first_known(aggregate(value), "counted")

    def every(self, aggregate: Aggregate, value: Any) -> Any:
        """Over all rows."""
        return aggregate(value)

    def number(self) -> Any:
        """How many rows count."""
        return func.count().filter(self.rows.c.counted) if self.doubled else func.count()

    def common(self, name: str, blank: str) -> Any:
        """The one value all counting rows have (``blank`` for null), or ``mixed``."""
        value = func.coalesce(self.rows.c[name], blank)
        least, greatest = self.items(func.min, value), self.items(func.max, value)
        return case((least == greatest, least), else_=MIXED)

    def _first_known(self, aggregate: Any, flag: str) -> Any:
        """Over the rows with the flag, else over the others."""
        return func.coalesce(*self._by_form(aggregate, flag)) if self.doubled else aggregate

    def _by_form(self, aggregate: Any, flag: str) -> tuple[Any, Any]:
        return aggregate.filter(self.rows.c[flag]), aggregate.filter(~self.rows.c[flag])


_Form = _Lone | _Several


def _leading(lines: Table) -> ColumnElement[bool]:
    """Whether the row is of the form of its order that has the newest state; a row without one has no say."""
    newest_first = (
        case((lines.c.status.is_(None), 1), else_=0),
        lines.c.event_at.desc().nulls_last(),
        lines.c.status_rank.desc().nulls_last(),
        lines.c.exported_at.desc().nulls_last(),
        lines.c.grain,
    )
    return lines.c.grain == func.first_value(lines.c.grain).over(
        partition_by=lines.c.order_id, order_by=newest_first
    )


def _pays(lines: Table) -> ColumnElement[bool]:
    """Whether the row is of the form of its order whose money is of record: the lines where they carry paid
    money, else the order row."""
    paid = func.count(case((lines.c.grain == LINE, lines.c.paid_amount))).over(partition_by=lines.c.order_id)
    return lines.c.grain == case((paid > 0, LINE), else_=ORDER)


def _payments(of: _Form, status: Any, done: Any) -> dict[str, ColumnElement[Any]]:
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
        "paid_at": of.told(func.min, paid_at),
        "any_paid": of.told(func.bool_or, paid),
        "payment_known": of.either(func.bool_and, paid.is_not(None)),
        "is_presale": of.state(
            func.bool_or, or_(presale, status == "deposit_paid", line.c.deposit_paid_at.is_not(None))
        ),
        "is_cash_on_delivery": of.state(func.bool_or, on_delivery),
        "deposit_pending": of.state(func.bool_or, status == "deposit_paid"),
    }


def _progress(of: _Form, status: Any, done: Any) -> dict[str, ColumnElement[Any]]:
    line = of.rows
    rank = case({name: place for place, name in enumerate(PROGRESS)}, value=status, else_=null())
    after_sale = func.coalesce(line.c.aftersale_status, "")
    return {
        "progress": of.state(func.min, rank),
        "any_shipped": of.state(func.bool_or, status.in_(SHIPPED_STATES)),
        "any_done": of.state(func.bool_or, done),
        "any_undone": of.state(func.bool_or, and_(~done, status != "closed")),
        "all_closed": of.state(func.bool_and, status == "closed"),
        "refunded_by_line": of.either(func.bool_or, after_sale == side_files.REFUNDED),
        "open_by_line": of.state(func.bool_or, after_sale.in_(side_files.OPEN_STATES)),
        "placed_at": of.told(func.min, line.c.placed_at),
        "shipped_at": of.told(func.min, line.c.shipped_at),
        "completed_at": of.told(func.max, line.c.completed_at),
        "promised_ship_at": of.told(func.min, line.c.promised_ship_at),
        "as_of": of.every(func.max, line.c.as_of),
    }


def _columns(of: _Form) -> dict[str, ColumnElement[Any]]:
    line = of.rows
    status = func.coalesce(line.c.status, "unknown")
    done = or_(line.c.completed_at.is_not(None), status == "completed")
    columns = {
        "order_id": line.c.order_id,
        "lines": of.number(),
        "units": of.items(func.sum, line.c.quantity),
        "payable_amount": of.whole(func.sum, line.c.payable_amount),
        "source": of.common("source", "unknown"),
        "influencer_id": func.nullif(of.common("influencer_id", ""), ""),
        "is_transit": of.every(func.bool_or, func.coalesce(line.c.transit, false())),
        "courier": of.every(func.min, line.c.courier),
        "waybill": of.every(func.min, line.c.waybill),
    }
    columns |= {name: of.money(func.sum, line.c[name]) for name in MONEY if name not in columns}
    columns |= {name: of.told(func.min, line.c[name]) for name in FIRST_KNOWN}
    return columns | _progress(of, status, done) | _payments(of, status, done)


def line_totals(shop_id: int, touched: Touched, *, doubled: bool) -> Subquery:
    """One row an order. ``doubled``: the shop has orders both as lines and as one row."""
    lines = ORDER_LINES.table
    wanted = and_(lines.c.shop_id == shop_id, touched.among(lines.c.order_id))
    numbers = select(lines.c.order_id).where(wanted).group_by(lines.c.order_id)
    several = numbers.having(func.count() > 1).cte("several")
    is_one_of_several = exists().where(several.c.order_id == lines.c.order_id)
    lone = _Lone(lines)
    alone = select(*(value.label(name) for name, value in _columns(lone).items()))
    rows = select(lines).where(wanted, is_one_of_several)
    if doubled:
        flags = {"leads": _leading(lines), "pays": _pays(lines), "is_whole": lines.c.grain == ORDER}
        rows = rows.add_columns(*(flag.label(name) for name, flag in flags.items()))
    form = _Several(rows.subquery("line_rows"), doubled)
    grouped = select(*(value.label(name) for name, value in _columns(form).items()))
    every = union_all(alone.where(wanted, ~is_one_of_several), grouped.group_by(form.rows.c.order_id))
    return every.subquery("line_totals")

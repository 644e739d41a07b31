"""Every paid order beside what the settlement bill says of it, as one relation; amounts are fen.

An order is one unit; where the bill names some lines of an order and not the others, each line is one. A unit
is billed where the bill has an entry of it. Orders are never multiplied by lines or entries: both sides are
summed up before they meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import CTE, Select, Subquery, and_, case, distinct, exists, func, not_, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.constructs import Expression
from shopdata.metrics.refund_lines import refund_succeeded
from shopdata.metrics.relation import lines_with_money
from shopdata.store import tables

FEES = ("platform_fee", "commission_influencer", "commission_leader", "commission_service", "other_fee")
# What the bill names apart and the bridge counts as service commissions.
SERVICE = ("commission_service", "commission_channel", "offsite_promotion")
SUBSIDIES = (
    "platform_subsidy", "influencer_subsidy", "payment_subsidy", "government_subsidy", "other_subsidy",
)  # fmt: skip
OWN_SUBSIDIES = ("platform_subsidy", "influencer_subsidy", "payment_discount")
BILLED = ("settled", "income", "subsidy", "cost", *FEES, "entries")
OPEN = ("open_goods", "open_subsidy", "recalled")


def zero(amount: Expression) -> Expression:
    """The amount, 0 where there is none."""
    return func.coalesce(amount, 0)


def added(amounts: Sequence[Expression]) -> Expression:
    """The sum of the amounts, what is absent counting nothing."""
    return reduce(add, (zero(amount) for amount in amounts))


def entry_amounts() -> dict[str, Expression]:
    """What one entry of the bill says, by the names of ``BILLED``: ``income − cost`` should be ``settled``.

    Fees the bill adds to its costs without a column of their own are other fees.
    """
    rows = tables.SETTLEMENTS.table.c
    named = {name: zero(rows[name]) for name in FEES[:3]} | {
        "commission_service": added([rows[name] for name in SERVICE])
    }
    fees = added([*named.values(), rows.other_fee])
    cost = func.coalesce(rows.cost_amount, fees)
    settled = zero(rows.settled_amount)
    return {
        "settled": settled,
        "income": func.coalesce(rows.income_amount, settled + cost),
        "subsidy": added([rows[name] for name in SUBSIDIES]),
        "cost": cost,
        **named,
        "other_fee": cost - added(list(named.values())),
    }


def _entries(inside: Sequence[ColumnElement[bool]]) -> CTE:
    """The bill's entries of the orders ``inside``, with how many lines their order has."""
    orders, rows = tables.orders, tables.SETTLEMENTS.table
    same = and_(orders.c.shop_id == rows.c.shop_id, orders.c.order_id == rows.c.order_id)
    amounts = [amount.label(name) for name, amount in entry_amounts().items()]
    return (
        select(rows.c.shop_id, rows.c.order_id, rows.c.line_id, orders.c.lines, *amounts)
        .select_from(rows.join(orders, same))
        .where(*inside)
        .cte("order_entries")
    )


def _billed(entries: CTE, *keys: Expression) -> Select[Any]:
    sums = [func.sum(entries.c[name]).label(name) for name in BILLED[:-1]]
    return select(*keys, *sums, func.count().label("entries")).group_by(*keys)


def first_settled(inside: Sequence[ColumnElement[bool]]) -> Subquery:
    """When the first entry of each order ``inside`` was settled."""
    orders, rows = tables.orders, tables.SETTLEMENTS.table
    same = and_(orders.c.shop_id == rows.c.shop_id, orders.c.order_id == rows.c.order_id)
    first = func.min(rows.c.settled_at).label("first_settled_at")
    return (
        select(rows.c.shop_id, rows.c.order_id, first)
        .select_from(rows.join(orders, same) if inside else rows)
        .where(*inside)
        .group_by(rows.c.shop_id, rows.c.order_id)
        .subquery("first_settled")
    )


def _partly_billed(entries: CTE) -> CTE:
    """Orders of several lines of which the bill names some, and no line that is not theirs."""
    lines = tables.ORDER_LINES.table
    named = and_(
        lines.c.shop_id == entries.c.shop_id,
        lines.c.line_id == entries.c.line_id,
        lines.c.order_id == entries.c.order_id,
        lines.c.counted,
    )
    key = (entries.c.shop_id, entries.c.order_id)
    return (
        select(*key)
        .select_from(entries.outerjoin(lines, named))
        .where(entries.c.lines > 1)
        .group_by(*key)
        .having(
            func.count() == func.count(lines.c.line_id),
            func.max(entries.c.lines) > func.count(distinct(entries.c.line_id)),
        )
        .cte("partly_billed")
    )


def _bill_by_line(entries: CTE, partly: CTE) -> Subquery:
    among = and_(partly.c.shop_id == entries.c.shop_id, partly.c.order_id == entries.c.order_id)
    billed = _billed(entries, entries.c.shop_id, entries.c.order_id, entries.c.line_id)
    return billed.select_from(entries.join(partly, among)).subquery("line_bill")


def _unit(rows: Any, bill: Any) -> list[ColumnElement[Any]]:
    """A unit's open amounts and what falls away of its subsidies, beside the bill's sums of it.

    A subsidy falls away with a refund: wholly where no entry pays a unit refunded in full, by as much as the
    bill pays less where it pays a refunded one.
    """
    paid, refund = zero(rows.paid_amount), zero(rows.refund_amount)
    subsidy = added([rows[name] for name in OWN_SUBSIDIES])
    is_billed = bill.entries.is_not(None)
    gone = and_(refund > 0, refund >= paid)
    less = subsidy - zero(bill.subsidy)
    goods = case((and_(not_(is_billed), paid > refund), paid - refund), else_=0)
    open_subsidy = case((or_(is_billed, gone), 0), else_=subsidy)
    recalled = case(
        (and_(is_billed, refund > 0, less > 0), less), (and_(not_(is_billed), gone), subsidy), else_=0
    )
    own = (goods, open_subsidy, recalled)
    return [
        rows.shop_id,
        rows.order_id,
        *(amount.label(name) for name, amount in zip(OPEN, own, strict=True)),
        *(bill[name] for name in BILLED),
    ]


def paid_units(inside: Sequence[ColumnElement[bool]]) -> Subquery:
    """One row a paid order of those ``inside``: the columns of ``OPEN`` and ``BILLED`` summed over its units.

    ``entries`` is null where the bill has none of it.
    """
    orders = tables.orders
    wanted = and_(orders.c.is_paid, *inside)
    entries = _entries([wanted])
    by_order = _billed(entries, entries.c.shop_id, entries.c.order_id).subquery("order_bill")
    partly = _partly_billed(entries)
    by_line = _bill_by_line(entries, partly)
    split = exists().where(partly.c.shop_id == orders.c.shop_id, partly.c.order_id == orders.c.order_id)
    same = and_(by_order.c.shop_id == orders.c.shop_id, by_order.c.order_id == orders.c.order_id)
    of_orders = (
        select(*_unit(orders.c, by_order.c))
        .select_from(orders.outerjoin(by_order, same))
        .where(wanted, not_(split))
    )
    parts = lines_with_money([], and_(wanted, orders.c.lines > 1, split))
    same = and_(
        by_line.c.shop_id == parts.c.shop_id,
        by_line.c.order_id == parts.c.order_id,
        by_line.c.line_id == parts.c.line_id,
    )
    of_lines = select(*_unit(parts.c, by_line.c)).select_from(parts.outerjoin(by_line, same))
    units = of_lines.subquery("line_units")
    key = (units.c.shop_id, units.c.order_id)
    summed = select(*key, *(func.sum(units.c[name]).label(name) for name in (*OPEN, *BILLED))).group_by(*key)
    return union_all(of_orders, summed).subquery("paid_units")


def refunds_after(moments: Expression) -> Subquery:
    """By order: successful refunds paid back after ``moments``, when the bill's last entry was settled."""
    rows = tables.AFTERSALES.table.c
    back_at = func.coalesce(rows.refunded_at, rows.arrived_at, rows.finished_at)
    return (
        select(rows.shop_id, rows.order_id, func.sum(rows.refund_amount).label("late"))
        .where(refund_succeeded(rows), back_at > moments)
        .group_by(rows.shop_id, rows.order_id)
        .subquery("late_refunds")
    )

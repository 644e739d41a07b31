"""What becomes of the money of each order, and of each entry of the bill no order file explains.

``facts_of_orders`` is one row an order of the period with the amounts of every step of the bridge; what the
two sides do not agree on is left over in one of the ``DIFFERENCES``. ``strangers`` are entries of the bill
whose order is in no order file. Amounts are fen; a difference is what has to be added to the order's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Subquery, and_, case, func, literal, not_, select, true, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.money_orders import (
    FEES,
    OWN_SUBSIDIES,
    added,
    entry_amounts,
    first_settled,
    paid_units,
    refunds_after,
    zero,
)
from shopdata.metrics.constructs import Expression, moment, quantiles, seconds_between
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame
from shopdata.metrics.query import COHORT_ANCHORS, window
from shopdata.scope import Scope
from shopdata.store import tables

# Where money of unsettled goods stands.
STATES = ("in_dispute", "in_progress", "waiting", "overdue", "before_bill", "no_bill")
# How the sides of an order differ: owed and paid, goods paid less refunds, subsidies, the bill's own sums.
DIFFERENCES = ("payable", "goods", "subsidy", "bill")
HORIZON, OWN_ORDERS = timedelta(days=40), 200
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Bill:
    """A shop's bill: when its first and last entries were settled, and what its settled orders took from
    completion (median, and p95 where at least 200 of them say so, else 40 days)."""

    begins: datetime
    ends: datetime
    usual: timedelta
    horizon: timedelta


def bills(connection: Connection, frame: Frame) -> dict[int, Bill]:
    """The bill of each shop that has one, over all its data."""
    rows, orders = tables.SETTLEMENTS.table.c, tables.orders
    by_order = first_settled(())
    waited = seconds_between(orders.c.completed_at, by_order.c.first_settled_at)
    same = and_(by_order.c.shop_id == orders.c.shop_id, by_order.c.order_id == orders.c.order_id)
    spans = connection.execute(
        select(rows.shop_id, func.min(rows.settled_at), func.max(rows.settled_at))
        .where(rows.shop_id.in_(frame.ids))
        .group_by(rows.shop_id)
    ).all()
    lags = {
        shop: (found, n)
        for shop, found, n in connection.execute(
            select(orders.c.shop_id, quantiles(waited), func.count())
            .select_from(orders.join(by_order, same))
            .where(waited >= 0, orders.c.shop_id.in_(frame.ids))
            .group_by(orders.c.shop_id)
        )
    }
    return {shop: _bill(first, last, *lags.get(shop, (None, 0))) for shop, first, last in spans if first}


def _bill(first: datetime, last: datetime, found: Any, n: int) -> Bill:
    usual = timedelta(seconds=round(found[0])) if n else timedelta(0)
    horizon = timedelta(seconds=round(found[-1])) if n >= OWN_ORDERS else HORIZON
    return Bill(first, last, usual, horizon)


def facts_of_orders(frame: Frame, scope: Scope, known: Mapping[int, Bill]) -> Subquery:
    """One row an order of the cohort: shop, month, state of what is open, and every amount of the bridge."""
    orders = tables.orders
    facts = Facts(orders.c, frame, {})
    anchor = COHORT_ANCHORS[scope.basis]
    inside = window(scope, facts, anchor)
    units = paid_units(inside)
    ends = {shop: bill.ends for shop, bill in known.items()}
    late = refunds_after(_moments(tables.AFTERSALES.table.c.shop_id, ends))
    joined = orders.outerjoin(units, _same(units, orders)).outerjoin(late, _same(late, orders))
    c, u = orders.c, units.c
    paid, refund = _where(c.is_paid, c.paid_amount), _where(c.is_paid, c.refund_amount)
    subsidy = _where(c.is_paid, added([c[name] for name in OWN_SUBSIDIES]))
    relief = _where(c.is_paid, c.payment_discount)
    payable = func.coalesce(c.payable_amount, paid + relief)
    returned = _returned(paid - refund - zero(u.open_goods), zero(u.income) - zero(u.subsidy), late.c.late)
    open_amount = zero(u.open_goods) + zero(u.open_subsidy) - returned
    columns = {
        "month": func.date_trunc("month", c[anchor]),
        "is_paid": func.coalesce(c.is_paid, False),
        "placed": payable,
        **_unpaid(c, payable),
        "relief": relief,
        "paid": paid,
        "refund": refund,
        "subsidy": subsidy,
        "recalled": zero(u.recalled),
        **{name: zero(u[name]) for name in ("settled", *FEES)},
        "open": open_amount,
        "returned": returned,
        "state": _state(c, known),
        "is_billed": u.entries.is_not(None),
        "difference_payable": _where(c.is_paid, paid - payable + relief),
        "difference_goods": zero(u.income) - zero(u.subsidy) + zero(u.open_goods) + refund - paid - returned,
        "difference_subsidy": zero(u.subsidy) + zero(u.open_subsidy) + zero(u.recalled) - subsidy,
        "difference_bill": zero(u.settled) + zero(u.cost) - zero(u.income),
    }
    rows = [c.shop_id, c.order_id, *(column.label(name) for name, column in columns.items())]
    return select(*rows).select_from(joined).where(*inside).subquery("money_facts")


def _unpaid(orders: Any, payable: Expression) -> dict[str, Expression]:
    """What is owed of orders not paid: while they can be, once they are closed, where nothing tells."""
    unpaid, closed = not_(orders.is_paid), _yes(orders.is_closed)
    return {
        "unpaid_open": case((and_(unpaid, not_(closed)), payable), else_=0),
        "unpaid_closed": case((and_(unpaid, closed), payable), else_=0),
        "unpaid_unknown": case((orders.is_paid.is_(None), payable), else_=0),
    }


def _same(rows: Any, orders: Any) -> ColumnElement[bool]:
    return and_(rows.c.shop_id == orders.c.shop_id, rows.c.order_id == orders.c.order_id)


def _where(flag: Any, amount: Expression) -> Expression:
    return case((flag, zero(amount)), else_=0)


def _yes(flag: Any) -> Expression:
    return func.coalesce(flag, False)


def _returned(owed: Expression, billed: Expression, late: Expression) -> Expression:
    """What the bill will still take back: refunds later than its last entry, where they are all it lacks."""
    return case((billed - owed == zero(late), zero(late)), else_=0)


def _state(c: Any, known: Mapping[int, Bill]) -> Expression:
    """Where an order that is not (wholly) settled stands; judged at its shop's newest bill."""
    begins = {shop: bill.begins - bill.usual for shop, bill in known.items()}
    due = {shop: bill.ends - bill.horizon for shop, bill in known.items()}
    cases = (
        [(c.shop_id.not_in(tuple(known)), literal("no_bill"))] if known else [(true(), literal("no_bill"))]
    )
    return case(
        *cases,
        (_yes(c.has_open_aftersale), literal("in_dispute")),
        (not_(_yes(c.is_completed)), literal("in_progress")),
        (_yes(c.completed_at < _moments(c.shop_id, begins)), literal("before_bill")),
        (_yes(c.completed_at < _moments(c.shop_id, due)), literal("overdue")),
        else_=literal("waiting"),
    )


def _moments(shop: Expression, values: Mapping[int, datetime]) -> Expression:
    """The moment of each shop; null for the others."""
    if not values:
        return moment(None)
    return case(*((shop == key, moment(value)) for key, value in values.items()))


def strangers(frame: Frame, scope: Scope) -> Subquery:
    """Entries of the bill that belong to no paid order of any file, dated by the placing of the order as its
    file or the bill tells it, else by their settlement. ``is_known``: the order is in a file, unpaid."""
    rows, orders = tables.SETTLEMENTS.table, tables.orders
    same = and_(orders.c.shop_id == rows.c.shop_id, orders.c.order_id == rows.c.order_id)
    amounts = entry_amounts()
    by_order = select(*_stranger(orders.c.placed_at, amounts)).select_from(rows.join(orders, same))
    by_entry = select(*_stranger(func.coalesce(rows.c.placed_at, rows.c.settled_at), amounts))
    unpaid, is_placed = not_(_yes(orders.c.is_paid)), orders.c.placed_at.is_not(None)
    found = union_all(
        by_order.where(unpaid, is_placed),
        by_entry.select_from(rows.outerjoin(orders, same)).where(unpaid, not_(is_placed)),
    ).subquery("stranger_rows")
    inside = window(scope, Facts(found.c, frame, {}), COHORT_ANCHORS[scope.basis])
    month = func.date_trunc("month", found.c.placed_at).label("month")
    return select(*found.c, month).where(*inside).subquery("strangers")


def _stranger(dated: Expression, amounts: Mapping[str, Expression]) -> list[ColumnElement[Any]]:
    """What is told of an entry no paid order explains; a period of days is looked up by ``dated`` alone."""
    rows = tables.SETTLEMENTS.table.c
    return [
        rows.shop_id,
        rows.order_id,
        rows.settlement_id,
        rows.settled_at,
        dated.label("placed_at"),
        dated.label("paid_at"),
        true().label("is_paid"),
        tables.orders.c.order_id.is_not(None).label("is_known"),
        *(amounts[name].label(name) for name in ("settled", *FEES)),
    ]


@dataclass(frozen=True, slots=True)
class Lag:
    """Hours from completion to the first settlement, of ``n`` orders; ``reversed_n`` were settled before they
    were completed and are left out."""

    p50: float | None
    p90: float | None
    n: int
    reversed_n: int


def settlement_lags(connection: Connection, frame: Frame, scope: Scope) -> dict[int | None, Lag]:
    """The lag of the cohort's settled orders, by shop; of all of them under ``None``."""
    orders = tables.orders
    inside = window(scope, Facts(orders.c, frame, {}), COHORT_ANCHORS[scope.basis])
    by_order = first_settled(inside)
    waited = seconds_between(orders.c.completed_at, by_order.c.first_settled_at)
    same = and_(by_order.c.shop_id == orders.c.shop_id, by_order.c.order_id == orders.c.order_id)
    right = case((waited >= 0, waited))
    columns = (quantiles(right), func.count(right), func.count().filter(waited < 0))
    joined = orders.join(by_order, same)
    found: dict[int | None, Lag] = {}
    whole = connection.execute(select(*columns).select_from(joined).where(*inside)).one()
    found[None] = _lag(*whole)
    split = select(orders.c.shop_id, *columns).select_from(joined).where(*inside).group_by(orders.c.shop_id)
    for shop, *values in connection.execute(split):
        found[shop] = _lag(*values)
    return found


def _lag(seconds: Any, n: int, reversed_n: int) -> Lag:
    if not n:
        return Lag(None, None, 0, reversed_n)
    return Lag(seconds[0] / SECONDS_PER_HOUR, seconds[1] / SECONDS_PER_HOUR, n, reversed_n)

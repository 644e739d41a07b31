"""The relations figures of orders are read from: orders as they are, or cut by the keys of their lines.

Orders with a single key are taken whole. Only the lines of the others are read one by one: their money is
the lines' own where it adds up to the order's, else the order's allocated by price × quantity, so that parts
always add up to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, Select, and_, case, func, not_, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.allocation import allocated
from shopdata.metrics.constructs import Expression
from shopdata.metrics.dimensions import DIMENSIONS, MIXED, Dimension, known, line_key
from shopdata.metrics.frame import Frame
from shopdata.metrics.refund_lines import dated_since, refunds_by_line
from shopdata.scope import Scope
from shopdata.store import tables

OF_RECORD = (
    "paid_amount",
    "payable_amount",
    "freight_amount",
    "discount_amount",
    "platform_subsidy",
    "influencer_subsidy",
    "payment_discount",
)
# What is allocated where lines do not add up: the column of the whole, and of the weight.
SHARES = {
    **{name: (f"order_{name}", "list_amount") for name in OF_RECORD},
    "other_refund": ("other_refund", "paid_weight"),
}
Dimensions = tuple[Dimension, ...]
LINES = tables.ORDER_LINES.table


def key_name(dimension: Dimension) -> str:
    """The column a relation carries a line key in."""
    return f"key_{dimension.key}"


def cuts(dimensions: tuple[Dimension, ...], scope: Scope) -> tuple[Dimension, ...]:
    """The line keys a question needs, the filter's included."""
    found = [dimension for dimension in dimensions if dimension.level == "line"]
    if scope.sources and DIMENSIONS["source"] not in found:
        found.append(DIMENSIONS["source"])
    return tuple(found)


def orders_relation(
    frame: Frame,
    scope: Scope,
    dimensions: Dimensions,
    inside: Sequence[ColumnElement[bool]] = (),
    since: datetime | None = None,
) -> FromClause:
    """Orders, or parts of orders, with one ``key_…`` column a line dimension asked for.

    ``inside`` are conditions on ``orders`` that every row must meet anyway, ``since`` the moment from which
    all such orders were placed: they spare reading and cutting up the rest.
    """
    wanted = cuts(dimensions, scope)
    if not wanted:
        return tables.orders
    shown = tuple(dimension for dimension in dimensions if dimension.level == "line")
    easy = all(dimension.on_order for dimension in wanted)
    single = _single(wanted, easy)
    whole = _whole_by_order(shown, scope) if easy else _whole_by_line(shown, frame, scope, since)
    parts = _parts(shown, frame, scope, and_(not_(single), *inside), since)
    return union_all(whole.where(single), parts).subquery("parts")


def _single(wanted: tuple[Dimension, ...], easy: bool) -> ColumnElement[bool]:
    """Orders whose lines all have the same keys, as far as the order row tells."""
    orders = tables.orders.c
    if not easy:
        return orders.lines == 1
    return and_(*(known(orders[dimension.on_order or ""]) != MIXED for dimension in wanted))


def _in_sources(source: Expression, scope: Scope) -> list[ColumnElement[bool]]:
    return [source.in_(scope.sources)] if scope.sources else []


def _whole_by_order(shown: tuple[Dimension, ...], scope: Scope) -> Select[Any]:
    orders = tables.orders.c
    keys = [known(orders[dimension.on_order or ""]).label(key_name(dimension)) for dimension in shown]
    return select(*orders, *keys).where(*_in_sources(known(orders.source), scope))


def _on_order(rows: Any) -> ColumnElement[bool]:
    orders = tables.orders.c
    return and_(orders.shop_id == rows.shop_id, orders.order_id == rows.order_id)


def earliest(connection: Connection, inside: Sequence[ColumnElement[bool]]) -> datetime | None:
    """When the first of the orders that meet the conditions was placed."""
    first = select(func.min(tables.orders.c.placed_at)).where(*inside)
    found: datetime | None = connection.execute(first).scalar()
    return found


def _whole_by_line(
    shown: tuple[Dimension, ...], frame: Frame, scope: Scope, since: datetime | None
) -> Select[Any]:
    keys = _keys(shown, frame)
    return (
        select(*tables.orders.c, *keys)
        .select_from(tables.orders.join(LINES, _on_order(LINES.c)))
        .where(
            LINES.c.counted,
            *_in_sources(known(LINES.c.source), scope),
            *dated_since(LINES.c.placed_at, since),
        )
    )


def _keys(shown: Dimensions, frame: Frame) -> list[ColumnElement[Any]]:
    return [line_key(dimension, LINES.c, frame).label(key_name(dimension)) for dimension in shown]


def _parts(
    shown: Dimensions, frame: Frame, scope: Scope, shared: ColumnElement[bool], since: datetime | None
) -> Select[Any]:
    """The orders with several keys: one row for each order and combination of shown keys."""
    lines = lines_with_money(_keys(shown, frame), shared, since)
    grouping = [lines.c.shop_id, lines.c.order_id, *(lines.c[key_name(dimension)] for dimension in shown)]
    summed = (*OF_RECORD, "refund_amount", "units")
    grouped = (
        select(*grouping, *(func.sum(lines.c[name]).label(name) for name in summed))
        .where(*_in_sources(lines.c.line_source, scope))
        .group_by(*grouping)
        .subquery("order_parts")
    )
    columns = [grouped.c[column.name] if column.name in summed else column for column in tables.orders.c]
    keys = [grouped.c[key_name(dimension)] for dimension in shown]
    return select(*columns, *keys).select_from(tables.orders.join(grouped, _on_order(grouped.c)))


def lines_with_money(
    keys: Sequence[ColumnElement[Any]], wanted: ColumnElement[bool], since: datetime | None = None
) -> Any:
    """The counted lines of the orders ``wanted`` picks, with ``keys`` of theirs: units, money of record and
    refunds, which add up to those of the order. ``since``: when the first of these orders was placed."""
    return _shared_money(_shared_lines(keys, wanted, since))


def _shared_lines(
    keys: Sequence[ColumnElement[Any]], wanted: ColumnElement[bool], since: datetime | None
) -> Any:
    """Lines of orders with several keys, beside the amounts of their order and their own refunds."""
    orders, lines, refunds = tables.orders, LINES, refunds_by_line(since)
    on_line = and_(
        refunds.c.shop_id == lines.c.shop_id,
        refunds.c.order_id == lines.c.order_id,
        refunds.c.line_id == lines.c.line_id,
    )
    list_amount = func.coalesce(lines.c.unit_price * lines.c.quantity, 0)
    return (
        select(
            *(lines.c[name] for name in ("shop_id", "order_id", "line_id", *OF_RECORD)),
            lines.c.quantity.label("units"),
            known(lines.c.source).label("line_source"),
            list_amount.label("list_amount"),
            func.coalesce(lines.c.paid_amount, list_amount).label("paid_weight"),
            *(orders.c[name].label(f"order_{name}") for name in (*OF_RECORD, "refund_amount")),
            func.coalesce(refunds.c.refund_amount, 0).label("own_refund"),
            *keys,
        )
        .select_from(lines.join(orders, _on_order(lines.c)).outerjoin(refunds, on_line))
        .where(lines.c.counted, wanted, *dated_since(lines.c.placed_at, since))
        .cte("shared_lines")
    )


def _shared_money(lines: Any) -> Any:
    """Each line's amounts of record and its refunds; refunds without a line go by what was paid.

    Lines that add up to their order keep their own amounts; only the few others are allocated.
    """
    key = (lines.c.shop_id, lines.c.order_id)
    sums = (
        select(*key, *(func.sum(lines.c[name]).label(f"lines_{name}") for name in (*OF_RECORD, "own_refund")))
        .group_by(*key)
        .cte("line_sums")
    )
    other_refund = (lines.c.order_refund_amount - sums.c.lines_own_refund).label("other_refund")
    beside = [sums.c[f"lines_{name}"] for name in OF_RECORD]
    same = and_(sums.c.shop_id == lines.c.shop_id, sums.c.order_id == lines.c.order_id)
    every = (
        select(*lines.c, *beside, other_refund).select_from(lines.join(sums, same)).cte("lines_beside_sums")
    )
    adds_up = and_(every.c.other_refund == 0, *(_adds_up(every, name) for name in OF_RECORD))
    plain = select(*every.c).where(adds_up).subquery("plain_lines")
    odd = select(*every.c).where(not_(func.coalesce(adds_up, False))).subquery("odd_lines")
    split = allocated(odd, SHARES)
    money = {name: _of_record(split, name) for name in OF_RECORD}
    money["refund_amount"] = split.c.own_refund + func.coalesce(split.c.share_other_refund, 0)
    names = [column.name for column in every.c if column.name not in money]
    return union_all(
        select(*(plain.c[name] for name in names), *(plain.c[_own(name)].label(name) for name in money)),
        select(*(split.c[name] for name in names), *(money[name].label(name) for name in money)),
    ).subquery("shared_money")


def _own(name: str) -> str:
    return "own_refund" if name == "refund_amount" else name


def _adds_up(rows: Any, name: str) -> ColumnElement[bool]:
    whole = rows.c[f"order_{name}"]
    return or_(rows.c[f"lines_{name}"] == whole, whole.is_(None))


def _of_record(split: Any, name: str) -> Expression:
    return case((_adds_up(split, name), split.c[name]), else_=split.c[f"share_{name}"])

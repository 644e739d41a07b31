"""Every row of every money file: which order it is of, what it is where it is of none, or unexplained.

Rows count on their own day (settled, paid, applied, moved). Amounts are fen: settled amounts, settled
commissions, successful refunds, movements with their sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.fund_check import PAYING
from shopdata.analysis.money_bridge import bills_of, cohort_of, money_bridge
from shopdata.analysis.money_facts import DIFFERENCES, facts_of_orders
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import Expression
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.refund_lines import refund_succeeded
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.store.tables import Entity

ORDER, UNPAID_ORDER = "order", "unpaid_order"
UNKNOWN_ORDER, UNKNOWN_SCENE = "unknown_order", "unknown_scene"
UNEXPLAINED = frozenset({UNPAID_ORDER, UNKNOWN_ORDER, UNKNOWN_SCENE})
MOST_LISTED = 200
NO_SCENE = "unknown"


@dataclass(frozen=True, slots=True)
class FileRows:
    """Rows of a kind of file that are explained the same way: by an ``order``, by what they are (a scene of
    the fund flow), or not at all. ``is_explained`` is false for the latter."""

    kind: str
    how: str
    rows: int
    amount: int

    @property
    def is_explained(self) -> bool:
        """Whether the rows belong to an order or are of a named kind."""
        return self.how not in UNEXPLAINED


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A row, or an order, whose money is not explained. ``kind``: the file, or ``orders`` for an order the
    files tell differently; ``how``: what is wrong; ``key``: the row's own number or word."""

    kind: str
    how: str
    shop_id: int
    order_id: str | None
    key: str | None
    at: datetime | None
    amount: int


@dataclass(frozen=True, slots=True)
class MoneyRows:
    """Rows by kind of file and explanation; ``listed``: the largest that are not explained."""

    files: tuple[FileRows, ...]
    listed: tuple[Unexplained, ...]

    @property
    def unexplained(self) -> tuple[FileRows, ...]:
        """Groups of rows nothing explains."""
        return tuple(one for one in self.files if not one.is_explained)


def money_rows(store: Reads, scope: Scope) -> MoneyRows:
    """The rows of the period's days, and the orders of its cohort whose sides differ."""
    cohort = cohort_of(scope)
    return remembered(store, ("money_rows", cohort), lambda: _read(store, cohort))


def _read(store: Reads, scope: Scope) -> MoneyRows:
    frame = frame_of(store, scope)
    if not frame.shops:
        return MoneyRows((), ())
    cells = money_bridge(store, scope).cells.values()
    with store.read() as connection:
        found = list(_files(connection, frame, scope))
        listed = [] if all(one.is_explained for one in found) else list(_listed(connection, frame, scope))
        if any(bridge["differing"].n or bridge["difference_payable"].n for bridge in cells):
            listed += _differing(connection, store, frame, scope)
    ordered = sorted(listed, key=lambda one: (-abs(one.amount), one.kind, one.order_id or ""))
    return MoneyRows(tuple(found), tuple(ordered[:MOST_LISTED]))


def _files(connection: Connection, frame: Frame, scope: Scope) -> Iterator[FileRows]:
    for kind, rows in _kinds(frame, scope).items():
        statement = (
            select(rows.c.how, func.count(), func.sum(rows.c.amount))
            .group_by(rows.c.how)
            .order_by(func.count().desc(), rows.c.how)
        )
        for how, count, amount in connection.execute(statement):
            yield FileRows(kind, how, count, int(amount or 0))


def _listed(connection: Connection, frame: Frame, scope: Scope) -> Iterator[Unexplained]:
    columns = ("how", "shop_id", "order_id", "key", "at", "amount")
    parts = [
        select(literal(kind).label("kind"), *(rows.c[name] for name in columns)).where(
            rows.c.how.in_(UNEXPLAINED)
        )
        for kind, rows in _kinds(frame, scope).items()
    ]
    every = union_all(*parts).subquery("unexplained_rows")
    statement = select(*every.c).order_by(func.abs(every.c.amount).desc(), every.c.key).limit(MOST_LISTED)
    for row in connection.execute(statement):
        kind, how, shop, order, key, at, amount = row
        yield Unexplained(kind, how, shop, order, key, at, int(amount or 0))


def _differing(connection: Connection, store: Reads, frame: Frame, scope: Scope) -> Iterator[Unexplained]:
    c = facts_of_orders(frame, scope, bills_of(store, frame)).c
    columns = [c[f"difference_{name}"] for name in DIFFERENCES]
    largest = func.greatest(*(func.abs(column) for column in columns))
    statement = select(c.shop_id, c.order_id, *columns).where(or_(*(column != 0 for column in columns)))
    for shop, order, *amounts in connection.execute(
        statement.order_by(largest.desc(), c.order_id).limit(MOST_LISTED)
    ):
        for how, fen in zip(DIFFERENCES, amounts, strict=True):
            if fen:
                yield Unexplained("orders", how, shop, order, None, None, int(fen))


def _kinds(frame: Frame, scope: Scope) -> dict[str, Any]:
    """The rows of each kind of file with ``how`` they are explained."""
    return {
        "settlements": _settlements(frame, scope).subquery("explained_settlements"),
        "commissions": _commissions(frame, scope).subquery("explained_commissions"),
        "aftersales": _aftersales(frame, scope).subquery("explained_aftersales"),
        "funds": _funds(frame, scope).subquery("explained_funds"),
    }


def _inside(entity: Entity, frame: Frame, scope: Scope) -> list[ColumnElement[bool]]:
    rows, at = entity.table.c, _dated(entity)
    found: list[ColumnElement[bool]] = [rows.shop_id.in_(frame.ids)]
    if scope.start is not None:
        found.append(at >= datetime.combine(scope.start, time.min))
    if scope.end is not None:
        found.append(at < datetime.combine(scope.end + timedelta(days=1), time.min))
    return found


def _dated(entity: Entity) -> Expression:
    """The row's own time; an alliance may tell only when it settled a commission, or the goods arrived."""
    rows = entity.table.c
    if entity is tables.COMMISSIONS:
        return func.coalesce(rows.paid_at, rows.settled_at, rows.received_at)
    at: Expression = rows[entity.time]
    return at


def _explained(
    entity: Entity, frame: Frame, scope: Scope, how: Expression, amount: Expression, source: Any, key: str
) -> Select[Any]:
    rows = entity.table.c
    return (
        select(
            rows.shop_id,
            how.label("how"),
            rows.order_id,
            rows[key].label("key"),
            _dated(entity).label("at"),
            func.coalesce(amount, 0).label("amount"),
        )
        .select_from(source)
        .where(*_inside(entity, frame, scope))
    )


def _of_order(entity: Entity) -> tuple[Any, ColumnElement[bool]]:
    rows, orders = entity.table, tables.orders
    same = and_(orders.c.shop_id == rows.c.shop_id, orders.c.order_id == rows.c.order_id)
    return rows.outerjoin(orders, same), orders.c.order_id.is_not(None)


def _settlements(frame: Frame, scope: Scope) -> Select[Any]:
    entity = tables.SETTLEMENTS
    source, is_known = _of_order(entity)
    paid = func.coalesce(tables.orders.c.is_paid, False)
    how = case((paid, ORDER), (is_known, UNPAID_ORDER), else_=UNKNOWN_ORDER)
    amount = entity.table.c.settled_amount
    return _explained(entity, frame, scope, how, amount, source, "settlement_id")


def _aftersales(frame: Frame, scope: Scope) -> Select[Any]:
    entity = tables.AFTERSALES
    source, is_known = _of_order(entity)
    amount = case((refund_succeeded(entity.table.c), entity.table.c.refund_amount), else_=0)
    how = case((is_known, ORDER), else_=UNKNOWN_ORDER)
    return _explained(entity, frame, scope, how, amount, source, "aftersale_id")


def _commissions(frame: Frame, scope: Scope) -> Select[Any]:
    """A commission hangs on a line; where the file names the order and not a known line, on the order."""
    entity = tables.COMMISSIONS
    rows, lines = entity.table, tables.ORDER_LINES.table
    source, is_known = _of_order(entity)
    same = and_(lines.c.shop_id == rows.c.shop_id, lines.c.line_id == rows.c.line_id, lines.c.counted)
    how = case((or_(lines.c.line_id.is_not(None), is_known), ORDER), else_=UNKNOWN_ORDER)
    amount = func.coalesce(rows.c.commission_settled, 0) + func.coalesce(rows.c.bonus_settled, 0)
    amount += func.coalesce(rows.c.promotion_settled, 0)
    return _explained(entity, frame, scope, how, amount, source.outerjoin(lines, same), "line_id")


def _funds(frame: Frame, scope: Scope) -> Select[Any]:
    """A movement is what its scene says; payouts and refunds must belong to an order as well."""
    entity = tables.FUNDS
    rows = entity.table.c
    source, is_known = _of_order(entity)
    scene = func.coalesce(rows.scene, NO_SCENE)
    how = case(
        (scene == NO_SCENE, UNKNOWN_SCENE),
        (and_(scene.in_(PAYING - {"deposit"}), is_known), ORDER),
        (scene.in_(PAYING - {"deposit"}), UNKNOWN_ORDER),
        else_=scene,
    )
    signed = case((rows.direction == "out", -rows.amount), (rows.direction == "in", rows.amount), else_=0)
    return _explained(entity, frame, scope, how, signed, source, "scene_raw")

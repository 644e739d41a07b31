"""The settlement bill against the fund flow, summed up: which entries the flow pays, which not, what is left.

Orders whose entries and movements agree in their sum need no pairing and are counted by the store; only the
others are paired row by row by ``fund_check.checked``. What is compared lies within the days the shop's flow
covers; shops without a flow or without a bill are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, not_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.fund_check import PAYING, Entry, Left, Movement, checked
from shopdata.imports.scoping import shops_in
from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store.tables import FUNDS, SETTLEMENTS

BILL, FLOW = SETTLEMENTS.table.c, FUNDS.table.c
OF_BILL = (
    BILL.shop_id, BILL.settlement_id, BILL.order_id, BILL.line_id, BILL.settled_at, BILL.settled_amount,
)  # fmt: skip
OF_FLOW = (
    FLOW.shop_id, FLOW.flow_key, FLOW.order_id, FLOW.line_id, FLOW.moved_at, FLOW.direction, FLOW.amount,
    FLOW.scene, FLOW.scene_raw, FLOW.account, FLOW.balance,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FundSummary:
    """``found`` entries with their sum (fen) are in the flow; ``missing`` are not; ``left`` are payouts and
    refunds of the flow that pay no entry."""

    found: int
    found_amount: int
    missing: tuple[Entry, ...]
    left: tuple[Left, ...]


def fund_summary(store: Reads, scope: Scope) -> FundSummary | None:
    """The comparison over the scope's days; ``None`` where no shop has both files."""
    question = ("fund_summary", scope.shops, scope.platforms, scope.start, scope.end)
    return remembered(store, question, lambda: _read(store, scope))


def _read(store: Reads, scope: Scope) -> FundSummary | None:
    with store.read() as connection:
        spans = _spans(connection, shops_in(connection, scope))
        if not spans:
            return None
        covered = [_covers(shop, first, last) for shop, (first, last) in spans.items()]
        agreed = _agreed().subquery("agreed_orders")
        whole = _whole(connection, scope, _any(covered), agreed)
        entries = [
            Entry(*row)
            for row in connection.execute(
                select(*OF_BILL).where(_any(covered), not_(_is_agreed(BILL, agreed)))
            )
        ]
        moves = [
            Movement(*row)
            for row in connection.execute(
                select(*OF_FLOW).where(
                    FLOW.shop_id.in_(tuple(spans)), FLOW.scene.in_(PAYING), not_(_is_agreed(FLOW, agreed))
                )
            )
        ]
    rest = checked(entries, moves, scope.start, scope.end)
    return FundSummary(
        found=whole[0] + len(rest.found),
        found_amount=whole[1] + sum(one.amount for one in rest.found),
        missing=rest.missing,
        left=rest.left,
    )


def _any(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    found = conditions[0]
    for one in conditions[1:]:
        found = found | one
    return found


def _spans(connection: Connection, shops: Any) -> dict[int, tuple[Any, Any]]:
    """First and last movement of each shop that has a bill as well."""
    billed = exists().where(BILL.shop_id == FLOW.shop_id)
    rows = connection.execute(
        select(FLOW.shop_id, func.min(FLOW.moved_at), func.max(FLOW.moved_at))
        .where(FLOW.shop_id.in_(shops), billed)
        .group_by(FLOW.shop_id)
    )
    return {shop: (first, last) for shop, first, last in rows if first is not None}


def _covers(shop: int, first: Any, last: Any) -> ColumnElement[bool]:
    return and_(BILL.shop_id == shop, BILL.settled_at >= first, BILL.settled_at <= last)


def _agreed() -> Any:
    """Orders whose entries and payouts have the same sum."""
    signed = case((FLOW.direction == "out", -FLOW.amount), (FLOW.direction == "in", FLOW.amount), else_=0)
    bill = (
        select(BILL.shop_id, BILL.order_id, func.sum(BILL.settled_amount).label("amount"))
        .group_by(BILL.shop_id, BILL.order_id)
        .subquery("billed_orders")
    )
    flow = (
        select(FLOW.shop_id, FLOW.order_id, func.sum(signed).label("amount"))
        .where(FLOW.scene.in_(PAYING), FLOW.order_id.is_not(None))
        .group_by(FLOW.shop_id, FLOW.order_id)
        .subquery("paid_orders")
    )
    same = and_(bill.c.shop_id == flow.c.shop_id, bill.c.order_id == flow.c.order_id)
    return (
        select(bill.c.shop_id, bill.c.order_id)
        .select_from(bill.join(flow, same))
        .where(bill.c.amount == flow.c.amount)
    )


def _is_agreed(rows: Any, agreed: Any) -> ColumnElement[bool]:
    return exists().where(agreed.c.shop_id == rows.shop_id, agreed.c.order_id == rows.order_id)


def _whole(
    connection: Connection, scope: Scope, covered: ColumnElement[bool], agreed: Any
) -> tuple[int, int]:
    """Entries of the period whose order agrees: how many, and their sum."""
    day = func.date_trunc("day", BILL.settled_at)
    inside = [covered, _is_agreed(BILL, agreed)]
    if scope.start is not None:
        inside.append(day >= scope.start)
    if scope.end is not None:
        inside.append(day <= scope.end)
    count, amount = connection.execute(
        select(func.count(), func.sum(BILL.settled_amount)).where(*inside)
    ).one()
    return count, int(amount or 0)

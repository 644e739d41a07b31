"""The rows behind a step of the bridge: entries of the bill for what the bill says, else orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, literal, null, select

from shopdata.analysis.money_bridge import TAKES, bills_of, cohort_of
from shopdata.analysis.money_facts import STATES, facts_of_orders
from shopdata.analysis.money_orders import FEES, entry_amounts
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store import tables

MOST_LISTED = 200
OF_BILL = (*FEES, "settled")
OF_ORDERS = (
    "placed", "unpaid_open", "unpaid_closed", "unpaid_unknown", "relief", "difference_payable", "paid",
    "refund", "subsidy", "recalled",
)  # fmt: skip
LISTED = (*OF_ORDERS, *OF_BILL, *STATES)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row of a step: the order, when (the bill's settlement), the bill's word, its amount (fen)."""

    shop_id: int
    order_id: str
    at: datetime | None
    word: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class StepRows:
    """The largest rows of a step, and how many and how much all of them are."""

    rows: tuple[StepRow, ...]
    n: int
    amount: int


def step_rows(store: Reads, scope: Scope, step: str) -> StepRows:
    """Rows of ``step`` (one of ``LISTED``) over the cohort's orders; signs as the bridge shows them."""
    cohort = cohort_of(scope)
    return remembered(store, ("money_step", cohort, step), lambda: _read(store, cohort, step))


def _read(store: Reads, scope: Scope, step: str) -> StepRows:
    rows = (_entries if step in OF_BILL else _orders)(store, scope, step).subquery("step_rows")
    listed = select(*rows.c).order_by(func.abs(rows.c.amount).desc(), rows.c.order_id).limit(MOST_LISTED)
    with store.read() as connection:
        found = connection.execute(listed).all()
        n, amount = connection.execute(select(func.count(), func.sum(rows.c.amount))).one()
    return StepRows(
        tuple(StepRow(shop, order, at, word, int(fen)) for shop, order, at, word, fen in found),
        n,
        int(amount or 0),
    )


def _orders(store: Reads, scope: Scope, step: str) -> Any:
    frame = frame_of(store, scope)
    facts = facts_of_orders(frame, scope, bills_of(store, frame)).c
    amount = facts.open if step in STATES else facts[step]
    wanted = [amount != 0, *([facts.state == step] if step in STATES else [])]
    signed = -amount if step in TAKES else amount
    return select(
        facts.shop_id, facts.order_id, null().label("at"), null().label("word"), signed.label("amount")
    ).where(*wanted)


def _entries(store: Reads, scope: Scope, step: str) -> Any:
    frame = frame_of(store, scope)
    facts = facts_of_orders(frame, scope, bills_of(store, frame)).c
    rows = tables.SETTLEMENTS.table.c
    amount = entry_amounts()[step]
    signed = -amount if step in FEES else amount
    mine = exists(select(literal(1)).where(_same(facts, rows), facts.is_billed))
    return select(
        rows.shop_id,
        rows.order_id,
        rows.settled_at.label("at"),
        func.coalesce(rows.status_raw, rows.note).label("word"),
        signed.label("amount"),
    ).where(amount != 0, mine)


def _same(facts: Any, rows: Any) -> Any:
    return and_(facts.shop_id == rows.shop_id, facts.order_id == rows.order_id)

"""Where orders left the funnel: refused, refunded before shipping, closed unpaid, closed later; each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.reasons import reason_of, refusal_words
from shopdata.metrics.facts import Facts
from shopdata.store import tables
from shopdata.words import Words

EXITS = (
    "expired_unpaid",
    "cancelled_by_buyer",
    "cancelled_by_merchant",
    "cancelled_by_system",
    "cancelled_unstated",
    "refunded_unshipped",
    "refused",
    "closed_after_shipping",
)


@dataclass(frozen=True, slots=True)
class Exit:
    """Orders that left: why, how many, and what they had paid (or owed, where unpaid)."""

    key: str
    n: int
    amount: int

    def as_json(self, spoken: Words) -> dict[str, Any]:
        """The exit as it stands in ``funnel --json``."""
        label = spoken(f"analysis.exits.{self.key}")
        return {"key": self.key, "label": label, "n": self.n, "amount": self.amount}


def _yes(flag: Any) -> ColumnElement[bool]:
    return func.coalesce(flag, False)


def _refused(facts: Facts) -> ColumnElement[bool]:
    rows = tables.AFTERSALES.table.c
    return exists().where(
        rows.shop_id == facts.c.shop_id,
        rows.order_id == facts.c.order_id,
        rows.refused_delivery.in_(refusal_words()),
    )


def exits_of(
    connection: Connection, relation: Any, facts: Facts, inside: ColumnElement[bool]
) -> tuple[Exit, ...]:
    """Every order that left, once: refused, refunded before shipping, closed unpaid, closed later."""
    c = facts.c
    before = _yes(facts.condition("refunded_unshipped"))
    unpaid = _yes(facts.condition("unpaid_closed"))
    paid, owed = (
        func.coalesce(*amounts, 0)
        for amounts in ((c.paid_amount, c.payable_amount), (c.payable_amount, c.paid_amount))
    )
    statement = (
        select(
            _refused(facts).label("refused"),
            before.label("unshipped"),
            unpaid.label("unpaid"),
            _yes(c.is_shipped).label("shipped"),
            c.cancel_reason,
            func.count().label("n"),
            func.sum(case((c.is_paid, paid), else_=owed)).label("amount"),
        )
        .select_from(relation)
        .where(inside, or_(_yes(c.is_closed), before))
        .group_by("refused", "unshipped", "unpaid", "shipped", c.cancel_reason)
    )
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(statement):
        count, amount = found.get(_exit_key(row), (0, 0))
        found[_exit_key(row)] = count + row.n, amount + int(row.amount or 0)
    return tuple(Exit(key, *found[key]) for key in EXITS if key in found)


def _exit_key(row: Any) -> str:
    if row.refused:
        return "refused"
    if row.unshipped:
        return "refunded_unshipped"
    if row.shipped:
        return "closed_after_shipping"
    reason = reason_of(row.cancel_reason)
    if row.unpaid and reason.by == "system":
        return "expired_unpaid"
    return f"cancelled_by_{reason.by}" if reason.by != "unknown" else "cancelled_unstated"

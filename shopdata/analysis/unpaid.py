"""Orders that were placed and not paid: why, when, how large, from where, and which to win back.

Shares are over matured orders (older than the pay horizon). No claim is made about what people did on a
page: no export has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from shopdata.analysis.reasons import reason_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import moment, seconds_between
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.facts import Facts, per_shop
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.metrics.query import window
from shopdata.metrics.relation import orders_relation
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import tables

SPLITS = ("hour", "weekday", "amount_band", "source", "product", "province")
LATENCIES = (10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
WIN_BACK = timedelta(hours=24)
MOST_LISTED = 500
ENOUGH = 30


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A group of reasons: orders closed unpaid for it, what they would have paid, the words met."""

    key: str
    by: str
    n: int
    amount: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One key of a split: matured orders ``d``, of them unpaid ``n``. ``lift`` is the unpaid share over the
    shop's own, with the bounds of its interval; ``clear`` where the bounds leave 1 out and d ≥ 30."""

    key: str
    label_keys: tuple[str, ...]
    n: int
    d: int
    rate: float | None
    low: float | None
    high: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    clear: bool


@dataclass(frozen=True, slots=True)
class WinBack:
    """An order closed unpaid, placed within the last 24 hours of the data."""

    shop_id: int
    order_id: str
    placed_at: datetime
    payable_amount: int | None
    product: str | None
    source: str | None
    province: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What is known about unpaid orders of a period. ``latency``: seconds → share of matured orders paid by
    then."""

    scope: Scope
    n: int
    d: int
    rate: float | None
    reasons: tuple[ReasonRow, ...]
    splits: Mapping[str, tuple[SplitRow, ...]]
    names: Mapping[str, Mapping[str, str]]
    latency: tuple[tuple[int, float], ...]
    win_back: tuple[WinBack, ...]
    win_back_total: int


def unpaid(store: Reads, scope: Scope) -> Unpaid:
    """The unpaid analysis of the orders placed in the period."""
    cohort = replace(scope, basis="placed")
    return remembered(store, ("unpaid", cohort), lambda: _read(store, cohort))


def _read(store: Reads, scope: Scope) -> Unpaid:
    frame = frame_of(store, scope)
    relation = orders_relation(frame, scope, ())
    facts = Facts(relation.c, frame, horizons_of(store, frame, ("pay",)))
    with store.read() as connection:
        reasons = _reasons(connection, relation, facts, scope)
        latency = _latency(connection, relation, facts, scope)
        listed, listed_total = _win_back(connection, facts, relation)
    tables_by_split = {split: metric_table(store, scope, by=split, keys=("pay_rate",)) for split in SPLITS}
    total = tables_by_split["hour"].total
    hits, trials = _unpaid_of(total)
    splits = {split: _split(table.rows, hits, trials) for split, table in tables_by_split.items()}
    return Unpaid(
        scope=scope,
        n=hits,
        d=trials,
        rate=hits / trials if trials else None,
        reasons=reasons,
        splits=splits,
        names={split: table.names[0] for split, table in tables_by_split.items()},
        latency=latency,
        win_back=listed,
        win_back_total=listed_total,
    )


def _unpaid_of(values: Mapping[str, Any]) -> tuple[int, int]:
    """Unpaid and all matured orders of a row."""
    trials = int(values["pay_rate_d"] or 0) - int(values["pay_rate_pending"] or 0)
    paid = round((values["pay_rate_matured"] or 0) * trials)
    return trials - paid, trials


def _split(rows: Any, hits: int, trials: int) -> tuple[SplitRow, ...]:
    usual = hits / trials if trials else None
    found = []
    for row in rows:
        n, d = _unpaid_of(row.values)
        bounds = wilson(n, d)
        if bounds is None:
            continue
        lifts = tuple(bound / usual for bound in bounds) if usual else (None, None)
        clear = d >= ENOUGH and lifts[0] is not None and (lifts[0] > 1 or (lifts[1] or 0) < 1)
        lift = n / d / usual if usual else None
        found.append(SplitRow(row.key, row.keys, n, d, n / d, *bounds, lift, lifts[0], lifts[1], clear))
    return tuple(found)


def _reasons(connection: Connection, relation: Any, facts: Facts, scope: Scope) -> tuple[ReasonRow, ...]:
    c = facts.c
    statement = (
        select(c.cancel_reason, func.count(), func.sum(c.payable_amount))
        .select_from(relation)
        .where(*window(scope, facts, "placed_at"), facts.condition("unpaid_closed"))
        .group_by(c.cancel_reason)
        .order_by(func.count().desc(), c.cancel_reason)
    )
    found: dict[str, ReasonRow] = {}
    for text, count, amount in connection.execute(statement):
        reason = reason_of(text)
        before = found.get(reason.key) or ReasonRow(reason.key, reason.by, 0, 0, ())
        examples = (*before.examples, text)[:3] if text else before.examples
        amounts = before.amount + int(amount or 0)
        found[reason.key] = replace(before, n=before.n + count, amount=amounts, examples=examples)
    return tuple(sorted(found.values(), key=lambda row: (-row.n, row.key)))


def _latency(
    connection: Connection, relation: Any, facts: Facts, scope: Scope
) -> tuple[tuple[int, float], ...]:
    waited = seconds_between(facts.c.placed_at, facts.moment("paid_at"))
    paid = and_(facts.c.is_paid, waited >= 0)
    row = connection.execute(
        select(func.count(), *(func.count().filter(and_(paid, waited <= limit)) for limit in LATENCIES))
        .select_from(relation)
        .where(*window(scope, facts, "placed_at"), facts.matured("pay"))
    ).one()
    whole = row[0]
    return tuple((limit, count / whole) for limit, count in zip(LATENCIES, row[1:], strict=True) if whole)


def _win_back(connection: Connection, facts: Facts, relation: Any) -> tuple[tuple[WinBack, ...], int]:
    """Whatever the period: the last 24 hours of each shop's order data."""
    c = facts.c
    latest = {
        shop.id: shop.as_of["orders"] - WIN_BACK for shop in facts.frame.shops if "orders" in shop.as_of
    }
    if not latest:
        return (), 0
    lines = tables.ORDER_LINES.table.c
    product = (
        select(func.min(lines.product_name))
        .where(lines.shop_id == c.shop_id, lines.order_id == c.order_id, lines.counted)
        .scalar_subquery()
    )
    conditions = (
        c.shop_id.in_(tuple(latest)),
        c.placed_at >= per_shop(c.shop_id, latest, moment),
        facts.condition("unpaid_closed"),
    )
    total = connection.execute(select(func.count()).select_from(relation).where(*conditions)).scalar_one()
    rows = connection.execute(
        select(
            c.shop_id,
            c.order_id,
            c.placed_at,
            c.payable_amount,
            product,
            c.source,
            c.province,
            c.cancel_reason,
        )
        .select_from(relation)
        .where(*conditions)
        .order_by(c.payable_amount.desc().nulls_last(), c.order_id)
        .limit(MOST_LISTED)
    )
    return tuple(WinBack(*row) for row in rows), total

"""The order funnel: placed → paid → shipped → signed → completed, on one cohort, monotone.

An order is counted up to the last step it made in the right order of time; where a time contradicts the one
before it (tolerance 60 s), or a step it must have made is not in any file, it stops there and is
``unclear``, never lost. An order that has not made a step is
pending while it is younger than the step's horizon and nothing has ended it, else lost. ``signed`` joins the
chain only where at least 95 % of the cohort's shipped orders have a waybill row; otherwise it stands beside
the chain with its coverage. A completed order without a record of signing is unclear there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, and_, func, not_, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.exits import Exit, exits_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import quantiles, seconds_between
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.definition import Need
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.query import COHORT_ANCHORS, window
from shopdata.metrics.relation import orders_relation
from shopdata.scope import Scope
from shopdata.words import Words, words

TOLERANCE = -60
ENOUGH_WAYBILLS = 0.95
SECONDS_PER_HOUR = 3600
STEPS = ("placed", "paid", "shipped", "signed", "completed")
TIMES = {
    "placed": "placed_at",
    "paid": "paid_at",
    "shipped": "shipped_at",
    "signed": "signed_at",
    "completed": "completed_at",
}
HORIZON = {"paid": "pay", "shipped": "ship", "signed": "sign", "completed": "complete"}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step. ``lost``, ``pending``, ``unclear`` (data that contradict each other or say nothing): orders
    of the step before that did not make this one. ``median_hours``: from this step to the next."""

    key: str
    n: int
    of_first: float | None
    of_previous: float | None
    lost: int
    pending: int
    median_hours: float | None
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class Funnel:
    """The chain, what stands beside it, and where orders left it.

    ``signed`` is set where signed is not in the chain: its count and median hours from shipping.
    ``coverage``: share of shipped orders with a waybill row (``None`` without a waybill file).
    """

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    steps: tuple[FunnelStep, ...]
    exits: tuple[Exit, ...]
    coverage: float | None
    signed: FunnelStep | None
    missing: str | None

    @property
    def unclear(self) -> int:
        """Orders whose data contradict each other or say nothing, over all steps."""
        return sum(step.unclear for step in self.steps)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``funnel --json``."""
        spoken = language or words()
        return {
            **self.scope.as_json(),
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [_step_json(step, spoken) for step in self.steps],
            "total": {"n": self.steps[0].n if self.steps else 0, "unclear": self.unclear},
            "signed": self.signed and _step_json(self.signed, spoken) | {"coverage": self.coverage},
            "exits": [
                {
                    "key": one.key,
                    "label": spoken(f"analysis.exits.{one.key}"),
                    "n": one.n,
                    "amount": one.amount,
                }
                for one in self.exits
            ],
        }


def _step_json(step: FunnelStep, spoken: Words) -> dict[str, Any]:
    return {
        "key": step.key,
        "label": spoken(f"analysis.steps.{step.key}"),
        "n": step.n,
        "of_first": step.of_first,
        "of_previous": step.of_previous,
        "lost": step.lost,
        "pending": step.pending,
        "median_hours": step.median_hours,
        "unclear": step.unclear,
    }


def funnel(store: Reads, scope: Scope) -> Funnel:
    """The funnel of the orders placed (or, on the paid basis, paid) in the period."""
    cohort = replace(scope, basis="placed") if scope.basis == "event" else scope
    return remembered(store, ("funnel", cohort), lambda: _read(store, cohort))


def _read(store: Reads, scope: Scope) -> Funnel:
    frame = frame_of(store, scope)
    if not frame.shops:
        return Funnel(scope, None, None, (), (), None, None, "orders")
    relation = orders_relation(frame, scope, ())
    facts = Facts(relation.c, frame, horizons_of(store, frame, HORIZON.values()))
    inside = and_(*window(scope, facts, COHORT_ANCHORS[scope.basis]))
    signs = not frame.lacking((Need("parcels", "signed_at"),))
    with store.read() as connection:
        coverage = _coverage(connection, relation, facts, inside) if signs else None
        chained = coverage is not None and coverage >= ENOUGH_WAYBILLS
        chain = STEPS if chained else tuple(step for step in STEPS if step != "signed")
        steps = _chain(connection, relation, facts, inside, chain)
        beside = _beside(connection, relation, facts, inside) if signs and not chained else None
        exits = exits_of(connection, relation, facts, inside)
    return Funnel(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        steps=steps,
        exits=exits,
        coverage=coverage,
        signed=beside,
        missing=None if signs else "parcels",
    )


def _yes(flag: Any) -> ColumnElement[bool]:
    return func.coalesce(flag, False)


def _coverage(
    connection: Connection, relation: Any, facts: Facts, inside: ColumnElement[bool]
) -> float | None:
    shipped = and_(facts.c.is_paid, facts.c.is_shipped)
    row = connection.execute(
        select(func.count().filter(shipped), func.count().filter(and_(shipped, facts.c.parcels_tracked > 0)))
        .select_from(relation)
        .where(inside)
    ).one()
    return row[1] / row[0] if row[0] else None


def _in_order(facts: Facts, earlier: str, later: str) -> ColumnElement[bool]:
    gap = seconds_between(facts.moment(TIMES[earlier]), facts.moment(TIMES[later]))
    return or_(gap.is_(None), gap >= TOLERANCE, _on_delivery(facts))


def _made(facts: Facts, chain: tuple[str, ...]) -> dict[str, ColumnElement[bool]]:
    """For each step: the order made it and every step before, in the right order of time."""
    made: dict[str, ColumnElement[bool]] = {"placed": true()}
    for previous, step in pairwise(chain):
        done = _yes(facts.condition(step))
        made[step] = and_(made[previous], done, _in_order(facts, previous, step))
    return made


def _ended(facts: Facts, step: str) -> ColumnElement[bool]:
    """Whether something has ended the order before ``step``: it cannot be pending any more."""
    closed = _yes(facts.c.is_closed)
    if step == "shipped":
        return or_(closed, _yes(facts.condition("refunded_unshipped")))
    return closed


def _chain(
    connection: Connection,
    relation: Any,
    facts: Facts,
    inside: ColumnElement[bool],
    chain: tuple[str, ...],
) -> tuple[FunnelStep, ...]:
    made = _made(facts, chain)
    columns: dict[str, ColumnElement[Any]] = {"placed_n": func.count()}
    for previous, step in pairwise(chain):
        waiting = and_(made[previous], not_(made[step]))
        unclear = _unclear(facts, step, chain)
        young = not_(func.coalesce(facts.matured(HORIZON[step]), False))
        if step == "paid":
            young = or_(young, _on_delivery(facts))
        gap = seconds_between(facts.moment(TIMES[previous]), facts.moment(TIMES[step]))
        columns |= {
            f"{step}_n": func.count().filter(made[step]),
            f"{step}_unclear": func.count().filter(and_(waiting, unclear)),
            f"{step}_pending": func.count().filter(
                and_(waiting, not_(unclear), young, not_(_ended(facts, step)))
            ),
            f"{previous}_gap": quantiles(gap).filter(and_(made[step], gap >= 0)),
        }
    row = connection.execute(
        select(*(value.label(name) for name, value in columns.items())).select_from(relation).where(inside)
    ).one()
    return tuple(_steps(dict(row._mapping), chain))


def _steps(row: Mapping[str, Any], chain: tuple[str, ...]) -> list[FunnelStep]:
    first = row[f"{chain[0]}_n"]
    found = []
    previous: int | None = None
    for step in chain:
        count, pending, unclear = (row.get(f"{step}_{name}", 0) for name in ("n", "pending", "unclear"))
        gap = row.get(f"{step}_gap")
        found.append(
            FunnelStep(
                key=step,
                n=count,
                of_first=count / first if first else None,
                of_previous=count / previous if previous else None,
                lost=0 if previous is None else previous - count - pending - unclear,
                pending=pending,
                unclear=unclear,
                median_hours=None if gap is None else gap[0] / SECONDS_PER_HOUR,
            )
        )
        previous = count
    return found


def _unclear(facts: Facts, step: str, chain: tuple[str, ...]) -> ColumnElement[bool]:
    """Orders that did not make ``step`` as far as times go, but whose data say otherwise or nothing."""
    later = [_yes(facts.condition(name)) for name in chain[chain.index(step) :] if name != "paid"]
    if step == "paid":
        return or_(facts.c.is_paid.is_(None), *(and_(one, not_(_on_delivery(facts))) for one in later))
    return or_(*later)


def _on_delivery(facts: Facts) -> ColumnElement[bool]:
    return _yes(facts.c.is_cash_on_delivery)


def _beside(connection: Connection, relation: Any, facts: Facts, inside: ColumnElement[bool]) -> FunnelStep:
    shipped = and_(facts.c.is_paid, facts.c.is_shipped)
    signed = and_(shipped, facts.condition("signed"))
    gap = seconds_between(facts.c.shipped_at, facts.c.signed_at)
    young = and_(not_(func.coalesce(facts.matured("sign"), False)), not_(_ended(facts, "signed")))
    row = connection.execute(
        select(
            func.count().label("placed"),
            func.count().filter(shipped).label("shipped"),
            func.count().filter(signed).label("signed"),
            func.count().filter(and_(shipped, facts.c.signed_at.is_(None), young)).label("pending"),
            quantiles(gap).filter(and_(signed, gap >= 0)).label("gap"),
        )
        .select_from(relation)
        .where(inside)
    ).one()
    return FunnelStep(
        key="signed",
        n=row.signed,
        of_first=row.signed / row.placed if row.placed else None,
        of_previous=row.signed / row.shipped if row.shipped else None,
        lost=row.shipped - row.signed - row.pending,
        pending=row.pending,
        median_hours=row.gap[0] / SECONDS_PER_HOUR if row.gap else None,
    )

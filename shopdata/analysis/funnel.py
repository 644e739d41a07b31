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

from sqlalchemy import Connection, Subquery, and_, func, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.exits import Exit, exits_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import median, seconds_between
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
    told = _told(relation, facts, inside, chain).c
    columns: dict[str, ColumnElement[Any]] = {"placed_n": func.count()}
    before: tuple[ColumnElement[bool], ...] = ()
    for previous, step in pairwise(chain):
        made = and_(*before, told[f"follows_{step}"])
        waiting = and_(*before, not_(told[f"follows_{step}"]))
        unclear = _unclear(told, step, chain)
        young = not_(told[f"old_{step}"])
        if step == "paid":
            young = or_(young, told.on_delivery)
        gap = told[f"gap_{step}"]
        columns |= {
            f"{step}_n": func.count().filter(made),
            f"{step}_unclear": func.count().filter(and_(waiting, unclear)),
            f"{step}_pending": func.count().filter(
                and_(waiting, not_(unclear), young, not_(told[f"ended_{step}"]))
            ),
            f"{previous}_gap": median(gap).filter(and_(made, gap >= 0)),
        }
        before = (*before, told[f"follows_{step}"])
    row = connection.execute(select(*(value.label(name) for name, value in columns.items()))).one()
    return tuple(_steps(dict(row._mapping), chain))


def _told(relation: Any, facts: Facts, inside: ColumnElement[bool], chain: tuple[str, ...]) -> Subquery:
    """What is known of each order, computed once a row. Of every step: ``done``, ``gap`` (seconds since the
    step before), ``old`` enough, ``ended`` before it, and ``follows``: done in the right order of time."""
    columns = {"on_delivery": _yes(facts.c.is_cash_on_delivery), "pay_unknown": facts.c.is_paid.is_(None)}
    for previous, step in pairwise(chain):
        columns |= {
            f"done_{step}": _yes(facts.condition(step)),
            f"gap_{step}": seconds_between(facts.moment(TIMES[previous]), facts.moment(TIMES[step])),
            f"old_{step}": _yes(facts.matured(HORIZON[step])),
            f"ended_{step}": _ended(facts, step),
        }
    shown = (value.label(name) for name, value in columns.items())
    timed = select(*shown).select_from(relation).where(inside).subquery("timed")
    follows = (
        and_(timed.c[f"done_{step}"], _in_order(timed.c[f"gap_{step}"], timed.c.on_delivery)).label(
            f"follows_{step}"
        )
        for step in chain[1:]
    )
    return select(*timed.c, *follows).subquery("told")


def _in_order(gap: ColumnElement[int], on_delivery: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(gap.is_(None), gap >= TOLERANCE, on_delivery)


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
                median_hours=None if gap is None else gap / SECONDS_PER_HOUR,
            )
        )
        previous = count
    return found


def _unclear(told: Any, step: str, chain: tuple[str, ...]) -> ColumnElement[bool]:
    """Orders that did not make ``step`` as far as times go, but whose data say otherwise or nothing."""
    later = [told[f"done_{name}"] for name in chain[chain.index(step) :] if name != "paid"]
    if step == "paid":
        return or_(told.pay_unknown, and_(or_(*later), not_(told.on_delivery)))
    return or_(*later)


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
            median(gap).filter(and_(signed, gap >= 0)).label("gap"),
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
        median_hours=None if row.gap is None else row.gap / SECONDS_PER_HOUR,
    )

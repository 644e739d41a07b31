"""Builds the statements behind a table of metrics and reads their raw sums, one row a key.

A cohort basis (``placed``, ``paid``) takes one statement for everything orders tell and one for commissions;
the ``event`` basis one for each time that dates something. Nothing is finished here: ``values`` divides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, FromClause, and_, case, distinct, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.constructs import Expression, quantiles, real, seconds_between
from shopdata.metrics.definition import Count, Duration, Event, Family, Metric, Ratio, Total
from shopdata.metrics.dimensions import Dimension, order_key
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame
from shopdata.metrics.maturity import Horizons
from shopdata.metrics.relation import key_name, orders_relation
from shopdata.metrics.row_relations import aftersales_relation, commissions_relation
from shopdata.scope import Scope

Key = tuple[Any, ...]
Sums = dict[str, Any]
COHORT_ANCHORS = {"placed": "placed_at", "paid": "paid_at"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which days and shops, split by which dimensions, which metrics.

    ``until`` cuts the last day at a time of day; ``spread`` also reads what intervals of sums need.
    """

    scope: Scope
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    until: datetime | None = None
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement: the family of rows it reads, the time that dates them, and the metrics it sums."""

    family: Family
    anchor: str
    metrics: tuple[tuple[Metric, Event | None], ...]


def readings(question: Question) -> list[Reading]:
    """The statements a question takes."""
    grouped: dict[tuple[Family, str], list[tuple[Metric, Event | None]]] = {}
    cohort = COHORT_ANCHORS.get(question.scope.basis)
    for metric in question.metrics:
        if not isinstance(metric, Count | Total | Duration | Ratio):
            continue
        family: Family = "orders" if isinstance(metric, Duration | Ratio) else metric.family
        if family == "buyers":
            continue
        event = None if isinstance(metric, Ratio) else metric.event
        if cohort:
            grouped.setdefault((family, cohort), []).append((metric, None))
        elif event:
            grouped.setdefault((event.family if family == "orders" else family, event.anchor), []).append(
                (metric, event)
            )
    return [Reading(family, anchor, tuple(found)) for (family, anchor), found in grouped.items()]


def read_sums(
    connection: Connection, frame: Frame, horizons: Horizons, question: Question
) -> dict[Key, Sums]:
    """Raw sums by key; the empty key alone where the question has no dimension."""
    found: dict[Key, Sums] = {}
    if not frame.shops:
        return found
    for reading in readings(question):
        statement = _statement(frame, horizons, question, reading)
        width = len(question.dimensions)
        for row in connection.execute(statement):
            sums = found.setdefault(tuple(row[:width]), {})
            sums.update(dict(zip(list(row._fields)[width:], row[width:], strict=True)))
    return found


def _relation(frame: Frame, question: Question, family: Family) -> FromClause:
    build = {"aftersales": aftersales_relation, "commissions": commissions_relation}.get(
        family, orders_relation
    )
    return build(frame, question.scope, question.dimensions)


def _statement(frame: Frame, horizons: Horizons, question: Question, reading: Reading) -> Any:
    relation = _relation(frame, question, reading.family)
    facts = Facts(relation.c, frame, horizons)
    anchor = facts.moment(reading.anchor)
    keys = [_key(dimension, facts, anchor).label(f"k{i}") for i, dimension in enumerate(question.dimensions)]
    sums: dict[str, ColumnElement[Any]] = {}
    for metric, event in reading.metrics:
        sums |= measures(metric, event, facts, reading.family)
        if question.spread:
            sums |= spread_of(metric, event, facts)
    sums |= _judging(facts, frame, reading)
    return (
        select(*keys, *(value.label(name) for name, value in sums.items()))
        .select_from(relation)
        .where(*window(question.scope, facts, reading.anchor), *_until(anchor, question.until))
        .group_by(*(key.element for key in keys))
    )


def _key(dimension: Dimension, facts: Facts, anchor: Expression) -> Expression:
    if dimension.part is not None:
        return dimension.part(anchor)
    if dimension.level == "line":
        line: Expression = facts.c[key_name(dimension)]
        return line
    return order_key(dimension, facts.c, facts.frame)


def window(scope: Scope, facts: Facts, anchor: str) -> list[ColumnElement[bool]]:
    """Which rows belong to the period: by their anchor; the paid cohort is what was paid."""
    moment = facts.moment(anchor)
    conditions: list[ColumnElement[bool]] = [facts.c.shop_id.in_(facts.frame.ids)]
    if scope.start is not None:
        conditions.append(moment >= datetime.combine(scope.start, time.min))
    if scope.end is not None:
        conditions.append(moment < datetime.combine(scope.end + timedelta(days=1), time.min))
    if scope.basis == "paid":
        conditions.append(facts.c.is_paid)
    if scope.basis == "event" and scope.start is None and scope.end is None:
        conditions.append(moment.is_not(None))
    return conditions


def _until(anchor: Expression, until: datetime | None) -> list[ColumnElement[bool]]:
    return [] if until is None else [anchor < until]


def _judging(facts: Facts, frame: Frame, reading: Reading) -> Mapping[str, ColumnElement[Any]]:
    """What tells whether the sums mean anything: rows read, and those of shops that lack a needed file."""
    found: dict[str, ColumnElement[Any]] = {}
    if reading.family == "orders":
        found["rows_read"] = func.count()
    for metric, _ in reading.metrics:
        lacking = frame.lacking(metric.needs)
        if lacking and len(lacking) < len(frame.shops):
            found[f"{metric.key}__blind"] = func.count().filter(facts.c.shop_id.in_(tuple(lacking)))
    return found


def measures(
    metric: Metric, event: Event | None, facts: Facts, family: Family
) -> dict[str, ColumnElement[Any]]:
    """The aggregates one metric needs over one relation."""
    if isinstance(metric, Count):
        return {metric.key: _count(facts, _condition(metric.condition, event), family)}
    if isinstance(metric, Total):
        amount = facts.amount((event and event.amount) or metric.amount)
        return {metric.key: _total(amount, facts.condition(_condition(metric.condition, event)))}
    if isinstance(metric, Duration):
        return _duration(metric, facts)
    if isinstance(metric, Ratio):
        return _maturity(metric, facts)
    return {}


def spread_of(metric: Metric, event: Event | None, facts: Facts) -> dict[str, ColumnElement[Any]]:
    """Sums of squares of totals and standard deviations of durations, for intervals of differences."""
    if isinstance(metric, Total):
        amount = real(facts.amount((event and event.amount) or metric.amount))
        condition = facts.condition(_condition(metric.condition, event))
        return {f"{metric.key}__squares": func.sum(amount * amount).filter(condition)}
    if isinstance(metric, Duration):
        seconds = seconds_between(facts.moment(metric.start), facts.moment(metric.end))
        return {f"{metric.key}__deviation": func.stddev_samp(real(seconds)).filter(seconds >= 0)}
    return {}


def _condition(condition: str, event: Event | None) -> str:
    return (event and event.condition) or condition


def _count(facts: Facts, condition: str, family: Family) -> ColumnElement[Any]:
    if family == "aftersales":
        order = case((facts.condition(condition), tuple_(facts.c.shop_id, facts.c.order_id)))
        return func.count(distinct(order))
    if condition == "placed":
        return func.count()
    return func.count().filter(facts.condition(condition))


def _total(amount: Expression, condition: Expression) -> ColumnElement[Any]:
    """The sum; 0 where nothing met the condition, null where what met it carries no amount."""
    return case((func.count().filter(condition) == 0, 0), else_=func.sum(amount).filter(condition))


def _duration(metric: Duration, facts: Facts) -> dict[str, ColumnElement[Any]]:
    start, end = facts.moment(metric.start), facts.moment(metric.end)
    seconds = seconds_between(start, end)
    valid = seconds >= 0
    return {
        f"{metric.key}__quantiles": quantiles(seconds).filter(valid),
        f"{metric.key}__mean": func.avg(real(seconds)).filter(valid),
        f"{metric.key}__n": func.count().filter(valid),
        f"{metric.key}__negative": func.count().filter(seconds < 0),
    }


def _maturity(metric: Ratio, facts: Facts) -> dict[str, ColumnElement[Any]]:
    if metric.pending:
        return {f"{metric.key}__pending": func.count().filter(facts.condition(metric.pending))}
    if not metric.step:
        return {}
    from shopdata.metrics.catalogue import CATALOGUE

    top, bottom = CATALOGUE[metric.numerator], CATALOGUE[metric.denominator]
    if not isinstance(top, Count) or not isinstance(bottom, Count):
        return {}
    matured, among = facts.matured(metric.step), facts.condition(bottom.condition)
    return {
        f"{metric.key}__hits": func.count().filter(and_(facts.condition(top.condition), among, matured)),
        f"{metric.key}__matured": func.count().filter(and_(among, matured)),
    }

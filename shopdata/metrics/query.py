"""Builds the statements behind a table of metrics and reads their raw sums, one row a key.

A cohort basis (``placed``, ``paid``) takes one statement for everything orders tell and one for commissions;
the ``event`` basis one for each time that dates something. Nothing is finished here: ``values`` divides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, FromClause, Select, func, literal, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.constructs import Expression
from shopdata.metrics.daily_relations import ads_relation, tells, traffic_relation
from shopdata.metrics.definition import BY_DAY, Count, Duration, Event, Family, Metric, Ratio, Total
from shopdata.metrics.dimensions import Dimension, order_key
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame
from shopdata.metrics.maturity import Horizons
from shopdata.metrics.measures import Measures, Projection, blind, measures, spread_of
from shopdata.metrics.profit_relations import funds_relation, goods_relation
from shopdata.metrics.relation import cuts, earliest, key_name, orders_relation
from shopdata.metrics.row_periods import Period
from shopdata.metrics.row_relations import (
    aftersales_relation,
    buyers_relation,
    commissions_relation,
    parcels_relation,
    settlements_relation,
)
from shopdata.scope import Scope
from shopdata.store import tables

Key = tuple[Any, ...]
Sums = dict[str, Any]
COHORT_ANCHORS = {"placed": "placed_at", "paid": "paid_at"}
# Families each row of which hangs on one line at most.
OF_ONE_LINE = ("aftersales", "commissions", "settlements")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which days and shops, split by which dimensions, which metrics.

    ``until`` cuts the last day at a time of day; ``spread`` also reads what intervals of sums need;
    ``totals`` also reads the sums over all keys, under the empty key.
    """

    scope: Scope
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    until: datetime | None = None
    spread: bool = False
    totals: bool = False

    @property
    def whole(self) -> Question:
        """The question without its dimensions."""
        return replace(self, dimensions=(), totals=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement: the family of rows it reads, the time that dates them, and the metrics it sums.

    ``elsewhere``: metrics of other rows, of which a shop without the file has none: its orders tell that
    something is unknown.
    """

    family: Family
    anchor: str
    metrics: tuple[tuple[Metric, Event | None], ...]
    elsewhere: tuple[Metric, ...] = ()


def readings(question: Question, frame: Frame) -> list[Reading]:
    """The statements a question takes; what no shop has the files for is not read."""
    grouped: dict[tuple[Family, str], list[tuple[Metric, Event | None]]] = {}
    cohort = COHORT_ANCHORS.get(question.scope.basis)
    for metric in question.metrics:
        if not isinstance(metric, Count | Total | Duration | Ratio) or frame.is_missing(metric.needs):
            continue
        family = _family(metric, question)
        if family in BY_DAY and not tells(family, question.scope, question.dimensions):
            continue
        event = None if isinstance(metric, Ratio) else metric.event
        if cohort:
            grouped.setdefault((family, cohort), []).append((metric, None))
        elif event:
            grouped.setdefault((event.family if family == "orders" else family, event.anchor), []).append(
                (metric, event)
            )
    orders: tuple[Family, str] = ("orders", cohort or "placed_at")
    elsewhere = tuple(metric for metric, _ in _of_other_rows(grouped) if frame.lacking(metric.needs))
    if elsewhere:
        grouped.setdefault(orders, [])
    return [
        Reading(family, anchor, tuple(found), elsewhere if (family, anchor) == orders else ())
        for (family, anchor), found in grouped.items()
    ]


def _of_other_rows(
    grouped: Mapping[tuple[Family, str], list[tuple[Metric, Event | None]]],
) -> Iterator[tuple[Metric, Event | None]]:
    return chain.from_iterable(found for (family, _), found in grouped.items() if family != "orders")


def _family(metric: Count | Total | Duration | Ratio, question: Question) -> Family:
    """The rows a metric is read from; by courier, the legs of a parcel are the parcel's own."""
    if isinstance(metric, Duration):
        by_courier = any(dimension.key == "courier" for dimension in question.dimensions)
        return "parcels" if by_courier and metric.end in ("signed_at", "picked_up_at") else "orders"
    return "orders" if isinstance(metric, Ratio) else metric.family


def read_sums(
    connection: Connection, frame: Frame, horizons: Horizons, question: Question
) -> dict[Key, Sums]:
    """Raw sums by key; the empty key alone where the question has no dimension."""
    found: dict[Key, Sums] = {}
    if not frame.shops:
        return found
    for asked, reading in _asked(question, frame):
        since = _since(connection, frame, asked, reading)
        rows = connection.execute(statement_of(frame, horizons, asked, reading, since))
        width = len(asked.dimensions)
        names = tuple(rows.keys())[width + 1 :]
        for is_total, *row in rows:
            sums = found.setdefault(() if is_total else tuple(row[:width]), {})
            sums.update(zip(names, row[width:], strict=True))
    return found


def _asked(question: Question, frame: Frame) -> Iterator[tuple[Question, Reading]]:
    """The statements to read; sums over all keys come with those by key where each row has one key."""
    wholes = readings(question.whole, frame) if question.totals and question.dimensions else []
    for reading in readings(question, frame):
        together = reading in wholes and _has_one_key(question, reading)
        if together:
            wholes.remove(reading)
        yield replace(question, totals=together), reading
    for reading in wholes:
        yield question.whole, reading


def _has_one_key(question: Question, reading: Reading) -> bool:
    """Whether every row of the reading stands under exactly one key: an order may have several lines."""
    return reading.family in OF_ONE_LINE or all(one.level != "line" for one in question.dimensions)


# Relations that leave out early what cannot belong to the period.
PERIODICAL = {"commissions": commissions_relation, "settlements": settlements_relation}
RELATIONS = {
    "aftersales": aftersales_relation,
    "parcels": parcels_relation,
    "buyers": buyers_relation,
    "ads": ads_relation,
    "traffic": traffic_relation,
    "goods": goods_relation,
    "funds": funds_relation,
}


def _since(connection: Connection, frame: Frame, question: Question, reading: Reading) -> datetime | None:
    """When the first order of a cohort was placed, where it spares reading older rows of other files."""
    scope = question.scope
    by_line = reading.family == "orders" and cuts(question.dimensions, scope)
    of_cohort = reading.family in PERIODICAL and not _is_dated(scope)
    if scope.start is None or not (by_line or of_cohort):
        return None
    return earliest(connection, window(scope, Facts(tables.orders.c, frame, {}), reading.anchor))


def _relation(frame: Frame, question: Question, reading: Reading, since: datetime | None) -> FromClause:
    scope, dimensions = question.scope, question.dimensions
    if reading.family in PERIODICAL:
        period = _period(frame, scope, reading.anchor, since)
        return PERIODICAL[reading.family](frame, scope, dimensions, period)
    build = RELATIONS.get(reading.family)
    if build is not None:
        return build(frame, scope, dimensions)
    inside = window(scope, Facts(tables.orders.c, frame, {}), reading.anchor)
    return orders_relation(frame, scope, dimensions, inside, since)


def _is_dated(scope: Scope) -> bool:
    """Whether rows belong to a period by their own time rather than their order's."""
    return scope.basis == "event"


def _period(frame: Frame, scope: Scope, anchor: str, since: datetime | None) -> Period | None:
    """The window of a bounded scope; rows of no known order belong to an unbounded one."""
    if scope.start is None and scope.end is None:
        return None
    return Period(lambda columns: window(scope, Facts(columns, frame, {}), anchor), _is_dated(scope), since)


def statement_of(
    frame: Frame,
    horizons: Horizons,
    question: Question,
    reading: Reading,
    since: datetime | None = None,
) -> Select[Any]:
    """The statement of one reading: whether a row is the total, keys, then the sums by name.

    ``since``: see ``orders_relation``.
    """
    relation = _relation(frame, question, reading, since)
    rows = Projection(Facts(relation.c, frame, horizons, reading.anchor))
    anchor = rows.facts.moment(reading.anchor)
    keys = [
        rows.use(f"k{place}", _key(dimension, rows.facts, anchor))
        for place, dimension in enumerate(question.dimensions)
    ]
    sums: Measures = {"rows_read": func.count()} if reading.family == "orders" else {}
    for metric, event in reading.metrics:
        sums |= measures(metric, event, rows, reading.family)
        if reading.family == "orders":
            sums |= blind(metric, rows)
        if question.spread:
            sums |= spread_of(metric, event, rows)
    for metric in reading.elsewhere:
        sums |= blind(metric, rows)
    inside = [*window(question.scope, rows.facts, reading.anchor), *_until(anchor, question.until)]
    columns = [expression.label(name) for name, expression in rows.columns.items()] or [
        literal(1).label("row")
    ]
    facts = select(*columns).select_from(relation).where(*inside).subquery("facts")
    is_total = func.grouping(*keys) if question.totals else literal(0)
    shown = (value.label(name) for name, value in sums.items())
    outer = select(is_total.label("is_total"), *keys, *shown).select_from(facts)
    grouping = [func.grouping_sets(tuple_(*keys), tuple_())] if question.totals else keys
    return outer.group_by(*grouping)


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

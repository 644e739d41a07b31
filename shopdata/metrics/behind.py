"""The orders a figure counted, as a condition on ``orders``: what a page opens behind the figure."""

from __future__ import annotations

from sqlalchemy import and_, func
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Count, Difference, Duration, Metric, Ratio, Total
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.query import COHORT_ANCHORS, window
from shopdata.scope import Scope
from shopdata.store import tables


def rows_behind(store: Reads, scope: Scope, key: str) -> ColumnElement[bool]:
    """Which rows of ``orders`` the numerator of ``key`` counted in ``scope``: period, shops, condition.

    The source filter of the scope is about lines and is not part of it. On the ``event`` basis the orders
    are those whose own date of that kind lies in the period.
    """
    frame, metric = frame_of(store, scope), CATALOGUE[key]
    anchor = COHORT_ANCHORS.get(scope.basis) or _event_anchor(metric)
    facts = Facts(tables.orders.c, frame, {}, anchor)
    return and_(*window(scope, facts, anchor), _condition(metric, facts))


def _event_anchor(metric: Metric) -> str:
    counted = CATALOGUE[metric.numerator] if isinstance(metric, Ratio) else metric
    event = getattr(counted, "event", None)
    return event.anchor if event is not None and event.anchor in tables.orders.c else "placed_at"


def _condition(metric: Metric, facts: Facts) -> ColumnElement[bool]:
    if isinstance(metric, Ratio):
        return _condition(CATALOGUE[metric.numerator], facts)
    if isinstance(metric, Difference):
        return _condition(CATALOGUE[metric.minuend], facts)
    if isinstance(metric, Duration):
        return _true(facts.moment(metric.end) >= facts.moment(metric.start))
    if isinstance(metric, Total) and metric.amount == "refund_amount":
        return _true(facts.c.refund_amount > 0)
    if isinstance(metric, Count | Total) and metric.family == "orders":
        return facts.condition(metric.condition)
    return _true(facts.c.is_paid)


def _true(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(condition, False)

"""The aggregates a metric needs, over a projection that computes every condition once a row.

A statement has two layers: the inner one turns each row into keys, flags, amounts and seconds (``Projection``
collects them as they are asked for), the outer one only adds up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Float, and_, case, column, distinct, func, tuple_
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.constructs import Expression, quantiles, real, seconds_between
from shopdata.metrics.definition import DAILY, Count, Duration, Event, Family, Metric, Ratio, Total
from shopdata.metrics.facts import Facts

Measures = dict[str, ColumnElement[Any]]
# Families of rows that are not what is counted: each order, each buyer counts once.
COUNTED_ONCE = {"aftersales": "order_id", "buyers": "buyer_id"}


@dataclass(slots=True)
class Projection:
    """The columns of the inner layer, by name, as far as the outer one has asked for them."""

    facts: Facts
    columns: dict[str, Expression] = field(default_factory=dict)

    def use(self, name: str, expression: Expression) -> Expression:
        """The outer layer's view of an inner expression."""
        self.columns.setdefault(name, expression)
        return column(name, expression.type)

    def condition(self, name: str) -> Expression:
        """A condition of the vocabulary as a flag."""
        return self.use(f"is_{name}", self.facts.condition(name))

    def amount(self, name: str) -> Expression:
        """An amount of the vocabulary."""
        return self.use(f"of_{name}", self.facts.amount(name))

    def seconds(self, start: str, end: str) -> Expression:
        """Seconds between two moments of the row; null where they stand in the wrong order."""
        waited = seconds_between(self.facts.moment(start), self.facts.moment(end))
        return self.use(f"from_{start}_to_{end}", case((waited >= 0, waited)))

    def matured(self, step: str) -> Expression:
        """Whether the row is old enough for a step."""
        return self.use(f"old_for_{step}", self.facts.matured(step))

    def whose(self, name: str) -> Expression:
        """Which order, or which buyer, the row belongs to."""
        c = self.facts.c
        return tuple_(self.use("shop_id", c.shop_id), self.use(name, c[name]))


def measures(metric: Metric, event: Event | None, rows: Projection, family: Family) -> Measures:
    """The aggregates of one metric over one relation, by the names ``values`` reads them under."""
    if isinstance(metric, Count):
        return {metric.key: _count(rows, _condition(metric, event), family)}
    if isinstance(metric, Total):
        total = _total(rows, _amount(metric, event), _condition(metric, event), family)
        return {metric.key: total}
    if isinstance(metric, Duration):
        return _duration(metric, rows)
    if isinstance(metric, Ratio):
        return _maturity(metric, rows)
    return {}


def spread_of(metric: Metric, event: Event | None, rows: Projection) -> Measures:
    """Sums of squares of totals and standard deviations of durations, for intervals of differences."""
    if isinstance(metric, Total):
        amount = real(rows.amount(_amount(metric, event)))
        condition = rows.condition(_condition(metric, event))
        return {f"{metric.key}__squares": func.sum(amount * amount).filter(condition)}
    if isinstance(metric, Duration):
        seconds = rows.seconds(metric.start, metric.end)
        return {f"{metric.key}__deviation": func.stddev_samp(real(seconds))}
    return {}


def blind(metric: Metric, rows: Projection) -> Measures:
    """Rows of shops that lack a file the metric needs, where other shops have it."""
    if isinstance(metric, Total | Ratio) and metric.of_known:
        return {}
    lacking = rows.facts.frame.lacking(metric.needs)
    if not lacking or len(lacking) == len(rows.facts.frame.shops):
        return {}
    shop = rows.use("shop_id", rows.facts.c.shop_id)
    return {f"{metric.key}__blind": func.count().filter(shop.in_(tuple(lacking)))}


def _condition(metric: Count | Total, event: Event | None) -> str:
    return (event and event.condition) or metric.condition


def _amount(metric: Total, event: Event | None) -> str:
    return (event and event.amount) or metric.amount


def _count(rows: Projection, condition: str, family: Family) -> ColumnElement[Any]:
    if family in COUNTED_ONCE:
        return func.count(distinct(case((rows.condition(condition), rows.whose(COUNTED_ONCE[family])))))
    if condition == "placed":
        return func.count()
    return func.count().filter(rows.condition(condition))


def _total(rows: Projection, amount: str, condition: str, family: Family) -> ColumnElement[Any]:
    """The sum; 0 where nothing met the condition (but days nobody told), null where it carries no amount."""
    flag = rows.condition(condition)
    total = func.sum(rows.amount(amount)).filter(flag)
    return total if family in DAILY else case((func.count().filter(flag) == 0, 0), else_=total)


def _duration(metric: Duration, rows: Projection) -> Measures:
    seconds = rows.seconds(metric.start, metric.end)
    return {
        f"{metric.key}__quantiles": quantiles(seconds),
        f"{metric.key}__mean": func.avg(seconds, type_=Float),
        f"{metric.key}__n": func.count(seconds),
    }


def _maturity(metric: Ratio, rows: Projection) -> Measures:
    if metric.pending:
        return {f"{metric.key}__pending": func.count().filter(rows.condition(metric.pending))}
    top, bottom = CATALOGUE[metric.numerator], CATALOGUE[metric.denominator]
    if not metric.step or not isinstance(top, Count) or not isinstance(bottom, Count):
        return {}
    among = and_(rows.condition(bottom.condition), rows.matured(metric.step))
    return {
        f"{metric.key}__hits": func.count().filter(and_(among, rows.condition(top.condition))),
        f"{metric.key}__matured": func.count().filter(among),
    }

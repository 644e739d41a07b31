"""Cells of a comparison on equal terms: paid orders by day, group (content type, account) and stratum.

A stratum is a product of a shop at a price band (paid money per piece). An order with several products is
cut by product and counts in each; one whose product or price is unknown belongs to no stratum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Float, FromClause, and_, case, func, null, select, true
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.constructs import Expression, day_of, real
from shopdata.metrics.definition import Need
from shopdata.metrics.dimensions import DIMENSIONS, UNKNOWN, Dimension, amount_band, known, line_key
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame
from shopdata.metrics.maturity import Horizons
from shopdata.metrics.query import window
from shopdata.metrics.relation import key_name, orders_relation
from shopdata.metrics.row_relations import commissions_relation
from shopdata.scope import Scope
from shopdata.store import tables

Numbers = NDArray[np.float64]
By = Literal["source", "account"]
# What is compared with what. Keys in none of these (``pending``, ``unknown``) are compared with nothing.
GROUPS: Mapping[By, Mapping[str, tuple[str, ...]]] = {
    "source": {
        "live": ("live",),
        "short_video": ("short_video",),
        "product_card": ("product_card",),
        "rest": ("showcase", "image_text", "other"),
    },
    "account": {"own": ("own",), "influencer": ("influencer",)},
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio of sums: what is divided by what, over orders old enough for ``step`` (``None``: all).

    ``metrics`` are those of the catalogue whose files it needs.
    """

    key: str
    numerator: Literal["refunded", "refunded_1h", "returned", "refund", "net", "left", "paid"]
    denominator: Literal["orders", "paid"]
    step: str | None
    unit: Literal["ratio", "fen"]
    metrics: tuple[str, ...]

    @property
    def needs(self) -> tuple[Need, ...]:
        """The files and columns it is read from."""
        found = [need for key in self.metrics for need in getattr(CATALOGUE[key], "needs", ())]
        return tuple(dict.fromkeys(found))


MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        Measure("refund_rate", "refunded", "orders", "refund", "ratio", ("refund_rate",)),
        Measure("refund_rate_1h", "refunded_1h", "orders", "refund_soon", "ratio", ("refund_rate_1h",)),
        Measure("return_rate", "returned", "orders", "return", "ratio", ("return_rate",)),
        Measure("refund_amount_rate", "refund", "paid", "refund", "ratio", ("refund_amount",)),
        Measure("net_per_order", "net", "orders", "refund", "fen", ("refund_amount",)),
        Measure(
            "left_per_order", "left", "orders", "refund", "fen", ("refund_amount", "commission_estimated")
        ),
        Measure("average_order_value", "paid", "orders", None, "fen", ()),
    )
}


@dataclass(frozen=True, slots=True)
class Cells:
    """Sums by day × group × stratum: what is divided (``above``), by what (``below``), and orders.

    ``outside`` are each group's orders that belong to no stratum, ``young`` how many orders are too young
    for the measure and in none of the sums.
    """

    groups: tuple[str, ...]
    above: Numbers
    below: Numbers
    orders: Numbers
    outside: Numbers
    young: int = 0

    @property
    def pooled(self) -> Cells:
        """The same without strata: every order together."""
        above, below, orders = (
            part.sum(axis=2, keepdims=True) for part in (self.above, self.below, self.orders)
        )
        return Cells(self.groups, above, below, orders, np.zeros_like(self.outside), self.young)


def read_cells(
    connection: Connection,
    frame: Frame,
    horizons: Horizons,
    scope: Scope,
    by: By,
    measure: Measure,
    *,
    by_product: bool,
) -> Cells:
    """The cells of the orders paid in the period, of shops that have the files; without ``by_product`` a
    stratum is a shop and each order counts once a group key."""
    dimensions = [DIMENSIONS[by], *([DIMENSIONS["product"]] if by_product else [])]
    inside = window(scope, Facts(tables.orders.c, frame, {}), "paid_at")
    base = orders_relation(frame, scope, tuple(dimensions), inside)
    facts = Facts(base.c, frame, horizons, "paid_at")
    joined, commission = _with_commissions(base, frame, scope, dimensions, needed=measure.numerator == "left")
    group = _group(base.c[key_name(DIMENSIONS[by])], by)
    stratum: list[Expression] = [base.c.shop_id]
    if by_product:
        price = case((base.c.units > 0, real(base.c.paid_amount) / real(base.c.units)))
        stratum += [base.c[key_name(DIMENSIONS["product"])], amount_band(price)]
    keys = [day_of(base.c.paid_at), group, *stratum]
    conditions = [*window(scope, facts, "paid_at"), group.is_not(None)]
    conditions += [base.c.shop_id.not_in(tuple(frame.lacking(measure.needs)))] if measure.needs else []
    old = facts.matured(measure.step) if measure.step else true()
    amounts = _amounts(facts, commission)
    sums = [_sum(amounts[name], old) for name in (measure.numerator, measure.denominator)]
    statement = (
        select(*keys, func.count(), *sums, func.count().filter(old))
        .select_from(joined)
        .where(*conditions)
        .group_by(*keys)
        .order_by(*keys)  # sums of doubles come out the same every time
    )
    return _arranged(connection.execute(statement).all(), by, len(stratum))


def _group(key: ColumnElement[Any], by: By) -> Expression:
    return case(*((key.in_(keys), group) for group, keys in GROUPS[by].items()))


def _sum(amount: Expression, old: Expression) -> Expression:
    return func.coalesce(func.sum(amount).filter(old), 0, type_=Float)


def _amounts(facts: Facts, commission: Expression) -> dict[str, Expression]:
    c = facts.c
    paid, refund = func.coalesce(c.paid_amount, 0), func.coalesce(c.refund_amount, 0)
    flags = {
        name: case((facts.condition(name), 1), else_=0) for name in ("refunded", "refunded_1h", "returned")
    }
    one = case((c.is_paid, 1), else_=0)
    left = paid - refund - func.coalesce(commission, 0)
    return flags | {"orders": one, "paid": paid, "refund": refund, "net": paid - refund, "left": left}


def _with_commissions(
    base: Any, frame: Frame, scope: Scope, dimensions: Sequence[Dimension], *, needed: bool
) -> tuple[FromClause, Expression]:
    """The relation beside the estimated commission of its lines, where it is needed."""
    if not needed:
        return base, null()
    rows, lines = commissions_relation(frame, scope, ()), tables.ORDER_LINES.table
    same_line = and_(lines.c.shop_id == rows.c.shop_id, lines.c.line_id == rows.c.line_id, lines.c.counted)
    names = [key_name(dimension) for dimension in dimensions]
    found = [known(line_key(dimension, lines.c, frame)) for dimension in dimensions]
    keys = [
        lines.c.shop_id,
        lines.c.order_id,
        *(key.label(name) for key, name in zip(found, names, strict=True)),
    ]
    by_part = (
        select(*keys, func.sum(rows.c.commission_estimated).label("commission"))
        .select_from(rows.join(lines, same_line))
        .where(rows.c.by_file)
        .group_by(lines.c.shop_id, lines.c.order_id, *found)
        .subquery("part_commissions")
    )
    same = and_(*(by_part.c[name] == base.c[name] for name in ("shop_id", "order_id", *names)))
    return base.outerjoin(by_part, same), by_part.c.commission


def _arranged(rows: Sequence[Any], by: By, width: int) -> Cells:
    """Rows of keys and sums as arrays; strata of one group alone are compared with nothing and left out."""
    groups = tuple(group for group in GROUPS[by] if any(row[1] == group for row in rows))
    days = {day: place for place, day in enumerate(sorted({row[0] for row in rows}))}
    met: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        met.setdefault(tuple(row[2 : 2 + width]), set()).add(row[1])
    shared = [key for key, who in met.items() if UNKNOWN not in key[1:] and (len(who) > 1 or width == 1)]
    strata = {key: place for place, key in enumerate(shared)}
    above, below, orders = (np.zeros((len(days), len(groups), len(strata))) for _ in range(3))
    outside, young = np.zeros(len(groups)), sum(row[-4] - row[-1] for row in rows)
    for row in rows:
        stratum = strata.get(tuple(row[2 : 2 + width]))
        group = groups.index(row[1])
        if stratum is None:
            outside[group] += row[-1]
            continue
        place = (days[row[0]], group, stratum)
        above[place], below[place], orders[place] = row[-3], row[-2], row[-1]
    return Cells(groups, above, below, orders, outside, young)

"""Per product (or SKU): the orders that hold it, what it was sold for, and which of it came back.

A return belongs to the product whose line it names; where the export names only the order, to the order's
only product, else to the product the after-sale row names among those of the order. What names none of them
is ``unattributed``, counted apart and never spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, FromClause, and_, case, exists, func, literal, select, union_all

from shopdata.analysis.reasons import aftersale_reason_of
from shopdata.metrics.constructs import Expression, quantiles, real
from shopdata.metrics.definition import Need
from shopdata.metrics.dimensions import Dimension, known, line_key
from shopdata.metrics.facts import Facts
from shopdata.metrics.query import window
from shopdata.metrics.refund_lines import dated_since, named_lines, refund_succeeded
from shopdata.metrics.relation import LINES, earliest, key_name, orders_relation
from shopdata.scope import Scope
from shopdata.store import tables

UNATTRIBUTED = "unattributed"
AFTERSALES = Need("aftersales")


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece was paid with (fen), over ``n`` orders that paid something for it."""

    n: int
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Held:
    """Orders that hold a product: ``n``; what they paid in all (every product), and its squares.

    ``matured``: of them, those old enough for a return to count as not coming, in shops with an after-sale
    file; ``young``: the others there.
    """

    n: int
    amount: int
    squares: float
    matured: int
    young: int
    price: Price | None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """After-sales of a product that paid money back, by the group of their reason; ``returns``: with the
    goods. ``amount`` is fen."""

    key: str
    by: str
    n: int
    returns: int
    amount: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returns:
    """What came back of a product: matured and young orders with a return of it, and why money went back."""

    matured: int = 0
    young: int = 0
    reasons: tuple[ReasonCount, ...] = field(default_factory=tuple)


def held(connection: Connection, facts: Facts, scope: Scope, dimension: Dimension) -> Mapping[str, Held]:
    """Every product of the paid orders of the period. ``facts`` are those of ``orders`` itself."""
    rows = _holdings(facts, scope, dimension, _since(connection, facts, scope))
    tells = rows.c.shop_id.in_([one.id for one in facts.frame.shops if one.has(AFTERSALES)])
    mine = Facts(rows.c, facts.frame, facts.horizons, "paid_at")
    matured = func.coalesce(mine.matured("return"), False)
    statement = select(
        rows.c.key,
        func.count(),
        func.coalesce(func.sum(rows.c.whole), 0),
        func.coalesce(func.sum(real(rows.c.whole) * real(rows.c.whole)), 0),
        func.count().filter(and_(tells, matured)),
        func.count().filter(and_(tells, ~matured)),
        func.count(rows.c.price),
        quantiles(rows.c.price),
        quantiles(-rows.c.price),
    ).group_by(rows.c.key)
    return {
        str(key): Held(n, int(amount), float(squares), old, young, _price(priced, up, down))
        for key, n, amount, squares, old, young, priced, up, down in connection.execute(statement)
    }


def _since(connection: Connection, facts: Facts, scope: Scope) -> datetime | None:
    """When the first order of a bounded period was placed."""
    return earliest(connection, window(scope, facts, "paid_at")) if scope.start else None


def _holdings(facts: Facts, scope: Scope, dimension: Dimension, since: datetime | None) -> FromClause:
    """One row a paid order and product of it: what the whole order paid, and what one piece was paid with, by
    its own lines (nothing where they carry no money; pieces paid with 0 are gifts and have no price)."""
    orders = tables.orders.c
    inside = [*window(scope, facts, "paid_at"), LINES.c.counted, *dated_since(LINES.c.placed_at, since)]
    if scope.sources:
        inside.append(known(LINES.c.source).in_(scope.sources))
    joined = LINES.join(
        tables.orders, and_(orders.shop_id == LINES.c.shop_id, orders.order_id == LINES.c.order_id)
    )
    key = line_key(dimension, LINES.c, facts.frame).label("key")
    order = [orders.shop_id, orders.order_id, orders.paid_at, key]
    alone = select(
        *order,
        orders.paid_amount.label("whole"),
        _paid_for_one(orders.paid_amount, orders.units).label("price"),
    )
    several = select(
        *order,
        func.max(orders.paid_amount).label("whole"),
        _paid_for_one(func.sum(LINES.c.paid_amount), func.sum(LINES.c.quantity)).label("price"),
    ).group_by(*order)
    return union_all(
        alone.select_from(joined).where(*inside, orders.lines == 1),
        several.select_from(joined).where(*inside, orders.lines > 1),
    ).subquery("holdings")


def _paid_for_one(amount: Expression, units: Expression) -> Expression:
    return case((and_(amount > 0, units > 0), real(amount) / real(units)))


def _price(n: int, up: Any, down: Any) -> Price | None:
    return Price(n, -float(down[1]), float(up[0]), float(up[1])) if n else None


def totals(connection: Connection, facts: Facts, scope: Scope) -> tuple[int, int, float]:
    """Paid orders of the period, what they paid, and its squares."""
    amount = tables.orders.c.paid_amount
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(amount), 0),
            func.coalesce(func.sum(real(amount) * real(amount)), 0),
        )
        .select_from(tables.orders)
        .where(*window(scope, facts, "paid_at"))
    ).one()
    return int(row[0]), int(row[1]), float(row[2])


def returns(
    connection: Connection, facts: Facts, scope: Scope, dimension: Dimension
) -> Mapping[str, Returns]:
    """What came back of each product sold in the period, ``unattributed`` included."""
    inside = window(scope, facts, "paid_at")
    rows = _attributed(facts, dimension, _since(connection, facts, scope))
    order = and_(tables.orders.c.shop_id == rows.c.shop_id, tables.orders.c.order_id == rows.c.order_id)
    base = select(rows.c.key).select_from(rows.join(tables.orders, order)).where(*inside)
    if scope.sources:
        base = base.where(_in_parts(rows, orders_relation(facts.frame, scope, (dimension,)), dimension))
    matured = func.coalesce(facts.matured("return"), False)
    orders = (
        base.where(rows.c.is_return)
        .add_columns(rows.c.shop_id, rows.c.order_id, matured.label("matured"))
        .distinct()
        .subquery("returned_orders")
    )
    counts = connection.execute(
        select(orders.c.key, func.count().filter(orders.c.matured), func.count().filter(~orders.c.matured))
        .select_from(orders)
        .group_by(orders.c.key)
    )
    numbers = {str(key): (int(old), int(young)) for key, old, young in counts}
    texts = connection.execute(
        base.add_columns(
            rows.c.reason,
            func.count(),
            func.count().filter(rows.c.is_return),
            func.coalesce(func.sum(rows.c.refund_amount), 0),
        )
        .group_by(rows.c.key, rows.c.reason)
        .order_by(rows.c.key, func.count().desc(), rows.c.reason)
    ).all()
    reasons = {
        str(key): _reasons([row[1:] for row in mine]) for key, mine in groupby(texts, lambda row: row[0])
    }
    return {key: Returns(*numbers.get(key, (0, 0)), reasons.get(key, ())) for key in numbers.keys() | reasons}


def _in_parts(rows: Any, parts: FromClause, dimension: Dimension) -> Expression:
    """Of a part of an order the filter lets through; what belongs to no product is then left out."""
    same = (parts.c.shop_id == rows.c.shop_id, parts.c.order_id == rows.c.order_id)
    return exists().where(*same, parts.c[key_name(dimension)] == rows.c.key)


def _attributed(facts: Facts, dimension: Dimension, since: datetime | None) -> Any:
    """Successful refunds of orders placed from ``since`` on, with the product they belong to."""
    rows = tables.AFTERSALES.table
    own = LINES.alias("own_line")
    beside = _beside_line(rows, own, dimension, since)
    late = dated_since(rows.c.applied_at, since)
    lines = LINES.alias("order_of_row")
    concerned = and_(
        lines.c.counted,
        lines.c.order_id.in_(select(rows.c.order_id).where(*late)),
        *dated_since(lines.c.placed_at, since),
    )
    only = _only_product(lines, concerned, dimension, facts)
    held = _held_products(lines, concerned, dimension)
    on_order = and_(only.c.shop_id == rows.c.shop_id, only.c.order_id == rows.c.order_id)
    column = dimension.column or ""
    among = and_(
        held.c.shop_id == rows.c.shop_id, held.c.order_id == rows.c.order_id, held.c.key == rows.c[column]
    )
    owner = case(
        (own.c.line_id.is_not(None), line_key(dimension, own.c, facts.frame)),
        (only.c.least == only.c.most, only.c.least),
        (held.c.key.is_not(None), held.c.key),
        else_=literal(UNATTRIBUTED),
    )
    return (
        select(
            rows.c.shop_id,
            func.coalesce(own.c.order_id, rows.c.order_id).label("order_id"),
            owner.label("key"),
            (rows.c.kind == "return_refund").label("is_return"),
            func.coalesce(rows.c.reason, rows.c.reason_tag).label("reason"),
            rows.c.refund_amount,
        )
        .select_from(beside.outerjoin(only, on_order).outerjoin(held, among))
        .where(refund_succeeded(rows.c), rows.c.shop_id.in_(facts.frame.ids), *late)
        .subquery("attributed")
    )


def _beside_line(rows: Any, own: Any, dimension: Dimension, since: datetime | None) -> Any:
    """After-sales beside the line they name, or the one of the code or product they name instead."""
    named = named_lines(since, refund_succeeded(rows.c))
    on_named = and_(named.c.shop_id == rows.c.shop_id, named.c.aftersale_id == rows.c.aftersale_id)
    if dimension.column != "product_id":
        on_named = and_(on_named, named.c.is_sure)
    line_id = func.coalesce(rows.c.line_id, named.c.line_id)
    on_line = and_(own.c.shop_id == rows.c.shop_id, own.c.line_id == line_id, own.c.counted)
    on_line = and_(on_line, *dated_since(own.c.placed_at, since))
    return rows.outerjoin(named, on_named).outerjoin(own, on_line)


def _only_product(lines: Any, concerned: Expression, dimension: Dimension, facts: Facts) -> Any:
    """The least and the greatest product of each order: one and the same where it holds only one."""
    key = line_key(dimension, lines.c, facts.frame)
    return (
        select(lines.c.shop_id, lines.c.order_id, func.min(key).label("least"), func.max(key).label("most"))
        .where(concerned)
        .group_by(lines.c.shop_id, lines.c.order_id)
        .subquery("only_product")
    )


def _held_products(lines: Any, concerned: Expression, dimension: Dimension) -> Any:
    """Each product of each order, once."""
    return (
        select(lines.c.shop_id, lines.c.order_id, lines.c[dimension.column or ""].label("key"))
        .where(concerned)
        .distinct()
        .subquery("held_products")
    )


def _reasons(rows: list[Any]) -> tuple[ReasonCount, ...]:
    """Texts in groups, the most frequent first."""
    found: dict[str, ReasonCount] = {}
    for text, n, goods, amount in rows:
        reason = aftersale_reason_of(text)
        before = found.get(reason.key) or ReasonCount(reason.key, reason.by, 0, 0, 0)
        examples = (*before.examples, text)[:3] if text else before.examples
        sums = (before.n + n, before.returns + goods, before.amount + int(amount))
        found[reason.key] = ReasonCount(reason.key, reason.by, *sums, examples)
    return tuple(sorted(found.values(), key=lambda row: (-row.n, row.key)))

"""What remarks of buyers and of the shop speak of: tags, how many orders carry them, what those are worth.

Remarks are in the order files that print them, until they are erased: only orders whose remarks can still be
read are counted. An order may carry several tags, so tags do not add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
from sqlalchemy import Connection, FromClause, and_, case, exists, false, func, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.buyers import paid_scope
from shopdata.analysis.remark_examples import examples, taken_back
from shopdata.analysis.resampling import Interval, Numbers, of_sums, one_by_one, ratio_of_sums
from shopdata.imports.buyer_settings import RemarkTag, remark_tags
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import day_of
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Need
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.intervals import wilson
from shopdata.metrics.query import window
from shopdata.metrics.relation import orders_relation
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.store.upkeep_tables import erasures
from shopdata.words import Words, words

LINES = tables.ORDER_LINES.table
NOTES = ("buyer_note", "seller_note")
MOST_TEXTS, ENOUGH = 2_000, 30
FIXED = 4


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag: ``n`` of the orders carry it, worth ``paid`` fen; the mean order with it and how it differs from
    the other orders (intervals by resampling days), and remarks as examples."""

    key: str
    n: int
    paid: int
    average: Interval | None
    difference: Interval | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """Tags of the ``orders`` paid in the period whose remarks can be read; ``remarked`` have a remark.

    ``missing``: names of the shops whose files print no remarks; ``erased``: remarks imported before this day
    are gone, and their orders are not counted.
    """

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    orders: int
    remarked: int
    tagged: int
    average: float | None
    rows: tuple[TagRow, ...]
    missing: tuple[str, ...]
    erased: datetime | None

    def label(self, row: TagRow, spoken: Words) -> str:
        """A tag's name: the product's words, or the shop's own name for it."""
        return tag_label(row.key, spoken)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``customers --view tags``."""
        spoken = language or words()
        return {
            "view": "tags",
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [self._row(row, spoken) for row in self.rows],
            "total": {"orders": self.orders, "n": self.tagged, "remarked": self.remarked},
            "notes": self.notes(spoken),
        }

    def _row(self, row: TagRow, spoken: Words) -> dict[str, Any]:
        low, high = wilson(row.n, self.orders) or (None, None)
        return {
            "key": row.key,
            "label": self.label(row, spoken),
            "n": row.n,
            "d": self.orders,
            "orders": row.n,
            "share": row.n / self.orders if self.orders else None,
            "low": low,
            "high": high,
            "paid_amount": row.paid,
            "average_order_value": row.average and row.average.value,
            "average_order_value_low": row.average and row.average.low,
            "average_order_value_high": row.average and row.average.high,
            "clear": row.difference is not None and row.difference.clear and row.n >= ENOUGH,
            "examples": list(row.examples),
        }

    def notes(self, spoken: Words) -> list[str]:
        """Which shops print no remarks, and from when on remarks can be read."""
        said = [spoken("analysis.buyers.no_remarks", shop=name) for name in self.missing]
        if self.erased is not None:
            said.append(spoken("analysis.buyers.remarks_erased", day=f"{self.erased:%Y-%m-%d}"))
        return said


def tag_label(key: str, spoken: Words) -> str:
    """A tag's name on screen."""
    return spoken.get(f"analysis.tags.{key}", key)


def remarks(store: Reads, scope: Scope) -> Remarks:
    """Tags of the orders paid in the period."""
    asked = paid_scope(scope)
    return remembered(store, ("remarks", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Remarks:
    frame = frame_of(store, scope)
    readable = [shop.id for shop in frame.shops if any(shop.has(Need("orders", column)) for column in NOTES)]
    base = orders_relation(frame, scope, ())
    facts = Facts(base.c, frame, {})
    with store.read() as connection:
        tags = remark_tags(connection)
        erased = _erased_before(connection)
        inside = [*window(scope, facts, "paid_at"), base.c.shop_id.in_(readable)]
        if erased is not None:
            inside.append(_still_told(base.c, erased))
        days = _by_day(connection, base, inside, tags)
        texts = _texts(connection, base, inside)
    whole = int(days[:, 0].sum())
    rows = [_row(tag, place, days, texts) for place, tag in enumerate(tags)]
    return Remarks(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        orders=whole,
        remarked=int(days[:, 2].sum()),
        tagged=int(days[:, 3].sum()),
        average=float(days[:, 1].sum()) / whole if whole else None,
        rows=tuple(sorted((row for row in rows if row.n), key=lambda row: -row.n)),
        missing=_without(frame, readable),
        erased=erased,
    )


def _without(frame: Frame, readable: Sequence[int]) -> tuple[str, ...]:
    return tuple(shop.name for shop in frame.shops if shop.id not in readable)


def _erased_before(connection: Connection) -> datetime | None:
    day = connection.scalar(select(func.max(erasures.c.before)))
    return None if day is None else datetime.combine(day, time.min)


def _still_told(c: Any, erased: datetime) -> ColumnElement[bool]:
    """Some row of the order came with an import that was not erased."""
    young = select(tables.imports.c.id).where(tables.imports.c.imported_at >= erased)
    rows = LINES.alias("told_lines").c
    same = and_(rows.shop_id == c.shop_id, rows.order_id == c.order_id)
    return exists().where(same, rows.import_id.in_(young))


def _told(base: Any, inside: Sequence[Any]) -> FromClause:
    """The lines with a remark of these orders."""
    same = and_(LINES.c.shop_id == base.c.shop_id, LINES.c.order_id == base.c.order_id)
    of_order = (base.c.shop_id, base.c.order_id, base.c.paid_at, base.c.paid_amount)
    return (
        select(*of_order, *(LINES.c[name] for name in NOTES))
        .select_from(base.join(LINES, same))
        .where(*inside, or_(*(LINES.c[name] != "" for name in NOTES)))
        .cte("told")
    )


def _noted(base: Any, inside: Sequence[Any]) -> FromClause:
    """How many orders of a day have all their remarks in the same words, and their money; orders without one
    are not in it."""
    c = _told(base, inside).c
    text = func.string_agg(func.coalesce(c[NOTES[0]], "") + "\n" + func.coalesce(c[NOTES[1]], ""), "\n")
    day, paid = day_of(c.paid_at).label("day"), func.coalesce(c.paid_amount, 0).label("paid")
    order = select(day, paid, text.label("text")).group_by(c.shop_id, c.order_id, day, paid)
    o = order.subquery("noted_orders").c
    counts = (func.count().label("orders"), func.sum(o.paid).label("paid"))
    return select(o.day, o.text, *counts).group_by(o.day, o.text).cte("noted")


def _tagged(noted: FromClause, tags: Sequence[RemarkTag]) -> FromClause:
    """Each text once and which tags it carries, what a negation takes back left out."""
    once = select(noted.c.text).distinct().subquery("once").c
    pattern = taken_back(part for tag in tags for part in tag.parts)
    clean = func.regexp_replace(func.lower(once.text), pattern, "", "g").label("clean")
    cleaned = select(once.text, clean).cte("cleaned").c
    flags = [
        or_(*(cleaned.clean.contains(part.lower(), autoescape=True) for part in tag.parts)).label(f"tag_{n}")
        for n, tag in enumerate(tags)
    ]
    return select(cleaned.text, *flags).subquery("tagged")


def _by_day(connection: Connection, base: Any, inside: Sequence[Any], tags: Sequence[RemarkTag]) -> Numbers:
    """A row a day of payment: orders, their money, orders with a remark, with any tag; then orders and money
    of each tag."""
    day = day_of(base.c.paid_at).label("day")
    paid = func.sum(func.coalesce(base.c.paid_amount, 0))
    every = connection.execute(
        select(day, func.count(), paid).where(*inside).group_by(day).order_by(day)
    ).all()
    noted = _noted(base, inside)
    tagged = _tagged(noted, tags)
    flags = [tagged.c[f"tag_{place}"] for place in range(len(tags))]
    n = noted.c
    columns = [func.sum(n.orders), _summed(or_(false(), *flags), n.orders)]
    for flag in flags:
        columns += [_summed(flag, n.orders), _summed(flag, n.paid)]
    joined = noted.join(tagged, tagged.c.text == n.text)
    found = connection.execute(select(n.day, *columns).select_from(joined).group_by(n.day))
    told = {of_day: rest for of_day, *rest in found}
    nothing = [0] * len(columns)
    rows = [[float(value) for value in (*both, *told.get(of_day, nothing))] for of_day, *both in every]
    return np.array(rows).reshape(-1, 2 + len(columns))


def _summed(flag: Any, amount: Any) -> Any:
    return func.sum(case((flag, amount), else_=0))


def _texts(connection: Connection, base: Any, inside: Sequence[Any]) -> list[tuple[str, int]]:
    """The commonest remarks of these orders, each with the number of orders that have it."""
    told = _told(base, inside).c
    parts = [select(told[name].label("text"), told.order_id).where(told[name] != "") for name in NOTES]
    every = union_all(*parts).subquery("texts").c
    number = func.count(every.order_id.distinct())
    statement = select(every.text, number).group_by(every.text).order_by(number.desc(), every.text)
    return [(text, n) for text, n in connection.execute(statement.limit(MOST_TEXTS))]


def _row(tag: RemarkTag, place: int, days: Numbers, texts: Sequence[tuple[str, int]]) -> TagRow:
    """The tag's figures; intervals draw whole days anew."""
    orders, paid = days[:, FIXED + 2 * place], days[:, FIXED + 1 + 2 * place]
    n = int(orders.sum())
    units = np.column_stack([paid, orders, days[:, 1] - paid, days[:, 0] - orders])
    return TagRow(
        key=tag.key,
        n=n,
        paid=int(paid.sum()),
        average=ratio_of_sums(paid, orders),
        difference=of_sums(units, _apart, draws=one_by_one) if n >= ENOUGH else None,
        examples=examples(texts, tag) if n else (),
    )


def _apart(sums: Numbers) -> Numbers:
    """Mean order with the tag less the mean of the other orders."""
    paid, orders, other_paid, others = sums.T
    apart: Numbers = paid / orders - other_paid / others
    return apart

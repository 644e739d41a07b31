"""Month end (月结): the statement of each month of a shop, closed or still open, as it is or would be booked.

By month of payment. A closed month never changes: what happens to its orders afterwards (refunds, fees, a
corrected export) is an adjustment of the next open month, with its orders. Months are closed in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, FromClause, func, select

from shopdata.analysis.booked import changes_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads, ShopFrame
from shopdata.scope import Scope
from shopdata.store.closing_tables import AMOUNTS, closed_orders, closings
from shopdata.words import Words, words

Amounts = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Statement:
    """One month of one shop. ``own``: its orders; ``adjusted``: what changed in orders of closed months.

    Amounts in fen by the names of ``closing_tables.AMOUNTS``, ``None`` where no file tells them; ``orders``
    and ``adjusted_orders`` are counts. ``closed_at`` is ``None`` while the month is open; ``closable`` where
    the files reach its end.
    """

    shop_id: int
    shop: str
    month: date
    orders: int
    own: Amounts
    adjusted_orders: int
    adjusted: Amounts
    closed_at: datetime | None = None
    user: str | None = None
    closable: bool = False

    def booked(self, name: str) -> int | None:
        """Own and adjusted together: what the books say; ``None`` where the month's own is unknown."""
        own = self.own[name]
        return None if own is None else own + (self.adjusted[name] or 0)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The amounts no file tells, which ``receivable`` is without."""
        return tuple(name for name in AMOUNTS if self.own[name] is None)

    @property
    def receivable(self) -> int | None:
        """What the shop earns of the month: paid and subsidies less refunds, platform fee and commission."""
        paid, refunds = self.booked("paid_amount"), self.booked("refund_amount")
        if paid is None or refunds is None:
            return None
        subsidies = sum(self.booked(name) or 0 for name in ("platform_subsidy", "influencer_subsidy"))
        costs = sum(self.booked(name) or 0 for name in ("platform_fee", "commission_settled"))
        return paid + subsidies - refunds - costs


@dataclass(frozen=True, slots=True)
class Months:
    """Every month of the shops, newest first."""

    statements: tuple[Statement, ...]
    data_up_to: datetime | None
    currency: str | None

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``closing --json``."""
        spoken = language or words()
        return {
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [_document(one, spoken) for one in self.statements],
            "total": {},
        }


def months(store: Reads, scope: Scope) -> Months:
    """The statements of the shops of ``scope``; its days and sources narrow nothing: a month is whole."""
    asked = replace(scope, start=None, end=None, basis="paid", sources=())
    return remembered(store, ("closing", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Months:
    frame = frame_of(store, scope)
    with store.read() as connection:
        found = sorted(statements(connection, frame), key=lambda one: (one.month, one.shop), reverse=True)
    return Months(tuple(found), frame.data_up_to, frame.currency)


@dataclass(frozen=True, slots=True)
class _Part:
    """Orders of one month of payment, as booked or as they would be: how many, their sums, and of how many
    orders each sum is."""

    paid_month: date
    orders: int
    amounts: Amounts
    known: Mapping[str, int]

    def whole(self, name: str) -> int | None:
        """The sum where every order tells the amount."""
        return self.amounts[name] if self.known[name] == self.orders else None


def _parts(connection: Connection, rows: FromClause, *keys: Any) -> dict[tuple[Any, ...], list[_Part]]:
    """Sums by ``keys``, one part a month of payment."""
    sums = [func.sum(rows.c[name]).label(name) for name in AMOUNTS]
    told = [func.count(rows.c[name]).label(f"told_{name}") for name in AMOUNTS]
    grouped = select(*keys, rows.c.paid_month, func.count().label("n"), *sums, *told)
    found: dict[tuple[Any, ...], list[_Part]] = {}
    for row in connection.execute(grouped.group_by(*keys, rows.c.paid_month)):
        amounts = {name: None if (value := getattr(row, name)) is None else int(value) for name in AMOUNTS}
        known = {name: getattr(row, f"told_{name}") for name in AMOUNTS}
        found.setdefault(tuple(row[: len(keys)]), []).append(_Part(row.paid_month, row.n, amounts, known))
    return found


def added(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known; ``None`` where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def statements(connection: Connection, frame: Frame) -> Iterator[Statement]:
    """Closed months as booked, then the open ones as they would be booked now."""
    held = connection.execute(select(closings).where(closings.c.shop_id.in_(frame.ids))).all()
    booked = _parts(connection, closed_orders, closed_orders.c.shop_id, closed_orders.c.month)
    changes = changes_of(frame)
    pending = _parts(connection, changes, changes.c.shop_id)
    for shop in frame.shops:
        closed = sorted((one for one in held if one.shop_id == shop.id), key=lambda one: one.month)
        for one in closed:
            parts = booked.get((shop.id, one.month), [])
            yield _statement(shop, one.month, parts, closed_at=one.closed_at, user=one.user)
        last = closed[-1].month if closed else date.min
        parts = pending.get((shop.id,), [])
        due = sorted({part.paid_month for part in parts if part.paid_month > last})
        late = [part for part in parts if part.paid_month <= last]
        if late and not due:
            due = [next_month(last)]
        for place, month in enumerate(due):
            own = [part for part in parts if part.paid_month == month]
            closable = _reaches(shop, month)
            yield _statement(shop, month, [*own, *(late if place == 0 else ())], closable=closable)


def _statement(shop: ShopFrame, month: date, parts: Sequence[_Part], **state: Any) -> Statement:
    own = next((part for part in parts if part.paid_month == month), None)
    late = [part for part in parts if part.paid_month != month]
    return Statement(
        shop_id=shop.id,
        shop=shop.name,
        month=month,
        orders=own.orders if own else 0,
        own={name: own.whole(name) if own else 0 for name in AMOUNTS},
        adjusted_orders=sum(part.orders for part in late),
        adjusted={name: added(part.amounts[name] for part in late) for name in AMOUNTS},
        **state,
    )


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _reaches(shop: ShopFrame, month: date) -> bool:
    """Whether the shop's order files tell all of the month."""
    end = shop.as_of.get("orders")
    return end is not None and end >= datetime.combine(next_month(month), time.min) - timedelta(minutes=1)


def _document(one: Statement, spoken: Words) -> dict[str, Any]:
    return {
        "key": f"{one.month:%Y-%m}|{one.shop}",
        "label": f"{one.month:%Y-%m} · {one.shop}",
        "month": f"{one.month:%Y-%m}",
        "shop": one.shop,
        "closed_at": one.closed_at and one.closed_at.isoformat(),
        "orders_paid": one.orders,
        "orders_adjusted": one.adjusted_orders,
        **{name: one.booked(name) for name in AMOUNTS},
        **{f"{name}_adjusted": one.adjusted[name] for name in AMOUNTS},
        "receivable": one.receivable,
    }

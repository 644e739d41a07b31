"""What an import did to the figures: some of the whole shop's, before and after, over the days it speaks of.

Measured in the transaction of the import from ``orders``: how many there are and were paid, how many came
back, the paid amount; and of how many orders in the file the state changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, column, func, insert, literal, or_, select, table
from sqlalchemy.engine import Connection

from shopdata.imports import joining
from shopdata.imports.entries import Incoming, Share
from shopdata.imports.scoping import Shop
from shopdata.store import engine_duckdb
from shopdata.store.incoming import drop, temporary
from shopdata.store.tables import COMMISSIONS, ORDER_LINES, orders
from shopdata.units import yuan
from shopdata.words import Words

STATES = (
    *("status", "is_paid", "is_shipped", "is_closed", "is_refunded", "is_returned", "is_disputed"),
    *("has_open_aftersale", "parcels_signed"),
)
_FILE, _WAS = "orders_of_file", "orders_before"


@dataclass(frozen=True, slots=True)
class Figures:
    """Whole-shop figures over some days of placing; money in fen."""

    orders: int = 0
    orders_paid: int = 0
    orders_returned: int = 0
    orders_refunded: int = 0
    paid_amount: int = 0

    def value(self, name: str) -> float | int | None:
        """A figure by its metric key; a share of nothing is unknown."""
        if name in RATES:
            part = self.orders_returned if name == "return_rate" else self.orders_refunded
            return round(part / self.orders_paid, 6) if self.orders_paid else None
        return int(getattr(self, name))


RATES = ("return_rate", "refund_rate")
SHOWN = ("orders", "orders_paid", "paid_amount", "return_rate", "refund_rate")


@dataclass(frozen=True, slots=True)
class Before:
    """The figures as they were. ``days`` is ``None`` where the file speaks of no order that is known."""

    connection: Connection
    days: tuple[date, date] | None
    shop_ids: tuple[int, ...]
    figures: Figures

    def compared(self, shares: Sequence[Share]) -> Mapping[str, Any] | None:
        """The effect as JSON values, once the file is in: ``from``, ``to``, ``states_changed``, ``figures``
        (name → before, after); ``None`` where the file speaks of no order."""
        if self.days is None:
            return None
        ids = tuple(dict.fromkeys((*self.shop_ids, *(share.shop.id for share in shares))))
        after = _figures(self.connection, ids, self.days)
        changed = _states_changed(self.connection, ids)
        drop(self.connection, _FILE, _WAS)
        return {
            "from": self.days[0].isoformat(),
            "to": self.days[1].isoformat(),
            "states_changed": changed,
            "figures": {
                name: {"before": self.figures.value(name), "after": after.value(name)} for name in SHOWN
            },
        }


def before(connection: Connection, shop: Shop, incoming: Incoming) -> Before:
    """Look at the figures before the file's rows come in. Ask in the import's own transaction."""
    others = joining.related(connection, shop, incoming.parsed.platform)
    ids = tuple(one.id for one in (shop, *others) if one.id and one.currency == shop.currency)
    _list_orders(connection, incoming)
    known = and_(
        orders.c.shop_id.in_(ids), orders.c.order_id.in_(select(column("order_id")).select_from(table(_FILE)))
    )
    names = ("shop_id", "order_id", *STATES)
    temporary(connection, _WAS, select(*(orders.c[name] for name in names)).where(known))
    days = _days(connection, incoming, known)
    return Before(connection, days, ids, _figures(connection, ids, days) if days else Figures())


def _list_orders(connection: Connection, incoming: Incoming) -> None:
    """The order numbers the file speaks of, as a temporary table."""
    made = temporary(
        connection, _FILE, select(cast(literal(None), String).label("order_id")).where(literal(False))
    )
    lines = ORDER_LINES.table
    for path in incoming.tables.values():
        held = engine_duckdb.arrow_schema(path).names
        key = "order_id" if "order_id" in held else COMMISSIONS.order_key
        if key not in held:
            continue
        with engine_duckdb.arrow_rows(connection, path, "file_rows", [key]) as rows:
            ids = select(column(key, String)).select_from(table(rows)).distinct()
            if key != "order_id":
                ids = select(lines.c.order_id).where(lines.c.line_id.in_(ids)).distinct()
            connection.execute(insert(made).from_select(["order_id"], ids))


def _days(connection: Connection, incoming: Incoming, known: ColumnElement[bool]) -> tuple[date, date] | None:
    """The days of placing the file speaks of: its own, or those of the known orders it names."""
    first, last = incoming.parsed.first_at, incoming.parsed.last_at
    if ORDER_LINES.name not in incoming.tables:
        query = select(func.min(orders.c.placed_at), func.max(orders.c.placed_at)).where(known)
        first, last = connection.execute(query).one()
    return (first.date(), last.date()) if first and last else None


def _figures(connection: Connection, shop_ids: Sequence[int], days: tuple[date, date]) -> Figures:
    start, end = (datetime.combine(day, time.min) for day in (days[0], days[1] + timedelta(days=1)))
    paid = orders.c.is_paid
    query = select(
        func.count(),
        func.count().filter(paid),
        func.count().filter(paid, orders.c.is_returned),
        func.count().filter(paid, orders.c.is_refunded),
        func.coalesce(func.sum(orders.c.paid_amount).filter(paid), 0),
    ).where(orders.c.shop_id.in_(shop_ids), orders.c.placed_at >= start, orders.c.placed_at < end)
    return Figures(*(int(value) for value in connection.execute(query).one()))


def _states_changed(connection: Connection, shop_ids: Sequence[int]) -> int:
    """Orders of the file that were known before and whose state is another now."""
    was = table(_WAS, *(column(name) for name in ("shop_id", "order_id", *STATES)))
    same = and_(orders.c.shop_id == was.c.shop_id, orders.c.order_id == was.c.order_id)
    differs = or_(*(orders.c[name].is_distinct_from(was.c[name]) for name in STATES))
    query = (
        select(func.count())
        .select_from(was.join(orders, same))
        .where(orders.c.shop_id.in_(shop_ids), differs)
    )
    return int(connection.scalar(query) or 0)


def told(effect: Mapping[str, Any] | None, spoken: Words) -> str:
    """The effect in one line: orders more, states changed, and the figures that moved."""
    if effect is None:
        return ""
    found = effect["figures"]
    parts = []
    if change := found["orders"]["after"] - found["orders"]["before"]:
        parts.append(spoken("imports.effect.orders", change=f"{change:+,}"))
    if effect["states_changed"]:
        parts.append(spoken("imports.effect.states", n=f"{effect['states_changed']:,}"))
    for name in RATES:
        was, now = found[name]["before"], found[name]["after"]
        if was != now and now is not None:
            first = spoken("ui.none") if was is None else f"{was:.1%}"
            label = spoken(f"metrics.{name}.label")
            parts.append(spoken("imports.effect.rate", name=label, before=first, after=f"{now:.1%}"))
    was, now = found["paid_amount"]["before"], found["paid_amount"]["after"]
    if was != now:
        shown = {"before": f"{yuan(was):,}", "after": f"{yuan(now):,}"}
        parts.append(spoken("imports.effect.paid_amount", **shown))
    return " · ".join(parts) or spoken("imports.effect.nothing")

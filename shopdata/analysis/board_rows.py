"""What the comparison with a platform's board reads: the board's own rows, and our figures day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, Date, and_, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.frame import Reads
from shopdata.metrics.refund_lines import refund_succeeded
from shopdata.metrics.table import metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Basis, Scope
from shopdata.store.own_entities import COMPASS_DAILY
from shopdata.store.tables import AFTERSALES, ORDER_LINES, orders
from shopdata.store.terms import terms

MEASURES: Mapping[str, str] = {
    "paid_amount": "fen",
    "orders": "orders",
    "units": "units",
    "refund_amount": "fen",
    "refund_amount_paid": "fen",
    "settled_amount": "fen",
}
# Rows of these account types speak of the whole shop.
WHOLE = ("", *terms("account_type", "whole"))
KEYS = (
    "orders_paid",
    "orders_zero",
    "paid_amount",
    "platform_subsidy",
    "freight_amount",
    "units_paid",
    "refund_amount",
    "settled_amount",
)
Held = dict[int, dict[date, dict[str, int]]]


def board_rows(connection: Connection, scope: Scope, shops: tuple[int, ...]) -> Held:
    """Board figures by shop and day: the row of the whole shop, else the sum over its account types."""
    rows = COMPASS_DAILY.table.c
    inside: list[ColumnElement[bool]] = [rows.shop_id.in_(shops), rows.last_day.is_(None)]
    inside.append(rows.source.is_(None))
    if scope.start is not None:
        inside.append(rows.day >= datetime.combine(scope.start, time.min))
    if scope.end is not None:
        inside.append(rows.day < datetime.combine(scope.end + timedelta(days=1), time.min))
    wanted = select(rows.shop_id, rows.day, rows.account_type, *(rows[name] for name in MEASURES))
    parts: dict[tuple[int, date], list[tuple[bool, dict[str, int]]]] = {}
    for row in connection.execute(wanted.where(*inside)):
        figures = {name: int(value) for name in MEASURES if (value := getattr(row, name)) is not None}
        whole = (row.account_type or "") in WHOLE
        parts.setdefault((row.shop_id, row.day.date()), []).append((whole, figures))
    found: Held = {}
    for (shop, day), told in parts.items():
        chosen = [figures for whole, figures in told if whole] or [figures for _, figures in told]
        names = {name for figures in chosen for name in figures}
        found.setdefault(shop, {})[day] = {
            name: sum(figures.get(name, 0) for figures in chosen) for name in names
        }
    return found


@dataclass(frozen=True, slots=True)
class OurDay:
    """Our figures of one day on the three bases, the sub orders paid on it, and what of the refunds of its
    orders the board could know."""

    figures: Mapping[Basis, Mapping[str, Value]]
    lines: int
    refunded_early: int

    def own(self, measure: str) -> int | None:
        """Our figure by the board's definition of the measure."""
        value = {
            "orders": self.figures["paid"].get("orders_paid"),
            "paid_amount": self.figures["paid"].get("paid_amount"),
            "units": self.figures["paid"].get("units_paid"),
            "refund_amount": self.figures["event"].get("refund_amount"),
            "refund_amount_paid": self.figures["paid"].get("refund_amount"),
            "settled_amount": self.figures["event"].get("settled_amount"),
        }[measure]
        return None if value is None else int(value)

    def effects(self, measure: str) -> dict[str, int]:
        """What each cause would change if the board counted that way."""
        paid = _whole(self.figures["paid"])
        if measure == "orders":
            return {
                "grain": self.lines - paid["orders_paid"],
                "zero": -paid["orders_zero"],
                "date": self._moved("orders_paid"),
            }
        if measure == "paid_amount":
            return {
                "subsidy": paid["platform_subsidy"],
                "freight": -paid["freight_amount"],
                "date": self._moved("paid_amount"),
            }
        if measure == "units":
            return {"date": self._moved("units_paid")}
        event = _whole(self.figures["event"])
        if measure == "refund_amount":
            return {"date": paid["refund_amount"] - event["refund_amount"]}
        if measure == "refund_amount_paid":
            return {
                "date": event["refund_amount"] - paid["refund_amount"],
                "pending": self.refunded_early - paid["refund_amount"],
            }
        return {}

    def _moved(self, key: str) -> int:
        """By the day of the order instead of the day of its payment."""
        return _whole(self.figures["placed"])[key] - _whole(self.figures["paid"])[key]


def _whole(values: Mapping[str, Value]) -> dict[str, int]:
    return {key: int(values.get(key) or 0) for key in KEYS}


def by_day(store: Reads, scope: Scope, basis: Basis) -> dict[date, Mapping[str, Value]]:
    table = metric_table(store, replace(scope, basis=basis), by="day", keys=KEYS)
    return {date.fromisoformat(row.key): row.values for row in table.rows}


def lines_paid(connection: Connection, shop: int) -> dict[date, int]:
    """Sub orders by the day their order was paid."""
    lines = ORDER_LINES.table.c
    day = cast(orders.c.paid_at, Date)
    same = and_(lines.shop_id == orders.c.shop_id, lines.order_id == orders.c.order_id, lines.counted)
    wanted = (
        select(day, func.count())
        .select_from(orders.join(ORDER_LINES.table, same))
        .where(orders.c.shop_id == shop, orders.c.is_paid, orders.c.paid_at.is_not(None))
        .group_by(day)
    )
    return {day: int(n) for day, n in connection.execute(wanted)}


def refunded_by(connection: Connection, shop: int, last: date) -> dict[date, int]:
    """Refunds, by the day of payment, that had happened when the board's last day ended."""
    rows = AFTERSALES.table.c
    at = func.coalesce(rows.refunded_at, rows.arrived_at, rows.finished_at)
    day = cast(orders.c.paid_at, Date)
    same = and_(rows.shop_id == orders.c.shop_id, rows.order_id == orders.c.order_id)
    wanted = (
        select(day, func.sum(rows.refund_amount))
        .select_from(orders.join(AFTERSALES.table, same))
        .where(orders.c.shop_id == shop, orders.c.is_paid, refund_succeeded(rows))
        .where(at < datetime.combine(last + timedelta(days=1), time.min))
        .group_by(day)
    )
    return {day: int(total or 0) for day, total in connection.execute(wanted)}

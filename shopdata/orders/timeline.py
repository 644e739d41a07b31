"""Everything known about one order, from all its files: what happened when, and which file says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, or_, select
from sqlalchemy.engine import Connection

from shopdata.errors import NotFound
from shopdata.imports.scoping import shops_in
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import MONEY, RowRights, masked, row_rights
from shopdata.orders.rows import OrderRow, order_rows, row_query
from shopdata.orders.selection import LINES, condition
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.line_marks import LINE, ORDER
from shopdata.store.tables import COMMISSIONS, ENTITIES, history, imports, marks, orders

Values = Mapping[str, Any]

# entity → its events in the order they normally come: (column, event key in words ``orders.events.*``)
EVENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "order_lines": (
        ("placed_at", "placed"),
        ("paid_at", "paid"),
        ("shipped_at", "shipped"),
        ("completed_at", "completed"),
    ),
    "parcels": (
        ("shipped_at", "parcel_shipped"),
        ("picked_up_at", "picked_up"),
        ("signed_at", "signed"),
    ),
    "aftersales": (
        ("applied_at", "aftersale_applied"),
        ("agreed_at", "aftersale_agreed"),
        ("return_shipped_at", "return_shipped"),
        ("refunded_at", "refunded"),
        ("arrived_at", "refund_arrived"),
        ("closed_at", "aftersale_closed"),
        ("finished_at", "aftersale_finished"),
    ),
    "commissions": (("settled_at", "commission_settled"),),
    "settlements": (("settled_at", "settled"),),
    "funds": (("moved_at", "moved"),),
}
_SUBJECT = {
    "order_lines": "line_id",
    "parcels": "waybill",
    "aftersales": "aftersale_id",
    "commissions": "line_id",
    "settlements": "line_id",
    "funds": "flow_id",
}
# The column rows of an entity are listed by; its own time where none is named.
_SORTED_BY = {"parcels": "waybill"}
_INTERNAL = frozenset({"row_hash", "layout", "status_rank", "shop_id"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the order. ``subjects``: the lines, waybills or after-sales it happened to;
    ``amount`` in fen where money moved; ``file`` and ``import_id``: which import says so."""

    at: datetime
    key: str
    subjects: tuple[str, ...]
    amount: int | None
    import_id: int | None
    file: str | None


@dataclass(frozen=True, slots=True)
class State:
    """An earlier or present state of a line or after-sale, as one of the files gave it."""

    entity: str
    subject: str
    status: str | None
    status_raw: str | None
    detail: str | None
    event_at: datetime | None
    exported_at: datetime | None
    import_id: int | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark somebody put on the order."""

    mark: str
    note: str | None
    user: str | None
    marked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One order whole. The rows of each entity carry the canonical columns of the store, money in fen."""

    order: OrderRow
    events: tuple[Event, ...]
    lines: tuple[Values, ...]
    aftersales: tuple[Values, ...]
    commissions: tuple[Values, ...]
    parcels: tuple[Values, ...]
    settlements: tuple[Values, ...]
    funds: tuple[Values, ...]
    history: tuple[State, ...]
    marks: tuple[Mark, ...]
    files: Mapping[int, str]


def order_timeline(store: Store, scope: Scope, shop_id: int, order_id: str) -> Timeline:
    """The order with all its rows and events. Raises ``NotFound`` for one outside the scope and role."""
    rights = row_rights(scope.role)
    with store.read() as connection:
        asked = scope.between(None, None)
        visible = condition(connection, asked, OrderFilter())
        if shop_id not in shops_in(connection, asked):
            raise NotFound("order_not_found", order=order_id)
        one = row_query().where(visible, orders.c.shop_id == shop_id, orders.c.order_id == order_id)
        listed = connection.execute(one).all()
        if not listed:
            raise NotFound("order_not_found", order=order_id)
        rows = {name: _rows(connection, query) for name, query in _queries(shop_id, order_id).items()}
        states = _rows(connection, _of_order(history, shop_id, order_id))
        marked = _rows(connection, _of_order(marks, shop_id, order_id).order_by(marks.c.marked_at))
        files = _files(connection)
        order = order_rows(connection, listed, rights)[0]
    shown = {name: tuple(_shown(row, rights) for row in found) for name, found in rows.items()}
    return Timeline(
        order=order,
        events=_events(shown, files),
        lines=shown.pop("order_lines"),
        **shown,
        history=tuple(_state(row, files) for row in sorted(states, key=_state_order)),
        marks=tuple(Mark(row["mark"], row["note"], row["user"], row["marked_at"]) for row in marked),
        files=files,
    )


def _queries(shop_id: int, order_id: str) -> Mapping[str, Select[Any]]:
    commissions = COMMISSIONS.table
    own_lines = select(LINES.c.line_id).where(LINES.c.shop_id == shop_id, LINES.c.order_id == order_id)
    special = {
        "order_lines": _of_order(LINES, shop_id, order_id).order_by(LINES.c.grain, LINES.c.line_id),
        "commissions": select(commissions)
        .where(
            commissions.c.shop_id == shop_id,
            or_(commissions.c.line_id.in_(own_lines), commissions.c.order_id == order_id),
        )
        .order_by(commissions.c.line_id),
    }
    return {name: special[name] if name in special else _by_time(name, shop_id, order_id) for name in EVENTS}


def _by_time(name: str, shop_id: int, order_id: str) -> Select[Any]:
    entity = ENTITIES[name]
    first = entity.table.c[_SORTED_BY.get(name, entity.time)]
    return _of_order(entity.table, shop_id, order_id).order_by(
        first, *(entity.table.c[k] for k in entity.key)
    )


def _of_order(table: Table, shop_id: int, order_id: str) -> Select[Any]:
    return select(table).where(table.c.shop_id == shop_id, table.c.order_id == order_id)


def _rows(connection: Connection, query: Select[Any]) -> list[Values]:
    return [dict(row._mapping) for row in connection.execute(query)]


def _files(connection: Connection) -> Mapping[int, str]:
    return {row.id: row.file_name for row in connection.execute(select(imports.c.id, imports.c.file_name))}


def _shown(row: Values, rights: RowRights) -> Values:
    kept = {name: value for name, value in row.items() if name not in _INTERNAL}
    for name, value in kept.items():
        if not rights.money and name in MONEY:
            kept[name] = None
        elif not rights.buyers and isinstance(value, str):
            kept[name] = masked(name, value)
    return kept


def _events(rows: Mapping[str, tuple[Values, ...]], files: Mapping[int, str]) -> tuple[Event, ...]:
    """Events by time; lines that moved together are one event, said by their newest file."""
    grouped: dict[tuple[datetime, str], list[tuple[str, int | None, int | None]]] = {}
    pays = _paying_form(rows["order_lines"])
    for entity, columns in EVENTS.items():
        for row in rows[entity]:
            for column, key in columns:
                if row[column] is not None:
                    said = (row[_SUBJECT[entity]] or "", _amount(key, row, pays), row["import_id"])
                    grouped.setdefault((row[column], key), []).append(said)
    order = {key: place for place, key in enumerate(key for columns in EVENTS.values() for _, key in columns)}
    events = []
    for (at, key), found in sorted(grouped.items(), key=lambda item: (item[0][0], order[item[0][1]])):
        amounts = [amount for _, amount, _ in found if amount is not None]
        source = max((number for _, _, number in found if number is not None), default=None)
        subjects = tuple(dict.fromkeys(subject for subject, _, _ in found))
        events.append(
            Event(at, key, subjects, sum(amounts) if amounts else None, source, files.get(source or 0))
        )
    return tuple(events)


_AMOUNT = {
    "paid": "paid_amount",
    "refunded": "refund_amount",
    "commission_settled": "commission_settled",
    "settled": "settled_amount",
    "moved": "amount",
}


def _paying_form(lines: Sequence[Values]) -> str:
    """Of an order that came as lines and as one row, the form whose money is of record."""
    paid_by_line = any(row["grain"] == LINE and row["paid_amount"] is not None for row in lines)
    return LINE if paid_by_line else ORDER if any(row["grain"] == ORDER for row in lines) else LINE


def _amount(key: str, row: Values, pays: str) -> int | None:
    """What moved; money that left the account is negative."""
    counts = row.get("grain", pays) == pays
    amount: int | None = row[_AMOUNT[key]] if key in _AMOUNT and counts else None
    return -amount if amount is not None and row.get("direction") == "out" else amount


def _state_order(row: Values) -> tuple[datetime, int]:
    return (row["event_at"] or datetime.min, row["import_id"] or 0)


def _state(row: Values, files: Mapping[int, str]) -> State:
    return State(
        entity=row["entity"],
        subject=row["row_key"],
        status=row["status"],
        status_raw=row["status_raw"],
        detail=row["detail"],
        event_at=row["event_at"],
        exported_at=row["exported_at"],
        import_id=row["import_id"],
        file=files.get(row["import_id"] or 0),
    )

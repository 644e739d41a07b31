"""What people do about an incident: its list for the courier, words for both sides, answering it as one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, or_, select

from shopdata.abnormal.causes import Cause, has_cause
from shopdata.abnormal.incidents import Incident
from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.reading import Choice, flags, held
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.taking import record_export
from shopdata.abnormal.working import MOST_AT_ONCE, answer
from shopdata.errors import BadUsage, NotAllowed
from shopdata.metrics.context import frame_of
from shopdata.metrics.labels import place_of
from shopdata.orders import sheets
from shopdata.orders.privacy import may_export
from shopdata.orders.sheets import Cell, Heading, Kind, write_file
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import PARCELS, orders
from shopdata.words import Words, words

Side = Literal["buyer", "courier"]
SIDES: tuple[Side, ...] = ("buyer", "courier")
BATCH = 5_000
FIELDS: tuple[tuple[str, Kind], ...] = (
    ("waybill", "id"),
    ("courier", "text"),
    ("order_id", "id"),
    ("province", "text"),
    ("city", "text"),
    ("paid_at", "time"),
    ("shipped_at", "time"),
    ("picked_up_at", "time"),
    ("parcel_status", "text"),
    ("promised_ship_at", "time"),
)


def lane_of(cause: Cause, words: Words) -> str:
    """The province by name and the courier as exported, as far as they are known."""
    province = place_of("province", cause.province, words)
    return " · ".join(part for part in (province, cause.courier) if part)


def to_tell(incident: Incident, side: Side, spoken: Words) -> str:
    """Words to send to buyers or the courier, where there is something to tell; else empty."""
    cause = incident.cause
    text = spoken.get(f"abnormal.incident.to_{side}.{RULES[cause.rule].subject}", "")
    return text.format(
        province=place_of("province", cause.province, spoken) or spoken("abnormal.incident.anywhere"),
        courier=cause.courier or spoken("abnormal.incident.any_courier"),
        n=incident.orders,
        since=spoken("abnormal.incident.day", month=incident.since.month, day=incident.since.day),
    )


def export_incident(store: Store, scope: Scope, cause: Cause, path: Path, language: str = "zh") -> int:
    """Write the parcels (or orders not shipped) of a cause to ``path`` (``.csv``, ``.xlsx``), without buyers
    and money; returns how many rows. Audited. Raises ``NotAllowed``, ``BadUsage`` for another suffix."""
    if not may_export(scope.role):
        raise NotAllowed(role=scope.role)
    if path.suffix.lower() not in sheets.WRITERS:
        raise BadUsage("out_unknown", path=path.name)
    spoken = words(language)
    titles = [Heading(spoken(f"orders.fields.{key}"), kind) for key, kind in FIELDS]
    path.touch(mode=0o600)
    judge_if_free(store)
    query = _rows(store, scope, cause)
    with store.read() as connection:
        written = write_file(path, titles, _batches(connection, query, spoken))
    told = {"rule": cause.rule, "province": cause.province, "courier": cause.courier}
    record_export(store, scope, "incident", written.rows, shop=cause.shop_id, **told)
    return written.rows


def _rows(store: Judges, scope: Scope, cause: Cause) -> Select[Any]:
    """The open hits of a cause, each with its parcel where there is one."""
    c, o, p = held(store, frame_of(store, scope.between(None, None))).c, orders.c, PARCELS.table.c
    of_order = and_(o.shop_id == c.shop_id, o.order_id == c.order_id)
    its_own = or_(c.subject == c.order_id, c.subject == p.waybill + "|" + p.order_id)
    of_hit = and_(p.shop_id == c.shop_id, p.order_id == c.order_id, its_own)
    return (
        select(
            p.waybill,
            o.courier,
            o.order_id,
            o.province,
            o.city,
            o.paid_at,
            o.shipped_at,
            p.picked_up_at,
            p.status_raw,
            o.promised_ship_at,
        )
        .select_from(c.rule.table.join(orders, of_order).outerjoin(PARCELS.table, of_hit))
        .where(c.is_live, has_cause(c, cause))
        .order_by(o.shipped_at.nulls_last(), o.placed_at, o.order_id, p.waybill)
    )


def _batches(connection: Connection, query: Select[Any], words: Words) -> Iterator[list[list[Cell]]]:
    for rows in connection.execution_options(yield_per=BATCH).execute(query).partitions():
        yield [
            [
                row.waybill,
                row.courier,
                row.order_id,
                place_of("province", row.province, words),
                place_of("city", row.city, words),
                *row[5:],
            ]
            for row in rows
        ]


def answer_incident(store: Store, scope: Scope, cause: Cause, state: str, text: str = "") -> int:
    """Bring the cases of all open hits of a cause into a state; returns how many. See ``working.answer``."""
    found = flags(store, scope.between(None, None), Choice(cause=cause))
    keys = list(dict.fromkeys(flag.key for flag in found))
    return sum(
        answer(store, scope, keys[first : first + MOST_AT_ONCE], state, text=text)
        for first in range(0, len(keys), MOST_AT_ONCE)
    )

"""``history``: the states a row has been seen in, kept as soon as there are two different ones.

A state is (status, its word, detail). Each is kept once with the latest event time it was seen at, so the set
does not depend on the order of files.
"""

from __future__ import annotations

from sqlalchemy import (
    Connection,
    String,
    Table,
    and_,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from shopdata.store.incoming import Batch, drop, temporary
from shopdata.store.tables import Entity, history

STATE = ("status", "status_raw", "detail")


def row_key(entity: Entity, rows: FromClause) -> ColumnElement[str]:
    """The key of a row as one text: its key columns joined by ``|``, the grain left out."""
    names = [name for name in entity.key if name != "grain"]
    joined: ColumnElement[str] = rows.c[names[0]]
    for name in names[1:]:
        joined = joined + literal("|") + rows.c[name]
    return joined


def remember(connection: Connection, batch: Batch, hits: Table) -> None:
    """Note the states of rows whose status changed, and further states of rows that have a history."""
    if "status" not in batch.layout.present:
        return
    key = row_key(batch.entity, hits)
    differs = or_(*(hits.c[name].is_distinct_from(hits.c[f"old_{name}"]) for name in STATE))
    has_past = exists().where(
        history.c.shop_id == batch.shop_id, history.c.entity == batch.entity.name, history.c.row_key == key
    )
    stored = select(
        key.label("row_key"),
        hits.c.order_key,
        *(hits.c[f"old_{name}"].label(name) for name in STATE),
        hits.c.old_event_at.label("event_at"),
        hits.c.old_exported_at.label("exported_at"),
        hits.c.old_import_id.label("import_id"),
    ).where(differs, ~has_past)
    arrived = select(
        key.label("row_key"),
        hits.c.order_key,
        *(hits.c[name] for name in STATE),
        hits.c.event_at,
        hits.c.exported_at,
        literal(batch.import_id).label("import_id"),
    ).where(or_(differs, has_past))
    states = union_all(stored, arrived).subquery()
    query = select(
        states.c.row_key,
        *(states.c[name] for name in STATE),
        func.max(states.c.order_key).label("order_id"),
        func.max(states.c.event_at).label("event_at"),
        func.max(states.c.exported_at).label("exported_at"),
        func.min(states.c.import_id).label("import_id"),
    ).group_by(states.c.row_key, *(states.c[name] for name in STATE))
    _merge(connection, batch, temporary(connection, "states_seen", query))
    drop(connection, "states_seen")


def _merge(connection: Connection, batch: Batch, seen: Table) -> None:
    same = and_(
        history.c.shop_id == batch.shop_id,
        history.c.entity == batch.entity.name,
        history.c.row_key == seen.c.row_key,
        *(history.c[name].is_not_distinct_from(seen.c[name]) for name in STATE),
    )
    connection.execute(
        update(history)
        .where(same)
        .values(
            event_at=func.greatest(history.c.event_at, seen.c.event_at),
            exported_at=func.greatest(history.c.exported_at, seen.c.exported_at),
        )
    )
    names = ("row_key", "order_id", *STATE, "event_at", "exported_at", "import_id")
    query = select(
        literal(batch.shop_id), cast(literal(batch.entity.name), String), *(seen.c[name] for name in names)
    ).where(~exists().where(same))
    connection.execute(insert(history).from_select(["shop_id", "entity", *names], query))

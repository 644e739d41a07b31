"""Newest state wins: one Arrow file into one fact table, the same result whatever the order of files.

A file's keys are compared with the stored rows (``hits``); rows that win are deleted where they lie and
written anew from the file. Measured on DuckDB: 10,000 rows into 5,000,000 take 0.1 s this way and 1.2 s by
MERGE, and a million replaced rows stay within the memory limit, which MERGE's updates do not. Files whose
columns differ go through ``layers``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from shopdata.store import engine_duckdb, layers, past
from shopdata.store.incoming import BEGINNING, DETAIL, Batch, arrive, drop, newer, same_key, temporary
from shopdata.store.layouts import SEVERAL, identify
from shopdata.store.tables import MOMENT, ORDER_LINES, PARCELS, Entity
from shopdata.store.touched import Touched

CONTENT = ("row_hash", "event_at", "status_rank")
NEWER, SAME, OLDER, LAYERED = "newer", "same", "older", layers.VERDICT


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a file. A row that brought several keys (a parcel of several orders) counts
    once: new when one of them is, else updated when one of them is."""

    new: int
    updated: int
    unchanged: int


def upsert(
    connection: Connection,
    entity: Entity,
    path: Path,
    *,
    shop_id: int,
    import_id: int,
    as_of: datetime | None,
    exported_at: datetime | None,
    present: Iterable[str],
    touched: Touched,
) -> Counts:
    """Bring the rows of the Arrow IPC file ``path`` (one per key) into the table of ``entity``.

    ``present`` names the columns the file brings; others keep their stored value. ``as_of`` and
    ``exported_at`` are those of the file. Call inside ``Store.write()``; then roll up ``touched``.
    """
    schema = engine_duckdb.arrow_schema(path)
    layout = identify(connection, entity, present)
    batch = Batch(entity, path, schema, layout, shop_id, import_id, as_of, exported_at)
    if not _holds(connection, entity.table, shop_id):
        return _insert_first(connection, batch, touched)
    arrived = arrive(connection, batch)
    hits = _compare(connection, batch, arrived)
    past.remember(connection, batch, hits)
    if _any(connection, hits, LAYERED):
        layers.settle(connection, batch, hits)
    _write(connection, batch, hits)
    _note_seen(connection, batch, hits)
    counts = _count(connection, batch, arrived, hits)
    _touch(batch, arrived, hits, touched)
    drop(connection, arrived.name, hits.name)
    return counts


def _holds(connection: Connection, table: Table, shop_id: int) -> bool:
    found = connection.execute(select(table.c.shop_id).where(table.c.shop_id == shop_id).limit(1))
    return found.first() is not None


def _any(connection: Connection, hits: Table, verdict: str) -> bool:
    found = connection.execute(select(hits.c.verdict).where(hits.c.verdict == verdict).limit(1))
    return found.first() is not None


def _insert_first(connection: Connection, batch: Batch, touched: Touched) -> Counts:
    """Into a table that holds nothing of this shop: no comparing."""
    main = batch.entity.table
    with batch.rows(connection) as rows:
        values = _row_values(batch, rows, literal(batch.as_of, MOMENT))
        query = select(*(value.label(name) for name, value in values.items())).select_from(rows)
        query = query.order_by(*_order(connection, batch, rows))
        connection.execute(insert(main).from_select(list(values), query))
    with batch.rows(connection, ("row", "sheet")) as rows:
        lines = select(rows.c.row, rows.c.sheet).distinct().subquery()
        total = connection.execute(select(func.count()).select_from(lines)).scalar_one()
    if batch.entity is ORDER_LINES:
        touched.everything = True
    elif batch.entity.rolls_up:
        touched.add(batch.entity, main.c[batch.entity.order_key], main.c.shop_id == batch.shop_id)
    return Counts(total, 0, 0)


def _row_values(batch: Batch, rows: FromClause, as_of: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    values = batch.values(rows) | {"as_of": cast(as_of, MOMENT)}
    if batch.entity is ORDER_LINES:
        values["counted"] = literal(True)
    if batch.entity is PARCELS:
        values["tracked"] = literal("signed_at" in batch.layout.present)
    return values


def _order(connection: Connection, batch: Batch, rows: FromClause) -> list[ColumnElement[Any]]:
    """Sort by the row's own time, unless the file nearly is: exports are."""
    name = batch.entity.time
    if name not in batch.layout.present or engine_duckdb.is_ordered(batch.path, name):
        return []
    return [rows.c[name].nulls_last()]


def _compare(connection: Connection, batch: Batch, arrived: Table) -> Table:
    """``hits``: the keys that are stored already, where they lie, and who is newer."""
    entity, main = batch.entity, batch.entity.table
    verdict = case(
        (or_(main.c.layout == SEVERAL, main.c.layout != arrived.c.layout), LAYERED),
        (and_(*(main.c[name].is_not_distinct_from(arrived.c[name]) for name in CONTENT)), SAME),
        (newer(arrived, main), NEWER),
        else_=OLDER,
    )
    # Layered rows are told changed or not when they are put together.
    differs = and_(verdict == NEWER, main.c.row_hash.is_distinct_from(arrived.c.row_hash))
    detail = DETAIL.get(entity.name, "")
    stored = {
        "old_order_key": _stored(main, entity.order_key),
        "old_status": _stored(main, "status"),
        "old_status_raw": _stored(main, "status_raw"),
        "old_detail": _stored(main, detail),
        "old_event_at": main.c.event_at,
        "old_exported_at": main.c.exported_at,
        "old_as_of": main.c.as_of,
        "old_import_id": main.c.import_id,
        "old_layout": main.c.layout,
    }
    arrived_words = ("row", "sheet", "order_key", "status", "status_raw", "detail", "event_at", "exported_at")
    query = (
        select(
            engine_duckdb.position(main).label("position"),
            *(arrived.c[name] for name in entity.key),
            *(arrived.c[name] for name in arrived_words),
            *(value.label(name) for name, value in stored.items()),
            verdict.label("verdict"),
            differs.label("changed"),
        )
        .select_from(arrived)
        .join(main, and_(main.c.shop_id == batch.shop_id, same_key(entity, main, arrived)))
    )
    return temporary(connection, "hits", query)


def _stored(main: Table, name: str) -> ColumnElement[Any]:
    """A word of the stored row; null where the table has no such column."""
    return main.c[name] if name in main.c else cast(literal(None), String)


def _write(connection: Connection, batch: Batch, hits: Table) -> None:
    """Write the rows that are new, and anew those that won."""
    entity, main = batch.entity, batch.entity.table
    won = select(hits.c.position).where(hits.c.verdict == NEWER)
    connection.execute(delete(main).where(engine_duckdb.position(main).in_(won)))
    with batch.rows(connection) as rows:
        as_of = func.greatest(hits.c.old_as_of, literal(batch.as_of, MOMENT), type_=MOMENT())
        values = _row_values(batch, rows, as_of)
        query = (
            select(*(value.label(name) for name, value in values.items()))
            .select_from(rows.outerjoin(hits, same_key(entity, rows, hits)))
            .where(or_(hits.c.verdict.is_(None), hits.c.verdict == NEWER))
            .order_by(*_order(connection, batch, rows))
        )
        connection.execute(insert(main).from_select(list(values), query))


def _note_seen(connection: Connection, batch: Batch, hits: Table) -> None:
    """Rows the file held without changing them: seen later, so their state is known up to later."""
    main = batch.entity.table
    unchanged = hits.c.verdict.in_((SAME, OLDER))
    if batch.as_of is not None:
        late = func.coalesce(hits.c.old_as_of, BEGINNING) < batch.as_of
        seen = select(hits.c.position).where(unchanged, late)
        at = engine_duckdb.position(main)
        connection.execute(update(main).where(at.in_(seen)).values(as_of=batch.as_of))
    exported_at = batch.exported_at or batch.as_of
    if exported_at is not None:
        late = func.coalesce(hits.c.old_exported_at, BEGINNING) < exported_at
        seen = select(hits.c.position).where(hits.c.verdict == SAME, late)
        at = engine_duckdb.position(main)
        connection.execute(update(main).where(at.in_(seen)).values(exported_at=exported_at))


def _count(connection: Connection, batch: Batch, arrived: Table, hits: Table) -> Counts:
    """Counts by row of the file: a row is what its most changed key is."""
    weight = case((hits.c.verdict.is_(None), 2), (hits.c.changed, 1), else_=0)
    per_row = (
        select(func.max(weight).label("weight"))
        .select_from(arrived.outerjoin(hits, same_key(batch.entity, arrived, hits)))
        .group_by(arrived.c.row, arrived.c.sheet)
        .subquery()
    )
    query = select(per_row.c.weight, func.count()).group_by(per_row.c.weight)
    found = {int(weight): int(number) for weight, number in connection.execute(query)}
    return Counts(found.get(2, 0), found.get(1, 0), found.get(0, 0))


def _touch(batch: Batch, arrived: Table, hits: Table, touched: Touched) -> None:
    entity = batch.entity
    if not entity.rolls_up:
        return
    known = exists().where(same_key(entity, arrived, hits))
    touched.add(entity, arrived.c.order_key, ~known)
    moved: ColumnElement[bool] = or_(hits.c.changed, hits.c.verdict.in_((NEWER, LAYERED)))
    if entity is ORDER_LINES and batch.as_of is not None:
        moved = or_(moved, func.coalesce(hits.c.old_as_of, BEGINNING) < batch.as_of)
    touched.add(entity, hits.c.order_key, moved)
    # A row may name another order than before, which then has one row less.
    touched.add(entity, hits.c.old_order_key, moved, hits.c.old_order_key.is_distinct_from(hits.c.order_key))

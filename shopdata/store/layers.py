"""Rows whose files brought different columns: each column from the newest state that has it.

Of such a row the store keeps the states that can still matter: a state is needless when a newer one has all
its columns. What is left (usually one state) is the same set whatever the order of files, and so is the row
put together from it. States are kept in ``<table>_layers`` only while there are several.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Table,
    and_,
    case,
    cast,
    column,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
    values,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, Select

from shopdata.store import engine_duckdb, layouts
from shopdata.store.incoming import VERSION, Batch, drop, newer, same_key, same_version, temporary
from shopdata.store.layouts import SEVERAL, SOURCE_COLUMNS, SOURCE_PENDING, Registry
from shopdata.store.tables import ORDER_LINES, PARCELS, Entity

VERDICT = "layered"
# More than the states a row can have: what is known ranks above what is pending, that above nothing.
STEP = 1_000_000


def settle(connection: Connection, batch: Batch, hits: Table) -> None:
    """Put together the stored rows that ``hits`` calls layered with what the file says of them."""
    known = layouts.registry(connection, batch.entity)
    states = _collect(connection, batch, hits)
    _drop_needless(connection, batch.entity, states, known)
    whole = temporary(connection, "whole_rows", _whole_rows(batch, hits, states, known))
    _mark_changed(connection, batch, hits, whole)
    _replace(connection, batch, hits, states, whole)
    drop(connection, states.name, whole.name)


def as_exported(entity: Entity, rows: FromClause, name: str) -> ColumnElement[Any]:
    """A stored column as the files said it, before the commission file filled the source in."""
    if entity is ORDER_LINES and name == "source":
        return func.coalesce(rows.c.source_exported, rows.c.source)
    return rows.c[name]


def _collect(connection: Connection, batch: Batch, hits: Table) -> Table:
    """``states``: every state known of the rows, from the file, kept layers and single stored states."""
    entity, main, kept = batch.entity, batch.entity.table, batch.entity.layers
    layered = hits.c.verdict == VERDICT
    names = (*entity.key, *entity.state_columns, *VERSION, "import_id", "layout")
    with batch.rows(connection) as rows:
        brought = batch.values(rows) | {name: batch.state(rows, name) for name in entity.state_columns}
        states = temporary(
            connection,
            "states",
            select(*(brought[name].label(name) for name in names))
            .select_from(rows.join(hits, same_key(entity, rows, hits)))
            .where(layered),
        )
    stored = (
        select(*(kept.c[name] for name in names))
        .select_from(kept.join(hits, and_(kept.c.shop_id == batch.shop_id, same_key(entity, kept, hits))))
        .where(layered, hits.c.old_layout == SEVERAL)
    )
    connection.execute(insert(states).from_select(list(names), stored))
    single = select(hits.c.position).where(layered, hits.c.old_layout != SEVERAL)
    stored = select(*(as_exported(entity, main, name).label(name) for name in names))
    stored = stored.where(engine_duckdb.position(main).in_(single))
    connection.execute(insert(states).from_select(list(names), stored))
    return states


def _drop_needless(connection: Connection, entity: Entity, states: Table, known: Registry) -> None:
    """Delete states whose columns a newer state of the same row has all of; of equal states keep one."""
    pairs = values(column("low", BigInteger), column("high", BigInteger), name="covered").data(
        list(known.covered())
    )
    other = states.alias("other_state")
    twin = and_(same_version(other, states), engine_duckdb.position(other) > engine_duckdb.position(states))
    wider_twin = and_(same_version(other, states), other.c.layout != states.c.layout)
    needless = (
        select(engine_duckdb.position(states))
        .select_from(
            states.join(other, same_key(entity, states, other)).join(
                pairs, and_(pairs.c.low == states.c.layout, pairs.c.high == other.c.layout)
            )
        )
        .where(or_(newer(other, states), wider_twin, and_(twin, other.c.layout == states.c.layout)))
    )
    connection.execute(delete(states).where(engine_duckdb.position(states).in_(needless)))


def _whole_rows(batch: Batch, hits: Table, states: Table, known: Registry) -> Select[Any]:
    """One row a key: each column from the newest state whose layout has it."""
    entity = batch.entity
    order = (states.c[name].nulls_first() for name in VERSION)
    turn = func.row_number().over(partition_by=[states.c[name] for name in entity.key], order_by=list(order))
    ranked = select(states, turn.label("turn")).subquery("ranked")
    chosen: dict[str, ColumnElement[Any]] = {}
    for name in entity.state_columns:
        having = ranked.c.layout.in_(known.having(name))
        if name in SOURCE_COLUMNS:
            pending = ranked.c.layout.in_(known.having(SOURCE_PENDING))
            rank = ranked.c.turn + case((having, 2 * STEP), (pending, STEP), else_=0)
            chosen[name] = engine_duckdb.of_newest(ranked.c[name], rank)
        else:
            chosen[name] = engine_duckdb.of_newest(ranked.c[name], ranked.c.turn).filter(having)
    for name in (*VERSION, "import_id"):
        chosen[name] = engine_duckdb.of_newest(ranked.c[name], ranked.c.turn)
    chosen["layout"] = case((func.count() == 1, func.max(ranked.c.layout)), else_=SEVERAL)
    chosen["as_of"] = func.max(func.greatest(hits.c.old_as_of, batch.as_of))
    chosen["position"] = func.max(hits.c.position)
    if entity is PARCELS:
        chosen["tracked"] = func.bool_or(ranked.c.layout.in_(known.having("signed_at")))
    return (
        select(*(ranked.c[name] for name in entity.key), *(chosen[name].label(name) for name in chosen))
        .select_from(ranked.join(hits, same_key(entity, ranked, hits)))
        .group_by(*(ranked.c[name] for name in entity.key))
    )


def _mark_changed(connection: Connection, batch: Batch, hits: Table, whole: Table) -> None:
    entity, main = batch.entity, batch.entity.table
    differs = or_(
        false(),
        *(as_exported(entity, main, name).is_distinct_from(whole.c[name]) for name in entity.state_columns),
    )
    same_row = and_(main.c.shop_id == batch.shop_id, same_key(entity, main, whole))
    changed = select(whole.c.position).select_from(whole.join(main, same_row)).where(differs)
    connection.execute(update(hits).where(hits.c.position.in_(changed)).values(changed=True))


def _replace(connection: Connection, batch: Batch, hits: Table, states: Table, whole: Table) -> None:
    """The stored rows and layers give way to what was put together."""
    entity, main, kept = batch.entity, batch.entity.table, batch.entity.layers
    layered = hits.c.verdict == VERDICT
    rows = select(hits.c.position).where(layered)
    connection.execute(delete(main).where(engine_duckdb.position(main).in_(rows)))
    old = (
        select(engine_duckdb.position(kept))
        .select_from(kept.join(hits, and_(kept.c.shop_id == batch.shop_id, same_key(entity, kept, hits))))
        .where(layered, hits.c.old_layout == SEVERAL)
    )
    connection.execute(delete(kept).where(engine_duckdb.position(kept).in_(old)))
    shop = cast(literal(batch.shop_id), Integer).label("shop_id")
    fields: dict[str, ColumnElement[Any]] = {
        item.name: item for item in whole.columns if item.name != "position"
    }
    if entity is ORDER_LINES:
        fields["counted"] = literal(True)
    connection.execute(insert(main).from_select(["shop_id", *fields], select(shop, *fields.values())))
    several = select(whole.c.position).where(whole.c.layout == SEVERAL)
    layer = (
        select(shop, *states.columns)
        .select_from(states.join(whole, same_key(entity, states, whole)))
        .where(whole.c.position.in_(several))
    )
    names = ["shop_id", *(item.name for item in states.columns)]
    connection.execute(insert(kept).from_select(names, layer))

"""Files join on (platform, order id), whatever shop they were given and whichever came first.

Rows of after-sales, commissions and parcels live where their order lives: rows of a file whose order is in
another shop go there (``parts``), and rows that waited elsewhere come when their order does (``adopt``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, String, column, delete, exists, func, select, table, update
from sqlalchemy.engine import Connection

from shopdata.imports.scoping import Shop, all_shops
from shopdata.imports.shops import ANY_PLATFORM
from shopdata.store import engine_duckdb
from shopdata.store.incoming import drop, temporary
from shopdata.store.past import row_key
from shopdata.store.tables import (
    ENTITIES,
    ORDER_LINES,
    Entity,
    history,
    imports,
)
from shopdata.store.tables import shops as shops_table
from shopdata.store.touched import Touched

LINES = ORDER_LINES.table
JOINED_BY = {
    entity.name: entity.order_key
    for entity in ENTITIES.values()
    if entity.order_key and entity is not ORDER_LINES
}
_FILE_IDS = "ids_of_file"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a file that belong to one shop: an Arrow file a table."""

    shop: Shop
    tables: Mapping[str, Path]


def related(connection: Connection, shop: Shop, platform: str) -> tuple[Shop, ...]:
    """Other shops that may hold orders a file of ``platform`` speaks of, or rows that wait for its orders."""
    wanted = {shop.platform, platform, ANY_PLATFORM}
    return tuple(
        other
        for other in all_shops(connection)
        if other.id != shop.id
        and other.is_sample == shop.is_sample
        and (other.platform in wanted or platform == ANY_PLATFORM)
    )


def parts(
    connection: Connection, shop: Shop, platform: str, tables: Mapping[str, Path], folder: Path
) -> tuple[Part, ...]:
    """The file's rows by the shop that holds their order, ``shop`` first; unknown orders stay with ``shop``.

    Shops without rows are left out.
    """
    others = related(connection, shop, platform)
    owners: dict[str, dict[str, int]] = {}
    if others and ORDER_LINES.name not in tables:
        ids = [shop.id, *(other.id for other in others)]
        owners = {name: _owners(connection, ids, name, path) for name, path in tables.items()}
    strangers = {found for by_id in owners.values() for found in by_id.values()} - {shop.id}
    if not strangers:
        return (Part(shop, tables),)
    homes = [shop, *(other for other in others if other.id in strangers)]
    split: dict[int, dict[str, Path]] = {home.id: {} for home in homes}
    for name, path in tables.items():
        for home, rows in _by_home(path, JOINED_BY.get(name, ""), owners[name], shop.id).items():
            split[home][name] = folder / f"{name}-{home}.arrow"
            write_rows(split[home][name], rows)
    shares = (Part(home, split[home.id]) for home in homes)
    return tuple(share for share in shares if any(map(_rows_in, share.tables.values())))


def _rows_in(path: Path) -> int:
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        return sum(reader.get_batch(place).num_rows for place in range(reader.num_record_batches))


def _owners(connection: Connection, shop_ids: Sequence[int], name: str, path: Path) -> dict[str, int]:
    """Order (or line) id → the shop that holds the order; the first of ``shop_ids`` where several do."""
    if name not in JOINED_BY or JOINED_BY[name] not in engine_duckdb.arrow_schema(path).names:
        return {}
    known = LINES.c[JOINED_BY[name]]
    with engine_duckdb.arrow_rows(connection, path, "file_rows") as rows:
        wanted = select(column(JOINED_BY[name], String)).select_from(table(rows))
        query = (
            select(known, LINES.c.shop_id).where(LINES.c.shop_id.in_(shop_ids), known.in_(wanted)).distinct()
        )
        found = connection.execute(query).all()
    owners: dict[str, int] = {}
    for order, holder in sorted(found, key=lambda pair: shop_ids.index(pair[1]), reverse=True):
        owners[order] = holder
    return owners


def _by_home(path: Path, key: str, owners: Mapping[str, int], default: int) -> dict[int, pa.Table]:
    with pa.memory_map(str(path)) as mapped:
        rows = pa.ipc.open_file(mapped).read_all()
        if key not in rows.column_names:
            return {default: rows}
        homes = pa.array([owners.get(one, default) for one in rows.column(key).to_pylist()], pa.int32())
        return {home: rows.filter(pc.equal(homes, home)) for home in set(homes.to_pylist()) | {default}}


def write_rows(path: Path, rows: pa.Table) -> None:
    """An Arrow IPC file of ``rows`` at ``path``."""
    with pa.ipc.new_file(path, rows.schema) as writer:
        writer.write_table(rows)


def adopt(connection: Connection, shop: Shop, platform: str, lines: Path, touched: Touched) -> None:
    """Bring rows that waited in other shops to the orders of the Arrow file ``lines``, now in ``shop``.

    A shop that holds nothing afterwards goes, its imports with the rows: it was only ever a waiting room.
    """
    others = [other for other in related(connection, shop, platform) if _waits(connection, other.id)]
    if not others:
        return
    with engine_duckdb.arrow_rows(connection, lines, "file_rows") as rows:
        file_rows = table(rows, column("order_id", String), column("line_id", String))
        ids = temporary(connection, _FILE_IDS, select(file_rows.c.order_id, file_rows.c.line_id).distinct())
    for other in others:
        for name, key in JOINED_BY.items():
            if _move(connection, ENTITIES[name], select(ids.c[key]), other.id, shop.id, touched):
                _move_orderless(connection, ENTITIES[name], other.id, shop.id)
        if not _holds_anything(connection, other.id):
            connection.execute(update(imports).where(imports.c.shop_id == other.id).values(shop_id=shop.id))
            connection.execute(delete(shops_table).where(shops_table.c.id == other.id))
    drop(connection, _FILE_IDS)


def _waits(connection: Connection, shop_id: int) -> bool:
    """Whether some after-sale, commission or parcel is in the shop at all."""
    return any(
        connection.scalar(select(exists().where(ENTITIES[name].table.c.shop_id == shop_id)))
        for name in JOINED_BY
    )


def _holds_anything(connection: Connection, shop_id: int) -> bool:
    return any(
        connection.scalar(select(exists().where(entity.table.c.shop_id == shop_id)))
        for entity in ENTITIES.values()
    )


def _move_orderless(connection: Connection, entity: Entity, source: int, target: int) -> None:
    """Rows that name no order (a withdrawal) go with the last of those that do."""
    main, kept = entity.table, entity.layers
    named = exists().where(main.c.shop_id == source, main.c[entity.order_key].is_not(None))
    if connection.scalar(select(named)):
        return
    there = main.alias("there")
    known = exists().where(there.c.shop_id == target, *(there.c[name] == main.c[name] for name in entity.key))
    connection.execute(update(main).where(main.c.shop_id == source, ~known).values(shop_id=target))
    stays = exists().where(main.c.shop_id == source, *(main.c[name] == kept.c[name] for name in entity.key))
    connection.execute(update(kept).where(kept.c.shop_id == source, ~stays).values(shop_id=target))


def _move(
    connection: Connection,
    entity: Entity,
    ids: ColumnElement[str] | object,
    source: int,
    target: int,
    touched: Touched,
) -> bool:
    """Rows of ``entity`` with these order keys from one shop to another, unless their own order stays.

    Whether there were any.
    """
    main = entity.table
    key = main.c[JOINED_BY[entity.name]]
    home = LINES.alias("home")
    stays = exists().where(home.c.shop_id == source, home.c[JOINED_BY[entity.name]] == key)
    there = main.alias("there")
    known = exists().where(there.c.shop_id == target, *(there.c[name] == main.c[name] for name in entity.key))
    moving = [main.c.shop_id == source, key.in_(ids), ~stays, ~known]  # type: ignore[arg-type]
    if not connection.scalar(select(func.count()).select_from(main).where(*moving)):
        return False
    keys = temporary(
        connection,
        "rows_moving",
        select(*(main.c[name] for name in entity.key), key.label("order_key")).where(*moving),
    )
    for one in (main, entity.layers):
        same = exists().where(*(keys.c[name] == one.c[name] for name in entity.key))
        connection.execute(update(one).where(one.c.shop_id == source, same).values(shop_id=target))
    past = history.c.row_key.in_(select(row_key(entity, keys)))
    of_rows = (history.c.shop_id == source, history.c.entity == entity.name, past)
    connection.execute(update(history).where(*of_rows).values(shop_id=target))
    if entity.rolls_up:
        touched.add(entity, keys.c.order_key)
    drop(connection, "rows_moving")
    return True

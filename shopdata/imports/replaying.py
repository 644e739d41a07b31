"""Taking rows out by their keys and playing the files that hold them again, with the state all of them tell.

Because the newest state wins whatever the order of files, the store is afterwards what it would be had only
these files come, read as they are read now. Undoing and giving words a meaning are made of this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import String, column, delete, exists, select, table
from sqlalchemy.engine import Connection, Row

from shopdata.errors import Refused
from shopdata.imports import joining
from shopdata.imports.meanings import Meanings
from shopdata.imports.reading import parse_file
from shopdata.imports.reference import is_reference
from shopdata.imports.scoping import Shop
from shopdata.imports.storing import bring_tables
from shopdata.imports.uploads import upload_path
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Parsed
from shopdata.platforms import Format
from shopdata.store import Store, engine_duckdb
from shopdata.store.abnormal_tables import note_shop
from shopdata.store.incoming import drop, temporary
from shopdata.store.past import row_key
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ENTITIES, Entity, history, imports
from shopdata.store.touched import Touched

MARGIN = timedelta(days=1)
_KEYS = "keys_replayed"
Keys = Mapping[str, Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Replay:
    """An import's rows to bring in (again): its entry, its shop, and an Arrow file a table."""

    row: Row[Any]
    shop: Shop
    parsed: Parsed
    tables: Mapping[str, Path]


def keys_of(files: Sequence[Parsed]) -> dict[str, list[Path]]:
    """Table → the Arrow files whose keys are meant."""
    keys: dict[str, list[Path]] = {}
    for parsed in files:
        for name, one in parsed.tables.items():
            if one.rows:
                keys.setdefault(name, []).append(one.path)
    return keys


def again(
    store: Store, parser: Parser, row: Row[Any], folder: Path, meanings: Meanings | None = None
) -> Parsed:
    """Typed rows of an import's kept upload. Raises ``Refused`` ``upload_purged`` where it is gone."""
    upload = upload_path(store.settings.uploads, row.sha256)
    if not upload.is_file():
        raise Refused("upload_purged", file=row.file_name)
    uploaded = row.imported_at if is_reference(row.format) else None
    found = parse_file(
        store, parser, upload, folder, row.file_name, row.format, now=uploaded, meanings=meanings
    )
    return replace(found, exported_at=row.exported_at) if uploaded else found


def others(
    connection: Connection,
    files: Sequence[Row[Any]],
    homes: Sequence[Shop],
    keys: Keys,
    known: Mapping[str, Format],
) -> list[Row[Any]]:
    """Standing imports that may hold some of the keys of ``files``, oldest first, each file once."""
    own = {row.sha256 for row in files}
    query = (
        select(imports)
        .where(imports.c.undone_at.is_(None), imports.c.shop_id.in_([shop.id for shop in homes]))
        .order_by(imports.c.id)
    )
    found: dict[str, Row[Any]] = {}
    for row in connection.execute(query):
        if row.sha256 not in own and any(_may_share(one, row, keys, known) for one in files):
            found.setdefault(row.sha256, row)
    return list(found.values())


def _may_share(one: Row[Any], other: Row[Any], keys: Keys, known: Mapping[str, Format]) -> bool:
    """Whether both may speak of the same rows: by the tables they bring, those of one kind by their days."""
    if one.kind != other.kind:
        return other.format not in known or bool(set(keys) & set(known[other.format].tables))
    ends = (one.first_at, one.last_at, other.first_at, other.last_at)
    if None in ends or _untimed(one) or _untimed(other):
        return True
    return bool(one.first_at - MARGIN <= other.last_at and other.first_at - MARGIN <= one.last_at)


def _untimed(row: Row[Any]) -> bool:
    return bool(json.loads(row.notes or "{}").get("untimed", 1))


def of_same_keys(other: Parsed, keys: Keys, folder: Path) -> dict[str, Path]:
    """The rows of another file whose keys are among ``keys``, as Arrow files in ``folder``."""
    folder.mkdir(mode=0o700)
    kept = {}
    for name, one in other.tables.items():
        if name not in keys or not one.rows:
            continue
        with pa.memory_map(str(one.path)) as mapped:
            rows = pa.ipc.open_file(mapped).read_all()
            wanted = pa.concat_arrays([_keys_in(path, name) for path in keys[name]])
            same = rows.filter(pc.is_in(_key(rows, ENTITIES[name]), value_set=wanted))
            if same.num_rows:
                kept[name] = folder / f"{name}.arrow"
                joining.write_rows(kept[name], same)
    return kept


def _keys_in(path: Path, name: str) -> pa.Array:
    with pa.memory_map(str(path)) as mapped:
        return _key(pa.ipc.open_file(mapped).read_all(), ENTITIES[name])


def _key(rows: pa.Table, entity: Entity) -> pa.Array:
    columns = [rows.column(name).cast(pa.string()) for name in entity.key]
    return pc.binary_join_element_wise(*columns, "\x1f").combine_chunks()


def exchange(
    connection: Connection, homes: Sequence[Shop], keys: Keys, replays: Sequence[Replay], work: Path
) -> None:
    """Everything at once: the rows of ``keys`` out, those of ``replays`` in, orders rolled up."""
    for name, path in _each(keys):
        _remove(connection, ENTITIES[name], path, [shop.id for shop in homes])
    for place, replay in enumerate(replays):
        folder = work / f"shared-{place}"
        folder.mkdir(mode=0o700)
        for part in joining.parts(connection, replay.shop, replay.parsed.platform, replay.tables, folder):
            bring_tables(connection, replay.parsed, part, replay.row.id)
    for shop in homes:
        touched = Touched(connection)
        for name, path in _each(keys):
            _touch(connection, ENTITIES[name], path, touched)
        refresh_orders(connection, shop.id, touched)
        note_shop(connection, shop.id)


def _each(keys: Keys) -> list[tuple[str, Path]]:
    return [(name, path) for name, paths in keys.items() for path in paths]


def _remove(connection: Connection, entity: Entity, path: Path, shop_ids: Sequence[int]) -> None:
    """Delete the keys of the Arrow file from the fact table, its layers and the history."""
    with engine_duckdb.arrow_rows(connection, path, "file_rows") as rows:
        wanted = table(rows, *(column(name, String) for name in entity.key))
        keys = temporary(connection, _KEYS, select(*(wanted.c[name] for name in entity.key)))
    for one in (entity.table, entity.layers):
        same = exists().where(*(keys.c[name] == one.c[name] for name in entity.key))
        connection.execute(delete(one).where(one.c.shop_id.in_(shop_ids), same))
    connection.execute(
        delete(history).where(
            history.c.shop_id.in_(shop_ids),
            history.c.entity == entity.name,
            history.c.row_key.in_(select(row_key(entity, keys))),
        )
    )
    drop(connection, _KEYS)


def _touch(connection: Connection, entity: Entity, path: Path, touched: Touched) -> None:
    if entity.rolls_up and entity.order_key in engine_duckdb.arrow_schema(path).names:
        with engine_duckdb.arrow_rows(connection, path, "file_rows") as rows:
            wanted = table(rows, column(entity.order_key, String))
            touched.add(entity, wanted.c[entity.order_key])

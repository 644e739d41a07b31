"""Undoing a whole import: the keys it brought go, and the remaining files that hold them are replayed.

Because the newest state wins whatever the order of files, the store is afterwards what it would be had the
file never come. It needs the uploads of both; where ``purge`` removed one that matters, undoing is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import String, and_, column, delete, exists, select, table, update
from sqlalchemy.engine import Connection, Row

from shopdata.errors import BadUsage, NotAllowed, NotFound, Refused
from shopdata.imports import joining
from shopdata.imports.audit import record_action
from shopdata.imports.own_formats import catalogue
from shopdata.imports.reading import one_parser, parse_file, work_folder
from shopdata.imports.reference import is_reference
from shopdata.imports.scoping import Shop, all_shops
from shopdata.imports.storing import bring_tables
from shopdata.imports.uploads import upload_path
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Parsed
from shopdata.platforms import Format
from shopdata.store import Store, engine_duckdb
from shopdata.store.incoming import drop, temporary
from shopdata.store.past import row_key
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ENTITIES, Entity, history, imports
from shopdata.store.touched import Touched

MARGIN = timedelta(days=1)
_KEYS = "keys_undone"


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did: the file, the shops it left, and the files replayed in its stead."""

    file: str
    shops: tuple[str, ...]
    replayed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Replay:
    """Another import's rows of the undone keys."""

    row: Row[Any]
    shop: Shop
    parsed: Parsed
    tables: Mapping[str, Path]


def undo(
    store: Store, import_id: int, user: str, *, role: str = "owner", parser: Parser | None = None
) -> Undone:
    """Take the import with everything only it brought out of the store again, in one transaction.

    Raises ``NotFound``, ``BadUsage`` (undone already), ``NotAllowed`` (an operator, another's import), and
    ``Refused`` ``upload_purged`` where a file that would be needed is gone.
    """
    with one_parser(parser) as reading:
        while True:
            with work_folder(store) as work:
                undone = _attempt(store, import_id, user, role, reading, work)
            if undone is not None:
                return undone


def _attempt(
    store: Store, import_id: int, user: str, role: str, reading: Parser, work: Path
) -> Undone | None:
    """Undo with the imports there are now; ``None`` where another one came in between."""
    with store.read() as connection:
        shares = _shares(connection, import_id)
        shops = {shop.id: shop for shop in all_shops(connection)}
    if role != "owner" and shares[0].user != user:
        raise NotAllowed(role=role)
    known = catalogue(store.settings).formats
    parsed = _again(store, reading, shares[0], work / "undone")
    tables = {name: one.path for name, one in parsed.tables.items() if one.rows}
    with store.read() as connection:
        homes = _homes(connection, shares, shops, parsed.platform)
        others = _others(connection, shares, homes, tables, known)
    replays = []
    for place, row in enumerate(others):
        again = _again(store, reading, row, work / f"replayed-{place}")
        if kept := _of_same_keys(again, tables, work / f"kept-{place}"):
            replays.append(_Replay(row, shops[row.shop_id], again, kept))
    with store.write() as connection:
        shares = _shares(connection, import_id)
        again_others = _others(connection, shares, homes, tables, known)
        if [row.id for row in again_others] != [row.id for row in others]:
            return None
        _exchange(connection, shares, homes, tables, replays, work)
        _write_down(connection, store.settings.now(), shares, replays, user, role)
    store.seal()
    names = tuple(shops[share.shop_id].name for share in shares)
    return Undone(shares[0].file_name, names, tuple(replay.row.file_name for replay in replays))


def _shares(connection: Connection, import_id: int) -> Sequence[Row[Any]]:
    """The import and, where its file was shared out among shops, the other entries of the same file."""
    one = connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
    if one is None:
        raise NotFound("import_not_found", id=import_id)
    if one.undone_at is not None:
        raise BadUsage("already_undone", file=one.file_name)
    shops = all_shops(connection)
    sample = next(shop.is_sample for shop in shops if shop.id == one.shop_id)
    alike = [shop.id for shop in shops if shop.is_sample == sample]
    same = and_(imports.c.sha256 == one.sha256, imports.c.undone_at.is_(None), imports.c.shop_id.in_(alike))
    return connection.execute(select(imports).where(same).order_by(imports.c.id)).all()


def _homes(
    connection: Connection, shares: Sequence[Row[Any]], shops: Mapping[int, Shop], platform: str
) -> tuple[Shop, ...]:
    """Every shop that may hold rows of the file: its own, and those it shares orders with."""
    homes = {share.shop_id: shops[share.shop_id] for share in shares}
    if is_reference(shares[0].format):
        return tuple(homes.values())
    for share in shares:
        for shop in joining.related(connection, shops[share.shop_id], platform):
            homes[shop.id] = shop
    return tuple(homes.values())


def _again(store: Store, parser: Parser, row: Row[Any], folder: Path) -> Parsed:
    """Typed rows of an import's kept upload."""
    upload = upload_path(store.settings.uploads, row.sha256)
    if not upload.is_file():
        raise Refused("upload_purged", file=row.file_name)
    if not is_reference(row.format):
        return parse_file(store, parser, upload, folder, row.file_name, row.format)
    again = parse_file(store, parser, upload, folder, row.file_name, row.format, now=row.imported_at)
    return replace(again, exported_at=row.exported_at)


def _others(
    connection: Connection,
    shares: Sequence[Row[Any]],
    homes: Sequence[Shop],
    tables: Mapping[str, Path],
    known: Mapping[str, Format],
) -> list[Row[Any]]:
    """Standing imports that may hold some of the same keys, oldest first, each file once."""
    query = (
        select(imports)
        .where(imports.c.undone_at.is_(None), imports.c.shop_id.in_([shop.id for shop in homes]))
        .order_by(imports.c.id)
    )
    found: dict[str, Row[Any]] = {}
    for row in connection.execute(query):
        if row.sha256 != shares[0].sha256 and _may_share(shares[0], row, tables, known):
            found.setdefault(row.sha256, row)
    return list(found.values())


def _may_share(
    undone: Row[Any], other: Row[Any], tables: Mapping[str, Path], known: Mapping[str, Format]
) -> bool:
    """Whether both may speak of the same rows: by the tables they bring, those of one kind by their days."""
    if undone.kind != other.kind:
        return other.format not in known or bool(set(tables) & set(known[other.format].tables))
    ends = (undone.first_at, undone.last_at, other.first_at, other.last_at)
    if None in ends or _untimed(undone) or _untimed(other):
        return True
    return bool(undone.first_at - MARGIN <= other.last_at and other.first_at - MARGIN <= undone.last_at)


def _untimed(row: Row[Any]) -> bool:
    return bool(json.loads(row.notes or "{}").get("untimed", 1))


def _of_same_keys(again: Parsed, tables: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """The rows of another file whose keys are in ``tables``, as Arrow files in ``folder``."""
    folder.mkdir(mode=0o700)
    kept = {}
    for name, one in again.tables.items():
        if name not in tables or not one.rows:
            continue
        with pa.memory_map(str(one.path)) as mapped:
            rows = pa.ipc.open_file(mapped).read_all()
            same = rows.filter(pc.is_in(_key(rows, ENTITIES[name]), value_set=_keys_in(tables[name], name)))
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


def _exchange(
    connection: Connection,
    shares: Sequence[Row[Any]],
    homes: Sequence[Shop],
    tables: Mapping[str, Path],
    replays: Sequence[_Replay],
    work: Path,
) -> None:
    """Everything at once: rows out, replayed rows in, orders rolled up."""
    for name, path in tables.items():
        _remove(connection, ENTITIES[name], path, [shop.id for shop in homes])
    for place, replay in enumerate(replays):
        folder = work / f"shared-{place}"
        folder.mkdir(mode=0o700)
        for part in joining.parts(connection, replay.shop, replay.parsed.platform, replay.tables, folder):
            bring_tables(connection, replay.parsed, part, replay.row.id)
    for shop in homes:
        touched = Touched(connection)
        for name, path in tables.items():
            _touch(connection, ENTITIES[name], path, touched)
        refresh_orders(connection, shop.id, touched)


def _write_down(
    connection: Connection,
    now: datetime,
    shares: Sequence[Row[Any]],
    replays: Sequence[_Replay],
    user: str,
    role: str,
) -> None:
    """Mark the import undone, and audit it."""
    done = update(imports).where(imports.c.id.in_([share.id for share in shares]))
    connection.execute(done.values(undone_at=now, undone_by=user))
    record_action(
        connection, now, user, "undo",
        role=role, file=shares[0].file_name, sha256=shares[0].sha256,
        replayed=[replay.row.id for replay in replays],
    )  # fmt: skip


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

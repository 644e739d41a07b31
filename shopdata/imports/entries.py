"""What the store notes of an import beside its rows: an entry in ``imports`` a shop, and its rejects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import column, insert, literal, select, table
from sqlalchemy.engine import Connection

from shopdata.imports.archive import Found
from shopdata.imports.scoping import Shop
from shopdata.ingest.results import Parsed
from shopdata.store import engine_duckdb
from shopdata.store.tables import ENTITIES, imports, rejects
from shopdata.store.upsert import Counts


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was parsed and waits to be stored. ``folder`` holds its Arrow files."""

    found: Found
    staged: Path
    size: int
    sha256: str
    parsed: Parsed
    folder: Path
    seconds: float

    @property
    def tables(self) -> dict[str, Path]:
        """The Arrow file of each table the file speaks of."""
        return {name: one.path for name, one in self.parsed.tables.items() if one.rows}


@dataclass(frozen=True, slots=True)
class Share:
    """What one shop got of a file: an entry of ``imports`` of its own."""

    shop: Shop
    import_id: int
    counts: Counts

    @property
    def rows(self) -> int:
        """Rows of the file that went to this shop."""
        return self.counts.new + self.counts.updated + self.counts.unchanged


@dataclass(frozen=True, slots=True)
class Notes:
    """What only the store can tell of a file: [field, word] of given meanings used, and its effect."""

    meanings: Sequence[Sequence[str]]
    effect: Mapping[str, Any] | None


def write_imports(
    connection: Connection,
    incoming: Incoming,
    shares: Sequence[Share],
    more: Notes,
    *,
    user: str,
    now: datetime,
) -> None:
    """One entry a shop that got rows; repeats, rejects and the effect stand with the first."""
    parsed = incoming.parsed
    columns = dict.fromkeys(name for one in parsed.tables.values() for name in one.present)
    shared = {
        "file_name": incoming.found.name,
        "sha256": incoming.sha256,
        "size": incoming.size,
        "format": parsed.format,
        "kind": parsed.kind,
        "first_at": parsed.first_at,
        "last_at": parsed.last_at,
        "as_of": parsed.as_of,
        "exported_at": parsed.exported_at,
        "headers": json.dumps(parsed.headers, ensure_ascii=False),
        "columns": json.dumps(list(columns)),
        "notes": json.dumps(_notes(incoming, more), ensure_ascii=False),
        "user": user,
        "imported_at": now,
        "seconds": incoming.seconds,
        "upload_kept": True,
    }
    elsewhere = sum(share.rows for share in shares[1:])
    for place, share in enumerate(shares):
        accepted = share.rows if place else parsed.accepted - elsewhere
        counts = _counts(share, accepted, 0 if place else parsed.rejected)
        effect = None if place or more.effect is None else json.dumps(more.effect)
        row = {"effect": effect, "id": share.import_id, "shop_id": share.shop.id, **shared, **counts}
        connection.execute(insert(imports).values(row))


def _notes(incoming: Incoming, more: Notes) -> dict[str, object]:
    """What later questions need to know of the file."""
    return {
        "warnings": [[one.code, one.column, one.value, one.rows] for one in incoming.parsed.warnings],
        "findings": [[one.code, one.rows, one.of_rows] for one in incoming.parsed.findings],
        "untimed": _untimed(incoming),
        "meanings": more.meanings,
    }


def _counts(share: Share, accepted: int, rejected: int) -> dict[str, int]:
    return {
        "rows": accepted + rejected,
        "accepted": accepted,
        "rejected": rejected,
        "new": share.counts.new,
        "updated": share.counts.updated,
        "unchanged": accepted - share.counts.new - share.counts.updated,
    }


def _untimed(incoming: Incoming) -> int:
    """Rows without the time that the file's first and last day are taken from."""
    count = 0
    for name, one in incoming.parsed.tables.items():
        if one.rows:
            with pa.memory_map(str(one.path)) as mapped:
                rows = pa.ipc.open_file(mapped).read_all()
                time = ENTITIES[name].time
                count += rows.column(time).null_count if time in rows.column_names else one.rows
    return count


def write_rejects(connection: Connection, path: Path | None, import_id: int) -> None:
    if path is None:
        return
    names = [name for name in engine_duckdb.arrow_schema(path).names if name in rejects.c]
    with engine_duckdb.arrow_rows(connection, path, "file_rejects") as rows:
        rejected = table(rows, *(column(name) for name in names))
        query = select(literal(import_id), *(rejected.c[name] for name in names))
        connection.execute(insert(rejects).from_select(["import_id", *names], query))

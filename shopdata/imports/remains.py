"""The proof of a purge: some of the erased values are looked for in every table and file afterwards.

Values that a younger file told too are no remains and are left out. The values themselves are held in memory
only. Uploads and backups younger than the purge may hold them until their own time is over; they are counted.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, String, Table, func, or_, select
from sqlalchemy.engine import Connection

from shopdata.store import Store
from shopdata.store.personal import HASH_MARK, personal_columns
from shopdata.store.tables import ENTITIES, metadata

EACH_COLUMN = 20
IN_FILES = 40
SHORTEST = 5
ENCODINGS = ("utf-8", "gb18030")
FREE_TEXTS: Mapping[str, tuple[str, ...]] = {
    "rejects": ("value", "cells"),
    "jobs": ("payload", "result"),
    "imports": ("notes", "headers"),
    "marks": ("note",),
    "audit": ("detail",),
    "erasures": ("document",),
    "settings": ("value",),
    "case_events": ("text", "detail"),
    "case_claims": ("inspection",),
    "case_rows": ("headers", "cells"),
    "evidence": ("file_name", "note"),
}
KEPT_FOLDERS = ("uploads", "backups", "evidence", "sample")
OWN_FILES = ("store.lock", "link.json", "link.sock")


def sample(store: Store, old: Any) -> tuple[str, ...]:
    """Some values that are about to be erased, by column, long enough to be told from anything else."""
    found: dict[str, None] = {}
    with store.read() as connection:
        for entity in ENTITIES.values():
            for table in (entity.table, entity.layers):
                for column in personal_columns(table):
                    usable = (func.length(column) >= SHORTEST, ~column.startswith(HASH_MARK))
                    query = select(column).where(table.c.import_id.in_(old), *usable).distinct()
                    found |= dict.fromkeys(connection.scalars(query.limit(EACH_COLUMN)))
    return tuple(found)


class Search:
    """Looks for values that should be gone; ``found`` says where one still was, never which."""

    def __init__(self, store: Store, values: tuple[str, ...]) -> None:
        self._store = store
        with store.read() as connection:
            self.values = tuple(value for value in values if value not in _still_told(connection, values))
        self.found: list[dict[str, object]] = []
        self.columns = self.files = 0

    def look_into(self, path: Path) -> None:
        """Search the bytes of one file."""
        self.files += 1
        hits = _hits(path, self.values[:IN_FILES])
        if hits:
            self.found.append({"file": path.name, "values": hits})

    def look_everywhere(self) -> None:
        """Search every text of every table, and the files of the home folder that no younger import keeps."""
        with self._store.read() as connection:
            for table in metadata.sorted_tables:
                self._look_into_table(connection, table)
        for path in _files(self._store):
            self.look_into(path)

    def as_json(self) -> dict[str, object]:
        """How much was looked for, where, and what was found."""
        home = self._store.settings.home
        kept = {name: sum(1 for _ in (home / name).glob("*")) for name in KEPT_FOLDERS[:3]}
        counts = {"values": len(self.values), "columns": self.columns, "files": self.files}
        return {**counts, "found": self.found, "younger_files": kept}

    def _look_into_table(self, connection: Connection, table: Table) -> None:
        if not self.values:
            return
        free = FREE_TEXTS.get(table.name, ())
        for column in table.columns:
            if not isinstance(column.type, String):
                continue
            self.columns += 1
            inside: ColumnElement[bool] = column.in_(self.values)
            if column.name in free:
                inside = or_(*(column.contains(value, autoescape=True) for value in self.values))
            rows = connection.scalar(select(func.count()).select_from(table).where(inside))
            if rows:
                self.found.append({"table": table.name, "column": column.name, "rows": int(rows)})


def _still_told(connection: Connection, values: tuple[str, ...]) -> set[str]:
    """Those of the values that younger imports told too."""
    told: set[str] = set()
    for entity in ENTITIES.values():
        for table in (entity.table, entity.layers):
            for column in personal_columns(table):
                told |= set(connection.scalars(select(column).where(column.in_(values)).distinct()))
    return told


def _files(store: Store) -> Iterator[Path]:
    """The files of the home folder, the store itself (nobody else may open it) and younger files left out."""
    settings = store.settings
    own = {settings.database_file, settings.database_file.with_name(f"{settings.database_file.name}.wal")}
    for path in sorted(settings.home.rglob("*")):
        inside = path.relative_to(settings.home)
        if path.is_file() and path not in own and inside.parts[0] not in (*KEPT_FOLDERS, *OWN_FILES):
            yield path


def _hits(path: Path, values: tuple[str, ...]) -> int:
    """How many of the values stand in the bytes of a file."""
    if not path.stat().st_size:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return sum(
            any(held.find(value.encode(encoding, "replace")) >= 0 for encoding in ENCODINGS)
            for value in values
        )

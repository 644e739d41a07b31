"""One Arrow file on its way into a fact table: its rows as expressions, and a slim table of what arrived.

``arrived`` holds one row per key of the file: the key, the row number, the version and the status words;
nothing wide. The wide columns are streamed from the file once, when they are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Connection,
    CreateTableAs,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
    text,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, TableClause

from shopdata.store import engine_duckdb
from shopdata.store.layouts import SOURCE_PENDING, FileLayout
from shopdata.store.tables import MOMENT, Entity

BEGINNING = datetime(1, 1, 1)
VERSION = ("event_at", "status_rank", "exported_at", "row_hash")
SLIM = ("status", "status_raw", "source", "event_at", "status_rank", "row_hash")
_KNOWN: dict[tuple[object, ...], Table] = {}
DETAIL = {"order_lines": "aftersale_raw", "aftersales": "kind"}


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of a file beside its rows. ``exported_at`` falls back on ``as_of``."""

    entity: Entity
    path: Path
    schema: pa.Schema
    layout: FileLayout
    shop_id: int
    import_id: int
    as_of: datetime | None
    exported_at: datetime | None

    def has(self, name: str) -> bool:
        """Whether the file's table has a column ``name``."""
        return name in self.schema.names

    @contextmanager
    def rows(self, connection: Connection, columns: Sequence[str] | None = None) -> Iterator[TableClause]:
        """The file's rows (with those of ``columns`` it has), for one statement."""
        names = [name for name in self.schema.names if columns is None or name in columns]
        with engine_duckdb.arrow_rows(connection, self.path, columns=names) as name:
            yield table(name, *(column(field) for field in names))

    def state(self, rows: FromClause, name: str) -> ColumnElement[Any]:
        """A state column as the file brings it; null where file or table lack it. A file with pay times
        leaves nothing to its status words."""
        if name not in self.entity.state_columns:
            return cast(null(), String)
        kind = self.entity.table.c[name].type
        if name == "paid_by_status" and "paid_at" in self.layout.present:
            return literal(False)
        if name not in self.layout.present or not self.has(name):
            return cast(null(), kind)
        return cast(rows.c[name], kind)

    def version(self, rows: FromClause) -> dict[str, ColumnElement[Any]]:
        """The version columns of a row of the file, ``as_of`` left out."""
        digest: ColumnElement[Any] = rows.c.row_hash
        if pa.types.is_unsigned_integer(self.schema.field("row_hash").type):
            digest = digest.op(">>")(1)
        layout: ColumnElement[Any] = literal(self.layout.plain)
        if self.layout.pending is not None:
            layout = case((rows.c.source == SOURCE_PENDING, self.layout.pending), else_=layout)
        return {
            "event_at": cast(rows.c.event_at, MOMENT),
            "status_rank": cast(rows.c.status_rank, SmallInteger),
            "exported_at": cast(literal(self.exported_at or self.as_of, MOMENT), MOMENT),
            "row_hash": cast(digest, BigInteger),
            "import_id": literal(self.import_id, Integer),
            "layout": cast(layout, BigInteger),
        }

    def values(self, rows: FromClause) -> dict[str, ColumnElement[Any]]:
        """Everything of a row of the file that goes into the fact table, ``as_of`` left out."""
        return {
            "shop_id": literal(self.shop_id, Integer),
            **{name: rows.c[name] for name in self.entity.key},
            **{name: self.state(rows, name) for name in self.layout.present},
            **self.version(rows),
        }


def newer(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether the version of ``one`` is greater than that of ``other``; what is unknown counts as oldest."""
    return func.row(*_comparable(one)) > func.row(*_comparable(other))


def same_version(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether both have the same version."""
    return func.row(*_comparable(one)) == func.row(*_comparable(other))


def _comparable(rows: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (
        func.coalesce(rows.c.event_at, BEGINNING),
        func.coalesce(rows.c.status_rank, -1),
        func.coalesce(rows.c.exported_at, BEGINNING),
        func.coalesce(rows.c.row_hash, 0),
    )


def same_key(entity: Entity, one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Both are states of the same thing (of one shop)."""
    condition: ColumnElement[bool] = literal(True)
    for name in entity.key:
        condition &= one.c[name] == other.c[name]
    return condition


def temporary(connection: Connection, name: str, query: Any) -> Table:
    """The result of ``query`` as a temporary table, replacing one of that name."""
    drop(connection, name)
    statement = CreateTableAs(query, name, metadata=MetaData(), temporary=True)
    connection.execute(statement)
    return _known(statement.table)


def _known(made: Table) -> Table:
    """The first table described like this one: statements over one and the same table are put together once
    and found again, those over its equals never."""
    shape = (made.name, *((one.name, repr(one.type)) for one in made.c))
    return _KNOWN.setdefault(shape, made)


def drop(connection: Connection, *names: str) -> None:
    """Drop temporary tables of these names where they exist."""
    for name in names:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def arrive(connection: Connection, batch: Batch) -> Table:
    """The slim table ``arrived`` of the file's keys, versions and status words."""
    entity = batch.entity
    detail = DETAIL.get(entity.name, "")
    needed = ("row", "sheet", *entity.key, entity.order_key, *SLIM, detail)
    with batch.rows(connection, needed) as rows:
        order_key = rows.c[entity.order_key] if batch.has(entity.order_key) else cast(null(), String)
        words = {
            "status": batch.state(rows, "status"),
            "status_raw": batch.state(rows, "status_raw"),
            "detail": batch.state(rows, detail),
        }
        query = select(
            rows.c.row,
            rows.c.sheet,
            *(rows.c[name] for name in entity.key),
            *(value.label(name) for name, value in batch.version(rows).items()),
            *(value.label(name) for name, value in words.items()),
            order_key.label("order_key"),
        )
        return temporary(connection, "arrived", query)

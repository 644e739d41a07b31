"""What a fact table is: its key, its columns, its layers, and the version every row carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()

TEXT, MONEY, MOMENT, FLAG, COUNT = String, BigInteger, DateTime, Boolean, Integer
FIGURE = Float


class TALLY(BigInteger):
    """A count of views, people or pieces: as wide as money, and shown as what it is."""


Columns = tuple[tuple[str, type[TypeEngine[Any]]], ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A fact table that exports feed: how its rows are told apart and which columns a file may bring.

    ``time``: the column that dates a row. ``order_key``: the column that names the order (or order line) a
    row speaks of, empty where rows speak of none. ``rolls_up``: ``orders`` is made of it. ``added``: columns
    of later schemas, which a store that was migrated has behind all others.
    """

    name: str
    kind: str
    key: tuple[str, ...]
    time: str
    columns: tuple[tuple[str, type[TypeEngine[Any]]], ...]
    order_key: str = ""
    rolls_up: bool = False
    added: tuple[tuple[str, type[TypeEngine[Any]]], ...] = ()

    @property
    def table(self) -> Table:
        """The table of newest states."""
        return metadata.tables[self.name]

    @property
    def layers(self) -> Table:
        """States kept per column set, for rows that came in files with different columns."""
        return metadata.tables[f"{self.name}_layers"]

    @property
    def state_columns(self) -> tuple[str, ...]:
        """Names a file may bring, keys left out."""
        return tuple(name for name, _ in (*self.columns, *self.added))


def _version_columns() -> list[Column[object]]:
    """What every fact row carries to decide which of two states is newer, and how old it is.

    ``event_at``: latest event time in the row; ``status_rank``: unpaid 0 … closed 4; ``exported_at``: the
    export's own time; ``row_hash``: the last tie-break; ``as_of``: as-of of the last file that held the row;
    ``layout``: the column set of the file(s) it came from (0 when several differ).
    """
    return [
        Column("event_at", MOMENT),
        Column("status_rank", SmallInteger),
        Column("exported_at", MOMENT),
        Column("row_hash", BigInteger),
        Column("as_of", MOMENT),
        Column("import_id", Integer),
        Column("layout", BigInteger),
    ]


def define(entity: Entity) -> Entity:
    """Declare the tables of ``entity``: its newest states and its layers."""
    for suffix in ("", "_layers"):
        Table(
            entity.name + suffix,
            metadata,
            Column("shop_id", Integer, nullable=False),
            *(Column(name, TEXT, nullable=False) for name in entity.key),
            *(Column(name, kind) for name, kind in entity.columns),
            *_version_columns(),
        )
    return entity


def append_added(entity: Entity) -> None:
    """Declare the columns of later schemas, behind those the product derives on a row."""
    for one in (entity.table, entity.layers):
        for name, kind in entity.added:
            one.append_column(Column(name, kind))

"""Layouts: the column sets files came with. They decide which stored states a newer state makes needless."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from shopdata.store.tables import Entity, layouts

SEVERAL = 0
SOURCE_COLUMNS = frozenset({"source", "source_raw"})
SOURCE_PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Layout:
    """One column set. A row whose source is still pending has the layout of a file without source columns,
    but with the mark ``pending``, so that it hides no source known from elsewhere."""

    id: int
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Registry:
    """All layouts of one entity."""

    known: tuple[Layout, ...]

    def having(self, column: str) -> tuple[int, ...]:
        """Ids of the layouts that bring ``column``."""
        return tuple(layout.id for layout in self.known if column in layout.columns)

    def covered(self) -> tuple[tuple[int, int], ...]:
        """Pairs (a, b): every column of layout a is in layout b; each layout covers itself."""
        return tuple((a.id, b.id) for a in self.known for b in self.known if a.columns <= b.columns)


@dataclass(frozen=True, slots=True)
class FileLayout:
    """Layouts of one file's rows: ``plain``, and ``pending`` for rows whose source is still to come."""

    present: tuple[str, ...]
    plain: int
    pending: int | None


def registry(connection: Connection, entity: Entity) -> Registry:
    """The layouts the store has met so far for ``entity``."""
    rows = connection.execute(select(layouts).where(layouts.c.entity == entity.name).order_by(layouts.c.id))
    return Registry(tuple(Layout(row.id, frozenset(json.loads(row.columns))) for row in rows))


def identify(connection: Connection, entity: Entity, present: Iterable[str]) -> FileLayout:
    """The layout of a file that brings the columns ``present``; registered when it is new.

    A file that brings pay times says by itself which lines are paid: it also settles ``paid_by_status``.
    """
    brought = frozenset(present) & frozenset(entity.state_columns)
    if "paid_at" in brought and "paid_by_status" in entity.state_columns:
        brought |= {"paid_by_status"}
    ordered = tuple(name for name in entity.state_columns if name in brought)
    if "source" not in brought:
        return FileLayout(ordered, _identifier(connection, entity, brought), None)
    marked = brought | {SOURCE_PENDING}
    plain = _identifier(connection, entity, marked)
    return FileLayout(ordered, plain, _identifier(connection, entity, marked - SOURCE_COLUMNS))


def _identifier(connection: Connection, entity: Entity, columns: frozenset[str]) -> int:
    for layout in registry(connection, entity).known:
        if layout.columns == columns:
            return layout.id
    highest = connection.execute(select(func.coalesce(func.max(layouts.c.id), SEVERAL))).scalar_one()
    values = {"id": highest + 1, "entity": entity.name, "columns": json.dumps(sorted(columns))}
    connection.execute(insert(layouts).values(values))
    return int(highest) + 1

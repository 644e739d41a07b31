"""Looking back: every import with its counts, and the rows it left out, as they stood in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdata.errors import NotFound
from shopdata.imports.results import RejectLine
from shopdata.store import Store
from shopdata.store.tables import imports, rejects, shops

LISTED = 200


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one file into one shop. ``undone_at`` is set where somebody took it out again;
    ``effect`` says what it did to the figures (see ``effects``)."""

    id: int
    file_name: str
    shop: str
    format: str
    kind: str
    rows: int
    accepted: int
    rejected: int
    new: int
    updated: int
    unchanged: int
    first_at: datetime | None
    last_at: datetime | None
    as_of: datetime | None
    user: str | None
    imported_at: datetime | None
    seconds: float | None
    undone_at: datetime | None
    undone_by: str | None
    effect: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rejected rows of an import: the file's headers, and per row why and its cells as they stood."""

    file_name: str
    headers: tuple[str, ...]
    lines: tuple[tuple[RejectLine, tuple[str, ...]], ...]


def history(store: Store, shop_ids: Sequence[int] | None = None, limit: int = LISTED) -> tuple[Import, ...]:
    """The newest imports first; ``shop_ids`` narrows them to some shops."""
    names = [name for name in Import.__dataclass_fields__ if name != "shop"]
    query = (
        select(*(imports.c[name] for name in names), shops.c.name.label("shop"))
        .join(shops, shops.c.id == imports.c.shop_id)
        .order_by(imports.c.id.desc())
        .limit(limit)
    )
    if shop_ids is not None:
        query = query.where(imports.c.shop_id.in_(shop_ids))
    with store.read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    return tuple(Import(**row | {"effect": row["effect"] and json.loads(row["effect"])}) for row in rows)


def left_out(store: Store, import_id: int) -> LeftOut:
    """The rejected rows of an import, in the order of the file. Raises ``NotFound``."""
    with store.read() as connection:
        one = connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
        if one is None:
            raise NotFound("import_not_found", id=import_id)
        order = (rejects.c.sheet, rejects.c.row)
        rows = connection.execute(select(rejects).where(rejects.c.import_id == import_id).order_by(*order))
        lines = tuple(
            (
                RejectLine(row.row, row.column, row.code, row.value, row.sheet),
                tuple(str(cell or "") for cell in json.loads(row.cells or "[]")),
            )
            for row in rows
        )
    return LeftOut(one.file_name, tuple(json.loads(one.headers or "[]")), lines)

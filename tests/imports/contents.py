"""What a store holds, without the marks of when and in which order it got there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from shopdata.store import Store
from shopdata.store.tables import ENTITIES, orders, shops

PASSING = {"import_id", "layout", "row_hash", "shop_id", "exported_at"}


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every fact table and of ``orders``, by shop name, sorted."""
    held = {}
    with store.read() as connection:
        names = {row.id: row.name for row in connection.execute(select(shops))}
        for table in (*(entity.table for entity in ENTITIES.values()), orders):
            rows = connection.execute(select(table)).mappings()
            held[table.name] = sorted(
                (
                    (names[row["shop_id"]], *(row[name] for name in row if name not in PASSING))
                    for row in rows
                ),
                key=repr,
            )
    return held

"""Another meaning for a word in rows as they are stored, where their files cannot be read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from shopdata.store import layouts
from shopdata.store.layouts import SEVERAL
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ORDER_LINES, Entity
from shopdata.store.touched import Touched


@dataclass(frozen=True, slots=True)
class Change:
    """``word`` in the column ``raw`` makes ``column`` mean ``meaning``; for a status also its ``rank``, and
    whether it says ``paid`` (null: it does not tell) where no file brought pay times."""

    column: str
    raw: str
    word: str
    meaning: str
    rank: int | None = None
    paid: bool | None = None


def rewrite_word(connection: Connection, entity: Entity, shop_id: int, change: Change) -> int:
    """Change the rows and layers of a shop that hold the word, and roll their orders up; rows changed."""
    main = entity.table
    holding = (main.c.shop_id == shop_id, main.c[change.raw] == change.word)
    count = connection.scalar(select(func.count()).select_from(main).where(*holding)) or 0
    for table in (entity.layers, main):
        values: dict[str, Any] = {change.column: change.meaning}
        if entity is ORDER_LINES and change.column == "source" and table is main:
            values["source_exported"] = None
        same = (table.c.shop_id == shop_id, table.c[change.raw] == change.word)
        connection.execute(update(table).where(*same).values(values))
        if change.rank is not None:
            single = table.c.layout != SEVERAL
            connection.execute(update(table).where(*same, single).values(status_rank=change.rank))
            if "paid_by_status" in table.c:
                timed = layouts.registry(connection, entity).having("paid_at")
                untold = (table.c.layout.not_in(timed), table.c.paid_at.is_(None))
                connection.execute(update(table).where(*same, *untold).values(paid_by_status=change.paid))
    if count and entity.rolls_up:
        touched = Touched(connection)
        touched.add(entity, main.c[entity.order_key], *holding)
        refresh_orders(connection, shop_id, touched)
    return int(count)

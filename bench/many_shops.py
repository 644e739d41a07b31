"""A store of several shops from a store of one: every row again under another shop's number.

Importing ten million lines takes an hour; what pages cost over them does not depend on how they came.
"""

from __future__ import annotations

from sqlalchemy import Connection, Integer, Table, func, insert, literal, select, update

from shopdata.abnormal.judging import LAST
from shopdata.store import Store
from shopdata.store.schema import metadata
from shopdata.store.tables import imports, settings, shops

NUMBERS = ("import_id", "found_import", "gone_import")


def multiply(store: Store, shops_wanted: int) -> None:
    """Copy everything the one shop of ``store`` holds until there are so many shops."""
    with store.write() as connection:
        step = connection.execute(select(func.max(imports.c.id))).scalar_one()
        one = connection.execute(select(shops.c.id)).scalar_one()
        for n in range(1, shops_wanted):
            for table in metadata.sorted_tables:
                if table is shops or "shop_id" in table.c:
                    _copy(connection, table, one, n, step)
        newest = update(settings).where(settings.c.key == LAST)
        connection.execute(newest.values(value=str(step * shops_wanted)))


def _copy(connection: Connection, table: Table, one: int, n: int, step: int) -> None:
    """The shop's rows once more, as those of its ``n``-th copy."""
    key = "id" if table is shops else "shop_id"
    moved = {key: n, **{name: n * step for name in NUMBERS if name in table.c}}
    if table is imports:
        moved["id"] = n * step
    columns = [
        (column + literal(moved[column.name], Integer)).label(column.name) if column.name in moved else column
        for column in table.c
    ]
    query = select(*columns).where(table.c[key] == one)
    connection.execute(insert(table).from_select([column.name for column in table.c], query))

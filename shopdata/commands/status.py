"""``status``: what the store holds, how far the data reaches, what was imported last, room on the disk."""

from __future__ import annotations

import shutil

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from shopdata import __version__
from shopdata.imports.calendar import Covered, calendar
from shopdata.imports.coverage import as_of_by_kind, data_up_to
from shopdata.imports.scoping import all_shops, counting_shops
from shopdata.settings import Settings
from shopdata.store import Store, tables
from shopdata.store.lock import owner

Json = dict[str, object]
COUNTED = (*tables.ENTITIES, "orders", "imports", "rejects", "history")
LAST_IMPORTS = 10


def document(store: Store, settings: Settings) -> Json:
    """The document of ``status --json``. Sizes in bytes."""
    with store.read() as connection:
        shops, counting = all_shops(connection), counting_shops(connection)
        reach = as_of_by_kind(connection, [shop.id for shop in shops])
        rows = {name: _rows(connection, name) for name in COUNTED}
        imported = _last_imports(connection, {shop.id: shop.name for shop in shops})
    covered = calendar(store)
    up_to = data_up_to(store, [shop.id for shop in counting])
    file = settings.database_file
    return {
        "version": __version__,
        "home": str(settings.home),
        "engine": settings.database_url.partition(":")[0],
        "store": str(file),
        "size": file.stat().st_size if file.exists() else 0,
        "rows": rows,
        "data_up_to": up_to and up_to.isoformat(),
        "shops": [
            {
                "name": shop.name,
                "platform": shop.platform,
                "currency": shop.currency,
                "zone": shop.zone,
                "sample": shop.is_sample,
                "counts": shop in counting,
                "data_up_to": {
                    kind: as_of.isoformat() for (shop_id, kind), as_of in reach.items() if shop_id == shop.id
                },
                "coverage": {one.kind: _days(one) for one in covered if one.shop.id == shop.id},
            }
            for shop in shops
        ],
        "imports": imported,
        "damage": [
            {"figure": one.figure, "expected": one.expected, "found": one.found} for one in store.damage
        ],
        "disk": {"free": shutil.disk_usage(settings.home).free, "uploads": _size_of_uploads(settings)},
        "lock": {"pid": owner(settings.lock_file)},
    }


def _days(one: Covered) -> Json:
    """Days covered and days missing, as pairs of first and last day."""
    return {
        name: [[days.start.isoformat(), days.end.isoformat()] for days in runs]
        for name, runs in (("ranges", one.ranges), ("gaps", one.gaps))
    }


def _rows(connection: Connection, name: str) -> int:
    table = tables.metadata.tables[name]
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _size_of_uploads(settings: Settings) -> int:
    return sum(path.stat().st_size for path in settings.uploads.glob("**/*") if path.is_file())


def _last_imports(connection: Connection, names: dict[int, str]) -> list[Json]:
    columns = tables.imports.c
    query = select(tables.imports).order_by(columns.id.desc()).limit(LAST_IMPORTS)
    return [
        {
            "id": row.id,
            "file": row.file_name,
            "format": row.format,
            "shop": names.get(row.shop_id),
            "rows": row.rows,
            "accepted": row.accepted,
            "rejected": row.rejected,
            "at": row.imported_at and row.imported_at.isoformat(),
            "user": row.user,
            "undone": row.undone_at is not None,
        }
        for row in connection.execute(query)
    ]

"""Files a shop keeps itself or takes from boards: they hold no ids, so which shop they are of must be said.

Their rows go where ``--shop`` or the page says, else to the shop their shop column names, else to the only
shop there is, else to the one files of such names went to before. Nothing is guessed among several shops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from shopdata.errors import Refused
from shopdata.imports.scoping import Shop
from shopdata.ingest.results import Parsed
from shopdata.platforms import formats, plain
from shopdata.store.tables import imports

UNCLEAR = ("shop_needed", "shop_first", "shops_several")


def is_reference(format_key: str) -> bool:
    """Whether files of this format hold no ids of orders; only built-in ones do."""
    one = formats().get(format_key)
    return one is not None and one.reference


def shop_named_inside(possible: Sequence[Shop], names: Sequence[str]) -> Shop | None:
    """The shop that the file's own shop column names; ``None`` where it names none we know.

    Raises ``Refused`` ``shops_several`` where it names more than one.
    """
    spoken = {plain(name): name for name in names}
    if len(spoken) > 1:
        raise Refused("shops_several", shops=", ".join(spoken.values()))
    return next((shop for shop in possible if plain(shop.name) in spoken), None)


def unclear(possible: Sequence[Shop]) -> Refused:
    """Why the shop of a file cannot be told, with the shops it may be of."""
    if not possible:
        return Refused("shop_first")
    return Refused("shop_needed", shops=", ".join(shop.name for shop in possible))


def as_uploaded(connection: Connection, parsed: Parsed, now: datetime) -> Parsed:
    """``parsed`` with the time that makes it newer than every such file uploaded before it."""
    if not is_reference(parsed.format):
        return parsed
    last = connection.scalar(select(func.max(imports.c.exported_at)).where(imports.c.kind == parsed.kind))
    after = last + timedelta(milliseconds=1) if last else now
    return replace(parsed, exported_at=max(now, after))

"""Which shops a question is about: every shop that counts, narrowed by the scope.

Sample shops leave the figures when the first real import commits; they can still be chosen by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exists, select
from sqlalchemy.engine import Connection, Row

from shopdata.scope import Scope
from shopdata.settings import DEFAULT_ZONE
from shopdata.store.tables import imports, shops

DEFAULT_CURRENCY = "CNY"


def is_currency(text: str) -> bool:
    """Whether the text is a currency's code: three capital letters."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def is_zone(text: str) -> bool:
    """Whether the text names a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop: one platform, one currency, one time zone."""

    id: int
    name: str
    platform: str
    currency: str = DEFAULT_CURRENCY
    zone: str = DEFAULT_ZONE
    is_sample: bool = False
    own_accounts: tuple[str, ...] = ()
    ship_from: tuple[tuple[str, str], ...] = field(default=())


def all_shops(connection: Connection) -> tuple[Shop, ...]:
    """Every shop, in order of its id."""
    return tuple(_shop(row) for row in connection.execute(select(shops).order_by(shops.c.id)))


def _shop(row: Row[tuple[object, ...]]) -> Shop:
    return Shop(
        id=row.id,
        name=row.name,
        platform=row.platform,
        currency=row.currency,
        zone=row.zone,
        is_sample=bool(row.is_sample),
        own_accounts=tuple(json.loads(row.own_accounts or "[]")),
        ship_from=tuple(sorted(json.loads(row.ship_from or "{}").items())),
    )


def counting_shops(connection: Connection) -> tuple[Shop, ...]:
    """The shops behind every figure: the real ones once a real import stands, before that the sample."""
    every = all_shops(connection)
    real = tuple(shop for shop in every if not shop.is_sample)
    standing = exists().where(
        imports.c.shop_id.in_([shop.id for shop in real]), imports.c.undone_at.is_(None)
    )
    return real if real and connection.scalar(select(standing)) else every


def shops_in(connection: Connection, scope: Scope) -> tuple[int, ...]:
    """Ids of the shops a scope asks about."""
    if scope.shops is None:
        chosen = counting_shops(connection)
    else:
        chosen = tuple(shop for shop in all_shops(connection) if shop.id in scope.shops)
    return tuple(shop.id for shop in chosen if not scope.platforms or shop.platform in scope.platforms)

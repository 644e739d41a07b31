"""The warehouses a shop's orders name, and the city each of them stands in.

What the settings say of a warehouse counts first, then a city its name tells, then the city the settings say
the shop ships from. Where none of them tells, the origin is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sqlalchemy import select
from sqlalchemy.engine import Connection

from shopdata.imports.scoping import Shop
from shopdata.platforms.places import places
from shopdata.store.tables import orders

Told = Literal["setting", "name", "shop", "nothing"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a warehouse stands: a city code or ``None``, and who says so."""

    city: str | None
    told: Told


@cache
def named_city(warehouse: str) -> str | None:
    """The city a warehouse's name tells."""
    return places().city_in(warehouse) if warehouse else None


def origin_of(shop: Shop, warehouse: str | None) -> Origin:
    """Where the orders of a shop's warehouse (empty: of none) leave from."""
    settings, name = dict(shop.ship_from), warehouse or ""
    known = places().cities
    if name and settings.get(name) in known:
        return Origin(settings[name], "setting")
    if (city := named_city(name)) is not None:
        return Origin(city, "name")
    if settings.get("") in known:
        return Origin(settings[""], "shop")
    return Origin(None, "nothing")


def warehouse_names(connection: Connection) -> Mapping[int, tuple[str, ...]]:
    """The warehouses the orders of each shop name, by shop id."""
    name = orders.c.warehouse_name
    found: dict[int, tuple[str, ...]] = {}
    statement = select(orders.c.shop_id, name).where(name.is_not(None), name != "").distinct()
    for shop, warehouse in connection.execute(statement.order_by(orders.c.shop_id, name)):
        found[shop] = (*found.get(shop, ()), str(warehouse))
    return found

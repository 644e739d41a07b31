"""What a row of a table is called: words for known keys, names from the data for products and people."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Frame, Reads
from shopdata.platforms.places import places
from shopdata.store import tables
from shopdata.words import Words

NAMED_BY_DATA = {
    "product": ("product_id", "product_name"),
    "sku": ("sku_code", "product_name"),
    "influencer": ("influencer_id", "influencer_name"),
    "city": ("city", "city_raw"),
}
WORDED = {
    "platform": "ui.platforms",
    "source": "ui.sources",
    "province": "provinces",
    "city": "cities",
    "account": "ui.accounts",
    "amount_band": "dimensions.amount_bands",
    "weekday": "dimensions.weekdays",
    "currency": "dimensions.currencies",
}


def data_names(store: Reads, dimension: str, frame: Frame) -> Mapping[str, str]:
    """Names the data gives to keys: shops, products, influencers, cities off the map of China."""
    if dimension == "shop":
        return {str(shop.id): shop.name for shop in frame.shops}
    if dimension not in NAMED_BY_DATA:
        return {}

    def read() -> Mapping[str, str]:
        key, name = (tables.ORDER_LINES.table.c[column] for column in NAMED_BY_DATA[dimension])
        shop = tables.ORDER_LINES.table.c.shop_id
        statement = (
            select(key, func.max(name))
            .where(shop.in_(frame.ids), key.is_not(None), name.is_not(None))
            .group_by(key)
        )
        with store.read() as connection:
            named = {str(found): str(text) for found, text in connection.execute(statement)}
        return {**named, **places().cities} if dimension == "city" else named

    return remembered(store, ("names", dimension, frame.ids), read)


def label_of(dimension: str, key: str, names: Mapping[str, str], words: Words) -> str:
    """The label of a row; the key itself where neither words nor data name it."""
    if key == "unknown":
        return words.get(f"dimensions.unknown.{dimension}", words("dimensions.unknown.any"))
    if dimension in WORDED:
        return words.get(f"{WORDED[dimension]}.{key}", names.get(key, key))
    return names.get(key, key)


def place_of(level: str, code: str | None, words: Words) -> str:
    """A ``province`` or a ``city`` in words; empty for none, what is off the map as the file calls it."""
    known = places().provinces if level == "province" else places().cities
    return label_of(level, code, known, words) if code else ""

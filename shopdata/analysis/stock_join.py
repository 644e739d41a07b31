"""The stock as last counted, joined to what is sold.

A stock row finds its sales in its own shop: by merchant code where it has one, else by product id (and spec
where it has one), else by product name (and spec). Exactly as written: a near miss is shown as unmatched,
never guessed. Rows of several warehouses are added up; a warehouse's newest count is its stock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, func, select

from shopdata.analysis.daily_demand import Sold
from shopdata.store.own_entities import STOCK

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A thing on the shelf: how the stock table names it, pieces, and the articles sold from it.

    ``free``: pieces that can be sold: 可用库存, else 库存 minus what is reserved. ``coming``: on the way.
    ``lead_days`` as the table says. ``articles`` is empty where no sold line carries its code.
    """

    shop: int
    key: Key
    name: str | None
    spec: str | None
    free: int
    coming: int
    lead_days: float | None
    counted_at: datetime
    articles: tuple[Sold, ...] = ()

    @property
    def code(self) -> str:
        """Merchant code, else product id, else name."""
        return next((part for part in self.key if part), "")


@dataclass(frozen=True, slots=True)
class Joined:
    """Items of the shops that have a stock table, and sold articles of those shops no item stands for."""

    items: tuple[Item, ...]
    unmatched_sold: tuple[Sold, ...]
    counted_at: Mapping[int, datetime]


def counted(connection: Connection, shops: Sequence[int]) -> tuple[Item, ...]:
    """The newest stock of each shop."""
    rows = STOCK.table.c
    place = func.coalesce(rows.warehouse, "")
    newest = (
        select(rows.shop_id, place.label("place"), func.max(rows.snapshot_at).label("at"))
        .where(rows.shop_id.in_(shops))
        .group_by(rows.shop_id, place)
        .subquery("newest")
    )
    same = and_(newest.c.shop_id == rows.shop_id, newest.c.place == place, newest.c.at == rows.snapshot_at)
    found = connection.execute(
        select(STOCK.table).select_from(STOCK.table.join(newest, same)).order_by(rows.shop_id, rows.entry)
    ).all()
    return tuple(item for _, mine in groupby(found, lambda row: row.shop_id) for item in _items(list(mine)))


def _items(rows: list[Any]) -> Iterator[Item]:
    """The rows of one shop by key. A count without warehouses is of all: it replaces older ones."""
    whole = max((row.snapshot_at for row in rows if row.warehouse is None), default=None)
    kept = [row for row in rows if whole is None or row.snapshot_at >= whole]
    for key, mine in groupby(sorted(kept, key=lambda row: _sortable(_key(row))), _key):
        same = list(mine)
        yield Item(
            shop=same[0].shop_id,
            key=key,
            name=next((row.product_name for row in same if row.product_name), None),
            spec=next((row.product_spec for row in same if row.product_spec), None),
            free=sum(_free(row) for row in same),
            coming=sum(int(row.in_transit or 0) for row in same),
            lead_days=max((row.lead_days for row in same if row.lead_days is not None), default=None),
            counted_at=min(row.snapshot_at for row in same),
        )


def _key(row: Any) -> Key:
    """(code,) or (None, product, spec) or (None, None, name, spec)."""
    if row.sku_code:
        return (row.sku_code,)
    if row.product_id:
        return (None, row.product_id, row.product_spec)
    return (None, None, row.product_name, row.product_spec)


def _sortable(key: Key) -> tuple[str, ...]:
    return tuple(part or "" for part in key)


def _free(row: Any) -> int:
    if row.available is not None:
        return int(row.available)
    return int(row.on_hand or 0) - int(row.reserved or 0)


def join(items: Sequence[Item], articles: Sequence[Sold]) -> Joined:
    """Each item with its articles; an article belongs to the first item that names it, codes first."""
    by_key: dict[tuple[int, Key], list[Sold]] = {}
    for one in articles:
        for key in _names_of(one):
            by_key.setdefault((one.article.shop, key), []).append(one)
    taken: set[Sold] = set()
    matched = []
    for item in sorted(items, key=lambda item: len(item.key)):
        mine = [one for one in by_key.get((item.shop, item.key), ()) if one not in taken]
        taken.update(mine)
        matched.append(replace(item, articles=tuple(mine)))
    shops = counted_at(items)
    left = tuple(one for one in articles if one.article.shop in shops and one not in taken)
    return Joined(tuple(matched), left, shops)


def counted_at(items: Sequence[Item]) -> dict[int, datetime]:
    """When the stock of each shop was last counted."""
    found: dict[int, datetime] = {}
    for item in items:
        found[item.shop] = max(found.get(item.shop, item.counted_at), item.counted_at)
    return found


def _names_of(one: Sold) -> set[Key]:
    """Every key a stock row may name the article by."""
    return {
        (one.article.sku_code,),
        (None, one.product, one.spec),
        (None, one.product, None),
        (None, None, one.name, one.spec),
        (None, None, one.name, None),
    } - {(None,), (None, None, None), (None, None, None, None)}

"""What must be known before a figure can be judged: which shops count, how far their files reach.

``Frame`` holds, for each shop, the latest event of every kind of file (its as-of), the columns those files
brought, and the days its order files cover. It is small, read once per state of the store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, exists, select

from shopdata.imports.erasing import held_key
from shopdata.imports.kinds import kinds_served
from shopdata.imports.scoping import Shop, all_shops, shops_in
from shopdata.metrics.definition import Need
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import tables
from shopdata.store.personal import HASH_MARK


class Reads(Protocol):
    """What the metrics need of a store."""

    @property
    def version(self) -> int:
        """Grows with every change of the figures."""
        ...

    @property
    def settings(self) -> Settings:
        """The environment the store was opened with."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """A connection that sees one committed state."""
        ...


@dataclass(frozen=True, slots=True)
class ShopFrame:
    """One shop: who it is, and per kind of file how far and how broad its data is."""

    id: int
    name: str
    platform: str
    currency: str
    own_accounts: tuple[str, ...]
    as_of: Mapping[str, datetime]
    columns: Mapping[str, frozenset[str]]
    covered: tuple[tuple[date, date], ...]
    begins: tuple[datetime, ...]

    def has(self, need: Need) -> bool:
        """Whether a file of the needed kind, with the needed column, was imported."""
        if need.instead in self.columns:
            return True
        if need.kind not in self.columns:
            return False
        known = self.columns[need.kind]
        return need.column is None or not known or need.column in known


@dataclass(frozen=True, slots=True)
class Frame:
    """The shops a question is about and the moments their states are judged at.

    ``buyer_secret``: where ids of buyers were erased, the key that makes recent ids comparable with them.
    """

    shops: tuple[ShopFrame, ...]
    fixed_now: datetime | None = None
    buyer_secret: str | None = field(default=None, repr=False)

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of the shops."""
        return tuple(shop.id for shop in self.shops)

    @property
    def data_up_to(self) -> datetime | None:
        """The latest event of any file, for display; ``SHOPDATA_NOW`` stands in for it too."""
        latest = max((moment for shop in self.shops for moment in shop.as_of.values()), default=None)
        return (self.fixed_now or latest) if latest else None

    @property
    def currency(self) -> str | None:
        """The currency of all shops, or ``None`` where they differ."""
        found = {shop.currency for shop in self.shops}
        return found.pop() if len(found) == 1 else None

    def as_of(self, kind: str) -> dict[int, datetime | None]:
        """The moment each shop's states of that kind are judged at."""
        return {
            shop.id: (self.fixed_now or shop.as_of[kind]) if kind in shop.as_of else None
            for shop in self.shops
        }

    def lacking(self, needs: tuple[Need, ...]) -> dict[int, str]:
        """Shops without the needed data, and the first kind of file to upload for each."""
        missing = {}
        for shop in self.shops:
            absent = [need.called or need.kind for need in needs if not shop.has(need)]
            if absent:
                missing[shop.id] = absent[0]
        return missing

    def is_missing(self, needs: tuple[Need, ...]) -> bool:
        """Whether none of the shops has the needed data."""
        return bool(needs) and len(self.lacking(needs)) == len(self.shops)

    def covers(self, day: date) -> bool:
        """Whether an order file of any of the shops covers the day."""
        return any(first <= day <= last for shop in self.shops for first, last in shop.covered)

    @property
    def covered_days(self) -> tuple[date, date] | None:
        """First and last day any order file covers."""
        ranges = [part for shop in self.shops for part in shop.covered]
        if not ranges:
            return None
        return min(first for first, _ in ranges), max(last for _, last in ranges)


def load_frame(connection: Connection, settings: Settings, scope: Scope) -> Frame:
    """The frame of a question. ``SHOPDATA_NOW`` stands in for every as-of where it is set."""
    imports, wanted = tables.imports.c, set(shops_in(connection, scope))
    files = connection.execute(
        select(
            imports.shop_id, imports.kind, imports.as_of, imports.columns, imports.first_at, imports.last_at
        ).where(imports.undone_at.is_(None))
    ).all()
    return Frame(
        shops=tuple(
            _shop(shop, [file for file in files if file.shop_id == shop.id])
            for shop in all_shops(connection)
            if shop.id in wanted
        ),
        fixed_now=settings.fixed_now,
        buyer_secret=held_key(settings) if _any_erased(connection, wanted) else None,
    )


def _any_erased(connection: Connection, shop_ids: set[int]) -> bool:
    orders = tables.orders.c
    erased = exists().where(orders.shop_id.in_(shop_ids), orders.buyer_id.startswith(HASH_MARK))
    return bool(connection.scalar(select(erased)))


def _shop(shop: Shop, files: list[Any]) -> ShopFrame:
    """An order file that tells when orders were delivered is a parcel file too."""
    as_of: dict[str, datetime] = {}
    columns: dict[str, frozenset[str]] = {}
    for file in files:
        brought = frozenset(json.loads(file.columns or "[]"))
        for kind in kinds_served(file.kind, file.columns):
            latest = max(filter(None, (as_of.get(kind), file.as_of)), default=None)
            if latest is not None:
                as_of[kind] = latest
            columns[kind] = columns.get(kind, frozenset()) | brought
    return ShopFrame(
        id=shop.id,
        name=shop.name,
        platform=shop.platform,
        currency=shop.currency,
        own_accounts=shop.own_accounts,
        as_of=as_of,
        columns=columns,
        begins=tuple(file.first_at for file in files if file.kind == "orders" and file.first_at is not None),
        covered=tuple(
            sorted(
                (file.first_at.date(), file.last_at.date())
                for file in files
                if file.kind == "orders" and file.first_at is not None and file.last_at is not None
            )
        ),
    )

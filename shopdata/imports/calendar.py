"""Which days of which shop are covered by which files: the calendar of the Import page, and its gaps.

A day is covered where a standing file of the kind spans it. Kinds come from the formats: those that speak of
orders are always wanted from the shop's first day to its last; others show once a file of theirs came, and
miss only days between their own. Plans (rates agreed, targets, shifts, costs) tell of no day: left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from shopdata.imports.coverage import Days, joined
from shopdata.imports.kinds import kinds_served
from shopdata.imports.own_formats import catalogue
from shopdata.imports.scoping import Shop, counting_shops
from shopdata.imports.shops import ANY_PLATFORM
from shopdata.platforms import Format
from shopdata.store import Store
from shopdata.store.tables import ENTITIES, imports

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FileDays:
    """One file and the days it spans."""

    file: str
    days: Days


@dataclass(frozen=True, slots=True)
class Covered:
    """One kind of file of one shop: days covered, days of the shop's time that are not, and by which files.

    ``as_of``: up to when the newest file of the kind knows; ``None`` where none ever came.
    """

    shop: Shop
    kind: str
    ranges: tuple[Days, ...]
    gaps: tuple[Days, ...]
    files: tuple[FileDays, ...]
    as_of: datetime | None

    def files_on(self, day: date) -> tuple[str, ...]:
        """The files that span a day, in the order they came."""
        return tuple(one.file for one in self.files if one.days.start <= day <= one.days.end)


def calendar(store: Store) -> tuple[Covered, ...]:
    """Every shop that counts with every kind of file wanted of it, from its first covered day to its last."""
    known = catalogue(store.settings).formats
    with store.read() as connection:
        shops = counting_shops(connection)
        query = select(imports).where(imports.c.undone_at.is_(None)).order_by(imports.c.id)
        found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        for row in connection.execute(query):
            found[row.shop_id].append(row)
    return tuple(one for shop in shops for one in _of_shop(shop, found[shop.id], known.values()))


def _of_shop(shop: Shop, rows: Sequence[Row[Any]], known: Any) -> list[Covered]:
    daily = {one.kind for one in known if _tells_days(one)}
    dated = [row for row in rows if row.kind in daily and row.first_at and row.last_at]
    if not dated:
        return []
    wanted = _wanted(shop, known)
    whole = _span([row for row in dated if row.kind in wanted] or dated)
    served = [(row, kinds_served(row.kind, row.columns)) for row in dated]
    found = []
    for kind in dict.fromkeys((*wanted, *(row.kind for row in dated))):
        own = [row for row, its in served if kind in its]
        found.append(_covered(shop, kind, own, whole if kind in wanted else _span(own)))
    return found


def _span(rows: Sequence[Row[Any]]) -> Days:
    return Days(min(row.first_at for row in rows).date(), max(row.last_at for row in rows).date())


def _tells_days(one: Format) -> bool:
    return any("event" in field.role and "range" in field.role for field in one.fields.values())


def _wanted(shop: Shop, known: Sequence[Format]) -> list[str]:
    """Kinds of file about orders that the shop's platform (or any courier) exports, in the tables' order."""
    kinds = {
        one.kind: list(ENTITIES).index(one.table)
        for one in known
        if one.platform in (shop.platform, ANY_PLATFORM) and ENTITIES[one.table].order_key
    }
    return sorted(kinds, key=lambda kind: kinds[kind])


def _covered(shop: Shop, kind: str, rows: Sequence[Row[Any]], whole: Days) -> Covered:
    files = tuple(FileDays(row.file_name, Days(row.first_at.date(), row.last_at.date())) for row in rows)
    ranges = joined(one.days for one in sorted(files, key=lambda one: one.days.start))
    as_of = max((row.as_of for row in rows if row.as_of is not None), default=None)
    return Covered(shop, kind, ranges, _gaps(ranges, whole), files, as_of)


def _gaps(ranges: Sequence[Days], whole: Days) -> tuple[Days, ...]:
    gaps, start = [], whole.start
    for days in ranges:
        if days.start > start:
            gaps.append(Days(start, days.start - ONE_DAY))
        start = max(start, days.end + ONE_DAY)
    if start <= whole.end:
        gaps.append(Days(start, whole.end))
    return tuple(gaps)

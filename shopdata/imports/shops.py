"""Which shop a file belongs to: named, else the one that holds its ids, else the one remembered for this kind
of file name, else one named after the platform. A shop has one platform; sample shops are never chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from sqlalchemy import String, column, func, insert, select, table
from sqlalchemy.engine import Connection

from shopdata.errors import Refused
from shopdata.imports import reference
from shopdata.imports.scoping import DEFAULT_CURRENCY, Shop, all_shops
from shopdata.ingest.results import Parsed
from shopdata.settings import DEFAULT_ZONE
from shopdata.store import engine_duckdb
from shopdata.store.tables import ENTITIES, imports
from shopdata.store.tables import shops as shops_table
from shopdata.words import LANGUAGES, words

ANY_PLATFORM = "other"

How = Literal["named", "held", "remembered", "only", "platform"]
HOWS: tuple[How, ...] = get_args(How)

# table of a file → its column, and where in the store the same id stands
_HOLDERS: Mapping[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {
    "order_lines": (
        ("order_id", (("order_lines", "order_id"), ("aftersales", "order_id"), ("parcels", "order_id"))),
        ("line_id", (("commissions", "line_id"),)),
    ),
    "aftersales": (
        ("order_id", (("order_lines", "order_id"), ("parcels", "order_id"))),
        ("line_id", (("order_lines", "line_id"), ("commissions", "line_id"))),
        ("aftersale_id", (("aftersales", "aftersale_id"),)),
    ),
    "commissions": (
        ("line_id", (("order_lines", "line_id"), ("commissions", "line_id"), ("aftersales", "line_id"))),
        ("order_id", (("order_lines", "order_id"),)),
    ),
    "parcels": (
        ("order_id", (("order_lines", "order_id"), ("parcels", "order_id"), ("aftersales", "order_id"))),
    ),
    "settlements": (
        ("order_id", (("order_lines", "order_id"), ("settlements", "order_id"), ("funds", "order_id"))),
    ),
    "funds": (
        ("order_id", (("order_lines", "order_id"), ("funds", "order_id"), ("settlements", "order_id"))),
    ),
}

_SUFFIXED = re.compile(r"^\d{10}_[0-9a-f]{32}([a-z]{5,12})\.(?:csv|xlsx)$", re.IGNORECASE)
_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE
)
_COPY = re.compile(
    rf"\s*[(（]\d+[)）]|\s*-\s*(?:{'|'.join(words(one)('imports.names.copy') for one in LANGUAGES)})",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d+(?:[-_.: ]*\d+)*")


@dataclass(frozen=True, slots=True)
class Target:
    """The shop a file goes to and why; ``shop.id`` is 0 for a shop that is to be made."""

    shop: Shop
    how: How


def name_pattern(file_name: str) -> str | None:
    """What stays the same in the names of one shop's exports of one kind; ``None`` where nothing does.

    A Douyin order export ends its random name with letters of its shop; elsewhere numbers, dates and marks of
    copies are left out.
    """
    name = PurePosixPath(file_name).name
    if match := _SUFFIXED.match(name):
        return f"shop:{match.group(1).lower()}"
    stem = _COPY.sub("", name.rsplit(".", 1)[0])
    pattern = _NUMBERS.sub("#", _RANDOM.sub("#", stem)).strip().lower()
    return pattern if any(letter.isalpha() for letter in pattern) else None


def resolve(
    connection: Connection,
    *,
    parsed: Parsed,
    file_name: str,
    name: str | None = None,
    sample: bool = False,
) -> Target:
    """The shop of a parsed file.

    Raises ``Refused`` where a named shop is of another platform or currency, or a sample and the file is not;
    and where a file without ids of orders may be of several shops.
    """
    every, platform = all_shops(connection), parsed.platform
    tables = {name: one.path for name, one in parsed.tables.items() if one.rows}
    home = _home(parsed, name)
    if name is not None:
        return _named(every, home, parsed, sample=sample)
    real = [shop for shop in every if not shop.is_sample]
    if reference.is_reference(parsed.format):
        return _of_reference(connection, parsed, file_name, real)
    possible = [shop for shop in real if _may_hold(shop, parsed)]
    default = next((shop for shop in possible if (shop.platform, shop.name) == (platform, home.name)), None)
    if possible and possible != [default] and (held := _held(connection, possible, tables)):
        return Target(held, "held")
    if remembered := _remembered(connection, possible, file_name):
        return Target(remembered, "remembered")
    if platform == ANY_PLATFORM and len(possible) == 1:
        return Target(possible[0], "only")
    return Target(default or home, "platform")


def _home(parsed: Parsed, name: str | None) -> Shop:
    """The shop that would be made for a file, in the currency and zone it names."""
    home = Shop(0, default_name(parsed.platform) if name is None else name, parsed.platform)
    if not parsed.currency:
        return home
    apart = f" {parsed.currency}" if name is None and parsed.currency != DEFAULT_CURRENCY else ""
    return replace(home, name=home.name + apart, currency=parsed.currency, zone=parsed.zone or DEFAULT_ZONE)


def _may_hold(shop: Shop, parsed: Parsed) -> bool:
    """Whether a shop may be the one of a file: of its platform (files without orders may be of any), and of
    the currency it names."""
    any_platform = parsed.platform == ANY_PLATFORM and parsed.kind != "orders"
    same = any_platform or shop.platform == parsed.platform
    return same and parsed.currency in ("", shop.currency)


def _of_reference(connection: Connection, parsed: Parsed, file_name: str, real: Sequence[Shop]) -> Target:
    """The shop of a file without ids of orders; never one that is made for it."""
    possible = [shop for shop in real if parsed.platform in (shop.platform, ANY_PLATFORM)]
    if inside := reference.shop_named_inside(possible, parsed.shop_names):
        return Target(inside, "held")
    if len(possible) == 1:
        return Target(possible[0], "only")
    if remembered := _remembered(connection, possible, file_name):
        return Target(remembered, "remembered")
    raise reference.unclear(possible)


def default_name(platform: str) -> str:
    """What a shop is called that nobody named."""
    return words()(f"imports.shop_names.{platform}")


def _named(every: Sequence[Shop], home: Shop, parsed: Parsed, *, sample: bool) -> Target:
    wanted, platform = home.name.strip(), parsed.platform
    if not wanted or not wanted.isprintable():
        raise Refused("shop_name_invalid", shop=wanted)
    shop = next((shop for shop in every if shop.name == wanted), None)
    if shop is None:
        return Target(replace(home, name=wanted), "named")
    if parsed.currency not in ("", shop.currency):
        raise Refused("shop_currency_differs", shop=wanted, currency=parsed.currency, own=shop.currency)
    if shop.is_sample and not sample:
        raise Refused("shop_is_sample", shop=wanted)
    if platform not in (shop.platform, ANY_PLATFORM) and shop.platform != ANY_PLATFORM:
        raise Refused("shop_platform_differs", shop=wanted, platform=platform, own=shop.platform)
    return Target(shop, "named")


def also_held(connection: Connection, shop: Shop, orders: Path) -> dict[str, int]:
    """Other real shops of the platform that hold orders of the Arrow file ``orders``, and how many."""
    others = [
        other
        for other in all_shops(connection)
        if other.id != shop.id and other.platform == shop.platform and not (other.is_sample or shop.is_sample)
    ]
    if not others:
        return {}
    place = ("order_lines", "order_id")
    hits = _hits(connection, [other.id for other in others], orders, "order_id", place)
    return {other.name: hits[other.id] for other in others if hits.get(other.id)}


def _held(connection: Connection, possible: Sequence[Shop], tables: Mapping[str, Path]) -> Shop | None:
    """The shop that knows most of the ids in the file; of equals the oldest."""
    hits: Counter[int] = Counter()
    for name, path in tables.items():
        for file_column, places in _HOLDERS.get(name, ()):
            if file_column in engine_duckdb.arrow_schema(path).names:
                for place in places:
                    hits.update(_hits(connection, [shop.id for shop in possible], path, file_column, place))
    ranked = sorted(possible, key=lambda shop: (-hits[shop.id], shop.id))
    return ranked[0] if ranked and hits[ranked[0].id] else None


def _hits(
    connection: Connection, shop_ids: Sequence[int], path: Path, file_column: str, place: tuple[str, str]
) -> dict[int, int]:
    stored = ENTITIES[place[0]].table
    known = stored.c[place[1]]
    with engine_duckdb.arrow_rows(connection, path, "file_rows") as rows:
        wanted = select(column(file_column, String)).select_from(table(rows))
        query = (
            select(stored.c.shop_id, func.count(known.distinct()).label("hits"))
            .where(stored.c.shop_id.in_(shop_ids), known.in_(wanted))
            .group_by(stored.c.shop_id)
        )
        return {row.shop_id: row.hits for row in connection.execute(query)}


def _remembered(connection: Connection, possible: Sequence[Shop], file_name: str) -> Shop | None:
    """The one shop that files of such names went to before; none where they went to several."""
    pattern = name_pattern(file_name)
    if pattern is None or not possible:
        return None
    query = (
        select(imports.c.shop_id, imports.c.file_name)
        .where(imports.c.undone_at.is_(None), imports.c.shop_id.in_([shop.id for shop in possible]))
        .distinct()
    )
    seen = {row.shop_id for row in connection.execute(query) if name_pattern(row.file_name) == pattern}
    return next((shop for shop in possible if {shop.id} == seen), None)


def made(connection: Connection, target: Target, now: datetime, *, sample: bool = False) -> Shop:
    """The target's shop in the store, made where it does not exist yet."""
    if target.shop.id:
        return target.shop
    for shop in all_shops(connection):
        if shop.name == target.shop.name and shop.is_sample == sample:
            return shop
    highest = connection.scalar(select(func.coalesce(func.max(shops_table.c.id), 0))) or 0
    shop = replace(target.shop, id=highest + 1, is_sample=sample)
    connection.execute(
        insert(shops_table).values(
            id=shop.id,
            name=shop.name,
            platform=shop.platform,
            currency=shop.currency,
            zone=shop.zone,
            is_sample=sample,
            created_at=now,
        )
    )
    return shop

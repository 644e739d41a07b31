"""What a shop decides for itself: its name and accounts, meanings of unknown words, retention.

Also whether the sample is there. Every change is audited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.own_formats import catalogue
from shopdata.imports.scoping import all_shops, is_currency, is_zone
from shopdata.platforms import Field, Format
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import (
    ENTITIES,
    assignments,
    history,
    imports,
    marks,
    orders,
    rejects,
    settings,
    shops,
)
from shopdata.store.upkeep_tables import erased_buyers

RETENTION, DEFAULT_RETENTION = "retention.buyer_days", 90
LONGEST_RETENTION, LONGEST_NAME = 3_650, 60
UNKNOWN_WORDS = ("unknown_status", "unknown_word")
MAY_CHANGE = ("owner",)


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of an export nobody gave a meaning yet: its column, and what it may mean."""

    platform: str
    field: str
    header: str
    raw: str
    rows: int
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A meaning somebody gave to a word."""

    platform: str
    field: str
    raw: str
    meaning: str


def may_change(role: str) -> bool:
    """Whether a role may change settings."""
    return role in MAY_CHANGE


def _check(scope: Scope) -> None:
    if not may_change(scope.role):
        raise NotAllowed(role=scope.role)


def save_shop(
    store: Store,
    scope: Scope,
    shop_id: int,
    *,
    name: str,
    currency: str,
    zone: str,
    own_accounts: Sequence[str],
    ship_from: Mapping[str, str],
) -> None:
    """Change a shop. Its platform stays: its files decide it.

    ``own_accounts``: ids or nicknames of the shop's own accounts; ``ship_from``: warehouse ("" for any) to
    city code. Raises ``BadUsage`` for a name that is taken, a currency or zone that is none.
    """
    _check(scope)
    clean = name.strip()
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise BadUsage("shop_name_invalid", shop=clean)
    _check_place(currency, zone)
    accounts = list(filter(None, map(str.strip, own_accounts)))
    with store.write() as connection:
        every = all_shops(connection)
        if shop_id not in {shop.id for shop in every}:
            raise NotFound("not_found", what=clean)
        if any(shop.name == clean and shop.id != shop_id for shop in every):
            raise BadUsage("shop_name_taken", shop=clean)
        values = {
            "name": clean,
            "currency": currency,
            "zone": zone,
            "own_accounts": json.dumps(accounts, ensure_ascii=False),
            "ship_from": json.dumps(dict(ship_from), ensure_ascii=False),
        }
        connection.execute(update(shops).where(shops.c.id == shop_id).values(**values))
        connection.execute(update(orders).where(orders.c.shop_id == shop_id).values(currency=currency))
        now = store.settings.now(zone)
        record_action(connection, now, scope.user, "shop_changed", role=scope.role, shop=shop_id, **values)


def _check_place(currency: str, zone: str) -> None:
    if not is_currency(currency):
        raise BadUsage("currency_invalid", currency=currency)
    if not is_zone(zone):
        raise BadUsage("zone_invalid", zone=zone)


def unknown_words(store: Store) -> tuple[UnknownWord, ...]:
    """Words of standing imports that have no meaning yet, the most frequent first."""
    known = catalogue(store.settings).formats
    with store.read() as connection:
        given = {(row.platform, row.field, row.raw) for row in connection.execute(select(assignments))}
        noted = connection.execute(
            select(imports.c.format, imports.c.notes).where(imports.c.undone_at.is_(None))
        )
        found: dict[tuple[str, str, str], UnknownWord] = {}
        for row in noted:
            for word in _words_of(known.get(row.format), json.loads(row.notes or "{}").get("warnings", ())):
                key = (word.platform, word.field, word.raw)
                before = found[key].rows if key in found else 0
                if key not in given and word.rows > before:
                    found[key] = word
    return tuple(sorted(found.values(), key=lambda word: (-word.rows, word.raw)))


def _words_of(export: Format | None, warnings: Sequence[Sequence[object]]) -> list[UnknownWord]:
    if export is None:
        return []
    words = []
    for code, header, raw, rows in warnings:
        one = next((field for field in export.fields.values() if header in field.headers), None)
        if code in UNKNOWN_WORDS and one is not None and raw:
            meanings = meanings_of(one)
            words.append(
                UnknownWord(export.platform, one.name, str(header), str(raw), int(str(rows)), meanings)
            )
    return words


def meanings_of(field: Field) -> tuple[str, ...]:
    """What a word of the field may mean."""
    return tuple(dict.fromkeys(field.words.values()))


def given_words(store: Store) -> tuple[Assignment, ...]:
    """Every meaning somebody gave."""
    with store.read() as connection:
        rows = connection.execute(select(assignments).order_by(assignments.c.field, assignments.c.raw))
        return tuple(Assignment(row.platform, row.field, row.raw, row.meaning) for row in rows)


def assign(store: Store, scope: Scope, platform: str, field: str, raw: str, meaning: str | None) -> None:
    """Give ``raw`` a meaning for later imports, or take it back with ``None``; earlier ones stay as read."""
    _check(scope)
    same = (
        assignments.c.platform == platform,
        assignments.c.field == field,
        assignments.c.raw == raw,
    )
    with store.write() as connection:
        connection.execute(delete(assignments).where(*same))
        if meaning is not None:
            values = {"platform": platform, "field": field, "raw": raw, "meaning": meaning}
            connection.execute(insert(assignments).values(**values))
        record_action(
            connection,
            store.settings.now(),
            scope.user,
            "word_assigned",
            role=scope.role,
            field=f"{platform}.{field}",
            word=raw,
            meaning=meaning,
        )


def retention_days(store: Store) -> int:
    """After how many days from import names, phones and streets are erased."""
    with store.read() as connection:
        value = connection.scalar(select(settings.c.value).where(settings.c.key == RETENTION))
    return int(json.loads(value)) if value else DEFAULT_RETENTION


def set_retention(store: Store, scope: Scope, days: int) -> None:
    """Change it. Raises ``BadUsage`` outside 1 … 3,650."""
    _check(scope)
    if not 1 <= days <= LONGEST_RETENTION:
        raise BadUsage("retention_invalid", days=days)
    with store.write(figures=False) as connection:
        connection.execute(delete(settings).where(settings.c.key == RETENTION))
        connection.execute(insert(settings).values(key=RETENTION, value=json.dumps(days)))
        record_action(connection, store.settings.now(), scope.user, "retention", role=scope.role, days=days)


def remove_sample(store: Store, scope: Scope) -> int:
    """Take the sample shops with everything of theirs out of the store; how many there were."""
    _check(scope)
    with store.write() as connection:
        ids = [shop.id for shop in all_shops(connection) if shop.is_sample]
        if ids:
            _remove_shops(connection, ids)
        now = store.settings.now()
        record_action(connection, now, scope.user, "sample_removed", role=scope.role, shops=ids)
    store.seal()
    return len(ids)


def _remove_shops(connection: Connection, ids: Sequence[int]) -> None:
    for entity in ENTITIES.values():
        for table in (entity.table, entity.layers):
            connection.execute(delete(table).where(table.c.shop_id.in_(ids)))
    for table in (orders, history, marks, erased_buyers):
        connection.execute(delete(table).where(table.c.shop_id.in_(ids)))
    theirs = select(imports.c.id).where(imports.c.shop_id.in_(ids))
    connection.execute(delete(rejects).where(rejects.c.import_id.in_(theirs)))
    connection.execute(delete(imports).where(imports.c.shop_id.in_(ids)))
    connection.execute(delete(shops).where(shops.c.id.in_(ids)))

"""What a shop decides for itself: its name and accounts, how long buyer data stays, the watched folder.

Also whether the sample is there. Every change is audited. Meanings of words are in ``assigning``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.evidence_files import tidy
from shopdata.imports.scoping import all_shops, is_currency, is_zone
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_due, abnormal_hits, abnormal_limits
from shopdata.store.case_tables import (
    abnormal_answers,
    case_claims,
    case_events,
    case_rows,
    cases,
    evidence,
)
from shopdata.store.closing_tables import closed_orders, closings
from shopdata.store.suspension_tables import suspensions
from shopdata.store.tables import (
    ENTITIES,
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
WATCH = "watch.folder"
LONGEST_RETENTION, LONGEST_NAME = 3_650, 60
MAY_CHANGE = ("owner",)


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


def watch_folder(store: Store) -> str | None:
    """The folder the server watches, if any."""
    with store.read() as connection:
        value = connection.scalar(select(settings.c.value).where(settings.c.key == WATCH))
    return str(json.loads(value)) if value else None


def set_watch_folder(store: Store, scope: Scope, folder: str) -> None:
    """Change it; an empty text ends watching.

    Raises ``BadUsage`` ``watch_folder_invalid`` where there is no such folder, or it is the product's own.
    """
    _check(scope)
    wanted = folder.strip()
    if wanted:
        path = Path(wanted).expanduser()
        own = store.settings.home.resolve()
        if not path.is_absolute() or not path.is_dir() or own in (path.resolve(), *path.resolve().parents):
            raise BadUsage("watch_folder_invalid", folder=wanted)
    with store.write(figures=False) as connection:
        connection.execute(delete(settings).where(settings.c.key == WATCH))
        if wanted:
            connection.execute(insert(settings).values(key=WATCH, value=json.dumps(str(path))))
        now = store.settings.now()
        record_action(connection, now, scope.user, "watch_folder", role=scope.role, folder=wanted or None)


def remove_sample(store: Store, scope: Scope) -> int:
    """Take the sample shops with everything of theirs out of the store; how many there were."""
    _check(scope)
    with store.write() as connection:
        ids = [shop.id for shop in all_shops(connection) if shop.is_sample]
        if ids:
            _remove_shops(connection, ids)
        now = store.settings.now()
        record_action(connection, now, scope.user, "sample_removed", role=scope.role, shops=ids)
    tidy(store)
    store.seal()
    return len(ids)


def _remove_shops(connection: Connection, ids: Sequence[int]) -> None:
    for entity in ENTITIES.values():
        for table in (entity.table, entity.layers):
            connection.execute(delete(table).where(table.c.shop_id.in_(ids)))
    judged = (abnormal_hits, abnormal_due, abnormal_limits, abnormal_answers, cases, suspensions)
    of_theirs = select(cases.c.id).where(cases.c.shop_id.in_(ids))
    for table in (case_events, evidence, case_claims, case_rows):
        connection.execute(delete(table).where(table.c.case_id.in_(of_theirs)))
    for table in (orders, history, marks, erased_buyers, closings, closed_orders, *judged):
        connection.execute(delete(table).where(table.c.shop_id.in_(ids)))
    theirs = select(imports.c.id).where(imports.c.shop_id.in_(ids))
    connection.execute(delete(rejects).where(rejects.c.import_id.in_(theirs)))
    connection.execute(delete(imports).where(imports.c.shop_id.in_(ids)))
    connection.execute(delete(shops).where(shops.c.id.in_(ids)))

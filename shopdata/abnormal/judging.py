"""Judging: the rules' findings brought into ``abnormal_hits``, whole or not at all.

What an import, an undo or a changed limit touched is noted in ``abnormal_due`` in its own transaction; here
it is judged in another one, after an import at once, else before the hits are read. Should the process die in
between, the note is still there. Rules that are new or changed, and limits from the day they hold, are judged
over every order.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import Ground
from shopdata.abnormal.following import follow
from shopdata.abnormal.grounds import COPIES, grounds_of, rows_to_judge
from shopdata.abnormal.limits import limits_in_force
from shopdata.abnormal.rules import RULES
from shopdata.errors import DiskFull
from shopdata.metrics.frame import Frame, Reads, load_frame
from shopdata.scope import Scope
from shopdata.store.abnormal_tables import HIT_COLUMNS, abnormal_due, abnormal_hits
from shopdata.store.incoming import drop, temporary
from shopdata.store.tables import AFTERSALES, PARCELS, imports, orders, settings, shops

log = logging.getLogger(__name__)

KNOWN, LAST = "abnormal.rules", "abnormal.last_import"
MANY, REACH = 0.2, timedelta(days=90)
VALUES = tuple(name for name, _ in HIT_COLUMNS)
COMPARED = tuple(name for name in VALUES if name != "as_of")


class Judges(Reads, Protocol):
    """What judging needs of a store."""

    def write(self, *, figures: bool = True) -> AbstractContextManager[Connection]:
        """The one writer's transaction."""
        ...

    def unless_busy(self) -> AbstractContextManager[bool]:
        """Whether nobody else writes."""
        ...


def judge_if_free(store: Judges) -> None:
    """Judge what is due, unless somebody writes or the disk is full: then the hits as they are must do until
    the next time. What is due stays noted."""
    with store.unless_busy() as free:
        if not free:
            return
        try:
            judge(store)
        except (DiskFull, DBAPIError):
            log.exception("judging failed; it is tried again before hits are read")


def judge(store: Judges) -> None:
    """Judge everything that is due."""
    today = store.settings.now().date()
    with store.read() as connection:
        if not _is_due(connection, today):
            return
    with store.write(figures=False) as connection:
        _note_new_rules(connection, today)
        frame = load_frame(connection, store.settings, Scope(shops=_shops_due(connection)))
        for shop in frame.shops:
            _judge_shop(connection, frame, shop.id, store)
        gone = abnormal_hits.c.shop_id.not_in(select(shops.c.id))
        connection.execute(delete(abnormal_hits).where(gone))
        connection.execute(delete(abnormal_due))
        _note(connection, LAST, connection.scalar(select(func.max(imports.c.id))))


def _mark(connection: Connection, day: date) -> str:
    """What judging goes by: the rules in their versions, and the limits that hold on the day."""
    rules = sorted((rule.key, rule.version) for rule in RULES.values())
    told = json.dumps([rules, limits_in_force(connection, day)])
    return hashlib.sha256(told.encode()).hexdigest()


def _noted(connection: Connection, key: str) -> Any:
    value = connection.scalar(select(settings.c.value).where(settings.c.key == key))
    return json.loads(value) if value else None


def _note(connection: Connection, key: str, value: object) -> None:
    connection.execute(delete(settings).where(settings.c.key == key))
    connection.execute(insert(settings).values(key=key, value=json.dumps(value)))


def _is_due(connection: Connection, day: date) -> bool:
    noted = connection.scalar(select(exists(select(abnormal_due.c.shop_id))))
    return bool(noted) or _noted(connection, KNOWN) != _mark(connection, day)


def _note_new_rules(connection: Connection, day: date) -> None:
    """New rules, changed ones and limits that begin to hold are judged over every order."""
    mark = _mark(connection, day)
    if _noted(connection, KNOWN) == mark:
        return
    everyone = select(shops.c.id, null())
    connection.execute(insert(abnormal_due).from_select(["shop_id", "order_id"], everyone))
    _note(connection, KNOWN, mark)


def _shops_due(connection: Connection) -> tuple[int, ...]:
    return tuple(connection.execute(select(abnormal_due.c.shop_id).distinct()).scalars())


def _judge_shop(connection: Connection, frame: Frame, shop_id: int, store: Judges) -> None:
    due = _orders_due(connection, shop_id)
    rows = rows_to_judge(connection, shop_id, due)
    start = None if due is None else _start(connection, frame, shop_id, rows)
    found = _found(connection, grounds_of(connection, frame, shop_id, rows, start, store))
    newest = select(func.max(imports.c.id)).where(imports.c.shop_id == shop_id)
    stamp = {"at": store.settings.now(), "import": connection.scalar(newest)}
    _settle(connection, found, shop_id, (due, start), stamp)
    _note_seen(connection, shop_id)
    follow(connection, shop_id, store.settings.now(), stamp["import"])
    drop(connection, "hits_found", "orders_due", *COPIES.values())


def _orders_due(connection: Connection, shop_id: int) -> Table | None:
    """The orders to judge as a table, or ``None`` for all of the shop: also where they are many of them."""
    mine = abnormal_due.c.shop_id == shop_id
    whole = exists(select(abnormal_due.c.shop_id).where(mine, abnormal_due.c.order_id.is_(None)))
    if connection.scalar(select(whole)):
        return None
    query = select(abnormal_due.c.order_id).where(mine, abnormal_due.c.order_id != "").distinct()
    due = temporary(connection, "orders_due", query)
    many = connection.scalar(select(func.count()).select_from(due)) or 0
    known = connection.scalar(select(func.count()).where(orders.c.shop_id == shop_id)) or 0
    return None if many > known * MANY else due


def _start(connection: Connection, frame: Frame, shop_id: int, rows: Mapping[str, Any]) -> datetime | None:
    """From when on rules over whole shops have to look: the last months, or the oldest that is new."""
    newest = next(shop.as_of.get("orders") for shop in frame.shops if shop.id == shop_id)
    if newest is None:
        return None
    oldest = connection.scalar(select(func.min(rows["orders"].c.placed_at)))
    i = imports.c
    fresh = (i.shop_id == shop_id, i.undone_at.is_(None), i.id > int(_noted(connection, LAST) or 0))
    first = connection.scalar(select(func.min(i.first_at)).where(*fresh))
    return min(newest - REACH, oldest or newest, first - REACH if first else newest)


def _found(connection: Connection, grounds: Iterable[Ground]) -> Table:
    """A table of everything the rules find now."""
    h = abnormal_hits.c
    nothing = select(h.rule, h.version, h.subject, *(h[name] for name in VALUES)).where(literal(False))
    found = temporary(connection, "hits_found", nothing)
    columns = ["rule", "version", "subject", *VALUES]
    for ground in grounds:
        query = ground.rule.find(ground)
        if query is None:
            continue
        rows = query.subquery()
        once = select(literal(ground.rule.key), literal(ground.rule.version), *rows.c).where(
            rows.c.since.is_not(None),
            or_(rows.c.until.is_(None), rows.c.as_of.is_(None), rows.c.until > rows.c.as_of),
        )
        connection.execute(insert(found).from_select(columns, once))
    return found


def _same(found: Table) -> ColumnElement[bool]:
    return and_(found.c.rule == abnormal_hits.c.rule, found.c.subject == abnormal_hits.c.subject)


def _looked_at(due: Table | None, start: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions: hits on what was judged this time."""
    if due is None:
        return ()
    h = abnormal_hits.c
    partial, whole = ([key for key in RULES if RULES[key].whole is way] for way in (False, True))
    in_reach = and_(h.rule.in_(whole), h.dated_at >= start) if start else h.rule.in_(whole)
    of_due = and_(h.rule.in_(partial), h.order_id.in_(select(due.c.order_id)))
    return (or_(of_due, in_reach, h.rule.not_in(list(RULES))),)


def _settle(
    connection: Connection,
    found: Table,
    shop_id: int,
    looked: tuple[Table | None, datetime | None],
    stamp: Mapping[str, Any],
) -> None:
    """Standing hits that were looked at and not found are gone; changed ones change; the others are new."""
    h = abnormal_hits.c
    standing = (h.shop_id == shop_id, h.gone_at.is_(None))
    connection.execute(
        update(abnormal_hits)
        .where(*standing, *_looked_at(*looked), not_(exists().where(_same(found))))
        .values(gone_at=stamp["at"], gone_import=stamp["import"])
    )
    changed = or_(*(h[name].is_distinct_from(found.c[name]) for name in (*VALUES, "version")))
    connection.execute(
        update(abnormal_hits)
        .where(*standing, _same(found), changed)
        .values({name: found.c[name] for name in (*VALUES, "version")})
    )
    known = select(h.rule, h.subject).where(*standing).subquery("known")
    same = and_(known.c.rule == found.c.rule, known.c.subject == found.c.subject)
    fresh = {
        "shop_id": literal(shop_id),
        "found_at": literal(stamp["at"]),
        "found_import": literal(stamp["import"]),
    }
    query = (
        select(*found.c, *fresh.values())
        .select_from(found.outerjoin(known, same))
        .where(known.c.subject.is_(None))
    )
    names = [*(column.name for column in found.c), *fresh]
    connection.execute(insert(abnormal_hits).from_select(names, query))


def _note_seen(connection: Connection, shop_id: int) -> None:
    """After-sales and parcels a newer file showed unchanged are known up to then."""
    h, cases, parcels = abnormal_hits.c, AFTERSALES.table.c, PARCELS.table.c
    of_parcel = and_(parcels.order_id == h.order_id, h.subject == parcels.waybill + "|" + h.order_id)
    for rows, same, subject in (
        (cases, cases.aftersale_id == h.subject, "aftersale"),
        (parcels, of_parcel, "parcel"),
    ):
        connection.execute(
            update(abnormal_hits)
            .where(h.shop_id == shop_id, h.gone_at.is_(None), h.rule.in_(_of(subject)))
            .where(rows.shop_id == shop_id, same, rows.as_of > h.as_of)
            .values(as_of=rows.as_of)
        )


def _of(subject: str) -> list[str]:
    return [key for key, rule in RULES.items() if rule.subject == subject]

"""What tells who a buyer is, and taking it out of the tables again (docs/safety.md, promise on buyer data).

Which imports are old enough, files on disk and the proof are the business of ``imports.erasing``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store import engine_duckdb
from shopdata.store.case_tables import is_going_on
from shopdata.store.incoming import same_key
from shopdata.store.layouts import SEVERAL
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ENTITIES, ORDER_LINES, Entity
from shopdata.store.touched import Touched
from shopdata.store.upkeep_tables import erased_buyers

ERASED = frozenset(
    {
        *("receiver", "phone", "district", "street", "address", "buyer_note", "seller_note"),
        *("order_note", "buyer_statement", "aftersale_note", "negotiation"),
    }
)
HASHED = frozenset({"buyer_id"})
HASH_MARK = "#"
# What hides letters of a name, what ciphertext begins with, how many digits a whole phone number has.
HIDING, CIPHER, PHONE_DIGITS = ("*", "＊"), ("#", "$", "~"), (7, 15)
Old = Select[Any]


def personal_columns(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table that are erased or give way to a keyed hash."""
    return tuple(column for column in table.columns if column.name in ERASED | HASHED)


def told(table: Table) -> ColumnElement[bool]:
    """Whether a row still tells something of its buyer."""
    return or_(
        *(table.c[name].is_not(None) for name in sorted(ERASED & set(table.c.keys()))),
        *(_is_plain(table.c[name]) for name in sorted(HASHED & set(table.c.keys()))),
    )


def erase(connection: Connection, old: Old, key: str) -> dict[str, int]:
    """Erase what the imports of the query ``old`` (ids) told of buyers; returns rows changed by table.

    Of every order erased a keyed hash of receiver and phone stays in ``erased_buyers``. A row put together
    from several files keeps only values that a younger file told too. Orders whose case goes on keep theirs.
    """
    changed = {erased_buyers.name: _keep_hashes(connection, old, key)}
    for entity in ENTITIES.values():
        if not personal_columns(entity.table):
            continue
        kept, main = entity.layers, entity.table
        changed[kept.name] = _erase_rows(connection, kept, kept.c.import_id.in_(old), key)
        single = and_(main.c.import_id.in_(old), main.c.layout.is_distinct_from(SEVERAL))
        changed[main.name] = _erase_rows(connection, main, single, key)
        changed[main.name] += _erase_unsaid(connection, entity, old, key)
    _roll_up(connection, old)
    return {name: count for name, count in changed.items() if count}


def receiver_hash(lines: Any, key: str) -> ColumnElement[str]:
    """The keyed hash of a line's receiver and phone, as it stays when they are erased."""
    return engine_duckdb.keyed_hash(func.concat_ws("|", lines.receiver, lines.phone), key)


def is_steady(lines: Any) -> ColumnElement[bool]:
    """Whether a line's receiver tells the same person again: a name and a whole phone number in clear text.

    Ciphertext differs from order to order, starred names and numbers are shared by many, and a number with an
    extension is lent for one delivery.
    """
    name = func.coalesce(lines.receiver, "")
    hidden = or_(*(name.contains(sign) for sign in HIDING), *(name.startswith(sign) for sign in CIPHER))
    number = func.coalesce(lines.phone, "")
    digits = func.length(number).between(*PHONE_DIGITS)
    whole = func.length(func.regexp_replace(number, "[0-9]", "", "g")) == 0
    return and_(name != "", not_(hidden), digits, whole)


def buyer_of(buyer_id: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    """A platform's buyer id as it stands once it is erased; an erased one as it is."""
    return case((_is_plain(buyer_id), _hashed(buyer_id, key)), else_=buyer_id)


def _may_go(table: Table) -> ColumnElement[bool]:
    """Whether nobody needs a row's buyer for a case that goes on."""
    return not_(is_going_on(table.c.shop_id, table.c.order_id)) if "order_id" in table.c else true()


def _is_plain(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(value.is_not(None), ~value.startswith(HASH_MARK))


def _hashed(value: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    return literal(HASH_MARK) + engine_duckdb.keyed_hash(value, key)


def _emptied(column: Column[Any], key: str) -> ColumnElement[Any]:
    """What stands in the place of a personal value."""
    if column.name in HASHED:
        return buyer_of(column, key)
    return literal(None)


def _erase_rows(connection: Connection, table: Table, where: ColumnElement[bool], key: str) -> int:
    wanted = and_(where, told(table), _may_go(table))
    count = connection.scalar(select(func.count()).select_from(table).where(wanted)) or 0
    if count:
        values = {column.name: _emptied(column, key) for column in personal_columns(table)}
        connection.execute(update(table).where(wanted).values(values))
    return int(count)


def _erase_unsaid(connection: Connection, entity: Entity, old: Old, key: str) -> int:
    """Rows put together from several files, one of them old: a value stays where a layer still has it."""
    main, kept = entity.table, entity.layers
    same = and_(kept.c.shop_id == main.c.shop_id, same_key(entity, kept, main))
    wanted = and_(main.c.layout == SEVERAL, exists().where(same, kept.c.import_id.in_(old)), told(main))
    wanted = and_(wanted, _may_go(main))
    count = connection.scalar(select(func.count()).select_from(main).where(wanted)) or 0
    if not count:
        return 0
    values = {}
    for column in personal_columns(main):
        still_said = exists().where(same, kept.c[column.name] == column)
        values[column.name] = case((still_said, column), else_=_emptied(column, key))
    connection.execute(update(main).where(wanted).values(values))
    return int(count)


def _keep_hashes(connection: Connection, old: Old, key: str) -> int:
    """One keyed hash an order whose receiver is about to go, unless it has one."""
    lines = ORDER_LINES.table
    own, steady = receiver_hash(lines.c, key), is_steady(lines.c)
    known = exists().where(
        erased_buyers.c.shop_id == lines.c.shop_id, erased_buyers.c.order_id == lines.c.order_id
    )
    kept = ORDER_LINES.layers
    same = and_(kept.c.shop_id == lines.c.shop_id, same_key(ORDER_LINES, kept, lines))
    put_together = and_(lines.c.layout == SEVERAL, exists().where(same, kept.c.import_id.in_(old)))
    wanted = or_(lines.c.import_id.in_(old), put_together)
    query = (
        select(
            lines.c.shop_id,
            lines.c.order_id,
            func.coalesce(func.min(own).filter(steady), func.min(own)),
            func.bool_or(steady),
        )
        .where(wanted, lines.c.order_id.is_not(None), ~known, _may_go(lines))
        .where(or_(lines.c.receiver.is_not(None), lines.c.phone.is_not(None)))
        .group_by(lines.c.shop_id, lines.c.order_id)
    )
    count = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    if count:
        names = ["shop_id", "order_id", "buyer_hash", "steady"]
        connection.execute(insert(erased_buyers).from_select(names, query))
    return int(count)


def _roll_up(connection: Connection, old: Old) -> None:
    """Orders show their buyer's hash where their lines do."""
    lines = ORDER_LINES.table
    hashed = and_(lines.c.import_id.in_(old), lines.c.buyer_id.startswith(HASH_MARK))
    for shop_id in connection.scalars(select(lines.c.shop_id).where(hashed).distinct()).all():
        touched = Touched(connection)
        touched.add(ORDER_LINES, lines.c.order_id, hashed, lines.c.shop_id == shop_id)
        refresh_orders(connection, shop_id, touched)

"""Marks people put on orders: ``abnormal``, ``priority``, or words of their own. Every change is audited."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.scoping import shops_in
from shopdata.orders.privacy import row_rights
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import marks, orders

ABNORMAL, PRIORITY = "abnormal", "priority"
LONGEST_MARK = 40
LONGEST_NOTE = 1000
Key = tuple[int, str]


def set_mark(store: Store, scope: Scope, keys: Sequence[Key], mark: str, note: str = "") -> int:
    """Put ``mark`` on the orders ``(shop id, order id)``; a repeat only renews the note. Returns how many.

    Raises ``NotAllowed`` for a role that may not mark, ``NotFound`` for an order outside the scope.
    """
    text = _checked(scope, mark)
    if len(note) > LONGEST_NOTE:
        raise BadUsage("mark_too_long", limit=LONGEST_NOTE)
    now = store.settings.now()
    with store.write(figures=False) as connection:
        found = _existing(connection, scope, keys)
        connection.execute(delete(marks).where(marks.c.mark == text, _among(found)))
        connection.execute(
            insert(marks),
            [
                {
                    "shop_id": s,
                    "order_id": o,
                    "mark": text,
                    "note": note,
                    "user": scope.user,
                    "marked_at": now,
                }
                for s, o in found
            ],
        )
        record_action(
            connection, now, scope.user, "mark_set", role=scope.role, mark=text, orders=[o for _, o in found]
        )
    return len(found)


def remove_mark(store: Store, scope: Scope, keys: Sequence[Key], mark: str) -> int:
    """Take ``mark`` off the orders; returns how many carried it."""
    text = _checked(scope, mark)
    with store.write(figures=False) as connection:
        found = _existing(connection, scope, keys)
        there = and_(marks.c.mark == text, _among(found))
        count = connection.scalar(select(func.count()).select_from(marks).where(there)) or 0
        connection.execute(delete(marks).where(there))
        record_action(
            connection,
            store.settings.now(),
            scope.user,
            "mark_removed",
            role=scope.role,
            mark=text,
            orders=[o for _, o in found],
        )
    return count


def known_marks(store: Store, scope: Scope) -> tuple[str, ...]:
    """Every mark in use in the scope's shops, the most used first."""
    with store.read() as connection:
        query = (
            select(marks.c.mark)
            .where(marks.c.shop_id.in_(shops_in(connection, scope)))
            .group_by(marks.c.mark)
            .order_by(func.count().desc(), marks.c.mark)
        )
        return tuple(connection.scalars(query))


def _checked(scope: Scope, mark: str) -> str:
    if not row_rights(scope.role).marks:
        raise NotAllowed(role=scope.role)
    text = mark.strip()
    if not text or len(text) > LONGEST_MARK or not text.isprintable():
        raise BadUsage("bad_mark", limit=LONGEST_MARK)
    return text


def _existing(connection: Connection, scope: Scope, keys: Sequence[Key]) -> list[Key]:
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        raise BadUsage("no_orders")
    allowed = shops_in(connection, scope)
    either = or_(*(and_(orders.c.shop_id == shop, orders.c.order_id == order) for shop, order in wanted))
    found = connection.execute(
        select(orders.c.shop_id, orders.c.order_id).where(orders.c.shop_id.in_(allowed), either)
    )
    known = {(row.shop_id, row.order_id) for row in found}
    if missing := [order for shop, order in wanted if (shop, order) not in known]:
        raise NotFound("order_not_found", order=missing[0])
    return wanted


def _among(keys: Sequence[Key]) -> ColumnElement[bool]:
    return or_(*(and_(marks.c.shop_id == shop, marks.c.order_id == order) for shop, order in keys))

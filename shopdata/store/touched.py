"""Which orders an import touched: noted while files go in, rolled up again once at the end."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    cast,
    exists,
    insert,
    literal,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.incoming import temporary
from shopdata.store.tables import COMMISSIONS, ORDER_LINES, Entity


class Touched:
    """Order numbers to roll up again at the end of a transaction; made anew for each one.

    ``everything`` stands for all orders of the shop: a first import need not list them.
    """

    table = Table("touched_orders", MetaData(), Column("order_id", String))

    def __init__(self, connection: Connection, *, everything: bool = False) -> None:
        nothing = select(cast(literal(None), String).label("order_id")).where(~true())
        temporary(connection, self.table.name, nothing)
        self.connection = connection
        self.everything = everything

    def add(self, entity: Entity, keys: ColumnElement[str], *where: ColumnElement[bool]) -> None:
        """Add the orders behind ``keys``: values of the entity's order key."""
        if self.everything:
            return
        query = select(keys.label("order_key")).where(*where).distinct()
        if entity is COMMISSIONS:
            found, lines = query.subquery(), ORDER_LINES.table
            query = select(lines.c.order_id).join(found, found.c.order_key == lines.c.line_id).distinct()
        self.connection.execute(insert(self.table).from_select(["order_id"], query))

    @property
    def any(self) -> bool:
        """Whether there is an order to roll up again: a file of targets or of stock touches none."""
        return self.everything or bool(self.connection.scalar(select(exists(select(self.table.c.order_id)))))

    def among(self, order_id: ColumnElement[str]) -> ColumnElement[bool]:
        """Condition: ``order_id`` is one of them."""
        if self.everything:
            return true()
        return order_id.in_(select(self.table.c.order_id))

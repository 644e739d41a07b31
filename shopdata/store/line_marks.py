"""What the store adds to order lines: whether a row counts, and sources only the commission file knows."""

from __future__ import annotations

from sqlalchemy import Connection, case, exists, func, literal, select, update

from shopdata.store.tables import COMMISSIONS, ORDER_LINES
from shopdata.store.touched import Touched

LINE, ORDER = "line", "order"
UNKNOWN_SOURCES = ("unknown", "pending")


def mark_counted(connection: Connection, shop_id: int, touched: Touched) -> bool:
    """Of an order that came as lines and as one row only the lines count: they say what was bought, and the
    money is shared out to them where only the order row has it. Returns whether the shop has both forms."""
    lines = ORDER_LINES.table
    grains = select(lines.c.grain).where(lines.c.shop_id == shop_id).distinct()
    if len(connection.execute(grains).all()) < 2:
        return False
    forms = (
        select(
            lines.c.order_id,
            func.count().filter(lines.c.grain == LINE).label("lines"),
        )
        .where(lines.c.shop_id == shop_id, touched.among(lines.c.order_id))
        .group_by(lines.c.order_id)
        .subquery()
    )
    form = case((forms.c.lines > 0, LINE), else_=ORDER)
    chosen = select(forms.c.order_id, form.label("form")).subquery()
    counts = lines.c.grain == chosen.c.form
    connection.execute(
        update(lines)
        .where(lines.c.shop_id == shop_id, lines.c.order_id == chosen.c.order_id, lines.c.counted != counts)
        .values(counted=counts)
    )
    return True


def fill_sources(connection: Connection, shop_id: int, touched: Touched) -> None:
    """Where order files leave the source open, take the commission file's and keep theirs aside."""
    lines, commissions = ORDER_LINES.table, COMMISSIONS.table
    if not connection.execute(select(exists().where(commissions.c.shop_id == shop_id))).scalar():
        return
    known = (
        select(commissions.c.line_id, func.min(commissions.c.source).label("source"))
        .where(commissions.c.shop_id == shop_id, commissions.c.source.not_in(UNKNOWN_SOURCES))
        .group_by(commissions.c.line_id)
        .subquery()
    )
    exported = func.coalesce(lines.c.source_exported, lines.c.source, literal("unknown"))
    connection.execute(
        update(lines)
        .where(
            lines.c.shop_id == shop_id,
            touched.among(lines.c.order_id),
            lines.c.line_id == known.c.line_id,
            exported.in_(UNKNOWN_SOURCES),
            lines.c.source.is_distinct_from(known.c.source),
        )
        .values(source=known.c.source, source_exported=exported)
    )

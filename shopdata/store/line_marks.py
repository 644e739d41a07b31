"""What the store adds to order lines: whether a row counts, and sources only the commission file knows."""

from __future__ import annotations

from sqlalchemy import Connection, and_, case, exists, func, literal, or_, select, update

from shopdata.store.tables import COMMISSIONS, ORDER_LINES
from shopdata.store.touched import Touched

LINE, ORDER = "line", "order"
UNKNOWN_SOURCES = ("unknown", "pending")


def mark_counted(connection: Connection, shop_id: int, touched: Touched) -> bool:
    """Of an order that came as lines and as one row only one form counts: the lines where they carry paid
    money (or the order row has none either), else the order row. Returns whether the shop has both forms."""
    lines = ORDER_LINES.table
    grains = select(lines.c.grain).where(lines.c.shop_id == shop_id).distinct()
    if len(connection.execute(grains).all()) < 2:
        return False
    forms = (
        select(
            lines.c.order_id,
            func.count().filter(lines.c.grain == LINE).label("lines"),
            func.count().filter(lines.c.grain == ORDER).label("order_rows"),
            func.count(lines.c.paid_amount).filter(lines.c.grain == LINE).label("lines_with_money"),
            func.count(lines.c.paid_amount).filter(lines.c.grain == ORDER).label("orders_with_money"),
        )
        .where(lines.c.shop_id == shop_id, touched.among(lines.c.order_id))
        .group_by(lines.c.order_id)
        .subquery()
    )
    lines_win = and_(forms.c.lines > 0, or_(forms.c.lines_with_money > 0, forms.c.orders_with_money == 0))
    form = case((lines_win, LINE), (forms.c.order_rows > 0, ORDER), else_=LINE)
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

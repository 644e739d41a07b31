"""Who to remind of paying: unpaid orders that can still be paid, each with a text to send, as a file.

Nothing is sent. Buyers are masked unless revealed, which only some roles may; every file is audited.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from shopdata.abnormal.judging import Judges
from shopdata.abnormal.reading import Choice, flags
from shopdata.abnormal.taking import record_export
from shopdata.errors import BadUsage, NotAllowed
from shopdata.orders import sheets
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import RowRights, masked, row_rights
from shopdata.orders.rows import OrderRow, order_rows, row_query
from shopdata.orders.selection import condition
from shopdata.orders.sheets import Cell, Heading, Kind, write_file
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import orders
from shopdata.units import yuan
from shopdata.words import Words, words

RULE, LONGEST_COUPON, PIECE = "unpaid", 200, 2_000
FIELDS: tuple[tuple[str, Kind], ...] = (
    ("order_id", "id"),
    ("shop", "text"),
    ("products", "text"),
    ("payable_amount", "money"),
    ("placed_at", "time"),
    ("pay_by", "time"),
    ("receiver", "text"),
    ("phone", "id"),
    ("reminder", "text"),
)
Key = tuple[int, str]


def to_remind(store: Judges, scope: Scope) -> dict[Key, datetime]:
    """By shop and order until when it can be paid, of every unpaid order that still can by the clock."""
    found = flags(store, scope.between(None, None), Choice(rules=(RULE,)))
    now = store.settings.now()
    return {
        (one.shop_id, one.order_id): one.deadline
        for one in found
        if one.order_id and one.deadline and one.deadline > now
    }


def export_reminders(
    store: Store,
    scope: Scope,
    chosen: OrderFilter,
    path: Path,
    *,
    coupon: str = "",
    reveal: bool = False,
    language: str = "zh",
) -> int:
    """Write the chosen orders that can still be paid to ``path`` (``.csv``, ``.xlsx``), the first to lapse
    first; returns how many. ``coupon``: what the text offers.

    Raises ``NotAllowed``, ``BadUsage`` for another suffix or too long a coupon.
    """
    rights = row_rights(scope.role)
    if not rights.export or (reveal and not rights.buyers):
        raise NotAllowed(role=scope.role)
    if path.suffix.lower() not in sheets.WRITERS:
        raise BadUsage("out_unknown", path=path.name)
    if len(coupon) > LONGEST_COUPON:
        raise BadUsage("case_text_length", limit=LONGEST_COUPON)
    spoken, until = words(language), to_remind(store, scope)
    with store.read() as connection:
        rows = _rows(connection, store, scope, chosen, rights, until)
    rows.sort(key=lambda row: (until[row.shop_id, row.order_id], row.order_id))
    titles = [Heading(spoken(f"orders.fields.{key}"), kind) for key, kind in FIELDS]
    offer, hide = coupon.strip(), rights.buyers and not reveal
    told = [_cells(row, until[row.shop_id, row.order_id], offer, spoken, hide=hide) for row in rows]
    path.touch(mode=0o600)
    written = write_file(path, titles, [told])
    record_export(store, scope, "reminders", written.rows, reveal=reveal)
    return written.rows


def _rows(
    connection: Connection,
    store: Store,
    scope: Scope,
    chosen: OrderFilter,
    rights: RowRights,
    until: dict[Key, datetime],
) -> list[OrderRow]:
    """The chosen orders among those to remind."""
    wanted, numbers = condition(connection, scope, chosen, store), sorted({order for _, order in until})
    rows: list[OrderRow] = []
    for first in range(0, len(numbers), PIECE):
        piece = orders.c.order_id.in_(numbers[first : first + PIECE])
        found = connection.execute(row_query().where(wanted, piece)).all()
        listed = [row for row in found if (row.shop_id, row.order_id) in until]
        rows += order_rows(connection, listed, rights)
    return rows


def _cells(row: OrderRow, until: datetime, coupon: str, spoken: Words, *, hide: bool) -> list[Cell]:
    product = spoken.get("ui.list_separator", ", ").join(row.products)
    amount = None if row.payable_amount is None else yuan(row.payable_amount)
    text = spoken(
        "orders.reminder.text",
        product=product or spoken("orders.reminder.goods"),
        until=f"{until:%m-%d %H:%M}",
        amount=spoken("orders.reminder.amount", amount=f"{amount:,}") if amount is not None else "",
        coupon=spoken("orders.reminder.coupon", coupon=coupon) if coupon else "",
    )
    receiver, phone = row.receiver, row.phone
    if hide:
        receiver, phone = masked("receiver", receiver), masked("phone", phone)
    return [row.order_id, row.shop, product, amount, row.placed_at, until, receiver, phone, text]

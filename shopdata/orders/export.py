"""A selection of orders or lines as a file: fields chosen, buyers masked unless revealed, audited.

The file appears whole or not at all: it is written beside its place and renamed.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, DiskFull, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders import sheets
from shopdata.orders.fields import (
    ORDER_FIELDS,
    ExportField,
    Grain,
    chosen_fields,
    headings,
    line_fields,
    line_format,
    line_select,
    order_select,
)
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import RowRights, masked, row_rights
from shopdata.orders.selection import LINES, condition
from shopdata.orders.sheets import Cell, Written
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.line_marks import LINE
from shopdata.store.tables import orders
from shopdata.units import yuan
from shopdata.words import words

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export: where, how many rows, which fields, cells cut to what a sheet holds."""

    path: Path
    rows: int
    fields: tuple[str, ...]
    cut: int = 0


def available_fields(store: Store, scope: Scope, grain: Grain = "orders") -> tuple[str, ...]:
    """Keys of the fields that can be picked, in the order a file would have them."""
    with store.read() as connection:
        by_line = line_fields(_line_format(connection, scope, OrderFilter()))
    return tuple(ORDER_FIELDS if grain == "orders" else by_line)


def export_orders(
    store: Store,
    scope: Scope,
    chosen: OrderFilter,
    path: Path,
    *,
    fields: Sequence[str] = (),
    grain: Grain | None = None,
    reveal: bool = False,
    language: str = "zh",
) -> Exported:
    """Write the selection to ``path`` (``.csv``, ``.xlsx`` or ``.parquet``, by its suffix).

    ``grain``: one row a line, as it can be imported again, or one row an order; unless said, lines, or orders
    where a field only orders have is asked for. ``reveal``: buyer data as exported by the platform, only for
    roles that may see it, and always audited.

    Raises ``NotAllowed``, ``BadUsage`` (suffix, field), ``DiskFull``.
    """
    rights = _rights(scope, path, reveal=reveal)
    with store.read() as connection:
        wanted = condition(connection, scope, chosen, store)
        format_key = _line_format(connection, scope, chosen, store)
        by_line = line_fields(format_key)
        grain = grain or ("lines" if set(fields) <= set(by_line) else "orders")
        available = ORDER_FIELDS if grain == "orders" else by_line
        buyers = select(orders.c.buyer_id).where(wanted, orders.c.buyer_id.is_not(None)).limit(1)
        known, hidden = connection.scalar(buyers) is not None, grain == "orders"
        picked = chosen_fields(available, fields, rights, reveal=reveal, has_buyers=known, keep_hidden=hidden)
        query = (order_select(picked) if grain == "orders" else line_select(picked)).where(wanted)
        titles = headings(picked, words(language), grain, format_key, reveal=reveal)
        written = _written(path, titles, _batches(connection, query, picked, language, reveal))
    keys = tuple(one.key for one in picked)
    noted = {"fields": keys, "grain": grain, "reveal": reveal, "filter": sorted(chosen.as_params())}
    with store.write(figures=False) as connection:
        now = store.settings.now()
        record_action(connection, now, scope.user, "export", role=scope.role, rows=written.rows, **noted)
    return Exported(path, written.rows, keys, written.cut)


def _rights(scope: Scope, path: Path, *, reveal: bool) -> RowRights:
    """The asker's rights, once it is clear that they cover this export and the file can be written."""
    rights = row_rights(scope.role)
    if not rights.export or (reveal and not rights.buyers):
        raise NotAllowed(role=scope.role)
    if path.suffix.lower() not in sheets.WRITERS:
        raise BadUsage("out_unknown", path=path.name)
    return rights


def _line_format(
    connection: Connection, scope: Scope, chosen: OrderFilter, store: Store | None = None
) -> str:
    """The format whose headers a line export carries: of the platform of the selection's first order."""
    wanted = condition(connection, scope, chosen, store)
    one = select(orders.c.platform).where(wanted).limit(1)
    of_order = (LINES.c.shop_id == orders.c.shop_id) & (LINES.c.order_id == orders.c.order_id)
    items = select(orders.c.order_id).where(wanted, exists().where(of_order, LINES.c.grain == LINE)).limit(1)
    platform, by_item = connection.scalar(one) or "douyin", connection.scalar(items) is not None
    return line_format(platform, by_item=by_item)


def _written(path: Path, titles: Sequence[sheets.Heading], batches: sheets.Batches) -> Written:
    unfinished = path.with_name(f".{path.stem}.part{path.suffix.lower()}")
    try:
        unfinished.touch(mode=0o600)
        written = sheets.write_file(unfinished, titles, batches)
        unfinished.replace(path)
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=str(path)) from fault
        if fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR):
            raise BadUsage("path_unwritable", path=str(path)) from fault
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _batches(
    connection: Connection, query: Select[Any], picked: Sequence[ExportField], language: str, reveal: bool
) -> Iterator[list[list[Cell]]]:
    shown = [_printer(one, language, reveal) for one in picked]
    for rows in connection.execution_options(yield_per=BATCH).execute(query).partitions():
        yield [[show(cell) for show, cell in zip(shown, row, strict=True)] for row in rows]


def _printer(one: ExportField, language: str, reveal: bool) -> Any:
    """How a value of the field becomes a cell."""
    if one.words:
        spoken = words(language)
        return lambda cell: None if cell is None else spoken.get(f"{one.words}.{cell}", cell)
    if one.kind == "money":
        return lambda cell: None if cell is None else yuan(cell)
    if one.personal and not reveal:
        return lambda cell: masked(one.key, cell)
    return lambda cell: cell


def export_name(now: datetime, suffix: str, language: str = "zh") -> str:
    """A file name for an export made ``now``."""
    return words(language)("orders.export_name", at=now.strftime("%Y%m%d-%H%M%S")) + suffix

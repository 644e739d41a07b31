"""The ground rules are judged on: which of them a shop's files allow, its limits, what is usual there."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select

from shopdata.abnormal.covered import Span
from shopdata.abnormal.definition import Ground, Typical
from shopdata.abnormal.limits import limits_of
from shopdata.abnormal.rules import RULES
from shopdata.imports.kinds import kinds_served
from shopdata.metrics.constructs import quantiles
from shopdata.metrics.frame import Frame, Reads, ShopFrame
from shopdata.store.incoming import temporary
from shopdata.store.tables import AFTERSALES, ORDER_LINES, PARCELS, imports, orders, shops

USUAL_DAYS, FEWEST = timedelta(days=90), 20
JUDGED: Mapping[str, Table] = {
    table.name: table for table in (orders, ORDER_LINES.table, AFTERSALES.table, PARCELS.table)
}
# Of tables that are wide, only these columns are read.
READ: Mapping[str, tuple[str, ...]] = {
    "order_lines": (
        "shop_id", "order_id", "line_id", "counted", "status", "placed_at", "shipped_at", "order_type",
        "product_name", "seller_note", "quantity", "unit_price", "payable_amount", "freight_amount",
        "discount_amount", "platform_discount", "merchant_discount", "influencer_discount",
        "payment_discount", "red_packet_amount", "price_change_amount", "as_of",
    ),
    "aftersales": (
        "shop_id", "order_id", "line_id", "aftersale_id", "kind", "kind_raw", "status", "status_raw",
        "reason", "reason_tag", "arbitration", "dispute", "applied_at", "agreed_at", "refunded_at",
        "closed_at", "finished_at", "deadline_at", "return_shipped_at", "return_waybill", "refund_amount",
        "as_of",
    ),
}  # fmt: skip
COPIES = {name: f"{name}_judged" for name in JUDGED}


def grounds_of(
    connection: Connection,
    frame: Frame,
    shop_id: int,
    rows: Mapping[str, Any],
    start: datetime | None,
    reads: Reads,
) -> Iterator[Ground]:
    """One ground a rule that the shop's files allow; rules over whole shops see every order."""
    shop = next(shop for shop in frame.shops if shop.id == shop_id)
    limits = limits_of(connection, shop_id, reads.settings.now().date())
    typical, files = _typical(connection, shop), _files(connection, shop_id)
    origins = _origins(connection, shop_id)
    for rule in RULES.values():
        if rule.by_hand or all(shop.has(need) for need in rule.needs):
            mine = JUDGED if rule.whole else rows
            yield Ground(shop, rule, limits, typical, mine, rows, files, origins, reads, start)


def rows_to_judge(connection: Connection, shop_id: int, due: Table | None) -> Mapping[str, Any]:
    """By name of the table: copies of the rows of the orders due, or the tables themselves for all."""
    if due is None:
        return JUDGED
    numbers = select(due.c.order_id)
    first = _first_placed(connection, shop_id, numbers)
    found: dict[str, Any] = {}
    for name, table in JUDGED.items():
        wanted = [table.c.shop_id == shop_id, table.c.order_id.in_(numbers)]
        if first is not None and table in (orders, ORDER_LINES.table):
            wanted.append(table.c.placed_at >= first)
        columns = (table.c[column] for column in READ.get(name, table.c.keys()))
        found[name] = temporary(connection, COPIES[name], select(*columns).where(*wanted))
    return found


def _first_placed(connection: Connection, shop_id: int, numbers: Any) -> datetime | None:
    """When the first of the orders was placed: rows lie in order of time, so older ones need not be read.
    ``None`` where one has no time."""
    c = orders.c
    mine = (c.shop_id == shop_id, c.order_id.in_(numbers))
    first, untold = connection.execute(
        select(func.min(c.placed_at), func.count().filter(c.placed_at.is_(None))).where(*mine)
    ).one()
    return None if untold else first


def _origins(connection: Connection, shop_id: int) -> Mapping[str, str]:
    """By warehouse (empty for any) the province it ships from, as codes."""
    told = connection.scalar(select(shops.c.ship_from).where(shops.c.id == shop_id))
    return {name: f"{city[:2]}0000" for name, city in json.loads(told or "{}").items()}


def lacking(shop: ShopFrame) -> dict[str, str]:
    """Rules a shop's files do not allow, and the first file to upload for each."""
    missing = {}
    for rule in RULES.values():
        absent = [need.called or need.kind for need in rule.needs if not shop.has(need)]
        if absent:
            missing[rule.key] = absent[0]
    return missing


def _typical(connection: Connection, shop: ShopFrame) -> Typical:
    """What the paid orders of the last 90 days are worth."""
    if "orders" not in shop.as_of:
        return Typical()
    c = orders.c
    recent = (
        select(c.paid_amount.label("amount"))
        .where(c.shop_id == shop.id, c.is_paid, c.paid_amount > 0)
        .where(c.paid_at >= shop.as_of["orders"] - USUAL_DAYS)
        .cte("recent")
    )
    row = connection.execute(select(func.count(), quantiles(recent.c.amount))).one()
    if row[0] < FEWEST:
        return Typical()
    median, p90, _ = row[1]
    away = connection.scalar(select(quantiles(func.abs(recent.c.amount - median))))
    return Typical(median, away[0], p90)


def _files(connection: Connection, shop_id: int) -> Mapping[str, tuple[Span, ...]]:
    """From when to when each file of a kind speaks."""
    i = imports.c
    files = connection.execute(
        select(i.kind, i.columns, i.first_at, i.last_at).where(
            i.shop_id == shop_id, i.undone_at.is_(None), i.first_at.is_not(None), i.last_at.is_not(None)
        )
    )
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for file in files:
        for kind in kinds_served(file.kind, file.columns):
            spans[kind].append((file.first_at, file.last_at))
    return {kind: tuple(found) for kind, found in spans.items()}

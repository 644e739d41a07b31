"""Which files the sample consists of, when each was exported, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

from sample_data.basket import seconds
from sample_data.catalog import Shop, columns, words
from sample_data.files import write_csv, write_xlsx
from sample_data.order_rows import Row, by_line, by_main
from sample_data.other_rows import aftersale_row, commission_row, has_commission, parcel_rows
from sample_data.truth import Order

EARLIER_DAYS, OVERLAP_DAYS, STAMP_SECONDS = 10, 41, 37


@dataclass(frozen=True, slots=True)
class Export:
    """One file: its name, the format the product should recognise, and its rows."""

    name: str
    shop: str
    format: str
    layout: str
    moment: datetime
    first_day: datetime
    orders: tuple[Order, ...]
    rows: tuple[Row, ...]

    def write(self, folder: Path) -> Path:
        """The file in the folder."""
        path = folder / self.name
        writer = write_xlsx if path.suffix == ".xlsx" else write_csv
        writer(path, columns(self.layout), self.rows)
        return path


def earlier(cut: datetime) -> datetime:
    """When the earlier order export was made: a morning ten days before."""
    return datetime.combine(cut.date() - timedelta(days=EARLIER_DAYS), time(9, 12))


def overlap_from(cut: datetime) -> datetime:
    """First order time in the newer order export."""
    return datetime.combine(cut.date() - timedelta(days=OVERLAP_DAYS), time(0, 0))


def last_seen(order: Order, cut: datetime) -> datetime:
    """The moment of the last order export that holds the order."""
    return cut if order.placed_at >= overlap_from(cut) else earlier(cut)


def _order_name(shop: Shop, moment: datetime, ending: str, salt: str = "") -> str:
    stamp = seconds(moment) - 8 * 3600 + STAMP_SECONDS
    return f"{stamp}_{sha256(f'{shop.key}{stamp}{salt}'.encode()).hexdigest()[:32]}{shop.suffix}.{ending}"


def _order_export(shop: Shop, orders: list[Order], since: datetime, moment: datetime) -> Export:
    held = tuple(order for order in orders if since <= order.placed_at <= moment)
    rows = tuple(row for order in reversed(held) for row in by_line(shop, order, moment))
    plain = shop.key == "mountain"
    layout = "orders_by_line" if plain else "orders_with_parcels"
    name = _order_name(shop, moment, "csv" if plain else "xlsx")
    return Export(name, shop.name, "douyin_orders", layout, moment, since, held, rows)


def _by_main(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    since = datetime.combine(cut.date() - timedelta(days=12), time(0, 0))
    held = tuple(order for order in orders if since <= order.placed_at < since + timedelta(days=3))
    rows = tuple(by_main(order, cut) for order in reversed(held))
    name = _order_name(shop, cut + timedelta(seconds=71), "csv", "main")
    return Export(name, shop.name, "douyin_orders_by_main", "orders_by_main", cut, since, held, rows)


def _aftersales(shop: Shop, orders: list[Order], cut: datetime, start: datetime, late: int) -> Export:
    found = [
        (case.applied_at, order, line, case)
        for order in orders
        for line in order.lines
        for case in line.aftersales
        if case.applied_at <= cut
    ]
    found.sort(key=lambda row: (row[0], row[3].id), reverse=True)
    stamp = cut + timedelta(seconds=late)
    name = words()["files"]["aftersales"].format(
        date=stamp.strftime("%Y-%m-%d"), time=stamp.strftime("%H_%M_%S")
    )
    rows = tuple(aftersale_row(shop, order, line, case, cut) for _, order, line, case in found)
    held = tuple({order.order_id: order for _, order, _, _ in found}.values())
    return Export(name, shop.name, "douyin_aftersales", "aftersales", cut, start, held, rows)


def _commissions(shop: Shop, orders: list[Order], cut: datetime, start: datetime) -> Export:
    rows: list[Row] = []
    held: list[Order] = []
    for order in reversed(orders):
        listed = [line for line in order.lines if has_commission(order, line, cut)]
        rows += [commission_row(shop, order, line, cut) for line in listed]
        held += [order] if listed else []
    digest = sha256(f"{shop.key}{cut}".encode()).hexdigest()
    uuid = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    name = f"{uuid}_7{int(digest[32:46], 16) % 10**18:018d}.xlsx"
    return Export(name, shop.name, "douyin_commissions", "commissions", cut, start, tuple(held), tuple(rows))


def _parcels(shop: Shop, orders: list[Order], cut: datetime, start: datetime) -> Export:
    kind = "parcels_csv" if shop.key == "mountain" else "parcels_xlsx"
    name = words()["files"][kind].format(date=cut.strftime("%Y-%m-%d"))
    held = tuple(order for order in orders if order.parcels(cut))
    rows = tuple(parcel_rows(orders, cut))
    return Export(name, shop.name, "parcels", "parcels", cut, start, held, rows)


def exports(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """Every file of one shop, in the order a merchant would have made them."""
    start = datetime.combine(orders[0].day, time(0, 0))
    late = 184 if shop.key == "mountain" else 251
    found = [
        _order_export(shop, orders, start, earlier(cut)),
        _order_export(shop, orders, overlap_from(cut), cut),
    ]
    if shop.key == "cloud":
        found.append(_by_main(shop, orders, cut))
    makers: tuple[Callable[[], Export], ...] = (
        lambda: _aftersales(shop, orders, cut, start, late),
        lambda: _commissions(shop, orders, cut, start),
        lambda: _parcels(shop, orders, cut, start),
    )
    return found + [make() for make in makers]

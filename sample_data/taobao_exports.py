"""The files of a Taobao shop. Items of older orders come in the old report, of newer ones in the new one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sample_data.catalog import Shop
from sample_data.exports import Export, earlier, file_name, overlap_from
from sample_data.taobao_rows import courier_row, line_row, order_row, promoted, promoter_row, refund_row
from sample_data.truth import Order

SLICE_DAYS = 21


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M}"


def _lists(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """Two slices of the order list, and the last three weeks again as the newer workbook."""
    found = []
    spans = ((datetime.min, earlier(cut)), (overlap_from(cut, shop.key), cut))
    for since, moment in spans:
        held = [order for order in orders if since <= order.placed_at <= moment]
        rows = tuple(order_row(shop, order, moment) for order in reversed(held))
        name = file_name("taobao_orders", stamp=_stamp(moment))
        found.append(Export(name, shop.name, "taobao_orders", "taobao_orders", moment, rows, "taobao"))
    late = [order for order in orders if order.placed_at >= cut - timedelta(days=SLICE_DAYS)]
    rows = tuple(order_row(shop, order, cut) for order in reversed(late))
    name = file_name("taobao_orders_new", stamp=_stamp(cut))
    return [*found, Export(name, shop.name, "taobao_orders", "taobao_orders_new", cut, rows)]


def _items(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    old = [order for order in orders if order.placed_at < overlap_from(cut, shop.key)]
    new = [order for order in orders if order.placed_at >= overlap_from(cut, shop.key)]
    parts = (
        ("taobao_lines", earlier(cut), "taobao lines", old),
        ("taobao_lines_new", cut, "", new),
    )
    found = []
    for layout, moment, form, held in parts:
        rows = tuple(line_row(order, line, moment) for order in reversed(held) for line in order.lines)
        name = file_name(layout, stamp=_stamp(moment))
        found.append(Export(name, shop.name, "taobao_lines", layout, moment, rows, form))
    return found


def _refunds(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows = tuple(
        refund_row(order, line, case, cut)
        for order in reversed(orders)
        for line in order.lines
        for case in line.aftersales
        if case.applied_at <= cut
    )
    name = file_name("taobao_refunds", date=f"{cut:%Y%m%d}")
    return Export(name, shop.name, "taobao_refunds", "taobao_refunds", cut, rows)


def _promoters(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows = tuple(
        promoter_row(order, line)
        for order in reversed(orders)
        for line in order.lines
        if promoted(order, line, cut)
    )
    name = file_name("taobao_commissions", date=f"{cut:%Y%m%d}")
    return Export(name, shop.name, "taobao_commissions", "taobao_commissions", cut, rows, "tabbed")


def _parcels(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    """What the courier's own site gives for the shop's contract."""
    rows = tuple(
        courier_row(order, parcel, cut) for order in reversed(orders) for parcel in order.parcels(cut)
    )
    name = file_name("courier", date=f"{cut:%Y%m%d}")
    return Export(name, shop.name, "parcels", "courier", cut, rows, "titled")


def exports(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """Every file of one shop."""
    return [
        *_lists(shop, orders, cut),
        *_items(shop, orders, cut),
        _refunds(shop, orders, cut),
        _promoters(shop, orders, cut),
        _parcels(shop, orders, cut),
    ]

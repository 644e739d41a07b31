"""The files of a Kuaishou shop: workbooks with a sheet a month, waybills by the tab they come from."""

from __future__ import annotations

from datetime import datetime

from sample_data.catalog import Shop, words
from sample_data.exports import Export, earlier, file_name, overlap_from
from sample_data.kuaishou_rows import aftersale_row, order_row, parcel_row, settlement_row
from sample_data.order_rows import Row
from sample_data.settling import settlements
from sample_data.truth import Order, by


def _orders(shop: Shop, orders: list[Order], since: datetime, moment: datetime) -> Export:
    """A sheet a month, newest first; in the older workbook Excel has taken promoters' ids for numbers."""
    held = [order for order in orders if since <= order.placed_at <= moment]
    sheet = words()["kuaishou"]["sheets"]["month"]
    rows = tuple(
        order_row(
            shop, order, moment, sheet.format(month=order.placed_at.month), as_number=since == datetime.min
        )
        for order in reversed(held)
    )
    name = file_name("kuaishou_orders", stamp=f"{moment:%Y%m%d%H%M%S}")
    return Export(name, shop.name, "kuaishou_orders", "kuaishou_orders", moment, rows)


def _aftersales(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows = tuple(
        aftersale_row(shop, order, line, case, cut)
        for order in reversed(orders)
        for line in order.lines
        for case in line.aftersales
        if case.applied_at <= cut
    )
    name = file_name("kuaishou_aftersales", stamp=f"{cut:%Y%m%d%H%M%S}")
    return Export(name, shop.name, "kuaishou_aftersales", "kuaishou_aftersales", cut, rows)


def _settlement(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows = tuple(settlement_row(shop, row) for row in reversed(settlements(shop, orders, cut)))
    name = file_name("kuaishou_settlement", first=f"{orders[0].placed_at:%Y%m%d}", last=f"{cut:%Y%m%d}")
    return Export(name, shop.name, "kuaishou_settlement", "kuaishou_settlement", cut, rows)


def _parcels(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """What was picked up, and what was signed, each from its own tab."""
    picked: list[Row] = []
    signed: list[Row] = []
    for order in reversed(orders):
        for parcel in order.parcels(cut):
            if at := by(parcel.picked_up_at, cut):
                picked.append(parcel_row(parcel, order.order_id, at))
            if at := by(parcel.signed_at, cut):
                signed.append(parcel_row(parcel, order.order_id, at))
    return [
        Export(
            file_name(f"kuaishou_parcels_{tab}", date=f"{cut:%Y%m%d}"), shop.name,
            "kuaishou_parcels", "kuaishou_parcels", cut, tuple(rows),
        )
        for tab, rows in (("picked", picked), ("signed", signed))
    ]  # fmt: skip


def exports(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """Every file of one shop."""
    return [
        _orders(shop, orders, datetime.min, earlier(cut)),
        _orders(shop, orders, overlap_from(cut), cut),
        _aftersales(shop, orders, cut),
        _settlement(shop, orders, cut),
        *_parcels(shop, orders, cut),
    ]

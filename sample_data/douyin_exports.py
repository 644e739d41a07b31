"""The files of a Douyin shop, in the order a merchant would have made them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256

from sample_data.basket import seconds
from sample_data.catalog import Shop
from sample_data.exports import Export, earlier, file_name, overlap_from
from sample_data.funds import movements
from sample_data.order_rows import Row, by_line, by_main
from sample_data.other_rows import aftersale_row, commission_row, has_commission, parcel_rows
from sample_data.settlement_rows import bill_row, funds_row, leader_row, leads
from sample_data.settling import settlements
from sample_data.truth import Order

STAMP_SECONDS = 37


def _order_name(shop: Shop, moment: datetime, ending: str, salt: str = "") -> str:
    stamp = seconds(moment) - 8 * 3600 + STAMP_SECONDS
    return f"{stamp}_{sha256(f'{shop.key}{stamp}{salt}'.encode()).hexdigest()[:32]}{shop.suffix}.{ending}"


def _order_export(shop: Shop, orders: list[Order], since: datetime, moment: datetime) -> Export:
    held = [order for order in orders if since <= order.placed_at <= moment]
    rows = tuple(row for order in reversed(held) for row in by_line(shop, order, moment))
    plain = shop.key == "mountain"
    layout = "orders_by_line" if plain else "orders_with_parcels"
    name = _order_name(shop, moment, "csv" if plain else "xlsx")
    return Export(name, shop.name, "douyin_orders", layout, moment, rows)


def _by_main(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    since = datetime.combine(cut.date() - timedelta(days=12), time(0, 0))
    held = [order for order in orders if since <= order.placed_at < since + timedelta(days=3)]
    rows = tuple(by_main(order, cut) for order in reversed(held))
    name = _order_name(shop, cut + timedelta(seconds=71), "csv", "main")
    return Export(name, shop.name, "douyin_orders_by_main", "orders_by_main", cut, rows)


def _aftersales(shop: Shop, orders: list[Order], cut: datetime, late: int) -> Export:
    found = [
        (case.applied_at, order, line, case)
        for order in orders
        for line in order.lines
        for case in line.aftersales
        if case.applied_at <= cut
    ]
    found.sort(key=lambda row: (row[0], row[3].id), reverse=True)
    stamp = cut + timedelta(seconds=late)
    name = file_name("aftersales", date=stamp.strftime("%Y-%m-%d"), time=stamp.strftime("%H_%M_%S"))
    rows = tuple(aftersale_row(shop, order, line, case, cut) for _, order, line, case in found)
    return Export(name, shop.name, "douyin_aftersales", "aftersales", cut, rows)


def _commissions(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows: list[Row] = []
    for order in reversed(orders):
        listed = [line for line in order.lines if has_commission(order, line, cut)]
        rows += [commission_row(shop, order, line, cut) for line in listed]
    digest = sha256(f"{shop.key}{cut}".encode()).hexdigest()
    uuid = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    name = f"{uuid}_7{int(digest[32:46], 16) % 10**18:018d}.xlsx"
    return Export(name, shop.name, "douyin_commissions", "commissions", cut, tuple(rows))


def _parcels(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    kind = "parcels_csv" if shop.key == "mountain" else "parcels_xlsx"
    name = file_name(kind, date=cut.strftime("%Y-%m-%d"))
    return Export(name, shop.name, "parcels", "parcels", cut, tuple(parcel_rows(orders, cut)))


def _money(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """The settlement bill and the account statement."""
    span = {"first": f"{orders[0].placed_at:%Y%m%d}", "last": f"{cut:%Y%m%d}", "shop": shop.platform_id}
    bill = tuple(bill_row(row) for row in reversed(settlements(shop, orders, cut)))
    moves = tuple(funds_row(shop, place, one) for place, one in enumerate(movements(shop, orders, cut)))
    return [
        Export(file_name("settlement", **span), shop.name, "douyin_settlement", "settlement", cut, bill),
        Export(file_name("funds", **span), shop.name, "douyin_funds", "funds", cut, moves[::-1]),
    ]


def _leaders(shop: Shop, orders: list[Order], cut: datetime) -> Export:
    rows = tuple(
        leader_row(shop, order, line, cut)
        for order in reversed(orders)
        for line in order.lines
        if leads(shop, order, line, cut)
    )
    name = file_name("leaders", last=f"{cut:%Y%m%d}")
    return Export(name, shop.name, "douyin_leader_commissions", "leaders", cut, rows)


def exports(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """Every file of one shop."""
    start = datetime.combine(orders[0].day, time(0, 0))
    found = [
        _order_export(shop, orders, start, earlier(cut)),
        _order_export(shop, orders, overlap_from(cut), cut),
    ]
    if shop.key == "cloud":
        found.append(_by_main(shop, orders, cut))
    found += [
        _aftersales(shop, orders, cut, 184 if shop.key == "mountain" else 251),
        _commissions(shop, orders, cut),
        _parcels(shop, orders, cut),
        *_money(shop, orders, cut),
    ]
    return [*found, _leaders(shop, orders, cut)] if shop.key == "mountain" else found

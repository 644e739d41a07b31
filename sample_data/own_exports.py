"""The tables a shop keeps itself, as a merchant would fill them in; every shop has visitors and adverts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sample_data.catalog import Shop, words
from sample_data.exports import Export, file_name
from sample_data.order_rows import Row
from sample_data.own_facts import days, sessions, spends, spread, stock, visits
from sample_data.printing import money, per_cent, plain, since
from sample_data.truth import Order, by

KEEPER = "mountain"
TARGET_FEN, TARGET_ORDERS = 12_000_000, 1_500


def _export(shop: Shop, cut: datetime, key: str, rows: Iterable[Row]) -> Export:
    name = file_name(key, shop=shop.platform_id, date=f"{cut:%Y%m%d}")
    return Export(name, shop.name, key, key, cut, tuple({"shop": shop.name, **row} for row in rows))


def _traffic(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    for one in visits(shop, orders, cut):
        yield {
            "day": one.day.isoformat(),
            "source": words()["own"]["sources"][one.source],
            "exposed": str(one.exposed),
            "visitors": str(one.visitors),
            "clicks": str(one.clicks),
        }


def _ads(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    for one in spends(shop, orders, cut):
        yield {
            "day": f"{one.day:%Y/%m/%d}",
            "account": words()["own"]["promotion"][shop.platform],
            "spend": money(one.spend),
            "exposures": str(one.exposures),
            "clicks": str(one.clicks),
        }


def _sessions(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    for number, one in enumerate(sessions(shop, orders, cut), 1):
        yield {
            "room_id": f"75{one.started_at:%Y%m%d}{number:09d}",
            "started_at": since(one.started_at),
            "ended_at": since(one.ended_at),
            "influencer_id": one.person.id,
            "influencer": one.person.name,
            "visitors": str(one.visitors),
            "clicks": str(one.clicks),
            "orders": str(one.orders),
            "amount": plain(one.amount),
        }


def _stock(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    for one in stock(shop, orders, cut):
        yield {
            "sku_code": one.spec.sku_code,
            "product": one.product,
            "spec": one.spec.name,
            "warehouse": shop.warehouse,
            "on_hand": str(one.on_hand),
            "in_transit": str(one.in_transit),
            "lead_days": str(one.lead_days),
            "day": cut.date().isoformat(),
        }


def _cost(kind: str, first: date, last: date | None, amount: int, **more: str) -> Row:
    blank = ("sku_code", "product", "influencer_id", "influencer", "quantity", "note")
    return {
        **dict.fromkeys(blank, ""),
        "kind": words()["own"]["kinds"][kind],
        "from_day": first.isoformat(),
        "last_day": last.isoformat() if last else "",
        "amount": plain(amount),
        **more,
    }


def _months(cut: datetime) -> list[date]:
    return sorted({day.replace(day=1) for day in days(cut)})


def _costs(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    """What goods cost from the first day on, slot fees of influencers, samples, the warehouse a month."""
    first = days(cut)[0]
    for held in stock(shop, orders, cut):
        yield _cost("goods", first, None, held.cost, sku_code=held.spec.sku_code, product=held.product)
    for place, person in enumerate(shop.influencers[:3]):
        known = {"influencer_id": person.id, "influencer": person.name}
        day = first + timedelta(days=20 + 15 * place)
        yield _cost("slot", day, day, 80_000 + 40_000 * place, **known)
        yield _cost("samples", day, day, 4_500, quantity="3", **known)
    for month in _months(cut):
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        yield _cost("storage", month, last, 260_000, note=words()["own"]["month_fee"])


def _shifts(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    """Two hosts share an evening."""
    hosts = words()["own"]["hosts"]
    for number, one in enumerate(sessions(shop, orders, cut)):
        for part, (start, end) in enumerate((("19:00", "21:15"), ("21:15", "23:30"))):
            yield {
                "host": hosts[(number + part) % len(hosts)],
                "room": one.person.name,
                "day": one.started_at.date().isoformat(),
                "from": start,
                "to": end,
            }


def _rates(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    for person in shop.influencers:
        product = shop.products[spread(person.id, 0, len(shop.products) - 1)]
        yield {
            "influencer_id": person.id,
            "influencer": person.name,
            "product_id": product.id,
            "product": product.name,
            "plan": words()["own"]["plan"],
            "rate": per_cent(person.rate),
            "from_day": days(cut)[0].isoformat(),
            "last_day": (cut.date() + timedelta(days=30)).isoformat(),
        }


def _targets(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    said = words()["own"]["metrics"]
    for place, month in enumerate(_months(cut)):
        values = {"paid_amount": plain(TARGET_FEN + 1_000_000 * place), "orders_paid": str(TARGET_ORDERS)}
        for metric, value in values.items():
            yield {"month": f"{month:%Y-%m}", "metric": said[metric], "value": value}


def _board(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    """The platform's board: what was paid on a day and what went back on it, whichever orders it was."""
    visitors: dict[date, int] = {}
    for one in visits(shop, orders, cut):
        if one.source == "all":
            visitors[one.day] = one.visitors
    for day in days(cut)[:-1]:
        paid = [order for order in orders if order.paid_at and order.paid_at.date() == day]
        refunds = [
            case.refund_amount
            for order in orders
            for line in order.lines
            for case in line.aftersales
            if (at := by(case.refunded_at(cut), cut)) and at.date() == day
        ]
        yield {
            "day": day.isoformat(),
            "paid": plain(sum(line.paid for order in paid for line in order.lines)),
            "orders": str(len(paid)),
            "refund": plain(sum(refunds)),
            "visitors": str(visitors[day]),
        }


def _benchmark(shop: Shop, orders: list[Order], cut: datetime) -> Iterable[Row]:
    said = words()["own"]
    for day in days(cut):
        value = f"{spread(f'index {day}', 9_000, 13_000) / 100:.2f}"
        yield {"day": day.isoformat(), "industry": said["industry"], "metric": said["index"], "value": value}


EVERY = {"traffic": _traffic, "ads": _ads}
KEPT = {
    "live_sessions": _sessions,
    "stock": _stock,
    "costs": _costs,
    "host_shifts": _shifts,
    "agreed_rates": _rates,
    "targets": _targets,
    "compass_daily": _board,
    "benchmark": _benchmark,
}


def exports(shop: Shop, orders: list[Order], cut: datetime) -> list[Export]:
    """The shop's own tables; the first shop keeps all of them."""
    kept = EVERY | KEPT if shop.key == KEEPER else EVERY
    return [_export(shop, cut, key, rows(shop, orders, cut)) for key, rows in kept.items()]

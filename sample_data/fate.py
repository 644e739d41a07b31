"""What becomes of an order: payment, shipping, transit, receipt. Everything is decided when it is placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

from sample_data.basket import cipher, lines, notes, number, order_number, pick
from sample_data.cases import Journey, case, hours, wants_refund
from sample_data.catalog import Place, Shop, catalog, couriers, places, words
from sample_data.demand import Wish, wishes
from sample_data.truth import Line, Order, Parcel

PAY_CHANCE = {"live": 0.905, "short_video": 0.89, "product_card": 0.945, "showcase": 0.93}


def _payment(random: Random, wish: Wish) -> tuple[datetime | None, datetime | None]:
    """Pay time, or the moment an unpaid order lapses."""
    if wish.special or random.random() < PAY_CHANCE.get(wish.source, 0.92):
        seconds = min(80_000.0, random.lognormvariate(3.1, 0.9))
        if random.random() < 0.06:
            seconds = 600 + random.random() * 20_000
        return wish.placed_at + timedelta(seconds=1 + int(seconds)), None
    return None, wish.placed_at + hours(random.choices([0.5, 2, 24], [50, 15, 35])[0])


def _working_time(random: Random, moment: datetime) -> datetime:
    """The same moment, or the next one a warehouse works at: nine in the morning to nine in the evening."""
    second = timedelta(seconds=int(random.random() * 7200))
    opening = datetime.combine(moment.date(), time(9, 0))
    if moment < opening:
        return opening + second
    return opening + timedelta(days=1) + second if moment.hour >= 21 else moment


def _shipping(random: Random, shop: Shop, paid_at: datetime) -> datetime:
    """Most parcels leave within a day or two; a few stay behind, more so in the rush of a promotion."""
    rush = {(wave[0], wave[1]) for wave in catalog()["calendar"]["waves"] if wave[2] >= 1.8}
    wait = (
        random.lognormvariate(0, 0.45)
        * shop.ship_hours
        * (1.35 if (paid_at.month, paid_at.day) in rush else 1)
    )
    if random.random() < 0.035:
        wait += 30 + 60 * random.random()
    return _working_time(random, paid_at + hours(max(1.0, wait)))


def _transit(random: Random, place: Place, shipped_at: datetime) -> Parcel:
    courier = random.choices(couriers(), [courier.weight for courier in couriers()])[0]
    pickup = random.lognormvariate(1.5, 0.55)
    if random.random() < 0.04:
        pickup += 22 + 30 * random.random()
    picked_up_at = shipped_at + hours(pickup)
    median, spread = catalog()["lanes"][place.lane]
    moving = random.lognormvariate(0, spread) * median * courier.speed
    if random.random() < 0.03:
        moving *= 2.2
    signed_at = _delivery_time(random, picked_up_at + hours(max(8.0, moving)))
    waybill = courier.prefix + number(random, courier.digits)
    return Parcel(waybill, courier.name, shipped_at, picked_up_at, signed_at)


def _delivery_time(random: Random, moment: datetime) -> datetime:
    """Couriers hand over between eight and twenty-one o'clock."""
    if 8 <= moment.hour < 21:
        return moment
    day = moment.date() + timedelta(days=1 if moment.hour >= 21 else 0)
    return datetime.combine(day, time(8, 0)) + timedelta(seconds=int(random.random() * 18_000))


def _completion(random: Random, signed: list[datetime], line_list: tuple[Line, ...]) -> datetime | None:
    """Receipt confirmed by the buyer or after ten days; an open case holds it up; none if all came back."""
    last = max(signed)
    at = last + (hours(24 * 10) if random.random() < 0.45 else hours(random.lognormvariate(4.0, 0.7)))
    at = min(at, last + hours(240))
    every_line_back = True
    for line in line_list:
        final = line.aftersales[-1] if line.aftersales else None
        if final is not None and final.applied_at <= at:
            at = max(at, final.ended_at + hours(3))
        back = final is not None and final.full and final.outcome == "refunded" and final.ended_at <= at
        every_line_back = every_line_back and back
    return None if every_line_back else at


def _deliver(
    random: Random, shop: Shop, place: Place, paid_at: datetime, shipped_at: datetime, found: tuple[Line, ...]
) -> tuple[tuple[Line, ...], datetime | None]:
    """Ships every line (rarely in two parcels), opens the cases, and says when the order completes."""
    parcel = _transit(random, place, shipped_at)
    result: list[Line] = []
    signed: list[datetime] = []
    for index, line in enumerate(found):
        own = parcel
        if index and random.random() < 0.3:
            own = _transit(random, place, shipped_at + hours(2 + 20 * random.random()))
        assert own.signed_at is not None  # noqa: S101 - a planned trip always ends
        plan = wants_refund(random, shop, line)
        trip = Journey(paid_at, own.shipped_at, own.signed_at)
        cases = case(random, plan, line, trip) if plan else ()
        if plan == "refund_unshipped" and cases[-1].ended_at < own.shipped_at - hours(1):
            result.append(replace(line, aftersales=cases))
            continue
        if plan == "refund_unshipped":
            cases = ()
        if plan == "refund_shipped":
            own = replace(own, waybill=own.waybill[:-6] + number(random, 6), signed_at=None)
        signed.append(trip.signed_at)
        result.append(replace(line, shipped_at=own.shipped_at, parcel=own, aftersales=cases))
    every = tuple(result)
    return every, _completion(random, signed, every) if signed else None


def _order(random: Random, shop: Shop, wish: Wish) -> Order:
    order_id = order_number(random, wish.placed_at, shop.digits)
    found = lines(random, shop, wish, order_id)
    paid_at, lapses_at = _payment(random, wish)
    every_place, weights = places()
    place = random.choices(every_place, weights)[0]
    buyer_note, seller_note, flag, changed = notes(random)
    said = words()
    free = sum(line.paid for line in found) == 0
    method = "nothing" if free else random.choices(["douyin", "alipay", "wechat"], [70, 20, 10])[0]
    order = Order(
        shop.key, order_id, wish.placed_at, paid_at, lapses_at,
        pick(random, said["notes"]["cancel_unpaid"]) if lapses_at else "", None, None, 0, None,
        cipher(random, "##", 24), cipher(random, "$$", 24), cipher(random, "##", 44), place,
        said["pay_method"][method], buyer_note, seller_note, flag, changed, found,
    )  # fmt: skip
    return order


def _live(random: Random, shop: Shop, order: Order) -> Order:
    """An ordinary paid order from payment to completion."""
    if order.paid_at is None:
        return order
    shipped_at = _shipping(random, shop, order.paid_at)
    every, completed_at = _deliver(random, shop, order.place, order.paid_at, shipped_at, order.lines)
    promised = order.paid_at + hours(48)
    return replace(order, lines=every, completed_at=completed_at, promised_at=promised)


def _presale(random: Random, shop: Shop, order: Order, balance_from: datetime) -> Order:
    """A deposit now, the balance when its window opens, the coat a week or two later."""
    ship_by = (balance_from + timedelta(days=12)).replace(hour=23, minute=59, second=59)
    order = replace(
        order,
        deposit=5000,
        presale_at=ship_by,
        promised_at=ship_by,
        paid_at=None,
        pay_method=words()["pay_method"]["douyin"],
        lapses_at=balance_from + hours(48),
        lapse_reason=words()["notes"]["cancel_balance"],
    )
    if random.random() < 0.09:
        return order
    paid_at = balance_from + timedelta(seconds=int(random.lognormvariate(8.2, 1.3)) % 150_000 + 5)
    shipped_at = _working_time(random, paid_at + hours(24 * (3 + 9 * random.random())))
    every, completed_at = _deliver(random, shop, order.place, paid_at, shipped_at, order.lines)
    return replace(
        order, lapses_at=None, lapse_reason="", paid_at=paid_at, lines=every, completed_at=completed_at
    )


def _balance_window(order: Order, shop: Shop, cut: datetime) -> datetime | None:
    """When the balance of a presale order opens; None for an ordinary order."""
    goods = {product.id for product in shop.products if product.presale}
    if len(order.lines) != 1 or order.lines[0].product_id not in goods:
        return None
    midnight = datetime.combine(cut.date(), time(0, 0))
    first, second = midnight - timedelta(days=11), midnight + timedelta(days=3)
    if first - timedelta(days=18) <= order.placed_at < first - timedelta(days=1):
        return first
    return second if order.placed_at >= midnight - timedelta(days=3) else None


def orders(random: Random, shop: Shop, cut: datetime) -> list[Order]:
    """Every order of the shop with its whole fate, oldest first."""
    found: list[Order] = []
    for wish in wishes(random, shop, cut):
        order = _order(random, shop, wish)
        window = _balance_window(order, shop, cut)
        if window is not None and random.random() < 0.6:
            found.append(_presale(random, shop, order, window))
        else:
            found.append(_live(random, shop, order))
    return found

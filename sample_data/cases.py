"""After-sale service: which lines come back, why, when, and with what outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sample_data.basket import number, pick, seconds
from sample_data.catalog import Shop, couriers, words
from sample_data.truth import Aftersale, Line


def hours(amount: float) -> timedelta:
    """So many hours in whole seconds."""
    return timedelta(seconds=int(amount * 3600))


@dataclass(frozen=True, slots=True)
class Journey:
    """The times of a line that after-sale cases hang on."""

    paid_at: datetime
    shipped_at: datetime
    signed_at: datetime


def wants_refund(random: Random, shop: Shop, line: Line) -> str:
    """What the buyer of the line will ask for: blank, or a plan for :func:`case`."""
    chance = shop.refunds[line.source]
    draw = random.random()
    if line.paid == 0:
        return ""
    if draw < chance:
        plans = ["refund_unshipped", "refund_shipped", "return_refund", "signed_refund"]
        return random.choices(plans, [30, 14, 46, 10])[0]
    if draw < chance + 0.018:
        return "withdrawn"
    if draw < chance + 0.018 + (0.02 if shop.key == "cloud" else 0.004):
        return "exchange"
    return "refused" if draw > 0.997 else ""


def _amounts(line: Line, part: float = 1.0) -> tuple[int, int, int, bool]:
    """Goods, freight and payment discount given back, and whether that is everything."""
    if part < 1:
        return int((line.paid - line.freight) * part) // 10 * 10, 0, 0, False
    return line.paid - line.freight, line.freight, line.payment_discount, True


def _case(
    random: Random, kind: str, outcome: str, reasons: str, applied: datetime, ended: datetime,
    amounts: tuple[int, int, int, bool],
) -> Aftersale:  # fmt: skip
    reason = pick(random, words()["reasons"][reasons])
    case_id = f"1{seconds(applied) // 10:09d}{number(random, 9)}"
    goods, freight, discount, full = amounts
    return Aftersale(
        case_id, kind, outcome, reason, applied, None, None, ended, goods, freight, discount, full
    )


def _before_shipping(random: Random, line: Line, trip: Journey) -> Aftersale:
    """Quickly after paying, while waiting, or fed up with a late parcel; the money is back the same day."""
    draw = random.random()
    if draw < 0.34:
        wait = hours(0.02 + 0.9 * random.random())
    elif draw < 0.96 or trip.shipped_at < trip.paid_at + hours(60):
        wait = hours(1.2 + random.random() * 30)
    else:
        wait = hours(50 + random.random() * 8)
    applied = trip.paid_at + wait
    ended = applied + hours(0.1 + 5.5 * random.random() ** 2)
    return _case(random, "refund_unshipped", "refunded", "refund_unshipped", applied, ended, _amounts(line))


def _on_the_way(random: Random, line: Line, trip: Journey) -> Aftersale:
    share = 0.1 + 0.75 * random.random()
    applied = trip.shipped_at + (trip.signed_at - trip.shipped_at) * share
    applied = applied.replace(microsecond=0)
    ended = applied + hours(6 + 60 * random.random())
    return _case(random, "refund_shipped", "refunded", "refund_shipped", applied, ended, _amounts(line))


def _sent_back(random: Random, line: Line, trip: Journey) -> Aftersale:
    applied = trip.signed_at + hours(min(160.0, random.lognormvariate(3.2, 0.9)))
    agreed = applied + hours(0.5 + 12 * random.random())
    sent = agreed + hours(4 + 50 * random.random())
    ended = sent + hours(40 + 90 * random.random())
    case = _case(random, "return_refund", "refunded", "return_refund", applied, ended, _amounts(line))
    return _returned(random, case, agreed, sent)


def _returned(random: Random, case: Aftersale, agreed: datetime, sent: datetime) -> Aftersale:
    courier = random.choices(couriers(), [courier.weight for courier in couriers()])[0]
    waybill = courier.prefix + number(random, courier.digits)
    return replace(
        case, agreed_at=agreed, return_shipped_at=sent, return_waybill=waybill, return_courier=courier.name
    )


def _after_receipt(random: Random, line: Line, trip: Journey) -> Aftersale:
    """A refund without a return: mostly a part for what was missing or spoilt."""
    applied = trip.signed_at + hours(1 + 70 * random.random())
    ended = applied + hours(1 + 30 * random.random())
    part = 0.3 if random.random() < 0.6 else 1.0
    return _case(random, "refund_shipped", "refunded", "signed_refund", applied, ended, _amounts(line, part))


def _exchanged(random: Random, line: Line, trip: Journey) -> Aftersale:
    case = _sent_back(random, line, trip)
    return replace(
        case, kind="exchange", outcome="exchange_done", reason=pick(random, words()["reasons"]["exchange"]),
        refund_goods=0, refund_freight=0, refund_payment_discount=0, full=False,
    )  # fmt: skip


def _withdrawn(random: Random, line: Line, trip: Journey) -> Aftersale:
    applied = trip.signed_at + hours(2 + 60 * random.random())
    ended = applied + hours(2 + 50 * random.random())
    return _case(random, "return_refund", "closed", "return_refund", applied, ended, _amounts(line))


def _refused(random: Random, line: Line, trip: Journey) -> Aftersale:
    """The merchant says no, the buyer calls the platform in."""
    case = _after_receipt(random, line, trip)
    ruling = "buyer" if random.random() < 0.45 else "merchant"
    disputed = case.applied_at + hours(20 + 20 * random.random())
    ended = disputed + hours(50 + 60 * random.random())
    goods, freight, discount, full = _amounts(line)
    return replace(
        case,
        outcome="refunded" if ruling == "buyer" else "refused",
        disputed_at=disputed,
        ruling=ruling,
        ended_at=ended,
        refund_goods=goods,
        refund_freight=freight,
        refund_payment_discount=discount,
        full=full,
    )


PLANS = {
    "refund_unshipped": _before_shipping,
    "refund_shipped": _on_the_way,
    "return_refund": _sent_back,
    "signed_refund": _after_receipt,
    "exchange": _exchanged,
    "withdrawn": _withdrawn,
    "refused": _refused,
}


def case(random: Random, plan: str, line: Line, trip: Journey) -> tuple[Aftersale, ...]:
    """The cases of one line: some were asked for once before and withdrawn, some go to arbitration."""
    last = PLANS[plan](random, line, trip)
    if plan == "return_refund" and random.random() < 0.09:
        early = trip.signed_at + hours(0.5 + random.random())
        first = _case(
            random, "return_refund", "closed", "return_refund", early, early + hours(0.4), _amounts(line)
        )
        if first.ended_at < last.applied_at:
            return (first, last)
    if plan in ("return_refund", "refund_shipped", "signed_refund") and random.random() < 0.05:
        disputed = last.applied_at + (last.ended_at - last.applied_at) * 0.6
        return (replace(last, disputed_at=disputed.replace(microsecond=0), ruling="buyer"),)
    return (last,)

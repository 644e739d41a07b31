"""Taobao and Tmall exports as the platform prints them at one moment: orders, items, refunds, promoters.

The order list shows what the buyer paid less what went back; the newer workbook shows it whole.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sample_data.catalog import Shop, words
from sample_data.exports import overlap_from
from sample_data.order_rows import Row
from sample_data.other_rows import share
from sample_data.printing import per_cent, plain, since
from sample_data.truth import Aftersale, Line, Order, Parcel, by

BUYERS = 1_150
GOING = ("unpaid", "to_ship", "shipped", "completed")
SETTLES = timedelta(minutes=5)
LED, LEADER_RATE = "12.00", "2"


def buyer(order: Order) -> str:
    """The buyer's account name; some buyers come back."""
    number = int(sha256(order.order_id.encode()).hexdigest()[:12], 16) % BUYERS
    return f"{words()['taobao']['buyer']}{number:04d}"


def order_status(order: Order, moment: datetime) -> str:
    """The state of the whole order: that of its slowest line still going."""
    states = [order.line_status(line, moment) for line in order.lines]
    going = [state for state in states if state != "closed"]
    return min(going, key=GOING.index) if going else "closed"


def refunded(line: Line, moment: datetime) -> int:
    """What has gone back for a line, in fen."""
    return sum(case.refund_amount for case in line.aftersales if case.refunded_at(moment))


def _receiver(order: Order) -> Row:
    said = words()["taobao"]
    seed = sha256(order.receiver.encode()).hexdigest()
    place = order.place
    street = said["address"].format(number=int(seed[:4], 16) % 200 + 1, code=f"{place.code[:3]}000")
    return {
        "buyer": buyer(order),
        "alipay": f"{seed[:3]}***@example.com",
        "receiver": said["names"][int(seed[4:8], 16) % len(said["names"])] + "**",
        "address": f"{place.province} {place.city} {place.district} {street}",
        "phone": "",
        "mobile": f"139****{int(seed[8:12], 16) % 10_000:04d}",
    }


def _closing(order: Order, moment: datetime, status: str) -> str:
    said = words()["taobao"]["closing"]
    if status != "closed":
        return str(said["open"])
    return str(said["refund" if by(order.paid_at, moment) else "unpaid"])


def order_row(shop: Shop, order: Order, moment: datetime) -> Row:
    """One order of the list."""
    said = words()["taobao"]
    paid_at = by(order.paid_at, moment)
    status = order_status(order, moment)
    parcels = order.parcels(moment)
    total = sum(line.payable for line in order.lines)
    freight = sum(line.freight for line in order.lines)
    paid = sum(line.paid for line in order.lines) if paid_at else 0
    back = sum(refunded(line, moment) for line in order.lines)
    done = by(order.completed_at, moment) if status == "completed" else None
    return {
        "order_id": order.order_id,
        "payment_id": f"{order.placed_at:%Y%m%d}22001{order.order_id[-12:]}" if paid_at else "",
        "payment_detail": said["payment_detail"] if paid_at else "",
        "goods": plain(total - freight),
        "freight": plain(freight),
        "total": plain(total),
        "paid_net": plain(paid - back),
        "paid": plain(paid),
        "refund": plain(back),
        "status": said["status"][status],
        "buyer_note": order.buyer_note,
        "seller_note": order.seller_note,
        "carriage": said["carriage"],
        "placed_at": since(order.placed_at),
        "paid_at": since(paid_at),
        "titles": "，".join(line.product_name for line in order.lines),
        "specs": "；".join(line.spec for line in order.lines),
        "kinds": str(len(order.lines)),
        "waybill": parcels[0].waybill if parcels else "",
        "courier": parcels[0].courier if parcels else "",
        "quantity": str(sum(line.quantity for line in order.lines)),
        "shop_id": shop.platform_id,
        "shop_name": shop.name,
        "closing": _closing(order, moment, status),
        "points": "0",
        "nothing": "0元",
        "zero": "0.00",
        "handset": said["handset"],
        "no": said["no"],
        "received_at": since(done),
        "payout": f"{plain(paid - back)}元" if done else "0.00元",
        "payout_plain": plain(paid - back) if done else "",
        **_receiver(order),
    }


def line_row(order: Order, line: Line, moment: datetime) -> Row:
    """One item, for the old and the new item report."""
    said = words()["taobao"]
    paid_at = by(order.paid_at, moment)
    back = refunded(line, moment)
    begun = [case for case in line.aftersales if case.applied_at <= moment]
    parcel = line.parcel if by(line.shipped_at, moment) else None
    return {
        "order_id": order.order_id,
        "line_id": line.line_id,
        "title": line.product_name,
        "price": plain(line.unit_price),
        "quantity": str(line.quantity),
        "sku_code": line.sku_code,
        "spec": said["spec"].format(spec=line.spec),
        "note": order.seller_note,
        "status": said["status"][order.line_status(line, moment)],
        "payment_id": f"{order.placed_at:%Y%m%d}22001{order.order_id[-12:]}" if paid_at else "",
        "goods": plain(line.payable - line.freight),
        "paid": plain(line.paid if paid_at else 0),
        "refund_status": said["refund_status"][begun[-1].status(moment)] if begun else said["none_asked"],
        "refund": plain(back) if begun else said["no_refund_asked"],
        "placed_at": since(order.placed_at),
        "paid_at": since(paid_at),
        "product_id": line.product_id,
        "buyer_note": order.buyer_note,
        "shipped_at": since(by(line.shipped_at, moment)),
        "waybill": parcel.waybill if parcel else "",
        "courier": parcel.courier if parcel else "",
        "no": said["no"],
    }


def refund_row(order: Order, line: Line, case: Aftersale, moment: datetime) -> Row:
    """One refund case."""
    said = words()["taobao"]
    ended = by(case.ended_at, moment)
    disputed = by(case.disputed_at, moment)
    shipped = line.shipped_at is not None and line.shipped_at <= case.applied_at
    completed = order.completed_at is not None and case.applied_at > order.completed_at
    return {
        "order_id": order.order_id,
        "refund_id": case.id,
        "payment_id": f"{order.placed_at:%Y%m%d}22001{order.order_id[-12:]}",
        "paid_at": since(order.paid_at),
        "sku_code": line.sku_code,
        "ended_at": since(ended),
        "buyer": buyer(order),
        "paid": plain(line.paid),
        "title": line.product_name,
        "refund": plain(case.refund_amount),
        "manual": said["by_hand"],
        "returns": said["yes" if case.kind == "return_refund" else "no"],
        "applied_at": since(case.applied_at),
        "deadline_at": since(case.handled_by(moment)),
        "status": said["refund_status"][case.status(moment)],
        "goods_state": said["goods_state"]["received" if shipped else "unshipped"],
        "return_parcel": f"{case.return_courier} {case.return_waybill}"
        if by(case.return_shipped_at, moment)
        else "",
        "parcel": f"{line.parcel.courier} {line.parcel.waybill}" if shipped and line.parcel else "",
        "service": said["service"]["no" if not disputed else "done" if ended else "open"],
        "reason": case.reason,
        "liable": said["liable"] if disputed and ended and case.ruling == "buyer" else "",
        "stage": said["stage"]["after" if completed else "during"],
        "part": said["part"]["all" if case.full else "some"],
    }


def promoted(order: Order, line: Line, moment: datetime) -> bool:
    """Whether the promoters' settlement lists the line: sold by one, received, and not wholly given back.

    It was exported for the orders of the newer reports.
    """
    if order.placed_at < overlap_from(moment, order.shop):
        return False
    done = by(order.completed_at + SETTLES if order.completed_at else None, moment)
    whole = any(case.full and case.refunded_at(order.completed_at or moment) for case in line.aftersales)
    return line.channel == "alliance" and done is not None and not whole


def promoter_base(order: Order, line: Line) -> int:
    """What the promoter's share is taken of: paid, less what went back before receipt was confirmed."""
    at = order.completed_at
    return line.paid - (refunded(line, at) if at else 0)


def leader_rate(line: Line) -> str:
    """What the team leader of the line's promoter takes, in per cent."""
    return LEADER_RATE if line.person is not None and line.person.rate == LED else "0"


def promoter_row(order: Order, line: Line) -> Row:
    """One settled line of a promoter."""
    assert line.person is not None  # noqa: S101 - asked for promoted lines only
    assert order.completed_at is not None  # noqa: S101 - and those were received
    rate, base = line.person.rate, promoter_base(order, line)
    fee = share(base, rate)
    return {
        "received_at": since(order.completed_at),
        "spent_at": since(order.completed_at + SETTLES),
        "settled_at": since(order.completed_at + SETTLES),
        "placed_at": since(order.placed_at),
        "plan": words()["taobao"]["plan"],
        "product_id": line.product_id,
        "title": line.product_name,
        "base": plain(base),
        "quantity": str(line.quantity),
        "rate": per_cent(Decimal(rate)),
        "commission": plain(fee),
        "service_rate": per_cent(leader_rate(line)),
        "service": plain(share(base, leader_rate(line))),
        "order_id": order.order_id,
        "line_id": line.line_id,
        "promoter": line.person.name,
        "leader": words()["taobao"]["leader"] if leader_rate(line) != "0" else "",
        "presale": words()["taobao"]["no"],
        "note": "",
    }


def courier_row(order: Order, parcel: Parcel, moment: datetime) -> Row:
    """One parcel as the courier's own site lists it."""
    signed = by(parcel.signed_at, moment)
    return {
        "waybill": parcel.waybill,
        "order_id": order.order_id,
        "courier": parcel.courier,
        "shipped_at": since(parcel.shipped_at),
        "picked_up_at": since(by(parcel.picked_up_at, moment)),
        "signed_at": since(signed),
        "state": words()["taobao"]["parcel"]["signed" if signed else "moving"],
    }

"""Kuaishou exports as the platform prints them at one moment: orders, cases, settlement, waybills."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from sample_data.catalog import Shop, words
from sample_data.order_rows import Row
from sample_data.other_rows import share
from sample_data.printing import plain, since, slashed, yuan
from sample_data.settling import Settlement
from sample_data.truth import Aftersale, Line, Order, Parcel, by

ROLES = ("influencer", "leader", "helper")
FAR = "north_west"


def estimated(line: Line) -> int:
    """The promoter's expected commission, in fen."""
    return share(line.paid, line.person.rate) if line.channel == "alliance" and line.person else 0


def _promoters(line: Line, *, as_number: bool) -> Row:
    """Who promoted the sale: one of three kinds; ids that Excel took for numbers end with ``.0``."""
    person = line.person if line.channel == "alliance" else None
    found: Row = {}
    for role in ROLES:
        own = person is not None and person.role == role
        number = f"{person.id}.0" if person and as_number else person.id if person else ""
        found |= {f"{role}_id": number if own else "", f"{role}_name": person.name if person and own else ""}
    rate = f"{Decimal(person.rate):.1f}%" if person else ""
    return {**found, "estimated": yuan(estimated(line)) if person else "", "rate": rate}


def _receiver(order: Order) -> Row:
    place = order.place
    return {
        "receiver": order.receiver,
        "phone": order.phone,
        "address": order.address,
        "province": place.province,
        "city": place.city,
        "district": place.district,
        "street": words()["files"]["street"],
        "collecting": words()["kuaishou"]["collecting"] if place.lane == FAR else "",
    }


def _aftersale_word(line: Line, moment: datetime) -> str:
    begun = [case for case in line.aftersales if case.applied_at <= moment]
    return str(words()["kuaishou"]["order_aftersale"][begun[-1].status(moment)]) if begun else ""


def _parcel(line: Line, moment: datetime) -> Row:
    parcel = line.parcel if by(line.shipped_at, moment) else None
    said = words()["kuaishou"]["tracking"]
    done = parcel is not None and by(parcel.signed_at, moment)
    return {
        "shipped_at": since(by(line.shipped_at, moment)),
        "courier": parcel.courier if parcel else "",
        "waybill": parcel.waybill if parcel else "",
        "tracking": said["signed" if done else "moving"] if parcel else "",
    }


def order_row(shop: Shop, order: Order, moment: datetime, sheet: str, *, as_number: bool) -> Row:
    """The one row of an order: there is one product in it."""
    said = words()["kuaishou"]
    (line,) = order.lines
    paid_at = by(order.paid_at, moment)
    return {
        "sheet": sheet,
        "order_id": order.order_id,
        "placed_at": since(order.placed_at),
        "paid_at": since(paid_at),
        "status": said["status"][order.line_status(line, moment)],
        "paid": yuan(line.paid),
        "freight": yuan(line.freight),
        "merchant_discount": yuan(line.merchant_discount),
        "platform_discount": yuan(line.platform_discount),
        "influencer_discount": yuan(line.influencer_discount),
        "payment_discount": yuan(line.payment_discount),
        "zero": "￥0",
        "pay_method": said["pay_method"] if paid_at else "",
        "quantity": str(line.quantity),
        "buyer_note": order.buyer_note,
        "seller_note": order.seller_note,
        "flag": order.flag,
        "aftersale": _aftersale_word(line, moment),
        "promised_at": since(order.promised_at if paid_at else None),
        "source": said["source"][line.source],
        "product_name": line.product_name,
        "product_id": line.product_id,
        "spec": line.spec,
        "sku_code": line.sku_code,
        "unit_price": yuan(line.unit_price),
        "channel": said["channel"]["alliance" if line.channel == "alliance" else "own"],
        "warehouse": shop.warehouse,
        "no": said["no"],
        **_promoters(line, as_number=as_number),
        **_receiver(order),
        **_parcel(line, moment),
    }


def aftersale_row(shop: Shop, order: Order, line: Line, case: Aftersale, moment: datetime) -> Row:
    """One case as it stands at ``moment``."""
    said = words()["kuaishou"]
    ended, disputed = by(case.ended_at, moment), by(case.disputed_at, moment)
    shipped = line.shipped_at is not None and line.shipped_at <= case.applied_at
    sent_back = by(case.return_shipped_at, moment)
    buyer = int(sha256(order.order_id.encode()).hexdigest()[:10], 16) % 10**9
    return {
        "sheet": "Sheet1",
        "aftersale_id": case.id,
        "order_id": order.order_id,
        "order_status": said["status"][order.line_status(line, case.applied_at)],
        "placed_at": since(order.placed_at),
        "paid": yuan(line.paid),
        "freight": yuan(line.freight),
        "income": yuan(line.paid),
        "product_id": line.product_id,
        "product_name": line.product_name,
        "sku_code": line.sku_code,
        "spec": line.spec,
        "buyer_id": f"1{buyer:09d}",
        "buyer": f"{said['buyer']}{buyer % 10_000:04d}",
        "kind": said["aftersale_kind"][case.kind],
        "refund": yuan(case.refund_amount),
        "status": said["aftersale_status"][case.status(moment)],
        "reason": case.reason,
        "applied_at": since(case.applied_at),
        "ended_at": since(ended),
        "deadline_at": since(case.handled_by(moment)),
        "no": said["no"],
        "method": said["refund_method"] if case.refunded_at(moment) else "",
        "arbitration": said["arbitration"]["done" if ended else "open"] if disputed else "",
        "waybill": line.parcel.waybill if shipped and line.parcel else "",
        "courier": line.parcel.courier if shipped and line.parcel else "",
        "return_waybill": case.return_waybill if sent_back else "",
        "return_courier": case.return_courier if sent_back else "",
        "return_logistics": said["tracking"]["signed" if ended else "moving"] if sent_back else "",
        "return_address": shop.return_place if case.agreed_at else "",
        "exchange": line.spec if case.kind == "exchange" else "",
        "handled_by": said["merchant"],
        "flag": order.flag,
    }


def settlement_row(shop: Shop, row: Settlement) -> Row:
    """One paid-out order with everything taken off it."""
    said = words()["kuaishou"]
    line = row.line
    person = line.person if line.channel == "alliance" else None
    shares = {role: row.commission if person and person.role == role else 0 for role in ROLES}
    return {
        "shop_id": shop.platform_id,
        "order_id": row.order.order_id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "quantity": str(line.quantity),
        "placed_at": since(row.order.placed_at),
        "paid": plain(line.paid),
        "zero": "0.00",
        "payment_discount": plain(line.payment_discount),
        "platform_discount": plain(line.platform_discount),
        "influencer_discount": plain(line.influencer_discount),
        "merchant_discount": plain(line.merchant_discount),
        "income": plain(row.income + row.refund_before),
        "refund": plain(row.refund_before),
        "platform_fee": plain(row.platform_fee),
        **{f"{role}_id": person.id if person and person.role == role else "" for role in ROLES},
        **{f"{role}_fee": plain(amount) for role, amount in shares.items()},
        "plan": said["plan"] if person else "",
        "base": plain(line.paid - row.refund_before),
        "fees": plain(row.fees),
        "amount": plain(row.amount),
        "settled_at": since(row.at),
        "rule": said["rule"],
        "channel": said["fund_channel"],
        "account": shop.name,
        "merchant": f"K{shop.platform_id}",
        "freight": plain(line.freight),
        "note": "",
    }


def parcel_row(parcel: Parcel, order_id: str, at: datetime | None) -> Row:
    """One waybill with the time that belongs to the tab it was exported from."""
    return {"order_id": order_id, "waybill": parcel.waybill, "at": slashed(at), "courier": parcel.courier}

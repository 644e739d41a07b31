"""After-sale, commission and parcel exports as the platform prints them at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sample_data.catalog import Shop, words
from sample_data.order_rows import Row
from sample_data.printing import BLANK, clock, money, per_cent, text
from sample_data.truth import Aftersale, Line, Order, by


def aftersale_row(shop: Shop, order: Order, line: Line, case: Aftersale, moment: datetime) -> Row:
    """One case as it stands at ``moment``; asked only for cases begun by then."""
    said = words()
    misc = said["misc"]
    status = case.status(moment)
    refunded_at = case.refunded_at(moment)
    ended_at = by(case.ended_at, moment)
    agreed_at = by(case.agreed_at, moment) or refunded_at
    shipped = line.shipped_at is not None and line.shipped_at <= case.applied_at
    sent_back = by(case.return_shipped_at, moment)
    disputed = by(case.disputed_at, moment)
    return {
        "aftersale_id": case.id,
        "order_id": order.order_id,
        "line_id": line.line_id,
        "product_name": line.product_name,
        "product_id": line.product_id,
        "sku_code": line.sku_code,
        "payable": money(line.payable),
        "freight": money(line.freight),
        "payment_discount": money(line.payment_discount),
        "zero": money(0),
        "ship_state": misc["shipped_state" if shipped else "unshipped_state"],
        "kind": said["aftersale_kind"][case.kind],
        "refund_goods": money(case.refund_goods),
        "refund_freight": money(case.refund_freight),
        "refund_payment_discount": money(case.refund_payment_discount)
        if case.refund_payment_discount
        else BLANK,
        "status": said["aftersale_status"][status],
        "applied_at": clock(case.applied_at),
        "refund_method": misc["original_way"] if refunded_at else misc["no_refund"] if ended_at else BLANK,
        "no": misc["no"],
        "reason": case.reason,
        "reason_tag": BLANK,
        "return_waybill": case.return_waybill if sent_back else BLANK,
        "return_shipped_at": clock(sent_back),
        "return_courier": case.return_courier if sent_back else BLANK,
        "deadline_at": clock(case.handled_by(moment)),
        "agreed_at": clock(agreed_at),
        "refunded_at": clock(refunded_at),
        "arrived_at": clock(
            refunded_at + timedelta(minutes=3)
            if refunded_at and refunded_at + timedelta(minutes=3) <= moment
            else None
        ),
        "closed_at": clock(ended_at if status in ("closed", "refused") else None),
        "return_address": shop.return_place if case.agreed_at else BLANK,
        "return_contact": BLANK,
        "return_phone": BLANK,
        "arbitration": said["arbitration"]["open" if not ended_at else case.ruling] if disputed else BLANK,
        "liable": misc["merchant" if case.ruling == "buyer" else "buyer"] if disputed and ended_at else BLANK,
        "instant": misc["yes" if case.ended_at - case.applied_at < timedelta(minutes=30) else "no"],
        "refused_delivery": misc["no"],
        "waybill": line.parcel.waybill if shipped and line.parcel else BLANK,
        "logistics_status": _logistics(line, shipped, moment),
        "exchange_waybill": BLANK,
        "return_logistics": misc["delivered" if ended_at else "moving"] if sent_back else BLANK,
        "finished_at": clock(ended_at),
        "seller_note": text(order.seller_note),
        "statement": said["reasons"]["statement"][int(case.id[-3:]) % len(said["reasons"]["statement"])],
        "handled_by": misc["merchant"],
        "talk": said["reasons"]["talk"] if refunded_at else BLANK,
        "exchange_goods": line.spec if case.kind == "exchange" else BLANK,
    }


def _logistics(line: Line, shipped: bool, moment: datetime) -> str:
    misc = words()["misc"]
    if not shipped or line.parcel is None:
        return BLANK
    if line.parcel.signed_at is None:
        return str(misc["returned_to_sender"])
    return str(misc["delivered" if line.parcel.signed_at <= moment else "moving"])


@dataclass(frozen=True, slots=True)
class Commission:
    """What one alliance line costs, as known at one moment. ``settled_at`` None: estimated only."""

    paid: int
    estimated: int
    settled_at: datetime | None
    settled_base: int
    settled: int
    bonus_estimated: int
    bonus_settled: int
    promotion_estimated: int
    promotion_settled: int
    status: str


def share(amount: int, rate: str) -> int:
    """A rate in per cent of an amount, in whole fen, half up."""
    return int((Decimal(amount) * Decimal(rate) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def has_commission(order: Order, line: Line, moment: datetime) -> bool:
    """Alliance lines that were paid; and a few others, which the platform lists with a rate of zero."""
    listed = line.channel == "alliance" or int(line.line_id[-3:]) < 4
    return listed and by(order.paid_at, moment) is not None and line.paid > 0


def commission(order: Order, line: Line, moment: datetime) -> Commission:
    """The commission of one line at ``moment``: settled eight days after completion, none on what came back
    before; what comes back later changes nothing."""
    rate = line.person.rate if line.channel == "alliance" and line.person else "0"
    bonus = "2" if rate == "30.00" else "0"
    promotion = "1" if rate in ("18.00", "28.00") else "0"
    settles_at = order.completed_at + timedelta(days=8, hours=2) if order.completed_at else None
    back = [case for case in line.aftersales if case.refunded_at(min(moment, settles_at or moment))]
    returned = sum(case.refund_amount for case in back)
    estimated = share(line.paid, rate), share(line.paid, bonus), share(line.paid, promotion)
    if any(case.full for case in back):
        return Commission(line.paid, estimated[0], None, 0, 0, estimated[1], 0, estimated[2], 0, "refunded")
    if settles_at is None or settles_at > moment:
        return Commission(line.paid, estimated[0], None, 0, 0, estimated[1], 0, estimated[2], 0, "paid")
    base = line.paid - returned
    return Commission(
        line.paid, estimated[0], settles_at, base, share(base, rate), estimated[1], share(base, bonus),
        estimated[2], share(base, promotion), "settled",
    )  # fmt: skip


def commission_row(shop: Shop, order: Order, line: Line, moment: datetime) -> Row:
    """One alliance row as it stands at ``moment``."""
    said = words()
    misc = said["misc"]
    due = commission(order, line, moment)
    person = line.person if line.channel == "alliance" else None
    known = due.status != "paid"
    return {
        "line_id": line.line_id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "account": person.name if person else BLANK,
        "account_id": person.account if person else BLANK,
        "paid": money(due.paid),
        "rate": per_cent(person.rate if person else "0"),
        "estimated": money(due.estimated),
        "settled_base": money(due.settled_base) if known else BLANK,
        "settled": money(due.settled) if known else BLANK,
        "status": said["commission_status"][due.status],
        "paid_at": clock(by(order.paid_at, moment)),
        "received_at": clock(by(order.completed_at, moment)),
        "settled_at": clock(due.settled_at),
        "channel": said["channel"]["alliance"] if person else said["channel"]["own"],
        "balance_at": clock(by(order.paid_at, moment) if order.presale_at else None),
        "deposit": money(order.deposit),
        "shop_id": shop.platform_id,
        "shop_name": shop.name,
        "quantity": str(line.quantity),
        "zero_rate": per_cent("0"),
        "zero": money(0),
        "no": misc["no"],
        "bonus_estimated": money(due.bonus_estimated),
        "bonus_settled": money(due.bonus_settled),
        "payment_discount": money(line.payment_discount),
        "platform_discount": money(line.platform_discount),
        "influencer_discount": money(line.influencer_discount),
        "freight": money(line.freight),
        "promotion_rate": per_cent("1" if due.promotion_estimated else "0"),
        "promotion_estimated": money(due.promotion_estimated),
        "promotion_settled": money(due.promotion_settled),
        "plan": misc["alliance_plan"],
        "origin": misc["commission_origin"],
        "entrance": said["entrance"][line.source],
        "source": said["commission_source"].get(line.source, BLANK),
        "order_type": misc["commission_order_type"],
    }


def parcel_rows(orders: list[Order], moment: datetime) -> list[Row]:
    """One row a waybill, with every order number in it, as of ``moment``."""
    holders: dict[str, list[str]] = {}
    rows: dict[str, Row] = {}
    for order in orders:
        for parcel in order.parcels(moment):
            holders.setdefault(parcel.waybill, []).append(order.order_id)
            rows[parcel.waybill] = {
                "waybill": parcel.waybill,
                "picked_up_at": clock(by(parcel.picked_up_at, moment)),
                "shipped_at": clock(parcel.shipped_at),
                "signed_at": clock(by(parcel.signed_at, moment)),
                "courier": parcel.courier,
            }
    return [{**row, "order_ids": ",\t".join(holders[waybill])} for waybill, row in rows.items()]

"""Order exports as the platform prints them at one moment: a row a sub-order, or a row a main order."""

from __future__ import annotations

from datetime import datetime, timedelta

from sample_data.catalog import Shop, words
from sample_data.printing import BLANK, clock, money, text
from sample_data.truth import Line, Order, by

Row = dict[str, str]


def order_aftersale(line: Line, moment: datetime) -> str:
    """The order file's own word for the latest case of a line."""
    begun = [case for case in line.aftersales if case.applied_at <= moment]
    return words()["order_aftersale"][begun[-1].status(moment)] if begun else BLANK


def _person(line: Line) -> Row:
    said = words()
    return {
        "influencer_id": line.person.id if line.person else BLANK,
        "influencer_name": line.person.name if line.person else BLANK,
        "channel": said["channel"][line.channel],
        "advert": said["advert"].get(line.source, said["advert"]["none"])
        if line.advert
        else said["advert"]["none"],
        "traffic_type": said["advert"]["yes" if line.advert else "no"],
        "entrance": said["entrance"][line.source],
    }


def _receiver(order: Order) -> Row:
    said = words()
    return {
        "receiver": order.receiver,
        "phone": order.phone,
        "address": order.address,
        "province": order.place.province,
        "city": order.place.city,
        "district": order.place.district,
        "street": said["files"]["street"],
        "address_changed": said["misc"]["yes" if order.address_changed else "no"],
        "buyer_note": text(order.buyer_note),
        "seller_note": text(order.seller_note),
        "flag": text(order.flag),
    }


def _amounts(line: Line) -> Row:
    return {
        "quantity": str(line.quantity),
        "unit_price": money(line.unit_price),
        "payable": money(line.payable),
        "freight": money(line.freight),
        "discount": money(line.discount),
        "platform_discount": money(line.platform_discount),
        "merchant_discount": money(line.merchant_discount),
        "influencer_discount": money(line.influencer_discount),
        "payment_discount": money(line.payment_discount),
        "zero": money(0),
    }


def cancel_reason(order: Order, line: Line, moment: datetime) -> str:
    """Why a line closed; blank while it has not."""
    if by(order.lapses_at, moment):
        return order.lapse_reason
    return words()["notes"]["cancel_refund"] if by(order.line_closed_at(line), moment) else ""


def _states(order: Order, line: Line, moment: datetime) -> Row:
    said = words()
    status = order.line_status(line, moment)
    paid_at = by(order.paid_at, moment)
    return {
        "status": said["status"][status],
        "aftersale": order_aftersale(line, moment),
        "cancel_reason": cancel_reason(order, line, moment),
        "source": said["source"][order.line_source(line, moment)],
        "placed_at": clock(order.placed_at),
        "paid_at": clock(paid_at),
        "pay_method": order.pay_method if paid_at else BLANK,
        "shipped_at": clock(by(line.shipped_at, moment)),
        "completed_at": clock(by(order.completed_at, moment) if status == "completed" else None),
        "promised_at": clock(order.promised_at if paid_at else None),
        "presale_at": clock(order.presale_at),
        "expected_at": clock(
            order.promised_at + timedelta(days=3) if paid_at and order.promised_at else None
        ),
        "order_type": said["order_type"]["presale" if order.presale_at else "normal"],
    }


def _parcel(line: Line, moment: datetime) -> Row:
    if line.parcel is None or not by(line.shipped_at, moment):
        return {"parcel": BLANK}
    return {"parcel": f"{line.parcel.waybill}-{line.parcel.courier},{line.product_name}"}


def by_line(shop: Shop, order: Order, moment: datetime) -> list[Row]:
    """The rows of one order, one a sub-order."""
    misc = words()["misc"]
    return [
        {
            "order_id": order.order_id,
            "line_id": line.line_id,
            "product_name": line.product_name,
            "product_spec": line.spec,
            "product_id": line.product_id,
            "sku_code": line.sku_code,
            "app": misc["app"],
            "warehouse": shop.warehouse,
            "assured": misc["yes"],
            "ships_from": misc["ships_from"],
            "no": misc["no"],
            **_amounts(line),
            **_person(line),
            **_receiver(order),
            **_states(order, line, moment),
            **_parcel(line, moment),
        }
        for line in order.lines
    ]


def by_main(order: Order, moment: datetime) -> Row:
    """One row for the whole order, values of several sub-orders joined by a semicolon."""
    paid = by(order.paid_at, moment)
    every = order.lines
    states = [order.line_status(line, moment) for line in every]
    going = [state for state in states if state != "closed"]
    rank = ["unpaid", "deposit", "to_ship", "shipped", "completed"]
    status = min(going, key=rank.index) if going else "closed"
    return {
        "order_id": order.order_id,
        "line_id": ";".join(line.line_id for line in every),
        "product_name": ";".join(line.product_name for line in every),
        "product_id": ";".join(line.product_id for line in every),
        "sku_code": ";".join(line.sku_code for line in every),
        "quantity": str(sum(line.quantity for line in every)),
        "goods": money(sum(line.goods for line in every)),
        "payable": money(sum(line.payable for line in every)),
        "income": money(sum(line.payable + line.platform_discount for line in every)),
        "placed_at": clock(order.placed_at),
        "status": words()["status"][status],
        "pay_method": order.pay_method if paid else BLANK,
    }

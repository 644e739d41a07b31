"""Douyin's settlement bill, account statement and team-leader commissions, as the platform prints them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sample_data.catalog import Shop, words
from sample_data.funds import Movement
from sample_data.order_rows import Row
from sample_data.other_rows import commission, share
from sample_data.printing import BLANK, clock, money, per_cent
from sample_data.settling import LEADER_FEE, Settlement, has_leader
from sample_data.truth import Line, Order, by


def bill_row(row: Settlement) -> Row:
    """One row of the bill; a later refund repeats the numbers and carries only what it takes back."""
    said = words()["bill"]
    line, first = row.line, row.kind == "settled"
    return {
        "settled_at": clock(row.at),
        "order_id": row.order.order_id,
        "line_id": line.line_id,
        "amount": money(row.amount),
        "account": said["account"],
        "kind": said[row.kind],
        "refunded_before": said["yes" if row.refund_before else "no"],
        "placed_at": clock(row.order.placed_at),
        "product_id": line.product_id,
        "quantity": str(line.quantity),
        "channel": words()["channel"][line.channel],
        "order_type": words()["order_type"]["presale" if row.order.presale_at else "normal"],
        "total": money(line.goods + line.freight if first else 0),
        "goods": money(line.goods if first else 0),
        "freight": money(line.freight if first else 0),
        "merchant_discount": money(-line.merchant_discount if first else 0),
        "refund_before": money(-row.refund_before),
        "platform_discount": money(line.platform_discount if first else 0),
        "influencer_discount": money(line.influencer_discount if first else 0),
        "payment_discount": money(line.payment_discount if first else 0),
        "paid": money(line.paid if first else row.income),
        "income": money(row.income),
        "platform_fee": money(-row.platform_fee),
        "commission": money(-row.commission),
        "leader_fee": money(-row.leader_fee),
        "promotion_fee": money(-row.promotion_fee),
        "fees": money(-row.fees),
        "zero": money(0),
        "no": said["no"],
        "note": "" if first else said["refund_note"],
    }


def _order_part(one: Movement) -> Row:
    """What the statement says of the order behind a movement; a charge without one has blanks."""
    row = one.settlement
    if row is None:
        keys = ("line_id", "placed_at", "product_id", "order_type", "paid", "freight")
        own = {key: BLANK for key in keys} | {"order_id": one.order.order_id if one.order else BLANK}
    else:
        printed = bill_row(row)
        own = {key: printed[key] for key in ("order_id", "line_id", "placed_at", "product_id", "order_type")}
        own |= {key: printed[key] for key in ("paid", "freight")}
    fees = {key: getattr(row, key) if row else 0 for key in ("platform_fee", "commission", "leader_fee")}
    first = row is not None and row.kind == "settled"
    line = row.line if row else None
    return {
        **own,
        **{key: money(-fee) for key, fee in fees.items()},
        "promotion_fee": money(-row.promotion_fee if row else 0),
        "platform_discount": money(line.platform_discount if line and first else 0),
        "influencer_discount": money(line.influencer_discount if line and first else 0),
        "payment_discount": money(line.payment_discount if line and first else 0),
        "refund": money(-row.refund_before if row and first else row.income if row else 0),
    }


def funds_row(shop: Shop, number: int, one: Movement) -> Row:
    """One movement: an unsigned amount with its direction."""
    said = words()["funds"]
    digest = sha256(f"{shop.key} {one.at} {number}".encode()).hexdigest()
    return {
        "moved_at": clock(one.at),
        "flow_id": f"7{int(digest[:16], 16) % 10**18:018d}",
        "direction": said["in" if one.amount > 0 else "out"],
        "amount": money(abs(one.amount)),
        "account": words()["bill"]["account"],
        "scene": said["scenes"][one.scene],
        "charge": said["charges"].get(one.scene, BLANK),
        "aftersale_id": one.case_id or BLANK,
        "zero": money(0),
        "no": words()["bill"]["no"],
        "note": "",
        **_order_part(one),
    }


def leader_row(shop: Shop, order: Order, line: Line, moment: datetime) -> Row:
    """The service fee of the team leader for one alliance line."""
    due = commission(order, line, moment)
    known = due.status != "paid"
    return {
        "line_id": line.line_id,
        "product_name": line.product_name,
        "product_id": line.product_id,
        "status": words()["commission_status"][due.status],
        "agency": words()["bill"]["agency"],
        "paid": money(due.paid),
        "rate": per_cent(LEADER_FEE),
        "estimated": money(share(due.paid, LEADER_FEE)),
        "settled_base": money(due.settled_base) if known else BLANK,
        "settled": money(share(due.settled_base, LEADER_FEE)) if known else BLANK,
        "paid_at": clock(by(order.paid_at, moment)),
        "received_at": clock(by(order.completed_at, moment)),
        "settled_at": clock(due.settled_at),
        "balance_at": clock(by(order.paid_at, moment) if order.presale_at else None),
        "deposit": money(order.deposit),
        "shop_id": shop.platform_id,
    }


def leads(shop: Shop, order: Order, line: Line, moment: datetime) -> bool:
    """Whether the team-leader file lists the line."""
    return has_leader(shop, line) and by(order.paid_at, moment) is not None and line.paid > 0

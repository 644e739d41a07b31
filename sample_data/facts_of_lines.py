"""What the files together show of one order line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sample_data.catalog import Shop, words
from sample_data.dues import Due, Payout, due, payouts
from sample_data.exports import overlap_from
from sample_data.other_rows import has_commission
from sample_data.truth import Line, Order

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LineFact:
    """One sub-order as the files together show it; amounts in fen, None where no file tells."""

    line_id: str
    sku_code: str
    product_id: str
    influencer_id: str
    source: str
    account: str
    quantity: int
    payable: int
    paid: int
    freight: int
    discount: int | None
    platform_discount: int | None
    refund_amount: int
    commission: Due | None
    payouts: tuple[Payout, ...]


def _source(shop: Shop, order: Order, line: Line, seen_at: datetime, data_at: datetime) -> str:
    """Taobao tells none; a Douyin commission file fills one that the order file did not know yet."""
    if shop.platform != "douyin":
        return UNKNOWN if shop.platform == "taobao" else line.source
    source = order.line_source(line, seen_at)
    if source == "pending" and has_commission(order, line, data_at):
        return line.source if line.source in words()["commission_source"] else source
    return source


def _account(shop: Shop, line: Line) -> str:
    """Whose account sold the line. Without one the shop did: all such lines say so in their channel."""
    if shop.platform == "taobao":
        return UNKNOWN
    return "influencer" if line.person is not None and not line.person.own else "own"


def _influencer(shop: Shop, line: Line) -> str:
    """Kuaishou's export names only those who promote for a commission."""
    if line.person is None or shop.platform == "taobao":
        return UNKNOWN
    return UNKNOWN if shop.platform == "kuaishou" and line.person.own else line.person.id


def _product(shop: Shop, order: Order, line: Line, data_at: datetime) -> str:
    """The older Taobao item report has no product number."""
    old = shop.platform == "taobao" and order.placed_at < overlap_from(data_at, shop.key)
    return UNKNOWN if old else line.product_id


def line_fact(shop: Shop, order: Order, line: Line, seen_at: datetime, data_at: datetime) -> LineFact:
    back = [case for case in line.aftersales if case.refunded_at(data_at)]
    taobao = shop.platform == "taobao"
    return LineFact(
        line_id=line.line_id,
        sku_code=line.sku_code,
        product_id=_product(shop, order, line, data_at),
        influencer_id=_influencer(shop, line),
        source=_source(shop, order, line, seen_at, data_at),
        account=_account(shop, line),
        quantity=line.quantity,
        payable=line.payable,
        paid=line.paid,
        freight=line.freight,
        discount=None if taobao else line.discount,
        platform_discount=None if taobao else line.platform_discount,
        refund_amount=sum(case.refund_amount for case in back),
        commission=due(shop, order, line, data_at),
        payouts=payouts(shop, order, line, data_at),
    )

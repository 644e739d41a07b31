"""Which buyers a segment is made of, for a list of members; ids that were erased are counted, not listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdata.analysis.buyer_values import (
    HIGH_ORDER,
    SEGMENTS,
    buyer_rows,
    is_high_order,
    read_cuts,
    segment_of,
)
from shopdata.analysis.buyers import buyer_orders, keyed_shops, paid_scope
from shopdata.errors import BadUsage
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope

LISTS = (HIGH_ORDER, *SEGMENTS)
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Member:
    """A buyer of a segment; money in fen, ``order_value`` the mean of orders with money."""

    shop: str
    buyer_id: str
    orders: int
    purchase_days: int
    paid_amount: int
    net_amount: int
    order_value: float | None
    first_paid_at: datetime
    last_paid_at: datetime


def members(store: Reads, scope: Scope, segment: str) -> Iterator[Member]:
    """The buyers of a segment whose id is still there, the most valuable first.

    Raises ``BadUsage`` for an unknown segment.
    """
    if segment not in LISTS:
        raise BadUsage("value_unknown", name="segment", value=segment, choices=", ".join(LISTS))
    asked = paid_scope(scope)
    shops, orders = keyed_shops(store, asked), buyer_orders(store, asked)
    if orders is None:
        return
    names = {shop.shop_id: shop.name for shop in shops}
    buyers = buyer_rows(orders, shops, asked)
    c = buyers.c
    with store.read() as connection:
        cuts = read_cuts(connection, buyers)
        if not cuts:
            return
        chosen = is_high_order(c, cuts) if segment == HIGH_ORDER else segment_of(c, cuts) == segment
        wanted = (c.shown_id, c.orders, c.days, c.paid, c.net, c.order_value, c.first_buy, c.last_at)
        query = (
            select(c.shop_id, *wanted)
            .where(chosen, c.shown_id.is_not(None))
            .order_by(c.net.desc(), c.shown_id)
        )
        for shop, *values in connection.execution_options(yield_per=BATCH).execute(query):
            yield Member(names[shop], *values)

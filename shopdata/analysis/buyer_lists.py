"""Which buyers a segment is made of, for a list of members; ids that were erased are counted, not listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from shopdata.analysis.buyer_values import (
    HIGH_ORDER,
    SEGMENTS,
    BuyerRows,
    buyer_rows,
    is_high_order,
    read_cuts,
    segment_of,
)
from shopdata.analysis.buyers import keyed_shops, paid_scope
from shopdata.analysis.purchases import BEGINNING, purchases, shown_ids
from shopdata.errors import BadUsage
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope

LISTS = (HIGH_ORDER, *SEGMENTS)


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
    shops = keyed_shops(store, asked)
    names = {shop.shop_id: shop.name for shop in shops}
    rows = buyer_rows(purchases(store, asked), shops, asked)
    cuts = read_cuts(rows)
    is_high, places = segment == HIGH_ORDER, list(SEGMENTS)
    chosen = is_high_order(rows, cuts) if is_high else segment_of(rows, cuts) == places.index(segment)
    wanted = np.flatnonzero(chosen & rows.shown)
    ids = shown_ids(store, asked) if len(wanted) else {}
    known = [(ids[number], place) for number, place in zip(rows.whose[wanted].tolist(), wanted, strict=True)]
    for buyer_id, place in sorted(known, key=lambda one: (-rows.net[one[1]], one[0])):
        yield _member(names, buyer_id, rows, place)


def _member(names: Mapping[int, str], buyer_id: str, rows: BuyerRows, place: np.intp) -> Member:
    worth = float(rows.order_value[place])
    return Member(
        shop=names[int(rows.shop[place])],
        buyer_id=buyer_id,
        orders=int(rows.orders[place]),
        purchase_days=int(rows.days[place]),
        paid_amount=int(rows.paid[place]),
        net_amount=int(rows.net[place]),
        order_value=None if np.isnan(worth) else worth,
        first_paid_at=BEGINNING + timedelta(seconds=int(rows.first_at[place])),
        last_paid_at=BEGINNING + timedelta(seconds=int(rows.last_at[place])),
    )

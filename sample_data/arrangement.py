"""Parcels that belong to more than one order: joined for one receiver, and one waybill shared by mistake."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sample_data.truth import Order

JOINED = 12


def _ships_plainly(order: Order) -> bool:
    """One line, one signed parcel, no case: safe to move to another parcel."""
    line = order.lines[0]
    return (
        len(order.lines) == 1
        and line.parcel is not None
        and line.parcel.signed_at is not None
        and not line.aftersales
        and order.presale_at is None
        and order.completed_at is not None
    )


def _fits(first: Order, second: Order) -> bool:
    """Whether the second order can have travelled in the first one's parcel."""
    parcel = first.lines[0].parcel
    if parcel is None or parcel.signed_at is None or second.paid_at is None or second.completed_at is None:
        return False
    soon = second.placed_at - first.placed_at < timedelta(hours=2)
    return soon and second.paid_at < parcel.shipped_at and second.completed_at > parcel.signed_at


def _travel_with(second: Order, first: Order, *, same_receiver: bool) -> Order:
    parcel = first.lines[0].parcel
    line = replace(second.lines[0], parcel=parcel, shipped_at=parcel.shipped_at if parcel else None)
    if not same_receiver:
        return replace(second, lines=(line,))
    return replace(
        second,
        lines=(line,),
        receiver=first.receiver,
        phone=first.phone,
        address=first.address,
        place=first.place,
    )


def share_parcels(orders: list[Order], cut: datetime) -> list[Order]:
    """Joins a dozen parcels of one receiver, and gives one waybill to two orders of different receivers."""
    result = list(orders)
    plain = [index for index, order in enumerate(result) if _ships_plainly(order)]
    pairs = [pair for pair in pairwise(plain) if _fits(result[pair[0]], result[pair[1]])]
    joined = pairs[:: max(2, len(pairs) // JOINED)]
    for a, b in joined:
        result[b] = _travel_with(result[b], result[a], same_receiver=True)
    used = {index for pair in joined for index in pair}
    week, days = cut - timedelta(days=9), cut - timedelta(days=5)
    for a, b in pairs:
        recent = week < result[a].placed_at < days
        if recent and result[a].place.code != result[b].place.code and not {a, b} & used:
            result[b] = _travel_with(result[b], result[a], same_receiver=False)
            break
    return result

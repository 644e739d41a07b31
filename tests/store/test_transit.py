"""Parcels of which only the first leg is shown: no word on signing, whichever file says so first."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from shopdata.store import Store

from .conftest import Bring, line
from .test_rollup import order

DAY = datetime(2026, 10, 1, 9)
HOUR = timedelta(hours=1)


def parcel(waybill: str, signed_at: datetime | None = DAY, **more: Any) -> dict[str, Any]:
    return {"waybill": waybill, "order_id": "1", "signed_at": signed_at, "event_at": DAY, **more}


@pytest.mark.parametrize("turn", list(itertools.permutations(range(3))))
def test_the_end_of_a_first_leg_is_no_signing_in_any_order_of_files(
    store: Store, bring: Bring, turn: tuple[int, ...]
) -> None:
    files = [
        ([line("1", status="shipped", shipped_at=DAY, transit=True)], "order_lines"),
        ([{"waybill": "A", "order_id": "1", "transit": True, "event_at": DAY}], "parcels"),
        ([parcel("A")], "parcels"),
    ]
    for place in turn:
        bring(files[place][0], entity=files[place][1])
    found = order(store)
    assert (found.is_transit, found.signed_at, found.parcels_signed, found.parcels_tracked) == (
        True,
        None,
        0,
        0,
    )
    assert found.is_shipped


def test_other_orders_are_signed_as_ever(store: Store, bring: Bring) -> None:
    bring([line("1", status="shipped", transit=False)])
    bring([parcel("A", transit=False)], entity="parcels")
    found = order(store)
    assert (found.is_transit, found.signed_at, found.parcels_tracked) == (False, DAY, 1)


def test_an_order_whose_file_has_no_word_on_it_is_not_in_transit(store: Store, bring: Bring) -> None:
    bring([line("1", status="shipped")])
    assert order(store).is_transit is False


def test_a_paid_deposit_makes_a_presale_of_an_order(store: Store, bring: Bring) -> None:
    bring([line("1", status="paid", paid_at=DAY + HOUR, deposit_paid_at=DAY)])
    found = order(store)
    assert (found.is_presale, found.is_paid, found.paid_at) == (True, True, DAY + HOUR)
    bring([line("1", status="deposit_paid", paid_at=None, deposit_paid_at=DAY, event_at=DAY + 2 * HOUR)])
    assert (order(store).deposit_pending, order(store).is_paid) == (True, False)

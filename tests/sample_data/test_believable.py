"""The invented shops behave like shops: ratios, promotions, oddities; and their truth is sound."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from sample_data.exports import earlier, last_seen, overlap_from
from sample_data.make import UNTIL, sample_orders
from sample_data.truth import Order

CUT = datetime.combine(UNTIL, time(22, 0))


@pytest.fixture(scope="module")
def truth() -> dict[str, list[Order]]:
    return sample_orders(CUT)


@pytest.fixture(scope="module")
def orders(truth: dict[str, list[Order]]) -> list[Order]:
    return [order for every in truth.values() for order in every]


def total(expected: dict[str, Any], key: str) -> Any:
    return expected["together"]["placed"]["total"][key]


def test_nine_thousand_orders_of_three_platforms_over_ninety_days(expected: dict[str, Any]) -> None:
    assert 8_800 <= expected["orders"] <= 9_200
    assert set(expected["together"]["placed"]["platform"]) == {"douyin", "taobao", "kuaishou"}
    assert len(expected["together"]["placed"]["day"]) == 90


def test_live_orders_come_back_clearly_more_often_than_product_card_orders(expected: dict[str, Any]) -> None:
    for shop in (expected["together"], *expected["each"].values()):
        by_source = shop["placed"]["source"]
        if "live" not in by_source:
            continue  # Taobao's exports tell no source
        assert by_source["live"]["refund_rate"] > 2 * by_source["product_card"]["refund_rate"]


def test_unpaid_orders_are_few_and_nearly_all_closed(expected: dict[str, Any]) -> None:
    assert 0.04 < total(expected, "orders_unpaid") / total(expected, "orders_placed") < 0.1
    assert total(expected, "orders_unpaid_open") < 0.05 * total(expected, "orders_unpaid")


def test_one_in_twenty_orders_has_several_lines_some_the_same_sku_twice(orders: list[Order]) -> None:
    several = [order for order in orders if len(order.lines) > 1]
    assert 0.04 < len(several) / len(orders) < 0.07
    twice = [order for order in several if len({line.sku_code for line in order.lines}) < len(order.lines)]
    assert len(twice) > 20


def test_live_orders_are_placed_in_the_evening(orders: list[Order]) -> None:
    hours = [order.placed_at.hour for order in orders if order.lines[0].source == "live"]
    assert sum(hour >= 19 for hour in hours) > 0.6 * len(hours)


def test_singles_day_is_the_greatest_day(expected: dict[str, Any]) -> None:
    days = expected["together"]["placed"]["day"]
    assert max(days, key=lambda day: days[day]["orders_placed"]) == "2026-11-11"


def test_north_west_lanes_are_slow(expected: dict[str, Any]) -> None:
    provinces = expected["together"]["placed"]["province"]
    slow, quick = provinces["650000"]["ship_to_sign_hours_p50"], provinces["330000"]["ship_to_sign_hours_p50"]
    assert slow > 2 * quick


def test_one_product_sold_at_a_tenth_of_its_price_for_twenty_minutes(orders: list[Order]) -> None:
    wrong = [order for order in orders if order.lines[0].unit_price == 998]
    assert len(wrong) >= 20
    assert max(order.placed_at for order in wrong) - min(order.placed_at for order in wrong) < timedelta(
        minutes=20
    )


def test_one_waybill_belongs_to_orders_of_different_receivers_and_some_parcels_are_joined(
    orders: list[Order],
) -> None:
    receivers: dict[str, set[str]] = {}
    held: Counter[str] = Counter()
    for order in orders:
        for parcel in order.parcels(CUT):
            receivers.setdefault(parcel.waybill, set()).add(order.receiver)
            held[parcel.waybill] += 1
    assert 1 <= sum(len(names) > 1 for names in receivers.values()) <= 2
    assert sum(held[waybill] > 1 and len(names) == 1 for waybill, names in receivers.items()) >= 10


def test_presale_orders_wait_for_their_balance(orders: list[Order]) -> None:
    presale = [order for order in orders if order.presale_at]
    states = Counter(order.line_status(order.lines[0], CUT) for order in presale)
    assert states["deposit"] >= 2
    assert states["shipped"] + states["completed"] >= 3


def test_every_kind_of_case_occurs(orders: list[Order]) -> None:
    cases = [case for order in orders for line in order.lines for case in line.aftersales]
    seen = {case.status(CUT) for case in cases if case.applied_at <= CUT}
    assert {"refunded", "closed", "refused", "exchange_done", "merchant_receive", "buyer_return"} <= seen
    assert {"merchant_pending", "arbitration"} & seen
    assert {case.kind for case in cases} == {
        "return_refund",
        "refund_shipped",
        "refund_unshipped",
        "exchange",
    }


def test_numbers_are_unique(orders: list[Order]) -> None:
    assert len({order.order_id for order in orders}) == len(orders)
    lines = [line.line_id for order in orders for line in order.lines]
    assert len(set(lines)) == len(lines)
    cases = [case.id for order in orders for line in order.lines for case in line.aftersales]
    assert len(set(cases)) == len(cases)


def test_times_follow_each_other(orders: list[Order]) -> None:
    for order in orders:
        for line in order.lines:
            if line.shipped_at is None or line.parcel is None:
                continue
            assert order.paid_at is not None
            assert order.placed_at < order.paid_at < line.shipped_at == line.parcel.shipped_at
            assert line.parcel.signed_at is None or line.parcel.picked_up_at < line.parcel.signed_at


def test_no_figure_hangs_on_the_seconds_between_the_last_event_and_the_export(
    truth: dict[str, list[Order]],
) -> None:
    """As-of may be the last event of a file or the time in its name; both give the same figures."""
    for every in truth.values():
        for moment, since in ((CUT, overlap_from(CUT)), (earlier(CUT), datetime.min)):
            held = [order for order in every if since <= order.placed_at <= moment]
            last = max(
                event
                for order in held
                for event in (order.placed_at, order.paid_at, *(line.shipped_at for line in order.lines))
                if event is not None and event <= moment
            )
            for order in held:
                for limit in (order.paid_at and order.paid_at + timedelta(hours=48), order.promised_at):
                    assert limit is None or not last < limit <= moment + timedelta(minutes=2)


def test_orders_left_out_of_the_newer_export_had_shipped_or_closed_by_the_earlier_one(
    orders: list[Order],
) -> None:
    for order in orders:
        seen = last_seen(order, CUT)
        for line in order.lines:
            assert seen == CUT or line.shipped_at is None or line.shipped_at <= seen

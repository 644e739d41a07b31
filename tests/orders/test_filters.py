"""Filters say what they mean, survive a URL, and refuse what cannot be meant."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from shopdata.errors import BadUsage
from shopdata.orders.filters import OrderFilter, parse_filter

EVERYTHING = OrderFilter(
    order="1, 2",
    product="围巾",
    sku="SKU-1",
    buyer="王",
    statuses=("paid", "closed"),
    aftersales=("none",),
    pay_methods=("抖音支付",),
    time="paid",
    start=date(2026, 10, 1),
    end=date(2026, 10, 31),
    amount_min=100,
    amount_max=99_900,
    sources=("live", "other"),
    influencer="小美",
    provinces=("440000",),
    cities=("440100",),
    couriers=("顺丰速运",),
    waybill="SF1",
    note="急单",
    flags=("红",),
    reason="不想要",
    marks=("abnormal",),
    stale=True,
    behind="paid.refund_rate",
)


def test_there_are_fourteen_filters_and_more() -> None:
    assert len(fields(OrderFilter)) >= 14


def test_a_filter_survives_the_url() -> None:
    assert parse_filter(EVERYTHING.as_params()) == EVERYTHING
    assert set(EVERYTHING.as_params()) == {field.name for field in fields(OrderFilter)}


def test_an_empty_filter_leaves_no_trace() -> None:
    assert OrderFilter().as_params() == {}
    assert OrderFilter().is_empty
    assert OrderFilter(time="paid").is_empty
    assert not OrderFilter(waybill="1").is_empty


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start", "2026-13-01"),
        ("amount_min", "ten"),
        ("statuses", "flying"),
        ("sources", "tv"),
        ("time", "x"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_or_left_out(name: str, value: str) -> None:
    with pytest.raises(BadUsage):
        parse_filter({name: [value]})
    assert parse_filter({name: [value], "unknown": ["1"]}, lenient=True) == OrderFilter()


def test_order_numbers_may_be_separated_by_anything() -> None:
    wanted: dict[str, Any] = {"order": "1, 2，3;4\n5 1"}
    assert OrderFilter(**wanted).order_numbers == ("1", "2", "3", "4", "5")

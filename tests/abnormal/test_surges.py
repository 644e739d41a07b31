"""Refunds of a product that surge after signing: at the limit, below it, and only on days that are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from shopdata.abnormal.document import document
from shopdata.abnormal.reading import Flag
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import LANGUAGES, words
from tests.abnormal.cases import MORE_ORDER_HEADERS, aftersale_cells, file, order_cells, parcel_cells
from tests.abnormal.conftest import NOW, Bring, found
from tests.imports.shop_files import AFTERSALE_HEADERS, ORDER_HEADERS, PARCEL_HEADERS

FIRST, DAYS, A_DAY = date(2026, 10, 1), 30, 20
SURGE = date(2026, 10, 20)
PRODUCT = "3601234567890123456"


def numbers(day: date) -> range:
    """The orders signed on a day."""
    start = (day - FIRST).days * A_DAY
    return range(start + 1, start + A_DAY + 1)


def days() -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range(DAYS))


def signed(day: date, number: int) -> datetime:
    return datetime(day.year, day.month, day.day, 8) + timedelta(minutes=20 * (number % A_DAY))


def text(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")


def refund(number: int, applied: datetime, **more: str) -> dict[str, str]:
    times = {"商家退款时间": text(applied), "售后完结时间": text(applied), "售后申请时间": text(applied)}
    return aftersale_cells(number, times | more)


def exchange(applied: datetime, place: int) -> dict[str, str]:
    """A case that is no refund, to stretch what the files cover."""
    return refund(1, applied, 售后单号=f"15{place:017d}", 售后类型="换货")


def write(
    folder: Path, surge: int, *, hours: float = 71.9, usual: int = 1, until: datetime = NOW, **more: str
) -> list[Path]:
    """Twenty orders a day for a month, ``usual`` of them refunded; on one day ``surge`` of them.

    After-sale files reach from the first day to ``until``.
    """
    orders, parcels, cases = [], [], []
    for day in days():
        for place, number in enumerate(numbers(day)):
            at = signed(day, number)
            placed, shipped = text(at - timedelta(days=3)), text(at - timedelta(days=2))
            times = {"订单提交时间": placed, "支付完成时间": placed, "发货时间": shipped, "订单完成时间": ""}
            orders.append(order_cells(number, {"订单状态": "已发货", "承诺发货时间": "", **times}))
            parcels.append(
                parcel_cells(number, {"发货时间": shipped, "揽件时间": shipped, "签收时间": text(at)})
            )
            if place < (surge if day == SURGE else usual):
                cases.append(refund(number, at + timedelta(hours=hours), **more))
    ends = [exchange(datetime.combine(FIRST, datetime.min.time()), 1), exchange(until, 2)]
    return [
        file(folder / "o.csv", (*ORDER_HEADERS, *MORE_ORDER_HEADERS), orders),
        file(folder / "p.csv", PARCEL_HEADERS, parcels),
        file(folder / "a.csv", AFTERSALE_HEADERS, [*cases, *ends]),
    ]


def surges(store: Store) -> list[tuple[str, float | None]]:
    flags: tuple[Flag, ...] = found(store, "refund_surge", past=True)
    return [(flag.subject, flag.measure) for flag in flags]


HIT = f"{PRODUCT}|{SURGE}"


@pytest.mark.parametrize(
    ("surge", "usual", "fires"),
    [
        (6, 1, True),  # chance 0.0007 beside 29 refunds of 580
        (5, 1, False),  # chance 0.004
        (5, 0, True),
        (4, 0, False),  # below five
        (16, 8, True),
        (15, 8, False),  # less than twice what is usual
    ],
)
def test_more_refunds_than_chance_explains(
    store: Store, tmp_path: Path, bring: Bring, surge: int, usual: int, fires: bool
) -> None:
    bring(*write(tmp_path, surge, usual=usual))
    assert surges(store) == ([(HIT, surge)] if fires else [])


@pytest.mark.parametrize(("hours", "fires"), [(72.0, True), (72.1, False), (-1.0, False)])
def test_refunds_asked_for_within_three_days_of_signing(
    store: Store, tmp_path: Path, bring: Bring, hours: float, fires: bool
) -> None:
    bring(*write(tmp_path, 8, hours=hours, usual=0))
    assert surges(store) == ([(HIT, 8)] if fires else [])


@pytest.mark.parametrize(
    "more", [{"售后类型": "换货"}, {"售后状态": "售后关闭"}, {"售后状态": "拒绝售后申请"}]
)
def test_what_is_exchanged_withdrawn_or_refused_is_no_refund(
    store: Store, tmp_path: Path, bring: Bring, more: dict[str, str]
) -> None:
    bring(*write(tmp_path, 8, usual=0, **more))
    assert surges(store) == []


@pytest.mark.parametrize(
    ("until", "fires"),
    [
        (datetime(2026, 10, 24, 0, 0), True),
        (datetime(2026, 10, 23, 23, 59), False),
    ],
)
def test_a_day_is_judged_when_its_last_order_had_three_days(
    store: Store, tmp_path: Path, bring: Bring, until: datetime, fires: bool
) -> None:
    paths = write(tmp_path, 8, hours=1, usual=0, until=until)
    bring(*paths)
    assert surges(store) == ([(HIT, 8)] if fires else [])


def test_a_day_the_aftersale_files_leave_out_is_not_compared(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    """After-sale files from before and after, none of the days in between."""
    orders, parcels, _ = write(tmp_path, 8, usual=0)
    own = [refund(n, signed(SURGE, n) + timedelta(hours=1)) for n in numbers(SURGE)[:8]]
    early = [
        refund(1, datetime(2026, 10, day, 12), 售后单号=f"15{day:017d}", 售后类型="换货") for day in (1, 20)
    ]
    late = [
        refund(1, datetime(2026, 10, day, 12), 售后单号=f"15{day:017d}", 售后类型="换货") for day in (23, 31)
    ]
    first = file(tmp_path / "early.csv", AFTERSALE_HEADERS, [*early, *own])
    bring(orders, parcels, first, file(tmp_path / "late.csv", AFTERSALE_HEADERS, late))
    assert surges(store) == []


@pytest.mark.parametrize("left_out", ["p.csv", "a.csv"])
def test_without_a_file_the_rule_says_which(
    store: Store, tmp_path: Path, bring: Bring, left_out: str
) -> None:
    bring(*(path for path in write(tmp_path, 8, usual=0) if path.name != left_out))
    assert surges(store) == []
    told = document(store, Scope(), words("zh"))["missing"]
    assert told["refund_surge"] == {"p.csv": "parcels", "a.csv": "aftersales"}[left_out]  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_which_product_and_day(store: Store, tmp_path: Path, bring: Bring, language: str) -> None:
    bring(*write(tmp_path, 8))
    flags = document(store, Scope(), words(language), ("refund_surge",), with_past=True)["flags"]
    (flag,) = flags  # type: ignore[misc]
    for part in ("羊毛围巾", "2026-10-20", "20", "8"):
        assert part in flag["why"]
    assert flag["order_id"] is None
    assert flag["subject"] == {"kind": "product_day", "id": HIT}
    assert flag["amount"] == 80_000

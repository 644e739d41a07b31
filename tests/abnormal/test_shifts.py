"""Figures of a shop's days that shift, from real files: told, and silent where the days cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from shopdata.abnormal.document import document
from shopdata.abnormal.limits import set_limit
from shopdata.analysis.promotion_calendar import Event, save_own
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import LANGUAGES, words
from tests.abnormal.cases import MORE_ORDER_HEADERS, aftersale_cells, file, order_cells, parcel_cells
from tests.abnormal.conftest import Bring, found, settings_in
from tests.imports.shop_files import AFTERSALE_HEADERS, ORDER_HEADERS, PARCEL_HEADERS

FIRST, LAST = date(2026, 7, 13), date(2026, 9, 10)
NOW = datetime(2026, 9, 12, 12, 0)
HEADERS = (*ORDER_HEADERS, *MORE_ORDER_HEADERS)
A_DAY = 40
DAY = date(2026, 9, 8)
Files = tuple[list[Mapping[str, str]], list[Mapping[str, str]], list[Mapping[str, str]]]


@dataclass(frozen=True)
class Day:
    """How a day of the shop goes: orders, how many of them are unpaid, refunded, shipped late, from a video
    (else a product card), the price in yuan, the hours from shipping to signing, the hour of the first."""

    orders: int = A_DAY
    unpaid: int = 4
    refunded: int = 4
    late: int = 2
    video: int = 8
    yuan: int = 100
    hours: int = 48
    begins: int = 0


@dataclass(frozen=True)
class Shop:
    """Usual days, some of them otherwise, some in no file."""

    otherwise: Mapping[date, Day] = field(default_factory=dict)
    left_out: frozenset[date] = frozenset()

    def days(self) -> list[tuple[date, Day]]:
        every = (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
        return [(day, self.otherwise.get(day, Day())) for day in every if day not in self.left_out]


def text(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")


def row(number: int, place: int, start: datetime, day: Day) -> tuple[dict[str, str], dict[str, str]]:
    """An order and its parcel; the first of a day are unpaid, then come the refunded and the late ones."""
    on_time = day.unpaid + day.refunded + day.late
    paid, late = place >= day.unpaid, on_time - day.late <= place < on_time
    placed = start + timedelta(hours=day.begins, minutes=5 + (1_430 - 60 * day.begins) * place // day.orders)
    shipped = placed + timedelta(hours=60 if late else 20)
    order = {
        "订单提交时间": text(placed), "支付完成时间": text(placed + timedelta(minutes=1)) if paid else "",
        "发货时间": text(shipped) if paid else "", "订单完成时间": "", "承诺发货时间": "",
        "订单状态": "已发货" if paid else "已关闭",
        "流量体裁": "短视频" if place % 5 < 5 * day.video / A_DAY else "商品卡",
        "商品单价": f"{day.yuan}.00", "订单应付金额": f"{day.yuan}.00",
    }  # fmt: skip
    signed = text(shipped + timedelta(hours=day.hours)) if paid else ""
    return order, {"发货时间": text(shipped), "揽件时间": text(shipped), "签收时间": signed}


def write(folder: Path, shop: Shop, without: tuple[str, ...] = (), *, beside: bool = False) -> list[Path]:
    """The order files of a shop, one for each run of days; ``beside``: its parcels and after-sales, too."""
    number, runs = 0, [[]]  # type: ignore[var-annotated]
    parcels, cases = [], []
    last: date | None = None
    for day, plan in shop.days():
        if last and day - last > timedelta(days=1):
            runs.append([])
        last = day
        for place in range(plan.orders):
            number += 1
            start = datetime(day.year, day.month, day.day)
            order, parcel = row(number, place, start, plan)
            runs[-1].append(order_cells(number, order))
            if order["支付完成时间"]:
                parcels.append(parcel_cells(number, parcel))
            if plan.unpaid <= place < plan.unpaid + plan.refunded:
                applied = text(start + timedelta(hours=30))
                cells = {"售后申请时间": applied, "商家退款时间": applied, "售后完结时间": applied}
                cases.append(aftersale_cells(number, cells))
    headers = [name for name in HEADERS if name not in without]
    orders = [file(folder / f"o{place}.csv", headers, rows) for place, rows in enumerate(runs)]
    if not beside:
        return orders
    more = [(folder / "p.csv", PARCEL_HEADERS, parcels), (folder / "a.csv", AFTERSALE_HEADERS, cases)]
    return [*orders, *(file(*one) for one in more)]


@pytest.fixture
def at_home(store: Store, home: Path) -> Store:
    store.settings = settings_in(home, NOW)
    return store


def shifted(store: Store) -> list[str]:
    return sorted(flag.subject for flag in found(store, "metric_shift", past=True))


def test_a_shop_like_every_week_has_no_shift(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Shop(), beside=True))
    assert shifted(at_home) == []


FEW = Day(orders=8, unpaid=0, refunded=1, late=0, video=2)
FAR: Mapping[str, tuple[date, Day]] = {
    "orders_paid": (date(2026, 9, 8), FEW),
    "paid_amount": (date(2026, 9, 6), Day(yuan=350)),
    "unpaid_rate": (date(2026, 9, 4), Day(unpaid=24)),
    "ship_promise_rate": (date(2026, 9, 2), Day(late=20)),
    "source.short_video": (date(2026, 8, 31), Day(video=32)),
    "refund_rate": (date(2026, 8, 11), Day(refunded=30)),
}
NEAR = (Day(orders=34), Day(yuan=110), Day(unpaid=7), Day(late=4), Day(video=16), Day(refunded=6))


def test_each_figure_far_off_is_told_with_its_day(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Shop(dict(FAR.values())), beside=True))
    expected = {f"{metric}|{day}" for metric, (day, _) in FAR.items()}
    # Few orders are little money, more unpaid ones fewer paid, and one source's more is the other's less.
    beside = {f"paid_amount|{DAY}", f"source.product_card|{FAR['source.short_video'][0]}"}
    beside |= {f"{metric}|{FAR['unpaid_rate'][0]}" for metric in ("orders_paid", "paid_amount")}
    assert expected <= set(shifted(at_home)) <= expected | beside


def test_each_figure_somewhat_off_is_not(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    days = (day for day, _ in FAR.values())
    bring(*write(tmp_path, Shop(dict(zip(days, NEAR, strict=True))), beside=True))
    assert shifted(at_home) == []


def test_refunds_of_a_young_day_are_not_judged(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Shop({DAY: Day(refunded=30)}), beside=True))
    assert [one for one in shifted(at_home) if one.startswith("refund_rate|")] == []


@pytest.mark.parametrize(("hours", "fires"), [(170, True), (60, False)])
def test_parcels_that_take_longer(
    at_home: Store, tmp_path: Path, bring: Bring, hours: int, fires: bool
) -> None:
    """Shipped the day after, signed after so many hours, by the day of signing."""
    slow = {date(2026, 8, 25) + timedelta(days=n): Day(hours=hours) for n in range(3)}
    bring(*write(tmp_path, Shop(slow), beside=True))
    assert any(one.startswith("ship_to_sign_hours_p50|") for one in shifted(at_home)) is fires


@pytest.mark.parametrize(
    ("gap", "begins", "whole"), [(0, 0, True), (1, 0, False), (-1, 0, True), (-1, 12, False)]
)
def test_days_that_a_file_holds_in_part_are_not_judged(
    at_home: Store, tmp_path: Path, bring: Bring, gap: int, begins: int, whole: bool
) -> None:
    """A file that ends on the day, one that begins on its first or on its thirteenth hour."""
    left_out = frozenset({DAY + timedelta(days=gap)} - {DAY})
    bring(*write(tmp_path, Shop({DAY: replace(FEW, begins=begins)}, left_out)))
    assert (f"orders_paid|{DAY}" in shifted(at_home)) is whole


def test_promotions_and_their_neighbours_are_not_judged(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    """Also when they are entered later; one that ended two days before has no say."""
    bring(*write(tmp_path, Shop({DAY: FEW})))
    for away, fires in ((-2, True), (-1, False), (0, False), (1, False), (2, True)):
        day = DAY + timedelta(days=away)
        save_own(at_home, Scope(), [Event("own", day, day, "店庆")])
        assert (f"orders_paid|{DAY}" in shifted(at_home)) is fires


def test_without_pay_times_the_rule_says_so(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Shop({DAY: FEW}), ("支付完成时间",)))
    assert shifted(at_home) == []
    assert document(at_home, Scope(), words("zh"))["missing"]["metric_shift"] == "orders"  # type: ignore[index]


def test_a_day_with_unknown_sources_says_nothing_of_the_others(
    at_home: Store, tmp_path: Path, bring: Bring
) -> None:
    paths = write(tmp_path, Shop({DAY: replace(Day(), video=32)}))
    lines = paths[0].read_text(encoding="utf-8-sig").splitlines(keepends=True)
    kept = [line.replace("商品卡", "") if f"{DAY} 1" in line else line for line in lines]
    paths[0].write_text("".join(kept), encoding="utf-8-sig", newline="")
    bring(*paths)
    assert not [one for one in shifted(at_home) if one.startswith("source.")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_which_figure_day_value_and_what_is_usual(
    at_home: Store, tmp_path: Path, bring: Bring, language: str
) -> None:
    bring(*write(tmp_path, Shop({DAY: Day(yuan=350)})))
    spoken = words(language)
    told = document(at_home, Scope(), spoken, ("metric_shift",), with_past=True)["flags"]
    (flag,) = told  # type: ignore[misc]
    for part in (spoken("metrics.paid_amount.label"), str(DAY), "12,600", "3,600", "250%", "36"):
        assert part in flag["why"]
    assert flag["order_id"] is None
    assert flag["subject"] == {"kind": "metric", "id": f"paid_amount|{DAY}"}
    assert (flag["amount"], flag["limit"], flag["severity"]) == (900_000, 0.2, "medium")
    hidden = document(at_home, Scope(role="shipping"), spoken, ("metric_shift",), with_past=True)["flags"]
    assert "12,600" not in str(hidden)


def test_a_shop_may_ask_for_larger_changes(at_home: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Shop({DAY: Day(yuan=350)})))
    assert shifted(at_home) == [f"paid_amount|{DAY}"]
    set_limit(at_home, Scope(), 1, "metric_shift", "change", 3)
    assert shifted(at_home) == []

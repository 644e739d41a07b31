"""Suspected brushing: three signs at once, each just inside and just outside its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shopdata.abnormal.document import document
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import LANGUAGES, words
from tests.abnormal.cases import MORE_ORDER_HEADERS, file, order_cells, parcel_cells
from tests.abnormal.conftest import NOW, Bring, found
from tests.imports.shop_files import ORDER_HEADERS, PARCEL_HEADERS, order_id

HEADERS = (*ORDER_HEADERS, *MORE_ORDER_HEADERS)
START = datetime(2026, 10, 20, 10, 0)
SUSPECTS = range(1, 6)
OTHERS = range(11, 41)


@dataclass(frozen=True)
class Made:
    """How many of the five orders share what, seconds to pay, whether a courier scanned, minutes from signing
    to completing (none: not completed); ``shipped`` in hours before now, ``usual`` orders an hour."""

    place: int = 0
    phone: int = 0
    amount: int = 0
    note: int = 0
    paid: int = 300
    scanned: bool = True
    ended: float | None = 30
    shipped: float = 200
    usual: int = 1


def text(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")


def times(placed: datetime, made: Made) -> tuple[dict[str, str], dict[str, str]]:
    """What the order file and the parcel file tell of an order."""
    shipped = NOW - timedelta(hours=made.shipped)
    signed = shipped + timedelta(hours=20) if made.ended is not None else None
    completed = signed + timedelta(minutes=made.ended or 0) if signed else None
    order = {
        "订单提交时间": text(placed), "支付完成时间": text(placed + timedelta(seconds=made.paid)),
        "发货时间": text(shipped), "订单完成时间": text(completed) if completed else "", "承诺发货时间": "",
        "订单状态": "已完成" if completed else "已发货",
    }  # fmt: skip
    scan = text(shipped + timedelta(hours=1)) if made.scanned else ""
    parcel = {"发货时间": text(shipped), "揽件时间": scan, "签收时间": text(signed) if signed else ""}
    return order, parcel


def priced(yuan: int) -> dict[str, str]:
    return {"商品单价": f"{yuan}.00", "订单应付金额": f"{yuan}.00"}


def suspect(number: int, made: Made) -> tuple[dict[str, str], dict[str, str]]:
    order, parcel = times(START + timedelta(minutes=number), made)
    order |= priced(99 if number <= made.amount else 100 + number)
    order["详细地址"] = "体育西路1号" if number <= made.place else f"{number}号"
    order["收件人手机号"] = "139****5678" if number <= made.phone else f"139****{number:04d}"
    order["买家留言"] = "请用红色包装" if number <= made.note else ""
    return order, parcel


def usual(number: int, made: Made) -> tuple[dict[str, str], dict[str, str]]:
    """An order of another hour, two in a row of the same one; every other at the price of the suspects."""
    alike = Made(usual=made.usual)
    hour = START - timedelta(hours=number // made.usual)
    order, parcel = times(hour, alike)
    phone = {"收件人手机号": f"138****{number:04d}"}
    return order | priced(99 if made.amount else 300 + number) | phone, parcel


def write(folder: Path, made: Made, without: tuple[str, ...] = ()) -> list[Path]:
    """The files of five suspects among usual orders; a last parcel says when the courier's file ends."""
    rows = {n: suspect(n, made) for n in SUSPECTS} | {n: usual(n, made) for n in OTHERS}
    last = {"发货时间": text(NOW - timedelta(hours=1)), "揽件时间": text(NOW), "签收时间": ""}
    headers = [name for name in HEADERS if name not in without]
    parcels = [parcel_cells(n, parcel) for n, (_, parcel) in rows.items()]
    return [
        file(folder / "o.csv", headers, [order_cells(n, order) for n, (order, _) in rows.items()]),
        file(folder / "p.csv", PARCEL_HEADERS, [*parcels, parcel_cells(90, last)]),
    ]


def flagged(store: Store) -> list[str | None]:
    return sorted(str(flag.order_id) for flag in found(store, "brushing_suspected", past=True))


TWO = {"paid": 30, "scanned": False}
INSIDE_AND_OUTSIDE: Mapping[str, tuple[dict[str, float], dict[str, float]]] = {
    "place": ({"place": 5, **TWO}, {"place": 4, **TWO}),
    "phone": ({"phone": 5, **TWO}, {"phone": 4, **TWO}),
    "amount": ({"amount": 5, **TWO}, {"amount": 4, **TWO}),
    "amount usual": ({"amount": 5, "usual": 1, **TWO}, {"amount": 5, "usual": 2, **TWO}),
    "note": ({"note": 5, **TWO}, {"note": 4, **TWO}),
    "paid": ({"paid": 30, "scanned": False, "place": 5}, {"paid": 31, "scanned": False, "place": 5}),
    "scanned": (
        {"paid": 30, "scanned": False, "place": 5, "ended": None, "shipped": 73},
        {"paid": 30, "scanned": False, "place": 5, "ended": None, "shipped": 71},
    ),
    "ended": ({"ended": 9.98, **TWO}, {"ended": 10, **TWO}),
}


@pytest.mark.parametrize("sign", INSIDE_AND_OUTSIDE)
def test_a_third_sign_makes_it_suspected(store: Store, tmp_path: Path, bring: Bring, sign: str) -> None:
    bring(*write(tmp_path, Made(**INSIDE_AND_OUTSIDE[sign][0])))  # type: ignore[arg-type]
    assert flagged(store) == [order_id(n) for n in SUSPECTS]


@pytest.mark.parametrize("sign", INSIDE_AND_OUTSIDE)
def test_two_signs_and_one_just_missed_are_not(store: Store, tmp_path: Path, bring: Bring, sign: str) -> None:
    bring(*write(tmp_path, Made(**INSIDE_AND_OUTSIDE[sign][1])))  # type: ignore[arg-type]
    assert flagged(store) == []


def test_an_address_and_a_phone_ending_are_one_sign(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(*write(tmp_path, Made(place=5, phone=5, paid=30)))
    assert flagged(store) == []


@pytest.mark.parametrize("place", ["体育西路*号", "##AAAAyQ6AQo=#", "体育西路菜鸟驿站"])
def test_a_hidden_address_and_a_point_of_collection_are_no_sign(
    store: Store, tmp_path: Path, bring: Bring, place: str
) -> None:
    paths = write(tmp_path, Made(place=5, paid=30, scanned=False))
    told = paths[0].read_text(encoding="utf-8-sig").replace("体育西路1号", place)
    paths[0].write_text(told, encoding="utf-8-sig")
    bring(*paths)
    assert flagged(store) == []


@pytest.mark.parametrize("without", ["支付完成时间", "商品ID"])
def test_without_a_column_the_rule_says_so(store: Store, tmp_path: Path, bring: Bring, without: str) -> None:
    bring(*write(tmp_path, Made(place=5, paid=30, scanned=False), (without,)))
    assert flagged(store) == []
    assert document(store, Scope(), words("zh"))["missing"]["brushing_suspected"] == "orders"  # type: ignore[index]


def test_without_a_courier_file_the_other_signs_count(store: Store, tmp_path: Path, bring: Bring) -> None:
    orders, _ = write(tmp_path, Made(place=5, note=5, paid=30, scanned=False))
    bring(orders)
    assert flagged(store) == [order_id(n) for n in SUSPECTS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_the_signs_and_nobody(store: Store, tmp_path: Path, bring: Bring, language: str) -> None:
    bring(*write(tmp_path, Made(place=5, paid=30, scanned=False)))
    spoken = words(language)
    flags = document(store, Scope(), spoken, ("brushing_suspected",), with_past=True)["flags"]
    for flag in flags:  # type: ignore[attr-defined]
        named = [name for name in ("same_place", "paid_fast", "never_scanned", "same_note", "ended_fast")
                 if spoken(f"abnormal.signs.{name}") in flag["why"]]  # fmt: skip
        assert named == ["same_place", "paid_fast", "never_scanned"]
        assert "体育西路" not in str(flag)

"""Many hits with one cause: one incident, its list, its words, answered as one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shopdata.abnormal.causes import Cause
from shopdata.abnormal.document import document
from shopdata.abnormal.incident_work import SIDES, answer_incident, export_incident, to_tell
from shopdata.abnormal.incidents import Incident, incidents
from shopdata.abnormal.limits import A_DAY, BUDGET, set_limit
from shopdata.abnormal.reading import Choice, flags
from shopdata.abnormal.suspending import suspend
from shopdata.errors import NotAllowed
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from shopdata.words import LANGUAGES, words
from tests.abnormal.cases import at, file, parcel_cells, shipped
from tests.abnormal.conftest import Bring, found
from tests.abnormal.test_history import orders_file, waits
from tests.imports.shop_files import PARCEL_HEADERS, order_id

PLACES = (
    {"省": "广东省", "市": "广州市", "区": "天河区"},
    {"省": "浙江省", "市": "杭州市", "区": "西湖区"},
    {"省": "四川省", "市": "成都市", "区": "武侯区"},
    {"省": "北京市", "市": "北京市", "区": "东城区"},
)
SF, YT = "顺丰速运", "圆通速递"
STALE = "tracking_stale"
STUCK = Cause(1, STALE, "440000", YT)


def on_the_way(number: int, hours: float, courier: str, place: int, scan: float) -> tuple[Any, Any]:
    """An order and its parcel: shipped so many hours ago, last seen by the courier ``scan`` hours ago."""
    rows = shipped(-hours, 揽件时间=at(-scan), 快递公司=courier)
    code = "YT" if courier == YT else "SF"
    parcel = {**dict(rows.parcel or {}), "运单号": f"{code}{number:013d}"}
    return (number, {**rows.order, **PLACES[place]}), parcel_cells(number, parcel)


def written(folder: Path, parcels: Iterable[tuple[Any, Any]]) -> tuple[Path, Path]:
    orders, rows = zip(*parcels, strict=True)
    return orders_file(folder, "o.csv", *orders), file(folder / "p.csv", PARCEL_HEADERS, list(rows))


def usual(first: int, n: int) -> list[tuple[Any, Any]]:
    """Parcels everywhere, by both couriers, that move."""
    couriers = (SF, YT)
    return [on_the_way(first + k, 60, couriers[k % 2], k // 2 % 4, 48) for k in range(n)]


@pytest.fixture
def stuck(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """Twelve parcels of one courier to Guangdong stand still, two elsewhere, among eighty that move."""
    rows = [on_the_way(1 + k, 90, YT, 0, 80 - k / 10) for k in range(12)]
    rows += [on_the_way(20 + k, 90, SF, 1, 80) for k in range(2)]
    bring(*written(tmp_path, rows + usual(100, 80)))
    return store


def test_many_hits_on_one_province_and_courier_are_one_incident(stuck: Store) -> None:
    assert len(found(stuck, STALE)) == 14
    assert incidents(stuck, Scope()) == (
        Incident(
            cause=STUCK,
            orders=12,
            amount=120_000,
            deadline=None,
            since=datetime(2026, 11, 2, 4),
            share=12 / 14,
            usual=(12 + 10) / 94,
            struck=12 / 12,
        ),
    )


def test_its_hits_stay_rows_of_the_queue_and_can_be_listed_or_left_out(stuck: Store) -> None:
    its_own = flags(stuck, Scope(), Choice(cause=STUCK))
    assert {flag.order_id for flag in its_own} == {order_id(1 + k) for k in range(12)}
    rest = flags(stuck, Scope(), Choice(rules=(STALE,), besides=(STUCK,)))
    assert {flag.order_id for flag in rest} == {order_id(20), order_id(21)}


def test_the_alarm_budget_takes_nothing_from_an_incident(stuck: Store) -> None:
    set_limit(stuck, Scope(), 1, BUDGET, A_DAY.name, 3)
    assert len(found(stuck, STALE)) == 3
    assert [one.orders for one in incidents(stuck, Scope())] == [12]
    assert len(flags(stuck, Scope(), Choice(cause=STUCK))) == 12


def test_as_many_hits_as_a_large_province_has_orders_are_none(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    """Ten of forty in a province that has nearly half of all orders, and ten of sixty elsewhere."""
    rows = [on_the_way(1 + k, 90, SF, 0, 80) for k in range(10)]
    rows += [on_the_way(20 + k, 90, SF, 1 + k % 3, 80) for k in range(10)]
    rows += [on_the_way(100 + k, 85 + k % 10, SF, 0, 48) for k in range(30)]
    rows += [on_the_way(200 + k, 85 + k % 10, SF, 1 + k % 3, 48) for k in range(50)]
    bring(*written(tmp_path, rows))
    assert len(found(store, STALE)) == 20
    assert incidents(store, Scope()) == ()


def test_where_everything_stands_still_each_lane_is_an_incident(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    bring(*written(tmp_path, [on_the_way(1 + k, 90, SF, k % 4, 80) for k in range(40)]))
    every = incidents(store, Scope())
    assert [(one.orders, one.share, one.usual, one.struck) for one in every] == [(10, 0.25, 0.25, 1.0)] * 4


def test_orders_not_shipped_have_no_courier_and_are_compared_by_province(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    late = waits("2026-10-29 09:00:00", "2026-10-31 09:00:00")
    orders = [(1 + k, {**late, **PLACES[2]}) for k in range(11)]
    other = [(100 + k, {"订单提交时间": at(-100), **PLACES[k % 4]}) for k in range(80)]
    bring(orders_file(tmp_path, "a.csv", *orders, *other))
    (one,) = incidents(store, Scope())
    assert (one.cause, one.orders) == (Cause(1, "ship_overdue", "510000", None), 11)
    assert one.usual == pytest.approx(31 / 91)
    assert one.deadline == datetime(2026, 10, 31, 9)


@pytest.mark.parametrize(("limit", "n"), [(12, 1), (13, 0)])
def test_a_shop_says_how_many_orders_make_an_incident(stuck: Store, limit: int, n: int) -> None:
    set_limit(stuck, Scope(), 1, STALE, "incident", limit)
    assert len(incidents(stuck, Scope())) == n


def test_what_is_put_aside_or_suspended_is_no_incident(stuck: Store) -> None:
    assert answer_incident(stuck, Scope(user="li"), STUCK, "waiting", "已催圆通") == 12
    assert incidents(stuck, Scope()) == ()
    assert len(found(stuck, STALE)) == 2
    assert answer_incident(stuck, Scope(), STUCK, "waiting") == 0


def test_a_suspension_of_its_lane_takes_the_incident_away(stuck: Store) -> None:
    days = {"from_day": date(2026, 11, 2), "to_day": date(2026, 11, 9)}
    suspend(stuck, Scope(), 1, **days, province="440000", courier=YT)
    assert incidents(stuck, Scope()) == ()


def test_the_list_for_the_courier_holds_waybills_and_no_buyers(stuck: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    assert export_incident(stuck, Scope(role="shipping", user="li"), STUCK, path) == 12
    with path.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["物流运单"] == "YT0000000000001"
    assert {(row["快递公司"], row["省"], row["市"]) for row in rows} == {(YT, "广东省", "广州市")}
    assert "王小明" not in path.read_text(encoding="utf-8-sig")
    with stuck.read() as connection:
        told = json.loads(
            connection.execute(select(audit.c.detail).where(audit.c.action == "export")).scalar_one()
        )
    assert (told["what"], told["rows"], told["courier"]) == ("incident", 12, YT)
    with pytest.raises(NotAllowed):
        export_incident(stuck, Scope(role="viewer"), STUCK, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_for_both_sides_name_place_and_courier(stuck: Store, language: str) -> None:
    (one,) = incidents(stuck, Scope())
    for side in SIDES:
        text = to_tell(one, side, words(language))
        assert YT in text
        assert words(language)("abnormal.incident.day", month=11, day=2) in text
        assert "{" not in text


def test_the_document_lists_incidents_beside_the_flags(stuck: Store) -> None:
    told: dict[str, Any] = document(stuck, Scope(), words("zh"))
    assert told["counts"][STALE] == 14
    (one,) = told["incidents"]
    assert (one["rule"], one["province"], one["courier"], one["orders"]) == (STALE, "440000", YT, 12)
    assert document(stuck, Scope(role="shipping"), words("zh"))["incidents"][0]["amount"] is None  # type: ignore[index]

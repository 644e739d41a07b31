"""The alarm budget: the most valuable hits without a deadline are open, the rest is counted and on demand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert, update

from shopdata.abnormal.attention import attention
from shopdata.abnormal.document import document
from shopdata.abnormal.judging import judge
from shopdata.abnormal.limits import A_DAY, BUDGET, set_limit
from shopdata.abnormal.reading import Choice, Flag, flags
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.summary import below_budget, summary
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import abnormal_answers
from shopdata.words import words
from tests.abnormal.cases import MORE_ORDER_HEADERS, aftersale_cells, file, order_cells, parcel_cells
from tests.abnormal.conftest import NOW, Bring, found, settings_in
from tests.abnormal.test_history import orders_file, unpaid
from tests.imports.shop_files import AFTERSALE_HEADERS, ORDER_HEADERS, PARCEL_HEADERS, order_id

FREE = "paid_zero"


def free() -> dict[str, str]:
    """An order nothing was paid for: a hit without a deadline."""
    ended = (NOW - timedelta(hours=90)).isoformat(" ", "seconds")
    return {"订单应付金额": "0.00", "优惠总金额": "100.00", "商家优惠": "100.00", "订单完成时间": ended}


@pytest.fixture
def thirty(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """Thirty hits without a deadline, worth one to thirty yuan, and thirty with one."""
    rows = [(n, free()) for n in range(1, 31)]
    due = [(n, unpaid("2026-11-02 10:00:00")) for n in range(101, 131)]
    bring(orders_file(tmp_path, "a.csv", *rows, *due))
    judge(store)
    with store.write() as connection:
        for n in range(1, 31):
            mine = (abnormal_hits.c.rule == FREE, abnormal_hits.c.order_id == order_id(n))
            connection.execute(update(abnormal_hits).where(*mine).values(amount=100 * n))
    return store


def shown(store: Store) -> list[str | None]:
    return [flag.order_id for flag in found(store, FREE)]


def test_the_twenty_most_valuable_are_open_and_every_one_with_a_deadline(thirty: Store) -> None:
    assert shown(thirty) == [order_id(n) for n in range(30, 10, -1)]
    assert len(found(thirty, "unpaid")) == 30


def test_the_rest_is_counted_and_listed_on_demand(thirty: Store) -> None:
    told = document(thirty, Scope(), words("zh"), (FREE,), with_past=True)
    assert told["below_budget"] == below_budget(thirty, Scope()) == 10
    rest = [flag for flag in told["flags"] if flag["below_budget"]]  # type: ignore[attr-defined]
    assert {flag["order_id"] for flag in rest} == {order_id(n) for n in range(1, 11)}
    assert not any(flag["open"] for flag in rest)
    alone = flags(thirty, Scope(), Choice(below_budget=True))
    assert [flag.order_id for flag in alone] == [order_id(n) for n in range(10, 0, -1)]


def test_overview_queue_and_document_agree(thirty: Store) -> None:
    items = {item.key: item for item in attention(thirty, Scope())}
    told = document(thirty, Scope(), words("zh"))
    assert items[FREE].n == told["counts"][FREE] == summary(thirty, Scope()).by_rule[FREE] == 20  # type: ignore[index]
    assert items["unpaid"].n == told["counts"]["unpaid"] == 30  # type: ignore[index]


@pytest.mark.parametrize(("value", "n"), [(5.0, 5), (29.0, 29), (30.0, 30), (0.0, 0), (None, 20)])
def test_a_shop_sets_its_own_budget(thirty: Store, value: float | None, n: int) -> None:
    set_limit(thirty, Scope(), 1, BUDGET, A_DAY.name, 7)
    set_limit(thirty, Scope(), 1, BUDGET, A_DAY.name, value)
    assert len(shown(thirty)) == n


@pytest.mark.parametrize("rule", ["refunded_but_shipped", "logistics_dispute"])
def test_what_cannot_wait_is_not_held_back(thirty: Store, rule: str) -> None:
    with thirty.write() as connection:
        connection.execute(update(abnormal_hits).where(abnormal_hits.c.rule == FREE).values(rule=rule))
    assert len(found(thirty, rule)) == 30


def test_each_day_has_its_own_budget(thirty: Store) -> None:
    with thirty.write() as connection:
        earlier = abnormal_hits.c.order_id.in_([order_id(n) for n in range(1, 11)])
        connection.execute(update(abnormal_hits).where(earlier).values(found_at=NOW - timedelta(days=1)))
    assert len(shown(thirty)) == 30


def test_what_is_put_aside_makes_no_room_on_its_day(thirty: Store) -> None:
    best = {"rule": FREE, "subject": order_id(30), "shop_id": 1, "case_id": 1, "at": NOW}
    best["answer"] = "false_alarm"
    with thirty.write() as connection:
        connection.execute(insert(abnormal_answers).values(**best))
    assert shown(thirty) == [order_id(n) for n in range(29, 10, -1)]


def test_a_suspected_hit_counts_half_its_money(thirty: Store) -> None:
    """Of a rule that is right half of the time, 18 yuan rank below ten, and 30 above them."""
    assert RULES["brushing_suspected"].confidence == 0.5
    with thirty.write() as connection:
        dearest = abnormal_hits.c.order_id.in_([order_id(n) for n in (18, 30)])
        connection.execute(update(abnormal_hits).where(dearest).values(rule="brushing_suspected"))
    open_ones = {flag.order_id for flag in found(thirty)} - {order_id(n) for n in range(101, 131)}
    assert open_ones == {order_id(n) for n in (*range(10, 18), *range(19, 31))}


def test_a_rule_people_call_false_ranks_lower(thirty: Store) -> None:
    """Five answers, all false: half of what the rule declares of itself."""
    old = {"rule": FREE, "shop_id": 1, "case_id": 1, "answer": "false_alarm", "at": NOW - timedelta(days=3)}
    with thirty.write() as connection:
        for n in range(5):
            connection.execute(insert(abnormal_answers).values(subject=f"old {n}", **old))
        dear = abnormal_hits.c.order_id.in_([order_id(n) for n in range(6, 11)])
        connection.execute(update(abnormal_hits).where(dear).values(rule="amount_unusual"))
    open_ones = {flag.order_id for flag in found(thirty)} - {order_id(n) for n in range(101, 131)}
    assert {order_id(n) for n in range(6, 11)} & open_ones == {order_id(n) for n in range(7, 11)}


FIRST, DAYS = datetime(2026, 7, 1), 90
CLEAN_NOW = datetime(2026, 9, 29, 9, 0)


def clean(folder: Path, n: int) -> list[Path]:
    """A shop as shops are: products with their prices and coupons, one order in nine unpaid, some refunded,
    parcels of one to five days of which one in a hundred is late, more on weekends."""
    draw, orders, parcels, cases = Random(11), [], [], []  # noqa: S311
    for number in range(1, n + 1):
        day = draw.choices(range(DAYS), [1.3 if day % 7 in (3, 4) else 1 for day in range(DAYS)])[0]
        placed = FIRST + timedelta(days=day, hours=min(max(draw.gauss(15, 5), 0), 23.9))
        order, parcel, case = _clean(draw, number, placed)
        orders.append(order_cells(number, order))
        parcels += [parcel_cells(number, parcel)] if parcel else []
        cases += [aftersale_cells(number, case)] if case else []
    headers = (*ORDER_HEADERS, *MORE_ORDER_HEADERS)
    return [
        file(folder / "o.csv", headers, orders),
        file(folder / "p.csv", PARCEL_HEADERS, parcels),
        file(folder / "a.csv", AFTERSALE_HEADERS, cases),
    ]


def _clean(
    draw: Random, number: int, placed: datetime
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    product, pieces = draw.randrange(12), draw.choices((1, 2, 3), (85, 12, 3))[0]
    price = (39 + 20 * product) * pieces
    coupon = draw.choices((0, 3, 5, 10), (50, 20, 20, 10))[0]
    order = {
        "订单提交时间": text(placed), "商品ID": f"36012345678901234{product:02}", "商品数量": str(pieces),
        "商品单价": f"{39 + 20 * product}.00", "优惠总金额": f"{coupon}.00", "商家优惠": f"{coupon}.00",
        "订单应付金额": f"{price - coupon}.00", "收件人手机号": f"1{draw.randrange(10**10):010}",
        "流量体裁": draw.choices(("直播", "短视频", "商品卡"), (50, 20, 30))[0], "订单完成时间": "",
        "达人ID": "", "达人昵称": "", "买家留言": draw.choices(("", "请尽快发货"), (95, 5))[0],
    }  # fmt: skip
    if draw.random() < 0.11:
        never = {"订单状态": "已关闭", "支付完成时间": "", "发货时间": "", "承诺发货时间": ""}
        return order | never, {}, {}
    paid = placed + timedelta(seconds=draw.lognormvariate(3.6, 1))
    shipped = paid + timedelta(hours=draw.uniform(2, 40))
    late = 5 if draw.random() < 0.01 else 0
    signed = shipped + timedelta(days=late + draw.lognormvariate(0.8, 0.3))
    completed = signed + timedelta(days=draw.uniform(0.1, 8))
    order |= {"支付完成时间": text(paid), "承诺发货时间": text(paid + timedelta(hours=48))}
    order["发货时间"] = text(shipped) if shipped < CLEAN_NOW else ""
    order["订单完成时间"] = text(completed) if completed < CLEAN_NOW else ""
    order["订单状态"] = "已完成" if completed < CLEAN_NOW else "已发货" if shipped < CLEAN_NOW else "待发货"
    parcel = {
        "运单号": f"SF{number:013}", "发货时间": text(shipped), "签收时间": told(signed),
        "揽件时间": told(shipped + timedelta(hours=5)),
    }  # fmt: skip
    return order, parcel if shipped < CLEAN_NOW else {}, _refund(draw, order, signed)


def _refund(draw: Random, order: dict[str, str], signed: datetime) -> dict[str, str]:
    """One in twelve comes back within days of signing."""
    applied = signed + timedelta(hours=draw.expovariate(1 / 60))
    refunded = applied + timedelta(hours=draw.uniform(20, 100))
    if draw.random() > 1 / 12 or refunded > CLEAN_NOW:
        return {}
    times = {"售后申请时间": applied, "商家退款时间": refunded, "售后完结时间": refunded}
    return {"退商品金额（元）": order["订单应付金额"]} | {name: text(at) for name, at in times.items()}


def text(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")


def told(moment: datetime) -> str:
    return text(moment) if moment < CLEAN_NOW else ""


def test_a_clean_shop_of_10000_orders_stays_within_the_budget_by_itself(
    store: Store, home: Path, tmp_path: Path, bring: Bring
) -> None:
    store.settings = settings_in(home, CLEAN_NOW)
    bring(*clean(tmp_path, 10_000))
    every = flags(store, Scope(), Choice(with_past=True))
    without: list[Flag] = [flag for flag in every if flag.deadline is None]
    assert len([flag for flag in without if flag.open or flag.below_budget]) <= A_DAY.default
    assert below_budget(store, Scope()) == 0

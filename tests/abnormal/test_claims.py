"""Claims marked by hand: hits until withdrawn, the return found by its waybill, the days of an appeal."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.abnormal.cases import read_case
from shopdata.abnormal.claims import claim_of, returns_of, set_claim, withdraw_claim
from shopdata.abnormal.document import why
from shopdata.abnormal.reading import CaseKey, Choice, flags
from shopdata.abnormal.working import answer
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from shopdata.words import words
from tests.abnormal.cases import (
    MORE_AFTERSALE_HEADERS,
    PENDING,
    aftersale_cells,
    at,
    file,
    parcel_cells,
)
from tests.abnormal.conftest import NOW, Bring, found
from tests.imports.shop_files import AFTERSALE_HEADERS, PARCEL_HEADERS, Line, order_id
from tests.imports.shop_files import orders as order_file

OWNER = Scope(user="anna", role="owner")
KEY = CaseKey(1, "order", order_id(1))
RULE = "malicious_claim"


@pytest.fixture
def one_order(bring: Bring, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "orders.csv", [Line(1), Line(2)]))


def aftersales(folder: Path, **cells: str) -> Path:
    row = {"售后申请时间": at(-20), "售后状态": PENDING, "商家退款时间": "-", "售后完结时间": "-", **cells}
    headers = (*AFTERSALE_HEADERS, *MORE_AFTERSALE_HEADERS)
    return file(folder / "aftersales.csv", headers, [aftersale_cells(1, row)])


@pytest.mark.usefixtures("one_order")
def test_a_marked_order_is_a_hit_without_any_other_file(store: Store) -> None:
    assert found(store, RULE) == ()
    set_claim(store, OWNER, KEY, "empty_parcel", return_waybill=" sf123-4 ", inspection="箱内是空的")
    (hit,) = found(store, RULE)
    assert (hit.key, hit.severity, hit.open, hit.deadline) == (KEY, "high", True, None)
    assert hit.amount == 10_000
    evidence = json.loads(hit.evidence or "{}")
    assert (evidence["claim"], evidence["return_waybill"]) == ("empty_parcel", "SF123-4")
    assert "箱内" not in (hit.evidence or "")
    assert "空包" in why(hit, words("zh"))
    assert "Empty parcel" in why(hit, words("en"))


@pytest.mark.usefixtures("one_order")
def test_the_hit_goes_with_the_mark_and_comes_back_with_it(store: Store) -> None:
    set_claim(store, OWNER, KEY, "swapped")
    withdraw_claim(store, OWNER, KEY)
    assert found(store, RULE) == ()
    assert claim_of(store, OWNER, KEY) is None
    withdraw_claim(store, OWNER, KEY)
    set_claim(store, OWNER, KEY, "missing_items")
    assert len(found(store, RULE)) == 1
    case = read_case(store, OWNER, KEY)
    assert [event.action for event in case.events if event.user] == ["claim", "claim_withdrawn", "claim"]
    assert [hit.rule for hit in case.gone] == [RULE]


@pytest.mark.usefixtures("one_order")
def test_a_changed_mark_stays_one_hit_and_keeps_who_marked_first(store: Store) -> None:
    set_claim(store, OWNER, KEY, "swapped")
    set_claim(store, Scope(user="bert", role="after_sales"), KEY, "empty_parcel", inspection="空箱")
    assert len(found(store, RULE)) == 1
    claim = claim_of(store, OWNER, KEY)
    assert claim is not None
    assert (claim.kind, claim.inspection, claim.marked_by, claim.marked_at) == (
        "empty_parcel", "空箱", "anna", NOW,
    )  # fmt: skip


def test_an_after_sale_gives_the_mark_its_amount_and_deadline(
    store: Store, bring: Bring, tmp_path: Path
) -> None:
    cells = {"自动处理截止时间": at(10), "退商品金额（元）": "80.00"}
    bring(order_file(tmp_path / "orders.csv", [Line(1)]), aftersales(tmp_path, **cells))
    set_claim(store, OWNER, KEY, "refund_only")
    (hit,) = found(store, RULE)
    assert (hit.amount, hit.measure, hit.limit) == (8_000, 8_000, 10_000)
    assert hit.deadline == datetime.fromisoformat(at(10))


def test_what_is_suspected_by_itself_and_marked_too_is_one_hit(
    store: Store, bring: Bring, tmp_path: Path
) -> None:
    path = aftersales(tmp_path, **{"退商品金额（元）": "900.00"})
    bring(order_file(tmp_path / "orders.csv", [Line(1)]), path)
    (before,) = found(store, RULE)
    set_claim(store, OWNER, KEY, "refund_only")
    (marked,) = found(store, RULE)
    assert before.subject != marked.subject == order_id(1)
    withdraw_claim(store, OWNER, KEY)
    (after,) = found(store, RULE)
    assert after.subject == before.subject


@pytest.mark.usefixtures("one_order")
def test_a_newer_import_does_not_end_what_somebody_marked_and_an_answer_does(
    store: Store, bring: Bring, tmp_path: Path
) -> None:
    set_claim(store, OWNER, KEY, "swapped")
    bring(order_file(tmp_path / "again.csv", [Line(1, "已完成"), Line(3)]))
    assert len(found(store, RULE)) == 1
    answer(store, OWNER, [KEY], "resolved")
    assert found(store, RULE) == ()
    (aside,) = flags(store, Scope(), Choice((RULE,), with_past=True))
    assert not aside.open


@pytest.mark.usefixtures("one_order")
def test_the_result_of_an_appeal_is_expected_in_three_to_five_working_days(store: Store) -> None:
    """The national holiday of 2026 is 1 to 7 October; Saturday the 10th is worked."""
    set_claim(store, OWNER, KEY, "swapped", appealed_on=date(2026, 9, 29))
    claim = claim_of(store, OWNER, KEY)
    assert claim is not None
    assert claim.expected == (date(2026, 10, 9), date(2026, 10, 12))
    set_claim(store, OWNER, KEY, "swapped")
    again = claim_of(store, OWNER, KEY)
    assert again is not None
    assert again.expected is None


def test_a_return_is_found_by_its_waybill(store: Store, bring: Bring, tmp_path: Path) -> None:
    cells = {"退货物流单号": "YT8888", "退货发货时间": at(-10)}
    parcel = parcel_cells(1, {"运单号": "YT8888", "签收时间": at(-2), "发货时间": at(-9), "揽件时间": at(-9)})
    bring(
        order_file(tmp_path / "orders.csv", [Line(1)]),
        aftersales(tmp_path, **cells),
        file(tmp_path / "parcels.csv", PARCEL_HEADERS, [parcel]),
    )
    (one,) = returns_of(store, OWNER, " yt8888\n")
    assert (one.order_id, one.refund_amount) == (order_id(1), 10_000)
    assert (one.sent_at, one.signed_at) == tuple(datetime.fromisoformat(at(h)) for h in (-10, -2))
    assert returns_of(store, OWNER, "YT9999") == returns_of(store, OWNER, "") == ()
    (hidden,) = returns_of(store, Scope(user="sun", role="shipping"), "YT8888")
    assert hidden.refund_amount is None
    assert returns_of(store, Scope(user="anna", shops=(7,)), "YT8888") == ()
    with pytest.raises(NotAllowed):
        returns_of(store, Scope(user="vera", role="viewer"), "YT8888")


@pytest.mark.usefixtures("one_order")
def test_what_cannot_be_meant_is_refused(store: Store) -> None:
    with pytest.raises(BadUsage, match="value_unknown"):
        set_claim(store, OWNER, KEY, "not_received")
    with pytest.raises(BadUsage, match="claim_waybill"):
        set_claim(store, OWNER, KEY, "swapped", return_waybill="<b>")
    with pytest.raises(BadUsage, match="claim_appeal_ahead"):
        set_claim(store, OWNER, KEY, "swapped", appealed_on=date(2026, 11, 3))
    with pytest.raises(BadUsage, match="case_text_length"):
        set_claim(store, OWNER, KEY, "swapped", inspection="长" * 2001)
    with pytest.raises(BadUsage, match="claim_no_order"):
        set_claim(store, OWNER, CaseKey(1, "metric_shift", "x"), "swapped")
    with pytest.raises(NotFound):
        set_claim(store, OWNER, CaseKey(1, "order", "404"), "swapped")
    for role in ("viewer", "nobody"):
        with pytest.raises(NotAllowed):
            set_claim(store, Scope(user="vera", role=role), KEY, "swapped")
        with pytest.raises(NotAllowed):
            withdraw_claim(store, Scope(user="vera", role=role), KEY)
    assert found(store, RULE) == ()


@pytest.mark.usefixtures("one_order")
def test_marks_are_audited_without_what_was_found_in_the_parcel(store: Store) -> None:
    set_claim(store, OWNER, KEY, "swapped", inspection="张三退回石头")
    withdraw_claim(store, OWNER, KEY)
    with store.read() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.detail)).all()
    assert [row.action for row in rows][-2:] == ["case_claim", "case_claim_withdrawn"]
    assert not any("张三" in row.detail for row in rows)

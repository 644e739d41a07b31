"""Who to remind of paying: only who still can pay, until when, with a text; buyers by the role's rights."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.abnormal.reminders import export_reminders
from shopdata.errors import BadUsage, NotAllowed
from shopdata.orders.filters import OrderFilter
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from tests.abnormal.conftest import Bring
from tests.abnormal.test_history import at_clock, orders_file, unpaid, waits
from tests.imports.shop_files import order_id


@pytest.fixture
def shop(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """Unpaid just before midnight at a month's end, an hour ago, and yesterday; and one that is paid."""
    bring(
        orders_file(
            tmp_path,
            "a.csv",
            (1, unpaid("2026-11-02 11:00:00", 收件人="王小明", 收件人手机号="13812345678")),
            (2, unpaid("2026-11-01 23:59:30")),
            (3, unpaid("2026-11-01 11:00:00")),
            (4, waits("2026-11-02 08:00:00", "2026-11-05 08:00:00")),
        )
    )
    return store


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_the_first_to_lapse_comes_first_with_amount_deadline_and_text(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    assert export_reminders(shop, Scope(), OrderFilter(), path, coupon="满 99 减 10") == 2
    first, second = rows_of(path)
    assert [first["订单编号"], second["订单编号"]] == [order_id(2), order_id(1)]
    assert (first["付款期限"], first["应付金额"]) == ("2026-11-02 23:59:30", "100.00")
    for part in ("羊毛围巾", "100.00", "11-02 23:59", "满 99 减 10"):
        assert part in first["催付文案"]


def test_a_deadline_past_midnight_and_a_months_end_is_kept(
    shop: Store, home: Path, tmp_path: Path, bring: Bring
) -> None:
    at_clock(shop, home, "2026-12-01 00:00:00")
    bring(orders_file(tmp_path, "b.csv", (9, unpaid("2026-11-30 23:45:00"))))
    path = tmp_path / "r.csv"
    assert export_reminders(shop, Scope(), OrderFilter(), path) == 1
    assert rows_of(path)[0]["付款期限"] == "2026-12-01 23:45:00"
    at_clock(shop, home, "2026-12-01 23:45:00")
    assert export_reminders(shop, Scope(), OrderFilter(), tmp_path / "s.csv") == 0


def test_the_filter_of_the_page_chooses(shop: Store, tmp_path: Path) -> None:
    assert export_reminders(shop, Scope(), OrderFilter(order=order_id(1)), tmp_path / "r.csv") == 1
    assert export_reminders(shop, Scope(), OrderFilter(order=order_id(4)), tmp_path / "s.csv") == 0


def test_buyers_are_masked_unless_revealed_by_who_may(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    export_reminders(shop, Scope(role="operator"), OrderFilter(order=order_id(1)), path)
    (one,) = rows_of(path)
    phone = next(cell for cell in one.values() if "****" in cell)
    assert phone == "138****5678"
    assert "王小明" not in path.read_text(encoding="utf-8-sig")
    path = tmp_path / "s.csv"
    export_reminders(shop, Scope(), OrderFilter(order=order_id(1)), path, reveal=True)
    assert "13812345678" in path.read_text(encoding="utf-8-sig")
    with pytest.raises(NotAllowed):
        export_reminders(shop, Scope(role="operator"), OrderFilter(), tmp_path / "t.csv", reveal=True)
    with shop.read() as connection:
        told = connection.execute(select(audit.c.detail).where(audit.c.action == "export")).scalars().all()
    assert [json.loads(one)["reveal"] for one in told] == [False, True]


def test_who_sees_no_orders_gets_no_list(shop: Store, tmp_path: Path) -> None:
    for role in ("viewer", "after_sales"):
        with pytest.raises(NotAllowed):
            export_reminders(shop, Scope(role=role), OrderFilter(), tmp_path / "r.csv")
    with pytest.raises(BadUsage):
        export_reminders(shop, Scope(), OrderFilter(), tmp_path / "r.csv", coupon="x" * 201)

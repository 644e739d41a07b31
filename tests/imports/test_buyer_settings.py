"""Who buyers are after erasing, receivers as a key, lists of buyers: through real files and a real purge."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from pages.ui.buyer_settings import as_tags, as_text
from shopdata.analysis.buyer_lists import members
from shopdata.analysis.buyer_segments import segments
from shopdata.analysis.buyers import receiver_counts, shop_buyers
from shopdata.analysis.repurchase import repurchase
from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.buyer_settings import (
    RemarkTag,
    default_tags,
    remark_tags,
    set_receiver_key,
    set_remark_tags,
)
from shopdata.imports.erasing import purge
from shopdata.ingest.client import Parser
from shopdata.orders.buyer_export import export_buyers
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from shopdata.words import words
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file
from tests.imports.test_erasing import Clock
from tests.imports.test_taobao import list_file
from tests.ingest.taobao import whole

LONG_AGO, NOW = datetime(2026, 8, 1, 9, 0), datetime(2026, 11, 2, 12, 0)
OWNER = Scope()


@pytest.fixture
def clock(tmp_path: Path, parser: Parser) -> Clock:
    return Clock(tmp_path / "home", parser)


def taobao(number: int, buyer: str, day: str) -> dict[str, str]:
    times = {"订单创建时间": f"{day} 10:00:00", "订单付款时间": f"{day} 10:01:00"}
    return whole(number, 买家会员名=buyer, **times)


def douyin(folder: Path, number: int, day: str, receiver: str, phone: str) -> Path:
    more = (("收件人", receiver), ("收件人手机号", phone))
    return order_file(folder / f"d{number}.csv", [Line(number, day=day, more=more)])


@pytest.fixture
def taobao_shop(clock: Clock, tmp_path: Path) -> Clock:
    """Three buyers in July, whose import is old; two of them again in October, and a new one."""
    old = [taobao(n, f"buyer_{n}", "2026-07-05") for n in (1, 2, 3)]
    new = [taobao(11, "buyer_1", "2026-07-25"), taobao(12, "buyer_2", "2026-10-02")]
    new.append(taobao(13, "buyer_9", "2026-10-03"))
    clock.bring(LONG_AGO, list_file(tmp_path, old, "ExportOrderList202607101200.csv"))
    clock.bring(NOW, list_file(tmp_path, new, "ExportOrderList202611011200.csv"))
    return clock


def test_a_buyer_before_and_after_erasing_is_one_buyer(taobao_shop: Clock) -> None:
    with taobao_shop.at(NOW) as store:
        before = (segments(store, OWNER).total.buyers, repurchase(store, OWNER).rows)
        purge(store, date(2026, 9, 1), "anna")
        assert (segments(store, OWNER).total.buyers, repurchase(store, OWNER).rows) == before
        assert before[0] == 4
        assert [row.n for row in before[1]] == [1, 1, 2]
        every = segments(store, OWNER).total
        assert (every.buyers, every.shown) == (4, 3), (
            "who bought again has an id to show, who did not has none"
        )


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.reader(stream))[1:]


def listed(store: Store, scope: Scope, path: Path, *, reveal: bool = False) -> list[list[str]]:
    export_buyers(store, scope, "new", members(store, OWNER, "new"), path, reveal=reveal)
    return rows_of(path)


def test_a_list_of_buyers_is_masked_unless_asked_for_and_audited(taobao_shop: Clock, tmp_path: Path) -> None:
    with taobao_shop.at(NOW) as store:
        assert listed(store, OWNER, tmp_path / "a.csv", reveal=True)[0][1] == "buyer_9"
        assert listed(store, OWNER, tmp_path / "b.csv")[0][1] == "b***"
        operator = Scope(user="olga", role="operator")
        assert listed(store, operator, tmp_path / "c.csv")[0][1] == "b***"
        with store.read() as connection:
            noted = connection.execute(select(audit).where(audit.c.action == "export")).all()
    assert [(row.role, json.loads(row.detail)["reveal"]) for row in noted] == [
        ("owner", True),
        ("owner", False),
        ("operator", False),
    ]
    assert {json.loads(row.detail)["segment"] for row in noted} == {"new"}


def test_roles_without_the_right_get_no_list(taobao_shop: Clock, tmp_path: Path) -> None:
    refused = {
        "viewer": False, "after_sales": False, "shipping": False, "operator": True, "nobody": False,
    }  # fmt: skip
    with taobao_shop.at(NOW) as store:
        for role, reveal in refused.items():
            with pytest.raises(NotAllowed):
                listed(store, Scope(role=role), tmp_path / "x.csv", reveal=reveal)
        with store.read() as connection:
            assert not connection.execute(select(audit).where(audit.c.action == "export")).all()
    assert not (tmp_path / "x.csv").exists()


def clear_text(folder: Path, numbers: Sequence[tuple[int, str, str]]) -> list[Path]:
    return [douyin(folder, n, day, "王小明", phone) for n, day, phone in numbers]


def test_receivers_are_a_key_only_where_the_shop_says_so_and_across_erasing(
    clock: Clock, tmp_path: Path
) -> None:
    clock.bring(
        LONG_AGO, *clear_text(tmp_path, [(1, "2026-07-01", "13912345678"), (2, "2026-07-02", "139****5678")])
    )
    clock.bring(
        NOW, *clear_text(tmp_path, [(3, "2026-07-11", "13912345678"), (4, "2026-07-12", "13900000000")])
    )
    with clock.at(NOW) as store:
        purge(store, date(2026, 9, 1), "anna")
        assert shop_buyers(store, OWNER)[0].kind == "none"
        set_receiver_key(store, OWNER, 1, on=True)
        (shop,) = shop_buyers(store, OWNER)
        assert (shop.kind, shop.keyed, shop.orders_paid) == ("receiver", 3, 4)
        found = repurchase(store, OWNER)
        assert (found.buyers, found.returned) == (2, 1)
        assert list(members(store, OWNER, "new")) == [], "a hash is no id to list"
        set_receiver_key(store, OWNER, 1, on=False)
        assert shop_buyers(store, OWNER)[0].kind == "none"


@pytest.mark.parametrize(
    ("receiver", "phone"),
    [
        ("##ab/cd=#", "$$Ic0A9/=$"),
        ("王**", "13912345678"),
        ("王小明", "139****5678"),
        ("王小明", "13912345678-1234"),
        ("王小明", ""),
    ],
)
def test_ciphertext_stars_and_lent_numbers_are_no_key(
    clock: Clock, tmp_path: Path, receiver: str, phone: str
) -> None:
    clock.bring(NOW, *(douyin(tmp_path, n, f"2026-10-0{n}", receiver, phone) for n in (1, 2)))
    with clock.at(NOW) as store:
        set_receiver_key(store, OWNER, 1, on=True)
        assert receiver_counts(store) == {1: (2, 0, 0)}
        assert shop_buyers(store, OWNER)[0].kind == "none"


def test_tags_can_be_edited_as_text_and_come_back(clock: Clock) -> None:
    for language in ("zh", "en"):
        spoken = words(language)
        assert as_tags(as_text(default_tags(), spoken), spoken) == default_tags()
    own = as_tags("礼物：送人、礼品\n会员: VIP, 老客", words("zh"))
    assert own == (RemarkTag("gift", ("送人", "礼品")), RemarkTag("会员", ("VIP", "老客")))
    with clock.at(NOW) as store:
        set_remark_tags(store, OWNER, own)
        with store.read() as connection:
            assert remark_tags(connection) == own
        with pytest.raises(NotAllowed):
            set_remark_tags(store, Scope(role="operator"), own)
        for bad in ((RemarkTag("空", ()),), (own[0], own[0]), (RemarkTag("长", ("词" * 31,)),)):
            with pytest.raises(BadUsage):
                set_remark_tags(store, OWNER, bad)
        set_remark_tags(store, OWNER, None)
        with store.read() as connection:
            assert remark_tags(connection) == default_tags()

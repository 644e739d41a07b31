"""What people get: missing files, limits of a shop, the document, the overview's list, a clean shop."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from shopdata.abnormal.attention import attention
from shopdata.abnormal.document import document
from shopdata.abnormal.limits import LIMITS, limit_history, set_limit
from shopdata.abnormal.rules import RULES
from shopdata.commands import documents
from shopdata.commands.asked import Asked
from shopdata.errors import BadUsage, NotAllowed
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import LANGUAGES, words
from tests.abnormal.cases import MORE_ORDER_HEADERS, file, order_cells
from tests.abnormal.conftest import Bring, found, settings_in
from tests.abnormal.test_history import orders_file, unpaid, waits
from tests.imports.shop_files import ORDER_HEADERS, Line, aftersales, order_id, parcels
from tests.imports.shop_files import orders as plain_orders


def test_a_rule_without_its_column_does_not_fire_and_says_which_file(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    headers = [name for name in (*ORDER_HEADERS, *MORE_ORDER_HEADERS) if name != "支付完成时间"]
    bring(file(tmp_path / "a.csv", headers, [order_cells(1, unpaid("2026-11-02 10:00:00"))]))
    told: dict[str, Any] = document(store, Scope(), words("zh"), with_past=True)
    assert told["missing"]["unpaid"] == "orders"
    assert told["missing"]["tracking_stale"] == "parcels"
    assert "unpaid" not in told["counts"]


def test_a_shop_sets_its_own_limit_from_a_day_on(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, waits("2026-11-02 08:00:00", "2026-11-03 02:00:00"))))
    assert found(store) == ()
    set_limit(store, Scope(user="li"), 1, "ship_due_soon", "soon", 24, from_day=date(2026, 11, 3))
    assert found(store) == ()
    set_limit(store, Scope(user="li"), 1, "ship_due_soon", "soon", 24)
    assert [(flag.rule, flag.limit, flag.measure) for flag in found(store)] == [("ship_due_soon", 24, 14)]
    told: dict[str, Any] = document(store, Scope(), words("zh"))
    assert [(one["rule"], one["name"], one["value"]) for one in told["limits"]] == [
        ("ship_due_soon", "soon", 24)
    ]
    set_limit(store, Scope(user="li"), 1, "ship_due_soon", "soon", None)
    assert found(store) == ()
    with store.read() as connection:
        kept = limit_history(connection, 1)
    assert [(one.value, one.user) for one in kept if one.from_day == date(2026, 11, 2)] == [
        (24, "li"),
        (None, "li"),
    ]


def test_a_limit_holds_from_its_day_on_by_itself(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, waits("2026-11-02 08:00:00", "2026-11-03 20:00:00"))))
    set_limit(store, Scope(), 1, "ship_due_soon", "soon", 24, from_day=date(2026, 11, 3))
    store.settings = settings_in(store.settings.home, datetime(2026, 11, 2, 23, 59))
    assert found(store) == ()
    store.settings = settings_in(store.settings.home, datetime(2026, 11, 3, 0, 0))
    assert [flag.limit for flag in found(store)] == [24]


@pytest.mark.parametrize(
    ("role", "name", "value", "fault"),
    [
        ("operator", "soon", 24.0, NotAllowed),
        ("owner", "colour", 24.0, BadUsage),
        ("owner", "soon", -1.0, BadUsage),
    ],
)
def test_a_limit_that_cannot_be_set_is_refused(
    store: Store, role: str, name: str, value: float, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        set_limit(store, Scope(role=role), 1, "ship_due_soon", name, value)


def test_the_document_is_what_the_contract_says(store: Store, tmp_path: Path, bring: Bring) -> None:
    rows = (1, unpaid("2026-11-02 08:48:00")), (2, unpaid("2026-10-20 10:00:00")), (3, {})
    bring(orders_file(tmp_path, "a.csv", *rows))
    asked = Asked(store, store.settings, words("zh"))
    told: dict[str, Any] = documents.answer(asked, "abnormal", {"rule": ["unpaid"]})
    assert told["counts"] == {"unpaid": 1}
    (flag,) = told["flags"]
    expected = {
        "rule": "unpaid", "order_id": order_id(1), "line_id": None, "severity": "medium", "measure": 3.2,
        "limit": 24, "unit": "hours", "since": "2026-11-02T08:58:00", "deadline": "2026-11-03T08:48:00",
        "case": None, "open": True, "amount": 10_000,
    }  # fmt: skip
    assert {name: flag[name] for name in expected} == expected
    assert "3.2" in flag["why"]
    past: dict[str, Any] = documents.answer(asked, "abnormal", {"rule": ["unpaid"], "all": ["1"]})
    assert [one["open"] for one in past["flags"]] == [True, False]
    days = {"from": ["2026-11-01"], "to": ["2026-11-02"], "all": ["1"]}
    assert documents.answer(asked, "abnormal", days)["counts"] == {"unpaid": 1}
    with pytest.raises(BadUsage):
        documents.answer(asked, "abnormal", {"rule": ["nonsense"]})


def test_who_ships_sees_no_money(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-02 10:00:00"))))
    told: dict[str, Any] = document(store, Scope(role="shipping"), words("zh"))
    assert [(flag["amount"], flag["evidence"]) for flag in told["flags"]] == [(None, None)]


def test_the_overview_counts_the_same_hits(store: Store, tmp_path: Path, bring: Bring) -> None:
    late = waits("2026-10-30 09:00:00", "2026-11-01 09:00:00")
    bring(orders_file(tmp_path, "a.csv", (1, late), (2, late), (3, unpaid("2026-11-02 10:00:00"))))
    items = {item.key: item for item in attention(store, Scope())}
    overdue = items["ship_overdue"]
    assert (overdue.n, overdue.amount, overdue.severity) == (2, 20_000, "high")
    assert overdue.deadline is not None
    assert f"{overdue.deadline}" == "2026-11-01 09:00:00"
    assert set(overdue.order_ids) == {order_id(1), order_id(2)}
    assert items["unpaid"].n == 1
    assert {"missing_aftersales", "missing_parcels", "missing_commissions"} <= items.keys()
    for key, item in items.items():
        for language in LANGUAGES:
            assert words(language)(f"abnormal.{key}.name" if item.is_rule else f"analysis.attention.{key}")


def test_a_stale_order_asks_for_a_new_export(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, waits("2026-10-30 09:00:00", "2026-11-01 09:00:00"))))
    bring(orders_file(tmp_path, "b.csv", (2, {"订单完成时间": "2026-11-02 09:00:00"})))
    assert "stale" in {item.key for item in attention(store, Scope())}


def test_a_clean_shop_of_2000_orders_is_not_flagged(store: Store, tmp_path: Path, bring: Bring) -> None:
    """Different prices, days, states and one in twenty returned: none of it is abnormal."""
    lines = [
        Line(
            number,
            day=f"2026-10-{1 + number % 24:02}",
            more=(
                ("商品单价", f"{80 + number % 40}.00"),
                ("订单应付金额", f"{80 + number % 40}.00"),
                ("商品ID", f"36012345678901234{number % 7:02}"),
                ("收件人", f"买家{number}"),
                ("详细地址", f"{number}号"),
                ("流量来源", ""),
                ("流量体裁", "商品卡"),
            ),
        )
        for number in range(1, 2001)
    ]
    bring(plain_orders(tmp_path / "orders.csv", lines))
    returned = [line for line in lines if not line.number % 20]
    bring(aftersales(tmp_path / "aftersales.csv", [cheap for cheap in returned if _whole(cheap)]))
    bring(parcels(tmp_path / "parcels.csv", lines))
    assert found(store, past=True) == ()


def _whole(line: Line) -> bool:
    return int(float(dict(line.more)["商品单价"])) >= 100


def test_every_rule_has_words_in_both_languages() -> None:
    for language in LANGUAGES:
        spoken = words(language)
        for rule in RULES.values():
            for part in ("name", "why", "todo"):
                assert spoken(f"abnormal.{rule.key}.{part}")
        for key, limits in LIMITS.items():
            assert spoken(f"abnormal.{key}.name")
            assert all(spoken(f"abnormal.limits.{limit.name}") for limit in limits)

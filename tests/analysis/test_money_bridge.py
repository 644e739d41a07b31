"""The money bridge adds up to the fen: against cases whose every step is known, and against loops."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shopdata.analysis.money import money
from shopdata.analysis.money_bridge import STEPS, Bridge, Bridges, money_bridge
from shopdata.analysis.money_rows import Unexplained, money_rows
from shopdata.scope import Scope
from shopdata.words import words
from tests.analysis import money_world
from tests.analysis.money_world import BILL_ENDS, DAY, NOON, Case, cases, entry, expected, sold, world
from tests.metrics.random_world import random_world
from tests.metrics.world import FIRST, World, import_row, order_row

WHOLE = Scope(start=FIRST.date(), end=(FIRST + timedelta(days=79)).date())


def bridges(made: World, scope: Scope = WHOLE) -> Bridges:
    return money_bridge(made.stored(), scope)


def told(found: Any) -> dict[str, int]:
    return {name: found.step(name).fen for name in STEPS}


@pytest.fixture(scope="module")
def by_case() -> dict[str, Bridge]:
    """The bridge of each case, every one in a shop of its own."""
    made, shops = World(), {}
    for place, case in enumerate(cases()):
        own = world([case])
        ids = {case.order["shop_id"]: 10 + place}
        shops[10 + place] = case.order["order_id"]
        for name in ("shops", "imports", "orders", "lines", "settlements", "aftersales"):
            rows = getattr(own, name)
            key = "id" if name == "shops" else "shop_id"
            getattr(made, name).extend(row | {key: ids[row[key]]} for row in rows if row[key] in ids)
    found = bridges(made).by_shop()
    return {order: found.get(shop, Bridge({})) for shop, order in shops.items()}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.order["order_id"])
def test_each_kind_of_order_takes_the_steps_it_must(case: Case, by_case: dict[str, Bridge]) -> None:
    found = by_case[case.order["order_id"]]
    assert told(found) == {name: case.steps.get(name, 0) for name in STEPS}
    assert found.gaps == (0, 0, 0)


def test_a_month_of_every_kind_adds_up_in_total_by_month_and_by_shop() -> None:
    """The cases again and again, in three months and in any mixture."""
    draw = random.Random(11)  # noqa: S311 - seeded on purpose
    chosen = [moved(case, n) for n in range(12) for case in draw.sample(cases(), 9)]
    found = bridges(world(chosen))
    wanted = expected(chosen)
    assert told(found.total) == {name: wanted[name] for name in STEPS}
    for split in (found.by_month(), found.by_shop(), found.cells):
        assert {name: sum(one.step(name).fen for one in split.values()) for name in STEPS} == told(
            found.total
        )
        assert {one.gaps for one in split.values()} == {(0, 0, 0)}
    months: dict[date, Counter[str]] = {}
    for case in chosen:
        month = case.order["placed_at"].date().replace(day=1)
        months.setdefault(month, Counter()).update(case.steps)
    shown = {month: one.step("settled").fen for month, one in found.by_month().items() if month}
    assert {month: shown[month] for month in months} == {key: one["settled"] for key, one in months.items()}
    assert found.total["orders"].n == len(chosen)


def moved(case: Case, turn: int) -> Case:
    """The case under another number, its order placed in another month (its later times as they are)."""
    number = case.order["order_id"]

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        keys = ("order_id", "line_id", "settlement_id", "aftersale_id")
        return row | {key: row[key].replace(number, f"{number}{turn}x") for key in keys if row.get(key)}

    placed = case.order["placed_at"] + (turn % 3) * 12 * DAY
    return Case(
        renamed(case.order) | {"placed_at": placed},
        case.steps,
        [renamed(row) for row in case.lines],
        [renamed(row) for row in case.entries],
        [renamed(row) for row in case.refunds],
    )


def test_amounts_are_not_multiplied_by_lines_entries_or_refunds() -> None:
    """One order of three lines, two entries a line and a refund a line counts its 100.00 once."""
    case = money_world.three_lines()
    doubled = [row | {"settlement_id": f"{row['settlement_id']}b", **zero()} for row in case.entries]
    found = bridges(world([replace(case, entries=[*case.entries, *doubled])])).total
    assert found.step("paid").fen == 10_000
    assert (found.step("settled").fen, found.step("settled").n) == (7_980, 1)
    assert found.step("unexplained").fen == 0


def zero() -> dict[str, int]:
    names = ("income_amount", "platform_subsidy", "platform_fee", "commission_influencer", "cost_amount")
    return dict.fromkeys((*names, "settled_amount"), 0)


def test_an_entry_of_an_order_no_file_has_is_unexplained_and_listed() -> None:
    lost = entry(sold("ghost"), 7_000, 0, 350)
    store = world([money_world.plain()], [lost]).stored()
    found = money_bridge(store, WHOLE).total
    assert (found.step("unexplained").fen, found.step("unexplained").n) == (7_000, 1)
    assert found.step("settled").fen == 8_000 + 6_650
    assert found.step("platform_fee").fen == -850
    assert found.gaps == (0, 0, 0)
    listed = [one for one in money_rows(store, WHOLE).listed if one.amount]
    assert listed == [
        Unexplained(
            "settlements", "unknown_order", 1, "ghost", lost["settlement_id"], lost["settled_at"], 6_650
        )
    ]


def test_an_entry_of_an_order_that_was_never_paid_is_unexplained() -> None:
    order = order_row("never", NOON)
    store = world([Case(order, {})], [entry(order, 7_000)]).stored()
    found = money_bridge(store, WHOLE).total
    assert (found.step("paid").fen, found.step("unexplained").fen, found.step("settled").fen) == (
        0,
        7_000,
        7_000,
    )
    assert ("unpaid_order", 7_000) in [(one.how, one.amount) for one in money_rows(store, WHOLE).listed]


def test_orders_whose_sides_differ_are_listed_with_what_differs() -> None:
    store = world(cases()).stored()
    listed = {
        one.order_id: (one.how, one.amount) for one in money_rows(store, WHOLE).listed if one.kind == "orders"
    }
    assert listed == {
        "owed": ("payable", -7), "goods": ("goods", -11), "subsidy": ("subsidy", -50), "sums": ("bill", 3),
    }  # fmt: skip
    total = money_bridge(store, WHOLE).total
    assert total["differing"].n == 3
    assert total.step("unexplained").fen == -11 - 50 + 3


def test_of_an_order_completed_before_the_bill_begins_nothing_is_said() -> None:
    order = sold("early", 0, 2_000, completed_at=NOON, is_completed=True)
    made = world([Case(order, {})])
    made.settlements = [row for row in made.settlements if row["settled_at"] == BILL_ENDS]
    found = bridges(made).total
    assert found["before_bill"].fen == 2_000
    assert found["overdue"].fen == 0


def test_only_orders_of_the_days_and_shops_asked_for_take_part() -> None:
    made = world(cases())
    one_day = replace(WHOLE, start=NOON.date(), end=NOON.date())
    assert bridges(made, one_day).total.step("paid").fen == 10_000
    assert bridges(made, replace(WHOLE, platforms=("kuaishou",))).total.step("settled").fen == 3_865


def test_amounts_of_several_currencies_are_not_added_up() -> None:
    made = world(cases())
    made.shops[1]["currency"] = "USD"
    found = bridges(made)
    assert found.currency is None
    assert found.total.step("paid").fen == 0
    assert found.by_shop()[2].step("settled").fen == 3_865


def test_a_random_world_adds_up_and_its_levels_equal_the_loops() -> None:
    made = random_world(5, 400, 2)
    found = bridges(made, Scope())
    paid = [order for order in made.orders if order["is_paid"]]
    assert found.total.step("paid").fen == sum(order["paid_amount"] or 0 for order in paid)
    assert found.total.step("refund").fen == -sum(order["refund_amount"] or 0 for order in paid)
    assert found.total.step("settled").fen == sum(row["settled_amount"] for row in made.settlements)
    assert found.total.gaps == (0, 0, 0)
    assert found.total.step("placed").n == sum(bool(order["payable_amount"]) for order in made.orders)


def test_every_row_of_every_file_belongs_to_an_order_or_a_kind_or_is_listed() -> None:
    made = world([money_world.plain()])
    at = NOON + 5 * DAY
    flow = {"shop_id": 1, "moved_at": at, "direction": "in", "amount": 8_000}
    made.funds = [
        flow | {"flow_key": "a", "order_id": "plain", "scene": "settlement", "scene_raw": "货款结算入账"},
        flow
        | {
            "flow_key": "b",
            "order_id": None,
            "scene": "settlement",
            "scene_raw": "货款结算入账",
            "amount": 5,
        },
        flow
        | {"flow_key": "c", "direction": "out", "scene": "withdrawal", "scene_raw": "提现", "amount": 900},
        flow | {"flow_key": "d", "direction": "out", "scene": None, "scene_raw": "神秘扣款", "amount": 70},
    ]
    base = {
        "shop_id": 1,
        "party": "influencer",
        "party_id": "star",
        "settled_at": at,
        "commission_settled": 2_000,
    }
    made.commissions = [base | {"line_id": "plain-1"}, base | {"line_id": "gone-1", "commission_settled": 30}]
    made.imports += [import_row("commissions")]
    made.aftersales = [money_world.refund(sold("nobody"), 1_234)]
    found = money_rows(made.stored(), WHOLE)
    assert {(one.kind, one.how): (one.rows, one.amount) for one in found.files} == {
        ("settlements", "order"): (1, 8_000),
        ("settlements", "unknown_order"): (2, 0),
        ("commissions", "order"): (1, 2_000),
        ("commissions", "unknown_order"): (1, 30),
        ("aftersales", "unknown_order"): (1, 1_234),
        ("funds", "order"): (1, 8_000),
        ("funds", "unknown_order"): (1, 5),
        ("funds", "withdrawal"): (1, -900),
        ("funds", "unknown_scene"): (1, -70),
    }
    listed = [(one.kind, one.how, one.key, one.amount) for one in found.listed if one.amount]
    assert listed == [
        ("aftersales", "unknown_order", "rnobody-1", 1_234),
        ("funds", "unknown_scene", "神秘扣款", -70),
        ("commissions", "unknown_order", "gone-1", 30),
        ("funds", "unknown_order", "货款结算入账", 5),
    ]


def test_a_bill_ends_where_its_last_entry_says() -> None:
    found = bridges(world([money_world.plain()]))
    assert found.bills[1].ends == BILL_ENDS
    assert set(found.bills) == {1, 2}
    assert found.missing["settlements"] == ("Shop 3",)


def test_the_document_holds_steps_months_shops_and_what_is_missing() -> None:
    made = world(cases())
    found = money(made.stored(), WHOLE)
    document = found.as_json(words("en"))
    steps = {row["key"]: row["amount"] for row in document["rows"]}
    assert tuple(steps) == STEPS
    assert steps == {name: expected(cases())[name] for name in STEPS}
    assert sum(row["settled"] for row in document["months"]) == steps["settled"]
    assert {row["label"] for row in found.as_json(words("en"), "shop")["rows"]} == {
        "Shop 1",
        "Shop 2",
        "Shop 3",
    }
    assert document["missing"] == {"settlements": ["Shop 3"]}
    assert any("Shop 3" in sentence for sentence in document["notes"])


def test_refunds_stand_by_pay_date_and_by_refund_date() -> None:
    """Paid in July and refunded in August: July's orders lost it, August paid it back."""
    order = sold("1", 20, is_refunded=True, refund_amount=2_500)
    made = world([Case(order, {}, refunds=[money_world.refund(order, 2_500, 20)])])
    july, august = (Scope(start=date(2026, n, 1), end=date(2026, n, 30)) for n in (7, 8))
    documents = [money(made.stored(), scope).as_json()["refunds"] for scope in (july, august)]
    by_pay, by_refund = (
        [one[key]["amount"] for one in documents] for key in ("by_pay_date", "by_refund_date")
    )
    assert (by_pay, by_refund) == ([2_500, 0], [0, 2_500])


def test_the_lag_is_from_completion_to_the_first_settlement() -> None:
    """Nine days to complete; settled 17 days after placing: eight days. One settled too early is left out."""
    early = sold("early", 1, completed_at=NOON + 30 * DAY)
    chosen = [money_world.plain(), Case(early, {}, entries=[entry(early, 10_000, days=20)])]
    found = money(world(chosen).stored(), WHOLE).lags[None]
    assert (found.p50, found.p90, found.n, found.reversed_n) == (8 * 24, 8 * 24, 1, 1)

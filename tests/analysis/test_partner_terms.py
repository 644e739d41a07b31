"""Team leaders, agreed rates and returns against sums in plain Python; and what a refund does to a fee."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from shopdata.analysis.agreements import Agreement, agreements
from shopdata.analysis.influencers import influencers
from shopdata.analysis.leaders import Leader, leaders
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from tests.metrics.world import AS_OF, FIRST, Row, World, day, import_row, line_row, order_row, shop_row

DAY = timedelta(days=1)


class Builder:
    """Adds orders of one line with what was charged on it."""

    def __init__(self, *kinds: str) -> None:
        self.world = World(shops=[shop_row()])
        self.world.imports = [import_row(kind) for kind in ("orders", "aftersales", "commissions", *kinds)]

    def sell(
        self, amount: int, at: datetime = FIRST, order: dict[str, Any] | None = None, **line: Any
    ) -> Row:
        """An order of ``amount`` fen with its line."""
        number = f"o{len(self.world.orders)}"
        known = {"paid_at": at, "paid_amount": amount, "shipped_at": at + DAY}
        made = order_row(number, at, **known | (order or {}))
        self.world.orders.append(made)
        self.world.lines.append(
            line_row(made, **{"paid_at": at, "influencer_id": "star", "influencer_name": "Star"} | line)
        )
        return self.world.lines[-1]

    def charge(
        self, line: Row, due: int, settled: int | None = None, party: str = "influencer", **more: Any
    ) -> None:
        """A row of the commission file: what is due, and what was settled on the whole line."""
        known = {
            "shop_id": 1, "party": party, "party_id": party, "line_id": line["line_id"],
            "paid_at": line["paid_at"], "paid_amount": line["paid_amount"], "commission_estimated": due,
            "status": "paid" if settled is None else "settled", "commission_settled": settled,
            "settled_at": None if settled is None else line["paid_at"] + 15 * DAY,
            "settled_base": None if settled is None else line["paid_amount"],
        }  # fmt: skip
        self.world.commissions.append(known | more)

    def bill(self, line: Row, fee: int, leader: str | None = None) -> None:
        """An entry of the settlement bill with a leader's fee."""
        self.world.settlements.append(
            {"shop_id": 1, "settlement_id": f"s{len(self.world.settlements)}", "order_id": line["order_id"],
             "line_id": line["line_id"], "settled_at": line["paid_at"] + 15 * DAY, "commission_leader": fee,
             "leader_id": leader}
        )  # fmt: skip


def led() -> World:
    """60 lines: two leaders by file, two by the bill alone (one unnamed), every fourth line without one."""
    builder = Builder("settlements")
    for number in range(60):
        line = builder.sell(9_000 + 31 * number, FIRST + number * DAY)
        settled = 200 + number if number < 40 else None
        if number % 4 == 0:
            party = "crew" if number % 8 else "guild"
            builder.charge(line, 250, settled, "leader", party_id=party, party_name=f"{party}!")
            builder.bill(line, 999, "other")
        elif number % 4 == 1:
            builder.bill(line, 70 + number, "by-bill" if number % 8 == 1 else None)
        elif number % 4 == 2:
            builder.charge(line, 1_000, settled)
    return builder.world


def by_key(found: tuple[Leader, ...]) -> dict[str, Leader]:
    return {one.key: one for one in found}


def told_by_hand(world: World) -> dict[str, dict[str, Any]]:
    """Leader → sums, from the rows: the file's leader first, else the bill's."""
    filed = {one["line_id"]: one for one in world.commissions if one["party"] == "leader"}
    billed = {one["line_id"]: one for one in world.settlements}
    sums: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for line in world.lines:
        row, entry = filed.get(line["line_id"]), billed.get(line["line_id"])
        if row is None and entry is None:
            continue
        part = sums[row["party_id"] if row else (entry["leader_id"] if entry else None) or ""]
        part["orders_paid"] += 1
        part["paid_amount"] += line["paid_amount"]
        if row and row["settled_at"]:
            part["fee"] += row["commission_settled"]
            part["base"] += row["settled_base"]
            part["lines"] += 1
            part["settled"] += row["commission_settled"]
        elif entry:
            part["settled"] += entry["commission_leader"]
    return sums


def test_a_leaders_money_and_fee_equal_plain_python() -> None:
    world = led()
    expected, found = told_by_hand(world), by_key(leaders(world.stored(), Scope()))
    assert found.keys() == expected.keys() == {"crew", "guild", "by-bill", ""}
    for key, one in found.items():
        sums = expected[key]
        assert (one.values["orders_paid"], one.values["paid_amount"]) == (
            sums["orders_paid"],
            sums["paid_amount"],
        )
        assert one.values["commission_settled_leader"] == sums["settled"]
        assert one.lines == sums["lines"]
        assert one.rate == (pytest.approx(sums["fee"] / sums["base"]) if sums["lines"] else None)
    assert found["crew"].label == "crew!"


def test_the_bill_is_never_added_to_a_settled_row_of_the_leaders_file() -> None:
    builder = Builder("settlements")
    line = builder.sell(10_000)
    builder.charge(line, 200, 180, "leader", party_id="crew")
    builder.bill(line, 180, "crew")
    (one,) = leaders(builder.world.stored(), Scope())
    assert (one.values["commission_settled_leader"], one.values["commission_unsettled_leader"]) == (180, 0)
    assert one.rate == pytest.approx(0.018)


def test_what_only_the_bill_tells_has_no_estimate_and_no_rate() -> None:
    builder = Builder("settlements")
    builder.bill(builder.sell(10_000), 150, "by-bill")
    (one,) = leaders(builder.world.stored(), Scope())
    assert (one.values["commission_settled_leader"], one.values["commission_estimated_leader"]) == (150, None)
    assert (one.rate, one.lines) == (None, 0)


def test_leaders_add_up_to_the_layer_of_the_whole() -> None:
    store = led().stored()
    fee = "commission_settled_leader"
    whole = metric_table(store, Scope(basis="paid"), keys=(fee,)).total[fee]
    assert sum(one.values[fee] or 0 for one in leaders(store, Scope())) == whole


def test_two_leaders_of_one_line_stand_together_and_its_money_counts_once() -> None:
    builder = Builder()
    line = builder.sell(10_000)
    for party, fee in (("crew", 100), ("guild", 50)):
        builder.charge(line, fee, fee, "leader", party_id=party, party_name=party.title())
    (one,) = leaders(builder.world.stored(), Scope())
    assert (one.label, one.values["paid_amount"], one.values["commission_settled_leader"]) == (
        "Crew + Guild", 10_000, 150,
    )  # fmt: skip


def test_leaders_are_those_of_orders_paid_in_the_period() -> None:
    store = led().stored()
    week = leaders(store, Scope(start=day(0), end=day(4)))
    assert sum(int(one.values["orders_paid"] or 0) for one in week) == 3
    assert sum(one.lines for one in week) == 2


def test_without_a_leader_in_any_file_there_is_no_table() -> None:
    builder = Builder()
    builder.charge(builder.sell(10_000), 2_000)
    assert leaders(builder.world.stored(), Scope()) == ()


def test_a_refunded_order_owes_no_commission_though_its_row_still_says_paid() -> None:
    builder = Builder()
    kept, back = builder.sell(10_000, AS_OF - 3 * DAY), builder.sell(20_000, AS_OF - 3 * DAY)
    for line, due in ((kept, 1_000), (back, 2_000)):
        builder.charge(line, due)
        builder.charge(line, due // 10, party="leader", party_id="crew")
    order = builder.world.orders[1]
    order |= {"is_refunded": True, "refund_amount": 20_000}
    assert {one["status"] for one in builder.world.commissions} == {"paid"}
    total = influencers(builder.world.stored(), Scope()).total
    assert total["commission_estimated"] == 3_300
    assert (total["commission_unsettled"], total["commission_unsettled_leader"]) == (1_100, 100)


def agreement(entry: str, rate: float | None = None, **more: Any) -> Row:
    return {"shop_id": 1, "entry": entry, "rate": rate} | more


def charged_lines(rate: float = 0.2, count: int = 40) -> Builder:
    """Lines of ``star`` (two products, two plans, one a day), cut to the fen, settled at ``rate``."""
    builder = Builder()
    for number in range(count):
        line = builder.sell(4_321 + 77 * number, FIRST + number * DAY, product_id=f"p{number % 2}")
        due = int(line["paid_amount"] * rate)
        builder.charge(line, due, due, plan_type="open" if number % 3 else "closed")
    return builder


def of_terms(builder: Builder, *terms: Row, scope: Scope | None = None) -> dict[str, Agreement]:
    builder.world.agreed_rates = list(terms)
    return {one.entry: one for one in agreements(builder.world.stored(), scope or Scope())}


def test_an_agreement_that_was_kept_is_not_flagged_for_rounding() -> None:
    builder = charged_lines()
    one = of_terms(builder, agreement("any", 0.2))["any"].found
    charged = sum(row["commission_settled"] for row in builder.world.commissions)
    base = sum(row["settled_base"] for row in builder.world.commissions)
    assert (one.charged, one.base, one.lines, one.lines_off) == (charged, base, 40, 0)
    assert one.effective == pytest.approx(charged / base)
    assert one.effective != 0.2
    assert not one.differs


def test_a_planted_overcharge_is_flagged_with_its_money_and_its_rows() -> None:
    builder = charged_lines()
    for row in builder.world.commissions[:5]:
        row["commission_settled"] += 200
    one = of_terms(builder, agreement("any", 0.2))["any"].found
    by_hand = sum(row["commission_settled"] - 0.2 * row["settled_base"] for row in builder.world.commissions)
    assert (one.differs, one.lines_off) == (True, 5)
    assert one.difference == pytest.approx(by_hand)


def test_each_line_belongs_to_the_agreement_that_names_most_of_it() -> None:
    builder = charged_lines()
    middle, rows = FIRST + 20 * DAY, builder.world.commissions
    products = {line["line_id"]: line["product_id"] for line in builder.world.lines}
    found = of_terms(
        builder,
        agreement("any", 0.1),
        agreement("product", 0.1, product_id="p1", from_day=FIRST),
        agreement("plan", 0.1, plan="closed", product_id="p1"),
        agreement("late", 0.1, product_id="p1", from_day=middle),
        agreement("other", 0.1, influencer_id="somebody", influencer_name="Star"),
    )
    expected: dict[str, int] = defaultdict(int)
    for row in rows:
        if products[row["line_id"]] == "p0":
            expected["any"] += 1
        elif row["plan_type"] == "closed":
            expected["plan"] += 1
        else:
            expected["late" if row["paid_at"] >= middle else "product"] += 1
    assert {key: one.found.lines for key, one in found.items() if one.found.lines} == expected
    assert found["other"].found.lines == 0


def test_an_influencer_outweighs_product_and_plan_and_a_name_stands_in_for_an_id() -> None:
    found = of_terms(
        charged_lines(),
        agreement("by name", 0.1, influencer_name="Star"),
        agreement("rest", 0.1, product_id="p1", plan="open"),
    )
    assert (found["by name"].found.lines, found["rest"].found.lines) == (40, 0)


def test_an_agreement_holds_from_its_first_to_its_last_day_of_paying() -> None:
    first, last = FIRST + 3 * DAY, FIRST + 7 * DAY
    builder = charged_lines()
    for line, order in zip(builder.world.lines, builder.world.orders, strict=True):
        order["paid_at"] += timedelta(hours=23)
        line["paid_at"] += timedelta(hours=23)
    terms = agreement("week", 0.2, from_day=first, last_day=last)
    assert of_terms(builder, terms)["week"].found.lines == 5
    assert of_terms(builder, terms, scope=Scope(start=day(5), end=day(30)))["week"].found.lines == 3
    assert of_terms(builder, terms, scope=Scope(start=day(8), end=day(30))) == {}


def test_unsettled_and_refunded_rows_and_the_leaders_fee_are_no_part_of_an_influencers_rate() -> None:
    builder = charged_lines(count=10)
    builder.charge(builder.sell(10_000), 2_000)
    back = builder.sell(10_000)
    builder.charge(back, 2_000, 0, settled_at=None, settled_base=0, status="refunded")
    for line in builder.world.lines[:4]:
        builder.charge(line, 90, 90, "leader", settled_base=4_500)
    found = {
        one.side: one.found
        for one in agreements(_with(builder, agreement("both", 0.2, service_rate=0.02)), Scope())
    }
    assert (found["influencer"].lines, found["influencer"].differs) == (10, False)
    assert (found["leader"].lines, found["leader"].effective) == (4, pytest.approx(0.02))


def _with(builder: Builder, *terms: Row) -> Any:
    builder.world.agreed_rates = list(terms)
    return builder.world.stored()

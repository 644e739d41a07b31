"""Influencers, on a world with a planted bad one, an unlucky one, a change of nickname, one new, one lost."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from shopdata.analysis.influencer_document import commissions_document
from shopdata.analysis.influencer_parts import influencer_parts
from shopdata.analysis.influencers import Influencers, influencers
from shopdata.analysis.shrinkage import Group, beta_interval, shrunk, strength
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.world import (
    AS_OF,
    COLUMNS,
    FIRST,
    MemoryStore,
    Row,
    World,
    day,
    import_row,
    line_row,
    order_row,
    shop_row,
)

DAY = timedelta(days=1)
# Influencer → orders, refunded ones among them, first day they sell, over how many days.
PLAN: dict[str, tuple[int, int, int, int]] = {
    "steady": (400, 24, 0, 70),
    "large": (300, 20, 0, 70),
    "medium": (150, 8, 0, 70),
    "small": (60, 4, 0, 70),
    "bad": (20, 12, 0, 20),
    "unlucky": (3, 2, 5, 3),
    "fresh": (10, 0, 60, 5),
    "gone": (10, 1, 30, 8),
}
RATES = {"steady": 0.2, "large": 0.25, "medium": 0.1, "small": 0.3, "bad": 0.2, "unlucky": 0.1}
PERIOD = Scope(start=day(50), end=day(79))


class Builder:
    """Adds orders with their line, commission and refund to a world."""

    def __init__(self) -> None:
        self.world = World(shops=[shop_row()])
        self.world.imports = [import_row(kind) for kind in ("orders", "aftersales", "commissions")]
        self.count = 0

    def sell(self, who: str | None, paid_at: datetime, *, refunded: bool = False, **line: Any) -> Row:
        self.count += 1
        amount = 5_000 + 37 * self.count
        settled = paid_at + 20 * DAY < AS_OF and not refunded
        order = order_row(
            f"o{self.count}",
            paid_at,
            paid_at=paid_at,
            paid_amount=amount,
            influencer_id=who,
            is_refunded=refunded,
            refund_amount=amount if refunded else 0,
        )
        named = {
            "influencer_id": who,
            "influencer_name": who and f"{who}!",
            "product_id": f"p{self.count % 3}",
        }
        row = line_row(order, paid_at=paid_at, **named | line)
        self.world.orders.append(order)
        self.world.lines.append(row)
        if refunded:
            self.world.aftersales.append(
                {"shop_id": 1, "aftersale_id": order["order_id"], "order_id": order["order_id"],
                 "line_id": row["line_id"], "status": "refunded", "kind": "refund_only",
                 "refund_amount": amount, "applied_at": paid_at + DAY, "refunded_at": paid_at + DAY}
            )  # fmt: skip
        if who and who != "own-account":
            self._commission(row, "influencer", RATES.get(who, 0.2), refunded=refunded, settled=settled)
            if self.count % 4 == 0:
                self._commission(row, "leader", 0.02, refunded=refunded, settled=settled)
        return row

    def _commission(self, line: Row, party: str, rate: float, *, refunded: bool, settled: bool) -> None:
        due = round(line["paid_amount"] * rate)
        status = "refunded" if refunded else "settled" if settled else "paid"
        self.world.commissions.append(
            {
                "shop_id": 1, "party": party, "party_id": party, "line_id": line["line_id"], "status": status,
                "paid_at": line["paid_at"], "paid_amount": line["paid_amount"], "commission_estimated": due,
                "settled_at": line["paid_at"] + 15 * DAY if settled else None,
                "commission_settled": due - 3 if settled else None,
                "settled_base": line["paid_amount"] if settled else None,
            }
        )  # fmt: skip


def planted() -> World:
    builder = Builder()
    for who, (orders, bad, first, days) in PLAN.items():
        for number in range(orders):
            paid_at = FIRST + (first + number % days) * DAY + timedelta(hours=10, seconds=number)
            name = "old name" if who == "steady" and number % days < 30 else f"{who}!"
            builder.sell(who, paid_at, refunded=number < bad, influencer_name=name)
    for number in range(200):
        at = FIRST + (number % 79) * DAY + timedelta(hours=9)
        builder.sell("own-account", at, refunded=number % 20 == 0)
        builder.sell(None, at, refunded=number % 20 == 1, source="product_card")
    return builder.world


@pytest.fixture(scope="module")
def world() -> World:
    return planted()


@pytest.fixture(scope="module")
def store(world: World) -> MemoryStore:
    return world.stored()


@pytest.fixture(scope="module")
def found(store: MemoryStore) -> Influencers:
    return influencers(store, Scope())


def row(found: Influencers, key: str) -> Any:
    one = found.row(key)
    assert one is not None
    return one


def test_the_bad_one_is_found_and_the_unlucky_one_is_not_condemned(found: Influencers) -> None:
    verdicts = {one.key: one.shrunk.verdict for one in found.rows if one.shrunk}
    assert verdicts["bad"] == "worse"
    assert verdicts["unlucky"] is None
    assert [key for key, verdict in verdicts.items() if verdict == "worse"] == ["bad"]
    ranks = {one.key: one.rank for one in found.rows}
    assert ranks["bad"] == max(rank for rank in ranks.values() if rank)


def test_the_plain_rate_would_have_condemned_the_unlucky_one(found: Influencers) -> None:
    rates = {one.key: one.values["refund_rate"] or 0 for one in found.rows}
    assert rates["unlucky"] > rates["bad"]


def test_shrunk_rates_equal_the_formula_over_matured_orders(world: World, found: Influencers) -> None:
    horizon = 30 * DAY
    old = [order for order in world.orders if AS_OF - order["paid_at"] >= horizon]
    usual = (sum(order["is_refunded"] for order in old) + 0.5) / (len(old) + 1)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for order in old:
        if order["influencer_id"] and order["influencer_id"] != "own-account":
            counts[order["influencer_id"]][0] += order["is_refunded"]
            counts[order["influencer_id"]][1] += 1
    trials = sum(n for _, n in counts.values())
    spread = sum((k - n * usual) ** 2 / (n * usual * (1 - usual)) for k, n in counts.values())
    prior = 1 / ((spread - len(counts)) / (trials - len(counts))) - 1
    assert found.prior == pytest.approx(prior)
    for who, (k, n) in counts.items():
        rate = row(found, who).shrunk
        assert (rate.n, rate.value) == (n, pytest.approx((usual * prior + k) / (prior + n)))
        assert rate.usual == pytest.approx(usual)


def test_the_interval_is_that_of_the_beta_distribution() -> None:
    draws = np.random.default_rng(1)
    for above, below in ((3, 2), (0.3, 20), (500, 4_500), (18, 9)):
        expected = np.quantile(draws.beta(above, below, 400_000), [0.025, 0.975])
        assert beta_interval(above, below) == pytest.approx(tuple(expected), abs=0.003)


def test_without_spread_everybody_is_at_the_usual_rate_and_few_groups_get_a_weak_prior() -> None:
    same = [Group(10, 100, 0.1)] * 5
    assert strength(same) == 500
    assert strength(same[:2]) == 30
    assert shrunk(Group(0, 0, 0.1), 30).value == pytest.approx(0.1)


def test_what_is_left_is_the_lower_bound_after_refunds_and_commission(found: Influencers) -> None:
    one = row(found, "steady")
    rate = one.values["commission_rate_estimated"]
    assert one.left_low == pytest.approx((1 - one.shrunk.high) * (1 - rate))
    assert one.left_low < one.left < 1 - rate


def test_money_of_each_equals_plain_python(world: World, found: Influencers) -> None:
    lines = {line["line_id"]: line for line in world.lines}
    sold: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    refunded = {order["order_id"] for order in world.orders if order["is_refunded"]}
    for line in world.lines:
        part = sold[str(line["influencer_id"])]
        part["paid_amount"] += line["paid_amount"]
        part["refund_amount"] += line["paid_amount"] if line["order_id"] in refunded else 0
        part["orders_paid"] += 1
    for one in world.commissions:
        line = lines[one["line_id"]]
        part = sold[line["influencer_id"]]
        part["commission_estimated"] += one["commission_estimated"]
        part["commission_settled"] += one["commission_settled"] or 0
        open_still = one["status"] == "paid" and line["order_id"] not in refunded
        part["commission_unsettled"] += one["commission_estimated"] if open_still else 0
    assert {one.key for one in found.rows} == sold.keys() - {"None", "own-account"}
    for one in found.rows:
        assert {key: one.values[key] for key in sold[one.key]} == sold[one.key]
    assert found.own["paid_amount"] == sold["own-account"]["paid_amount"] + sold["None"]["paid_amount"]


def test_the_waterfall_adds_up_to_the_fen(found: Influencers) -> None:
    fall = found.waterfall
    assert fall is not None
    assert fall.net == fall.paid - (fall.refunds or 0)
    for stage in ("estimated", "settled", "unsettled"):
        layers = [fall.stages[f"commission_{stage}_{layer}"] for layer in ("influencer", "leader", "service")]
        assert fall.stages[f"commission_{stage}"] == sum(part or 0 for part in layers)
    stages = fall.stages
    told = (stages["commission_settled"] or 0) + (stages["commission_unsettled"] or 0) + (fall.gone or 0)
    assert told == stages["commission_estimated"]
    assert (stages["commission_unsettled"] or 0) > 0


def test_own_sales_without_a_commission_row_are_never_lost(store: MemoryStore, found: Influencers) -> None:
    whole = metric_table(store, Scope(basis="paid"), keys=("paid_amount",)).total["paid_amount"]
    assert (found.own["paid_amount"] or 0) + (found.total["paid_amount"] or 0) == whole
    assert found.sold == whole


def test_concentration_is_the_share_of_the_five_largest(found: Influencers) -> None:
    amounts = sorted((one.values["paid_amount"] or 0 for one in found.rows), reverse=True)
    assert found.top_share == pytest.approx(sum(amounts[:5]) / sum(amounts))


def test_nicknames_of_one_id_are_one_person_newest_first(found: Influencers) -> None:
    assert row(found, "steady").partner.nicknames == ("steady!", "old name")


def test_two_ids_with_one_nickname_stay_two_and_a_nickname_alone_is_a_key() -> None:
    builder = Builder()
    for who in ("one", "two", None):
        builder.sell(who, FIRST, influencer_name="same")
    keys = {one.key for one in influencers(builder.world.stored(), Scope()).rows}
    assert keys == {"one", "two", "same"}


def test_an_order_of_two_influencers_counts_once_in_each_and_once_in_all() -> None:
    builder = Builder()
    first = builder.sell("one", FIRST)
    second = builder.sell("two", FIRST)
    second |= {"order_id": first["order_id"]}
    own = builder.sell("own-account", FIRST)
    own |= {
        "order_id": first["order_id"],
        "influencer_id": None,
        "influencer_name": None,
        "source": "showcase",
    }
    builder.world.orders[0] |= {
        "paid_amount": sum(line["paid_amount"] for line in builder.world.lines),
        "influencer_id": "mixed",
        "lines": 3,
    }
    del builder.world.orders[1:]
    store = builder.world.stored()
    found = influencers(store, Scope())
    assert {one.key: one.values["orders_paid"] for one in found.rows} == {"one": 1, "two": 1}
    assert found.total["orders_paid"] == 1
    assert found.total["paid_amount"] == first["paid_amount"] + second["paid_amount"]
    assert found.total["average_order_value"] == found.total["paid_amount"]
    assert found.own["orders_paid"] == 1
    assert found.sold == builder.world.orders[0]["paid_amount"]
    assert [part.values["orders_paid"] for part in influencer_parts(store, Scope(), "day").rows] == [1]


def test_one_number_on_two_platforms_is_two_people() -> None:
    builder = Builder()
    builder.sell("7", FIRST)
    world = builder.world
    world.shops.append(shop_row(2, platform="kuaishou"))
    world.imports += [import_row(kind, shop_id=2) for kind in ("orders", "aftersales", "commissions")]
    order = order_row("k", FIRST, paid_at=FIRST, shop_id=2, platform="kuaishou")
    world.orders.append(order)
    world.lines.append(line_row(order, influencer_id="7", paid_at=FIRST))
    keys = {one.key for one in influencers(world.stored(), Scope()).rows}
    assert keys == {"douyin|i7", "kuaishou|i7"}


def test_new_back_and_lost_are_told_against_the_period_before(store: MemoryStore) -> None:
    period = influencers(store, PERIOD)
    assert period.reaches_back
    turns = {one.key: one.turn for one in period.rows}
    assert (turns["fresh"], turns["steady"]) == ("new", "kept")
    assert [one.partner.key for one in period.lost] == ["gone"]


def test_nobody_is_new_where_the_data_does_not_reach_back(store: MemoryStore) -> None:
    early = influencers(store, Scope(start=day(5), end=day(30)))
    assert not early.reaches_back
    assert {one.turn for one in early.rows} == {None}
    assert early.lost == ()


def test_without_a_commission_file_commission_is_unknown_and_sales_are_not() -> None:
    builder = Builder()
    builder.sell("star", FIRST)
    builder.world.imports = [import_row(kind) for kind in ("orders", "aftersales")]
    builder.world.commissions = []
    found = influencers(builder.world.stored(), Scope())
    one = row(found, "star")
    assert one.values["paid_amount"] > 0
    assert [
        one.values[key] for key in ("commission_estimated", "commission_settled", "commission_unsettled")
    ] == [None] * 3
    assert (one.left_low, one.rank, found.waterfall) == (None, None, None)
    assert found.missing == {"Shop 1": "commissions"}


def test_where_only_settled_commissions_name_who_sold_no_refund_rate_is_told() -> None:
    builder = Builder()
    line = builder.sell(None, FIRST)
    world = builder.world
    world.imports[0]["columns"] = json.dumps([name for name in COLUMNS["orders"] if "influencer" not in name])
    world.imports[2]["columns"] = json.dumps(["commission_settled", "settled_at", "party_name"])
    world.commissions = [
        {"shop_id": 1, "party": "influencer", "party_id": "n", "party_name": "n", "line_id": line["line_id"],
         "settled_at": FIRST + DAY, "commission_settled": 90, "settled_base": 900}
    ]  # fmt: skip
    found = influencers(world.stored(), Scope())
    one = row(found, "n")
    assert (one.values["paid_amount"], one.values["commission_settled"]) == (line["paid_amount"], 90)
    assert (one.values["refund_rate"], one.values["net_amount"], one.values["commission_estimated"]) == (
        None,
    ) * 3
    assert (one.shrunk, one.rank) == (None, None)


def test_a_line_the_settlement_bill_holds_is_no_longer_owed() -> None:
    builder = Builder()
    line = builder.sell("star", AS_OF - 2 * DAY)
    builder.sell("star", AS_OF - 2 * DAY)
    world = builder.world
    before = influencers(world.stored(), Scope()).total["commission_unsettled"]
    world.imports.append(import_row("settlements"))
    world.settlements = [
        {"shop_id": 1, "settlement_id": "s", "order_id": line["order_id"], "line_id": line["line_id"],
         "settled_at": AS_OF - DAY, "commission_influencer": 1_000}
    ]  # fmt: skip
    after = influencers(world.stored(), Scope()).total["commission_unsettled"]
    assert before is not None
    assert after == before - world.commissions[0]["commission_estimated"]


@pytest.mark.parametrize("by", ["day", "week", "product"])
def test_parts_add_up_to_the_whole(store: MemoryStore, found: Influencers, by: str) -> None:
    for key in ("paid_amount", "refund_amount", "commission_estimated", "commission_unsettled"):
        assert (
            sum(part.values[key] or 0 for part in influencer_parts(store, Scope(), by).rows)
            == found.total[key]
        )
    one = row(found, "bad")
    parts = influencer_parts(store, Scope(), by, one.partner)
    assert sum(part.values["paid_amount"] or 0 for part in parts.rows) == one.values["paid_amount"]


def test_the_document_has_the_contracts_shape(store: MemoryStore) -> None:
    for by in ("influencer", "day", "product"):
        document = commissions_document(store, PERIOD, by, words("zh"))
        assert {"data_up_to", "currency", "rows", "total", "notes"} <= document.keys()
        assert all({"key", "label", "commission_estimated"} <= one.keys() for one in document["rows"])

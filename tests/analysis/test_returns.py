"""Returns of influencers with known costs, against plain Python; unknown where a cost is not given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shopdata.analysis.returns import Returns, returns
from shopdata.scope import Scope
from tests.analysis.test_partner_terms import Builder
from tests.metrics.world import FIRST, Row, day

DAY = timedelta(days=1)


def cost(entry: str, kind: str, amount: int, **more: Any) -> Row:
    return {"shop_id": 1, "entry": entry, "kind": kind, "amount": amount} | more


def sold() -> Builder:
    """Ten orders of ``star`` with 20 % commission, the first sent back; five of the own account."""
    builder = Builder("costs")
    for number in range(10):
        back = {"is_refunded": True, "is_returned": True, "refund_amount": 10_000} if number == 0 else {}
        line = builder.sell(10_000, FIRST + number * DAY, back, sku_code="A", quantity=2)
        builder.charge(line, 2_000, None if number == 0 else 2_000)
    for number in range(5):
        builder.sell(
            8_000, FIRST + number * DAY, sku_code="A", influencer_id="own-account", influencer_name="Us"
        )
    builder.world.costs = [
        cost("g", "goods", 1_500, sku_code="A"),
        cost("f", "slot_fee", 5_000, influencer_id="star", from_day=FIRST),
        cost("s", "sample", 1_000, influencer_name="Star", from_day=FIRST, last_day=FIRST + 9 * DAY),
        cost("x", "slot_fee", 9_999, influencer_id="somebody", from_day=FIRST),
    ]
    return builder


def told(builder: Builder, scope: Scope | None = None) -> Returns:
    return returns(builder.world.stored(), scope or Scope())


def test_a_return_is_what_is_kept_for_what_was_spent() -> None:
    came = told(sold())
    (star,) = came.rows
    spent, goods = 9 * 2_000 + 6_000, 9 * 2 * 1_500
    kept = 90_000 - spent - goods
    assert (star.net, star.spent, star.goods, star.kept) == (90_000, spent, goods, kept)
    assert (star.rate, star.share) == (pytest.approx(kept / spent), pytest.approx(kept / 90_000))
    assert (came.own.kept, came.own.rate) == (40_000 - 5 * 1_500, None)


def test_fees_of_several_days_count_by_their_days_in_the_period() -> None:
    (star,) = told(sold(), Scope(start=day(1), end=day(4))).rows
    assert star.fees == 400


@pytest.mark.parametrize(("kind", "missing"), [("goods", "goods"), ("slot_fee", "fees")])
def test_a_cost_that_is_not_given_leaves_no_return_and_is_named(kind: str, missing: str) -> None:
    builder = sold()
    gone = {kind, "sample"} if kind == "slot_fee" else {kind}
    builder.world.costs = [one for one in builder.world.costs if one["kind"] not in gone]
    (star,) = told(builder).rows
    assert (star.rate, star.missing) == (None, (missing,))


def test_one_piece_without_a_cost_leaves_no_return() -> None:
    builder = sold()
    builder.world.lines[3]["sku_code"] = "B"
    (star,) = told(builder).rows
    assert (star.rate, star.missing, star.uncosted) == (None, ("goods",), 2)


def test_a_fee_on_a_nickname_of_two_people_is_nobodys() -> None:
    builder = sold()
    line = builder.sell(10_000, sku_code="A", influencer_id="twin")
    builder.charge(line, 2_000, 2_000)
    assert {one.key: one.fees for one in told(builder).rows} == {"star": None, "twin": None}

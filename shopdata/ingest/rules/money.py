"""Rules of settlement bills and fund flows: sums of columns, and which sign the file gives what was paid.

Files print fees as negative numbers (income + costs = settled) or as positive ones (income - costs =
settled); a refund after settlement gives fees back with the opposite sign. So the sign is never dropped: the
whole file tells its convention, and fees are stored as what the shop paid, negative where it got them back.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many, or_zero

FEES = (
    "platform_fee", "commission_influencer", "commission_leader", "commission_service",
    "commission_channel", "offsite_promotion", "other_fee",
)  # fmt: skip
RECEIVED = (
    "paid_amount", "freight_amount", "freight_subsidy", "platform_subsidy", "influencer_subsidy",
    "payment_subsidy", "other_subsidy",
)  # fmt: skip
TOLERANCE = 1
Convention = Literal["negative", "positive", "unclear"]


def added_up(columns: Columns, work: Work) -> None:
    """A field ``_name__more`` is one more part of the amount ``name``: absent parts count nothing."""
    for name in [name for name in columns if name.startswith("_") and "__" in name]:
        whole, more = name[1:].split("__")[0], columns.pop(name)
        if whole not in columns:
            columns[whole] = more
            continue
        both = pc.add(columns[whole].fill_null(0), more.fill_null(0))
        nothing = pc.and_(pc.is_null(columns[whole]), pc.is_null(more))
        columns[whole] = pc.if_else(nothing, None, both)


def income_after_refunds(columns: Columns, work: Work) -> None:
    """Where the sums of a row say that its refund is still inside its income, the income is what is left."""
    if not {"income_amount", "refund_amount", "cost_amount", "settled_amount"} <= columns.keys():
        return
    income, refund = columns["income_amount"], pc.abs(or_zero(columns, "refund_amount", work.size))
    left = pc.subtract(income, refund)
    spent = pc.abs(or_zero(columns, "cost_amount", work.size))
    inside = pc.and_(pc.greater(refund, 0), pc.equal(pc.subtract(left, spent), columns["settled_amount"]))
    work.counts["refund_inside_income"] += how_many(inside)
    columns["income_amount"] = pc.if_else(inside.fill_null(False), left, income)


def settlement_fees(columns: Columns, work: Work) -> None:
    """Which way the bill's fees count, by income, costs and settled amount of every row."""
    if not any(name in columns for name in (*FEES, "cost_amount")):
        return
    fees = _total(columns, FEES, work.size)
    cost = pc.coalesce(column_of(columns, "cost_amount", work.size, pa.int64()), fees)
    told = pc.and_(_over(cost), _over(fees))
    work.counts["fees_like_cost"] += how_many(pc.and_(told, pc.equal(fees, cost)))
    work.counts["fees_unlike_cost"] += how_many(pc.and_(told, pc.equal(fees, pc.negate(cost))))
    _weigh(cost, pc.greater(columns["settled_amount"], 0), work)
    if "income_amount" in columns:
        _compare(columns["income_amount"], cost, columns["settled_amount"], work)


def fund_fees(columns: Columns, work: Work) -> None:
    """Which way the fees of movements count, where parts of an inflow are printed beside its amount."""
    if not any(name in columns for name in FEES):
        return
    fees = _total(columns, FEES, work.size)
    inflow = pc.equal(decoded(columns["direction"]), "in")
    received = _total(columns, RECEIVED, work.size)
    plain = pc.and_(inflow, pc.equal(or_zero(columns, "refund_amount", work.size), 0))
    _weigh(fees, inflow, work)
    _compare(pc.if_else(pc.and_(plain, _over(received)), received, None), fees, columns["amount"], work)


def fund_amounts(columns: Columns, work: Work) -> None:
    """Amounts of movements are unsigned; an outflow printed with a minus is the same outflow."""
    amount, direction = columns["amount"], decoded(columns["direction"])
    signed = pc.and_(pc.less(amount, 0), pc.equal(direction, "out")).fill_null(False)
    work.counts["amount_signed"] += how_many(signed)
    work.counts["amount_contradicts"] += how_many(pc.and_(pc.less(amount, 0), pc.invert(signed)))
    columns["amount"] = pc.if_else(signed, pc.abs(amount), amount)


def fees_convention(counts: Counter[str]) -> Convention:
    """What most rows with fees show: by their sums, else by the sign of fees on rows that brought money."""
    for negative, positive in (("fees_added", "fees_taken"), ("fees_below", "fees_above")):
        if counts[negative] != counts[positive]:
            return "negative" if counts[negative] > counts[positive] else "positive"
    return "unclear"


def money_corrections(counts: Counter[str]) -> list[str]:
    """Names of the corrections that make costs and fees positive where the shop paid them."""
    negative = fees_convention(counts) == "negative"
    opposite = counts["fees_unlike_cost"] > counts["fees_like_cost"]
    due = ["cost_turned"] if negative else []
    return due + (["fees_turned"] if negative != opposite else [])


def cost_turned(columns: Columns) -> None:
    """The total of costs was negative where the shop paid."""
    _turn(columns, ("cost_amount",))


def fees_turned(columns: Columns) -> None:
    """Fees and commissions were negative where the shop paid."""
    _turn(columns, FEES)


def _turn(columns: Columns, names: tuple[str, ...]) -> None:
    for name in names:
        if name in columns:
            columns[name] = pc.negate(columns[name])


def _total(columns: Columns, names: tuple[str, ...], size: int) -> pa.Array:
    """The sum of the columns there are; what is empty counts nothing."""
    parts = [columns[name].fill_null(0) for name in names if name in columns]
    return reduce(pc.add, parts, pa.array([0]).take(pa.nulls(size, pa.int32()).fill_null(0)))


def _over(amount: pa.Array) -> pa.Array:
    """Amounts large enough to tell adding from taking away."""
    return pc.greater(pc.abs(amount), TOLERANCE).fill_null(False)


def _weigh(cost: pa.Array, earned: pa.Array, work: Work) -> None:
    """Count the signs of costs on rows that brought money."""
    work.counts["fees_below"] += how_many(pc.and_(earned, pc.less(cost, 0)))
    work.counts["fees_above"] += how_many(pc.and_(earned, pc.greater(cost, 0)))


def _compare(income: pa.Array, cost: pa.Array, result: pa.Array, work: Work) -> None:
    """Count rows that add up with costs added, and with costs taken away."""
    for name, sum_ in (("added", pc.add(income, cost)), ("taken", pc.subtract(income, cost))):
        fits = pc.less_equal(pc.abs(pc.subtract(sum_, result)), TOLERANCE)
        work.counts[f"sums_{name}"] += how_many(fits)
        work.counts[f"fees_{name}"] += how_many(pc.and_(_over(cost), fits))
    known = pc.and_(pc.is_valid(income), pc.is_valid(result))
    work.counts["sums_tested"] += how_many(known)
    work.counts["fees_tested"] += how_many(pc.and_(known, _over(cost)))

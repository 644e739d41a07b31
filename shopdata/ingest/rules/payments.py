"""Rules of what was paid in exports without a payment discount: before or after refunds, and by which state.

The column of the paid amount is tested against the total and the refund of the same rows; nothing of its
meaning is taken from its name.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import UNKNOWN, decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many, or_zero

NEARLY_ALL = 0.9
TELLING = ("completed_at", "shipped_at", "waybill", "paid_at", "aftersale_status")


def staged_payment(columns: Columns, work: Work) -> None:
    """An order paid in stages that waits for payment although it has a pay time: its deposit is paid."""
    if not {"status", "order_type", "paid_at"} <= columns.keys():
        return
    status = decoded(columns["status"])
    staged = pc.is_valid(decoded(columns["order_type"]))
    deposit = pc.and_(pc.and_(staged, pc.is_valid(columns["paid_at"])), pc.equal(status, "unpaid"))
    columns["status"] = pc.if_else(deposit.fill_null(False), "deposit_paid", status)


def state_by_times(columns: Columns, work: Work) -> None:
    """Without a status column the state is what times, payout, waybill and after-sale of the row prove."""
    payout = columns.pop("_paid_out", None)
    if "status" in columns:
        return
    if payout is None and not columns.keys() & set(TELLING):
        work.counts["state_untold"] += work.size
        return

    def has(name: str) -> pa.Array:
        return pc.is_valid(column_of(columns, name, work.size, pa.string()))

    paid_out = pa.nulls(work.size, pa.bool_()) if payout is None else pc.greater(payout, 0)
    completed = pc.or_(has("completed_at"), paid_out.fill_null(False))
    shipped = pc.or_(has("shipped_at"), has("waybill"))
    rest = pc.if_else(
        pc.or_(has("paid_at"), has("aftersale_status")), "paid", "unpaid" if "paid_at" in columns else UNKNOWN
    )
    columns["status"] = pc.if_else(completed, "completed", pc.if_else(shipped, "shipped", rest))
    work.counts["state_by_times"] += work.size


def paid_before_refunds(columns: Columns, work: Work) -> None:
    """Whether the paid amount is net of refunds is told by paid rows with a refund: total = paid + refund."""
    goods = columns.pop("_goods_due", None)
    if goods is not None and "payable_amount" not in columns and "freight_amount" in columns:
        columns["payable_amount"] = pc.add(goods, columns["freight_amount"].fill_null(0))
    if "paid_amount" not in columns:
        return
    if "_refund" not in columns or "payable_amount" not in columns:
        work.counts["paid_untestable"] += work.size
        return
    paid, total = columns["paid_amount"], columns["payable_amount"]
    before = pc.add(paid, or_zero(columns, "_refund", work.size))
    tested = pc.and_(_is_paid(columns, work), pc.greater(columns["_refund"], 0))
    tested = pc.and_(tested, pc.and_(pc.is_valid(paid), pc.is_valid(total)))
    work.counts["paid_tested"] += how_many(tested)
    work.counts["paid_net"] += how_many(pc.and_(tested, pc.equal(before, total)))
    work.counts["paid_gross"] += how_many(pc.and_(tested, pc.equal(paid, total)))
    work.spare["_paid_before_refunds"] = before


def _is_paid(columns: Columns, work: Work) -> pa.Array:
    """Unpaid rows carry amounts too: only a pay time (or the state, without one) proves a payment."""
    if "paid_at" in columns:
        return pc.is_valid(columns["paid_at"])
    return column_of(columns, "paid_by_status", work.size, pa.bool_()).fill_null(False)


def refunded_by_amount(columns: Columns, work: Work) -> None:
    """Without a word on refunds, money paid back is one."""
    refund = columns.pop("_refund", None)
    if refund is not None and "aftersale_status" not in columns:
        back = pc.greater(refund, 0).fill_null(False)
        columns["aftersale_status"] = pc.if_else(back, "refunded", pa.scalar(None, pa.string()))


def is_net(counts: Counter[str]) -> bool:
    """Whether (nearly) all rows that could tell say that the paid amount is net of refunds."""
    return 0 < counts["paid_tested"] * NEARLY_ALL <= counts["paid_net"]


def is_gross(counts: Counter[str]) -> bool:
    """Whether (nearly) all rows that could tell say that the paid amount is as paid."""
    return 0 < counts["paid_tested"] * NEARLY_ALL <= counts["paid_gross"]


def paid_with_refunds(columns: Columns) -> None:
    """The paid amount was net: what was refunded of it is put back."""
    columns["paid_amount"] = columns["_paid_before_refunds"]

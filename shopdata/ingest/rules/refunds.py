"""Rules of after-sale rows: what was paid back, what kind of case it is, whether it is disputed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import UNKNOWN, decoded, encoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many, spoken
from shopdata.platforms import plain


def refund_amount(columns: Columns, work: Work) -> None:
    """Refunded goods and freight. Whether they hold the payment discount too is told by full refunds."""
    if "refund_goods" not in columns:
        return
    goods, freight = columns["refund_goods"], column_of(columns, "refund_freight", work.size, pa.int64())
    both = pc.and_(pc.is_null(goods), pc.is_null(freight))
    total = pc.if_else(both, None, pc.add(goods.fill_null(0), freight.fill_null(0)))
    columns["refund_amount"] = total
    if "payable_amount" not in columns or "payment_discount" not in columns:
        return
    payable, discount = columns["payable_amount"], columns["payment_discount"]
    done = pc.and_(pc.equal(decoded(columns["status"]), "refunded"), pc.greater(discount, 0))
    work.counts["refund_gross"] += how_many(pc.and_(done, pc.equal(total, payable)))
    work.counts["refund_net"] += how_many(pc.and_(done, pc.equal(total, pc.subtract(payable, discount))))


def refund_to_buyer(columns: Columns, work: Work) -> None:
    """Only what went to the buyer is a refund: of a total, what went back to the platform is none."""
    total, platform = columns.pop("_refund_total", None), columns.pop("_to_platform", None)
    if total is None or "refund_amount" in columns:
        return
    columns["refund_amount"] = total if platform is None else pc.subtract(total, platform.fill_null(0))


def kind_by_return(columns: Columns, work: Work) -> None:
    """Without a kind of case, whether goods must be sent back tells it; without them it is "refund only"."""
    needs = spoken(columns, "_needs_return", work.format.rule_words["needs_return"], work.size)
    columns.pop("_needs_return", None)
    told = pc.if_else(pc.equal(needs, "yes"), "return_refund", "refund_only")
    if pc.any(pc.is_valid(told)).as_py() or "kind" in columns:
        columns["kind"] = pc.coalesce(decoded(column_of(columns, "kind", work.size, pa.string())), told)


def refund_kind(columns: Columns, work: Work) -> None:
    """ "Refund only" is before or after shipping as the goods' state says, else a waybill; else unknown."""
    if "kind" not in columns:
        return
    kind = decoded(columns["kind"])
    only = pc.equal(kind, "refund_only").fill_null(False)
    if not pc.any(only).as_py():
        return
    state = encoded(column_of(columns, "ship_state", work.size, pa.string()))
    told = [_by_state(text, work) for text in state.dictionary.to_pylist()]
    by_state = pa.array(told, pa.string()).take(state.indices)
    if "ship_unclear" in work.format.rule_words and "waybill" in columns:
        sent = pc.if_else(pc.is_valid(columns["waybill"]), "refund_shipped", None)
        by_state = pc.coalesce(by_state, sent)
    columns["kind"] = pc.if_else(only, pc.coalesce(by_state, pa.scalar(UNKNOWN)), kind)


def _by_state(text: str | None, work: Work) -> str | None:
    words = work.format.rule_words
    if not text or plain(text) in words.get("ship_unclear", {}):
        return None
    return "refund_unshipped" if plain(text).startswith(tuple(words["unshipped"])) else "refund_shipped"


def dispute(columns: Columns, work: Work) -> None:
    """A case with an arbitration state other than "none", or in arbitration by its status, is a dispute."""
    by_status = pc.equal(decoded(columns["status"]), "arbitration").fill_null(False)
    if "arbitration" in columns:
        none = work.format.rule_words["no_arbitration"]
        words = encoded(columns["arbitration"])
        told = [bool(word) and plain(word) not in none for word in words.dictionary.to_pylist()]
        by_state = pa.array(told, pa.bool_()).take(words.indices).fill_null(False)
        by_status = pc.or_(by_status, by_state)
    columns["dispute"] = by_status


def first_leg_waybill(columns: Columns, work: Work) -> None:
    """The platform prints the first leg only for some provinces: such a waybill makes no parcel."""
    if "waybill" in columns:
        work.counts["first_leg_waybills"] += work.size - columns["waybill"].null_count


def refund_less_discount(columns: Columns) -> None:
    """The refund held the payment discount: take out what the platform took back of it."""
    total = columns["refund_amount"]
    if "refund_payment_discount" in columns:
        back = columns["refund_payment_discount"].fill_null(0)
    else:
        full = pc.equal(total, columns["payable_amount"]).fill_null(False)
        back = pc.if_else(full, columns["payment_discount"].fill_null(0), 0)
    columns["refund_amount"] = pc.max_element_wise(pc.subtract(total, back), pa.scalar(0), skip_nulls=False)

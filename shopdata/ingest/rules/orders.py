"""Rules of order rows: what a line is, where it came from, what was paid for it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import UNKNOWN, decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many, or_zero, spoken

PRINTED_DISCOUNTS = ("merchant_discount", "platform_subsidy", "influencer_subsidy")


def unit_price(columns: Columns, work: Work) -> None:
    """A column "goods amount" is a unit price only where times quantity it makes the payable amount."""
    goods = columns.pop("_goods_amount", None)
    if goods is None or "unit_price" in columns or "quantity" not in columns:
        return
    columns["unit_price"] = goods
    if "payable_amount" not in columns:
        return
    count = columns["quantity"].cast(pa.int64())
    due = pc.add(columns["payable_amount"], or_zero(columns, "discount_amount", work.size))
    without_freight = pc.subtract(due, or_zero(columns, "freight_amount", work.size))
    several = pc.greater(count, 1)

    def fits(total: pa.Array) -> pa.Array:
        return pc.and_(several, pc.or_(pc.equal(total, due), pc.equal(total, without_freight)))

    work.counts["goods_several"] += how_many(several)
    work.counts["goods_is_unit"] += how_many(fits(pc.multiply(goods, count)))
    work.counts["goods_is_line"] += how_many(fits(goods))


def paid_amount(columns: Columns, work: Work) -> None:
    """What the buyer paid, unless printed: payable less the discount of the way of paying."""
    if "payable_amount" in columns and "paid_amount" not in columns:
        columns["paid_amount"] = pc.subtract(
            columns["payable_amount"], or_zero(columns, "payment_discount", work.size)
        )


def goods_and_freight(columns: Columns, work: Work) -> None:
    """What is due, where the file only prints its parts: the goods of the row and their freight."""
    goods = columns.pop("_goods_total", None)
    if goods is None or "payable_amount" in columns:
        return
    columns["payable_amount"] = pc.add(goods, or_zero(columns, "freight_amount", work.size))


def source(columns: Columns, work: Work) -> None:
    """Where the traffic genre is empty the ad channel tells the source, then the traffic's origin."""
    known = [name for name in ("source", "ad_channel", "channel") if name in columns]
    if not known:
        return
    words = work.format.rule_words
    by_ad = spoken(columns, "ad_channel", words["ad_channel"], work.size)
    by_channel = spoken(columns, "channel", words["channel"], work.size)
    own = decoded(column_of(columns, "source", work.size, pa.string()))
    columns["source"] = pc.coalesce(own, by_ad, by_channel, pa.scalar(UNKNOWN))
    work.counts["source_pending"] += how_many(pc.equal(columns["source"], "pending"))


def order_row(columns: Columns, work: Work) -> None:
    """A report of whole orders: the row's number is the order's."""
    columns["line_id"] = columns["order_id"]


def line_ids(columns: Columns, work: Work) -> None:
    """Without sub order numbers a line is told by order, product, spec and its turn among equal ones."""
    if "line_id" in columns:
        return
    names = ("order_id", "product_id" if "product_id" in columns else "product_name", "product_spec")
    parts = [decoded(column_of(columns, name, work.size, pa.string())).to_pylist() for name in names]
    made = []
    for pieces in zip(*parts, strict=True):
        stem = "/".join(piece or "" for piece in pieces)
        work.ordinals[stem] += 1
        made.append(f"{stem}/{work.ordinals[stem]}")
    columns["line_id"] = pa.array(made, pa.string())


def paid_by_status(columns: Columns, work: Work) -> None:
    """In a file without a pay time the status tells whether an order was paid; closed ones stay open, but
    where the after-sale word tells: what was never paid is closed without one."""
    if "paid_at" in columns or "status" not in columns:
        return
    meaning = spoken(columns, "status", work.format.rule_words["paid_statuses"], work.size)
    paid = pc.equal(meaning, "paid")
    if "by_aftersale" in work.format.rule_words["paid_statuses"].values():
        words = columns.get("aftersale_raw")
        told = pc.is_valid(decoded(words)) if words is not None else pa.nulls(work.size, pa.bool_())
        paid = pc.if_else(pc.equal(meaning, "by_aftersale"), told, paid)
    columns["paid_by_status"] = paid
    work.counts["paid_by_status"] += work.size
    work.counts["paid_unknown"] += how_many(pc.is_null(columns["paid_by_status"]))


def main_order(columns: Columns, work: Work) -> None:
    """One row a main order: where it has several sub orders, the product of the row is none of them."""
    columns["line_id"] = columns["order_id"]
    joined = columns.pop("_line_ids", None)
    for name in ("product_id", "product_name"):
        joined = columns.get(name) if joined is None else joined
    if joined is None:
        return
    several = pc.match_substring_regex(decoded(joined), "[;\uff1b]").fill_null(False)
    work.counts["several_lines"] += how_many(several)
    for name in ("product_id", "product_name", "product_spec", "sku_code", "unit_price", "_goods_amount"):
        if name in columns:
            whole = decoded(columns[name]) if pa.types.is_dictionary(columns[name].type) else columns[name]
            columns[name] = pc.if_else(several, None, whole)


def line_is_order(columns: Columns, work: Work) -> None:
    """An order has one line only: it goes by the order's number."""
    columns["line_id"] = columns["order_id"]


def deposit(columns: Columns, work: Work) -> None:
    """An unpaid order whose deposit was paid waits for its balance."""
    if "deposit_paid_at" not in columns or "status" not in columns:
        return
    status = decoded(columns["status"])
    unpaid = pc.is_in(status, value_set=pa.array(["unpaid", UNKNOWN]))
    unpaid = pc.and_(unpaid, pc.is_null(column_of(columns, "paid_at", work.size, pa.timestamp("us"))))
    waits = pc.and_(unpaid, pc.is_valid(columns["deposit_paid_at"]))
    columns["status"] = pc.if_else(waits, "deposit_paid", status)


def paid_as_printed(columns: Columns, work: Work) -> None:
    """The paid amount is printed; payable is that and the discount of the way of paying. Whether freight is
    inside is told by rows where goods less all discounts, with or without freight, make the paid amount."""
    shared = columns.pop("_shared_discount", None)
    named = [columns[name] for name in PRINTED_DISCOUNTS if name in columns]
    parts = [part.fill_null(0) for part in (*named, *([] if shared is None else [shared]))]
    if parts:
        columns["discount_amount"] = _summed(parts)
    if "paid_amount" not in columns:
        return
    paid = columns["paid_amount"]
    if "payment_discount" in columns:
        columns["payable_amount"] = pc.add(paid, columns["payment_discount"].fill_null(0))
    if not {"freight_amount", "unit_price", "quantity"} <= columns.keys():
        return
    freight = columns["freight_amount"]
    goods = pc.multiply(columns["unit_price"], columns["quantity"].cast(pa.int64()))
    off = pc.add(
        or_zero(columns, "discount_amount", work.size), or_zero(columns, "payment_discount", work.size)
    )
    due = pc.subtract(goods, off)
    charged = pc.greater(freight, 0)
    work.counts["freight_charged"] += how_many(charged)
    work.counts["freight_inside"] += how_many(pc.and_(charged, pc.equal(pc.add(due, freight), paid)))
    work.counts["freight_outside"] += how_many(pc.and_(charged, pc.equal(due, paid)))


def _summed(parts: list[pa.Array]) -> pa.Array:
    total = parts[0]
    for part in parts[1:]:
        total = pc.add(total, part)
    return total


def freight_on_top(columns: Columns) -> None:
    """The paid amount was printed without freight: what the buyer paid holds it."""
    freight = columns["freight_amount"].fill_null(0)
    for name in ("paid_amount", "payable_amount"):
        if name in columns:
            columns[name] = pc.add(columns[name], freight)


def price_from_line(columns: Columns) -> None:
    """The goods amount was the line's: a unit price is its exact share, or unknown."""
    count = columns["quantity"].cast(pa.int64())
    share = pc.divide(columns["unit_price"], count)
    columns["unit_price"] = pc.if_else(
        pc.equal(pc.multiply(share, count), columns["unit_price"]), share, None
    )


def price_unknown(columns: Columns) -> None:
    """Nothing says what the goods amount of several pieces is."""
    columns["unit_price"] = pc.if_else(pc.greater(columns["quantity"], 1), None, columns["unit_price"])

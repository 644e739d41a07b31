"""Small named rules that derive columns a file does not print: a format lists the ones it needs.

A rule takes the typed columns of some rows and changes them in place. ``Work.counts`` gathers evidence over
the whole file; where the meaning of a column can only be told at the end, ``settle`` corrects it then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import UNKNOWN, decoded, encoded
from shopdata.platforms import Format, plain

Columns = dict[str, pa.Array]
WAYBILL = re.compile(r"(?:^|[;\uff1b,\uff0c\s])\s*([0-9A-Za-z]{8,30})\s*[-\uff0d]\s*([^;\uff1b,\uff0c\s]+)")
DIGITS_IN_WAYBILL = 6
SIDE_KEYS = {"parcels": ("waybill", "order_id")}


@dataclass(slots=True)
class Work:
    """What rules work on: ``size`` rows of a format, evidence they count, rows they make for other tables.

    ``ordinals`` is shared by all pieces of a file: how often a line without a number was seen so far.
    """

    format: Format
    size: int
    ordinals: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    side: dict[str, Columns] = field(default_factory=dict)


def _of(columns: Columns, name: str, size: int, kind: pa.DataType) -> pa.Array:
    return columns[name] if name in columns else pa.nulls(size, kind)


def _or_zero(columns: Columns, name: str, size: int) -> pa.Array:
    return _of(columns, name, size, pa.int64()).fill_null(0)


def _true(mask: pa.Array) -> int:
    return int(pc.sum(mask.fill_null(False)).as_py() or 0)


def unit_price(columns: Columns, work: Work) -> None:
    """A column "goods amount" is a unit price only where times quantity it makes the payable amount."""
    goods = columns.pop("_goods_amount", None)
    if goods is None or "unit_price" in columns or "quantity" not in columns:
        return
    columns["unit_price"] = goods
    if "payable_amount" not in columns:
        return
    count = columns["quantity"].cast(pa.int64())
    due = pc.add(columns["payable_amount"], _or_zero(columns, "discount_amount", work.size))
    without_freight = pc.subtract(due, _or_zero(columns, "freight_amount", work.size))
    several = pc.greater(count, 1)

    def fits(total: pa.Array) -> pa.Array:
        return pc.and_(several, pc.or_(pc.equal(total, due), pc.equal(total, without_freight)))

    work.counts["goods_several"] += _true(several)
    work.counts["goods_is_unit"] += _true(fits(pc.multiply(goods, count)))
    work.counts["goods_is_line"] += _true(fits(goods))


def paid_amount(columns: Columns, work: Work) -> None:
    """What the buyer paid: payable less the discount of the way of paying."""
    if "payable_amount" in columns:
        columns["paid_amount"] = pc.subtract(
            columns["payable_amount"], _or_zero(columns, "payment_discount", work.size)
        )


def _spoken(columns: Columns, name: str, words: Mapping[str, str], size: int) -> pa.Array:
    """The meaning of each word of a column, null where it has none."""
    if name not in columns:
        return pa.nulls(size, pa.string())
    texts = encoded(columns[name])
    meanings = pa.array(
        [words.get(plain(word)) if word else None for word in texts.dictionary.to_pylist()], pa.string()
    )
    return meanings.take(texts.indices)


def source(columns: Columns, work: Work) -> None:
    """Where the traffic genre is empty the ad channel tells the source, then the traffic's origin."""
    known = [name for name in ("source", "ad_channel", "channel") if name in columns]
    if not known:
        return
    words = work.format.rule_words
    by_ad = _spoken(columns, "ad_channel", words["ad_channel"], work.size)
    by_channel = _spoken(columns, "channel", words["channel"], work.size)
    own = decoded(_of(columns, "source", work.size, pa.string()))
    columns["source"] = pc.coalesce(own, by_ad, by_channel, pa.scalar(UNKNOWN))
    work.counts["source_pending"] += _true(pc.equal(columns["source"], "pending"))


def line_ids(columns: Columns, work: Work) -> None:
    """Without sub order numbers a line is told by order, product, spec and its turn among equal ones."""
    if "line_id" in columns:
        return
    names = ("order_id", "product_id" if "product_id" in columns else "product_name", "product_spec")
    parts = [decoded(_of(columns, name, work.size, pa.string())).to_pylist() for name in names]
    made = []
    for pieces in zip(*parts, strict=True):
        stem = "/".join(piece or "" for piece in pieces)
        work.ordinals[stem] += 1
        made.append(f"{stem}/{work.ordinals[stem]}")
    columns["line_id"] = pa.array(made, pa.string())


def paid_by_status(columns: Columns, work: Work) -> None:
    """In a file without a pay time the status tells whether an order was paid; closed ones stay open."""
    if "paid_at" in columns or "status" not in columns:
        return
    meaning = _spoken(columns, "status", work.format.rule_words["paid_statuses"], work.size)
    columns["paid_by_status"] = pc.equal(meaning, "paid")
    work.counts["paid_by_status"] += work.size
    work.counts["paid_unknown"] += _true(pc.is_null(columns["paid_by_status"]))


def main_order(columns: Columns, work: Work) -> None:
    """One row a main order: where it has several sub orders, the product of the row is none of them."""
    columns["line_id"] = columns["order_id"]
    joined = columns.pop("_line_ids", None)
    for name in ("product_id", "product_name"):
        joined = columns.get(name) if joined is None else joined
    if joined is None:
        return
    several = pc.match_substring_regex(decoded(joined), "[;\uff1b]").fill_null(False)
    work.counts["several_lines"] += _true(several)
    for name in ("product_id", "product_name", "product_spec", "sku_code", "unit_price", "_goods_amount"):
        if name in columns:
            whole = decoded(columns[name]) if pa.types.is_dictionary(columns[name].type) else columns[name]
            columns[name] = pc.if_else(several, None, whole)


def waybills(text: str, couriers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The parcels of a cell ``number-courier,goods``; further ones must name a known kind of courier."""
    found: list[tuple[str, str]] = []
    for number, courier in WAYBILL.findall(text):
        named = any(word in plain(courier) for word in couriers)
        if sum(letter.isdigit() for letter in number) >= DIGITS_IN_WAYBILL and (named or not found):
            found.append((number, courier))
    return list(dict.fromkeys(found))


def order_parcels(columns: Columns, work: Work) -> None:
    """Waybills printed in the order row make rows of the parcels table."""
    cells = columns.pop("_parcels", None)
    if cells is None:
        return
    couriers = work.format.rule_words["couriers"]
    parcels = [waybills(text, couriers) if text else [] for text in decoded(cells).to_pylist()]
    columns["waybill"] = pa.array([found[0][0] if found else None for found in parcels], pa.string())
    columns["courier"] = pa.array([found[0][1] if found else None for found in parcels], pa.string())
    rows = np.repeat(np.arange(len(parcels)), [len(found) for found in parcels])
    places = pa.array(rows, pa.int64())
    side = {
        "_place": places,
        "waybill": pa.array([number for found in parcels for number, _ in found], pa.string()),
        "order_id": decoded(columns["order_id"]).take(places),
        "courier": pa.array([courier for found in parcels for _, courier in found], pa.string()),
    }
    if "shipped_at" in columns:
        side["shipped_at"] = columns["shipped_at"].take(places)
    work.side["parcels"] = side


def refund_amount(columns: Columns, work: Work) -> None:
    """Refunded goods and freight. Whether they hold the payment discount too is told by full refunds."""
    if "refund_goods" not in columns:
        return
    goods, freight = columns["refund_goods"], _of(columns, "refund_freight", work.size, pa.int64())
    both = pc.and_(pc.is_null(goods), pc.is_null(freight))
    total = pc.if_else(both, None, pc.add(goods.fill_null(0), freight.fill_null(0)))
    columns["refund_amount"] = total
    if "payable_amount" not in columns or "payment_discount" not in columns:
        return
    payable, discount = columns["payable_amount"], columns["payment_discount"]
    done = pc.and_(pc.equal(decoded(columns["status"]), "refunded"), pc.greater(discount, 0))
    work.counts["refund_gross"] += _true(pc.and_(done, pc.equal(total, payable)))
    work.counts["refund_net"] += _true(pc.and_(done, pc.equal(total, pc.subtract(payable, discount))))


def refund_kind(columns: Columns, work: Work) -> None:
    """ "Refund only" is before or after shipping as the goods' state says; unknown without it."""
    if "kind" not in columns:
        return
    kind = decoded(columns["kind"])
    only = pc.equal(kind, "refund_only").fill_null(False)
    if not pc.any(only).as_py():
        return
    words = tuple(work.format.rule_words["unshipped"])
    state = encoded(_of(columns, "ship_state", work.size, pa.string()))
    told = [
        None if not text else "refund_unshipped" if plain(text).startswith(words) else "refund_shipped"
        for text in state.dictionary.to_pylist()
    ]
    by_state = pa.array(told, pa.string()).take(state.indices)
    columns["kind"] = pc.if_else(only, pc.coalesce(by_state, pa.scalar(UNKNOWN)), kind)


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


def party(columns: Columns, work: Work) -> None:
    """The influencer's public id, else the account name, else nobody: part of a commission's key."""
    texts = [decoded(columns[name]) for name in ("party_account", "party_name") if name in columns]
    columns["party_id"] = (
        pc.coalesce(*texts, pa.scalar("")) if texts else pa.array([""] * work.size, pa.string())
    )


RULES: dict[str, Callable[[Columns, Work], None]] = {
    rule.__name__: rule
    for rule in (
        unit_price, paid_amount, source, line_ids, paid_by_status, main_order, order_parcels,
        refund_amount, refund_kind, dispute, party,
    )
}  # fmt: skip


def settle(format_: Format, counts: Counter[str]) -> tuple[str, ...]:
    """Corrections the whole file's evidence calls for, by name of ``CORRECTIONS``; usually none."""
    due = []
    if counts["goods_is_line"] > counts["goods_is_unit"]:
        due.append("price_from_line")
    elif counts["goods_several"] and not counts["goods_is_unit"]:
        due.append("price_unknown")
    if counts["refund_gross"] > counts["refund_net"]:
        due.append("refund_less_discount")
    return tuple(due)


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


def refund_less_discount(columns: Columns) -> None:
    """The refund held the payment discount: take out what the platform took back of it."""
    total = columns["refund_amount"]
    if "refund_payment_discount" in columns:
        back = columns["refund_payment_discount"].fill_null(0)
    else:
        full = pc.equal(total, columns["payable_amount"]).fill_null(False)
        back = pc.if_else(full, columns["payment_discount"].fill_null(0), 0)
    columns["refund_amount"] = pc.max_element_wise(pc.subtract(total, back), pa.scalar(0), skip_nulls=False)


CORRECTIONS: dict[str, Callable[[Columns], None]] = {
    change.__name__: change for change in (price_from_line, price_unknown, refund_less_discount)
}

"""Rules of people: who sold an order, the parties of commission rows, which names are a buyer's key."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import UNKNOWN, decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many

OF_THE_LINE = (
    *("line_id", "order_id", "status", "status_raw", "received_at", "settled_at"),
    *("product_id", "product_name", "quantity", "settled_base", "plan_type"),
)

# Party of a commission, and the columns of its id and its name; the first with an id sold the order.
SELLERS = (
    ("influencer", "influencer_id", "influencer_name"),
    ("leader", "_leader_id", "_leader_name"),
    ("promoter", "_promoter_id", "_promoter_name"),
)
OF_THE_ORDER = ("paid_at", "product_id", "product_name", "quantity", "paid_amount")


def party(columns: Columns, work: Work) -> None:
    """The influencer's public id, else the account name, else nobody: part of a commission's key."""
    texts = [decoded(columns[name]) for name in ("party_account", "party_name") if name in columns]
    columns["party_id"] = (
        pc.coalesce(*texts, pa.scalar("")) if texts else pa.array([""] * work.size, pa.string())
    )


def settled_by_time(columns: Columns, work: Work) -> None:
    """A commission with a settlement time is settled."""
    if "settled_at" not in columns:
        return
    status = decoded(column_of(columns, "status", work.size, pa.string()))
    by_time = pc.if_else(pc.is_valid(columns["settled_at"]), "settled", pa.scalar(None, pa.string()))
    columns["status"] = pc.coalesce(status, by_time)


def leader_rows(columns: Columns, work: Work) -> None:
    """The service fee in a commission row is the leader's: a row of its own, so that layers stay apart."""
    name, rate, fee = (columns.pop(f"_leader_{part}", None) for part in ("name", "rate", "fee"))
    if fee is None:
        return
    places = pa.array(np.flatnonzero(pc.greater(fee, 0).fill_null(False).to_numpy(zero_copy_only=False)))
    names = decoded(name) if name is not None else pa.nulls(work.size, pa.string())
    leader = {one: columns[one] for one in OF_THE_LINE if one in columns} | {
        "party": pa.array(["leader"] * work.size),
        "party_id": pc.coalesce(names, pa.scalar("")),
        "party_name": names,
        "commission_settled": fee,
    }
    if rate is not None:
        leader["rate"] = rate
    work.side["commissions"] = {one: values.take(places) for one, values in leader.items()} | {
        "_place": places
    }


def buyer_key(columns: Columns, work: Work) -> None:
    """A name with letters starred out stands for many buyers: it is no key."""
    if "buyer_id" not in columns:
        return
    names = decoded(columns["buyer_id"])
    masked = pc.match_substring(names, "*").fill_null(False)
    columns["buyer_id"] = pc.if_else(masked, pa.scalar(None, pa.string()), names)
    work.counts["buyers_masked"] += how_many(masked)


def influencer(columns: Columns, work: Work) -> None:
    """Influencer, else team leader, else quick promoter: id and name from the first that has an id, where
    none has one from the first that has a name."""
    if not any(name in columns for _, *names in SELLERS for name in names):
        return
    ids = [_text(columns, number, work.size) for _, number, _ in SELLERS]
    names = [_text(columns, name, work.size) for _, _, name in SELLERS]
    with_id = [pc.is_valid(one) for one in ids]
    nobody_has = pc.invert(pc.is_valid(pc.coalesce(*ids)))
    chosen = with_id + [pc.and_(nobody_has, pc.is_valid(one)) for one in names]
    cases = pc.make_struct(*chosen)
    columns["_party"] = pc.case_when(cases, *(pa.scalar(one) for one, *_ in SELLERS * 2))
    columns["influencer_id"] = pc.coalesce(*ids)
    columns["influencer_name"] = pc.case_when(cases, *names, *names)


def _text(columns: Columns, name: str, size: int) -> pa.Array:
    return decoded(column_of(columns, name, size, pa.string()))


def estimated_commissions(columns: Columns, work: Work) -> None:
    """Commissions an order file estimates make rows of the commissions table: of paid orders, for whoever
    sold them."""
    amount, rate = columns.pop("_commission_estimated", None), columns.pop("_commission_rate", None)
    if amount is None:
        return
    who = _text(columns, "_party", work.size)
    owed = pc.and_(pc.is_valid(amount), pc.or_(pc.is_valid(who), pc.greater(amount, 0)))
    if "paid_at" in columns:
        owed = pc.and_(owed, pc.is_valid(columns["paid_at"]))
    elif "paid_by_status" in columns:
        owed = pc.and_(owed, columns["paid_by_status"].fill_null(False))
    places = pc.indices_nonzero(owed.fill_null(False)).cast(pa.int64())
    number, name = (_text(columns, f"influencer_{part}", work.size) for part in ("id", "name"))
    side = {
        "party": pc.coalesce(who, pa.scalar(UNKNOWN)),
        "party_id": pc.coalesce(number, name, pa.scalar("")),
        "line_id": columns["line_id"],
        "party_name": name,
        "commission_estimated": amount,
    }
    side |= {} if rate is None else {"rate": rate}
    side |= {field: columns[field] for field in OF_THE_ORDER if field in columns}
    work.side["commissions"] = {key: values.take(places) for key, values in side.items()} | {"_place": places}

"""Rules of people: the parties of commission rows, and which names are a key of a buyer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many

OF_THE_LINE = (
    *("line_id", "status", "status_raw", "received_at", "settled_at"),
    *("product_id", "product_name", "quantity", "settled_base", "plan_type"),
)


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

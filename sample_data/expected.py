"""The expected figures as JSON documents: one beside each file, one for the whole set."""

from __future__ import annotations

from datetime import datetime

from sample_data.events import events
from sample_data.exports import Export, earlier, last_seen, overlap_from
from sample_data.facts import (
    OrderFact,
    Seen,
    fact,
    last_case_event,
    last_order_event,
    last_parcel_event,
)
from sample_data.maturity import matured
from sample_data.order_rows import Row
from sample_data.tables import funnel, tables
from sample_data.truth import Order

OF_EACH_SHOP = ("day", "month", "source", "province", "account")


def _fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", "").replace("-", "0"))


def _times(rows: tuple[Row, ...], field: str) -> dict[str, str | None]:
    known = sorted(row[field] for row in rows if row[field] != "-")
    return {"first": known[0] if known else None, "last": known[-1] if known else None}


def _key(row: Row) -> str:
    for field in ("aftersale_id", "waybill", "line_id"):
        if field in row:
            return row[field]
    return row["order_id"]


def _sums(export: Export) -> dict[str, object]:
    rows = export.rows
    if export.layout.startswith("orders"):
        return {
            "orders": len({row["order_id"] for row in rows}),
            "payable": sum(_fen(row["payable"]) for row in rows),
            "paid": sum(
                _fen(row["payable"]) - _fen(row["payment_discount"])
                for row in rows
                if row.get("paid_at", "-") != "-"
            )
            if export.layout != "orders_by_main"
            else None,
            "placed": _times(rows, "placed_at"),
        }
    if export.layout == "aftersales":
        done = [row for row in rows if row["refunded_at"] != "-"]
        return {
            "successful": len(done),
            "refunded": sum(_fen(row["refund_goods"]) + _fen(row["refund_freight"]) for row in done),
            "applied": _times(rows, "applied_at"),
        }
    if export.layout == "commissions":
        return {
            "estimated": sum(_fen(row["estimated"]) for row in rows),
            "settled": sum(_fen(row["settled"]) for row in rows),
            "paid": _times(rows, "paid_at"),
        }
    return {
        "signed": sum(row["signed_at"] != "-" for row in rows),
        "pairs": sum(row["order_ids"].count(",") + 1 for row in rows),
        "shipped": _times(rows, "shipped_at"),
    }


def of_file(export: Export, before: Export | None) -> dict[str, object]:
    """What one file alone should give, and what it changes after ``before``, the older file it overlaps."""
    document: dict[str, object] = {
        "file": export.name,
        "shop": export.shop,
        "format": export.format,
        "rows": len(export.rows),
        "accepted": len(export.rows),
        "rejected": 0,
        **_sums(export),
    }
    if before is not None:
        old = {_key(row): row for row in before.rows}
        known = [(row, old[_key(row)]) for row in export.rows if _key(row) in old]
        same = sum(row == other for row, other in known)
        document["after_earlier"] = {
            "new": len(export.rows) - len(known),
            "updated": len(known) - same,
            "unchanged": same,
        }
    return document


def facts_of(orders: list[Order], cut: datetime, shop_name: str) -> list[OrderFact]:
    """The facts of one shop's orders, each as of the last order export that held it."""
    held = {
        cut: [order for order in orders if order.placed_at >= overlap_from(cut)],
        earlier(cut): [order for order in orders if order.placed_at <= earlier(cut)],
    }
    cases, parcels = last_case_event(orders, cut), last_parcel_event(orders, cut)
    seen = {
        moment: Seen(moment, cut, last_order_event(some, moment), cases, parcels)
        for moment, some in held.items()
    }
    return [fact(order, seen[last_seen(order, cut)], shop_name) for order in orders]


def of_all(
    facts: dict[str, list[OrderFact]], files: list[dict[str, str]], cut: datetime
) -> dict[str, object]:
    """The whole set: every table for both shops together and for each alone."""
    every = [one for shop in facts.values() for one in shop]
    return {
        "cut": cut.isoformat(),
        "files": files,
        "shops": list(facts),
        "orders": len(every),
        "lines": sum(len(one.lines) for one in every),
        "together": {
            **tables(every),
            "event": events(every),
            "funnel": funnel(every),
            "matured": matured(list(facts.values())),
        },
        "each": {
            name: {
                **tables(found, OF_EACH_SHOP),
                "event": events(found),
                "funnel": funnel(found),
                "matured": matured([found]),
            }
            for name, found in facts.items()
        },
    }

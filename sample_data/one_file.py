"""The expected figures of one file alone: rows, sums, first and last time, its changes to an older one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from sample_data.exports import Export
from sample_data.order_rows import Row

Rows = tuple[Row, ...]
Sums = dict[str, object]
SIGNS = str.maketrans("", "", "¥￥元,")
KEYS = ("aftersale_id", "refund_id", "flow_id", "line_id", "order_id")
WHOLE = frozenset(
    ["quantity", "exposed", "visitors", "clicks", "on_hand", "in_transit", "orders"]
)  # counted, not money
# layout → fields added up, field whose first and last time counts
ADDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "settlement": (("amount", "income", "fees", "platform_fee", "commission", "leader_fee"), "settled_at"),
    "leaders": (("estimated", "settled"), "paid_at"),
    "taobao_orders": (("total", "paid_net", "refund"), "placed_at"),
    "taobao_orders_new": (("total", "paid", "refund"), "placed_at"),
    "taobao_lines": (("quantity",), ""),
    "taobao_lines_new": (("quantity", "goods", "paid"), "placed_at"),
    "taobao_refunds": (("refund",), "applied_at"),
    "taobao_commissions": (("base", "commission", "service"), "settled_at"),
    "kuaishou_orders": (("paid", "estimated"), "placed_at"),
    "kuaishou_aftersales": (("refund",), "applied_at"),
    "kuaishou_settlement": (("amount", "income", "fees", "platform_fee"), "settled_at"),
    "kuaishou_parcels": ((), "at"),
    "courier": ((), "shipped_at"),
    "traffic": (("exposed", "visitors", "clicks"), "day"),
    "ads": (("spend",), "day"),
    "live_sessions": (("visitors", "orders", "amount"), "started_at"),
    "stock": (("on_hand", "in_transit"), "day"),
    "costs": (("amount",), "from_day"),
    "host_shifts": ((), "day"),
    "agreed_rates": ((), "from_day"),
    "targets": (("value",), "month"),
    "compass_daily": (("paid", "orders", "refund", "visitors"), "day"),
    "benchmark": ((), "day"),
}


def fen(text: str) -> int:
    """A printed amount in fen, whatever signs stand around it; 0 where there is none."""
    try:
        return int(Decimal(text.translate(SIGNS)) * 100)
    except InvalidOperation:
        return 0


def _times(rows: Rows, field: str) -> dict[str, str | None]:
    known = sorted(row[field] for row in rows if row[field] not in ("-", ""))
    return {"first": known[0] if known else None, "last": known[-1] if known else None}


def _key(export: Export, row: Row) -> str:
    """What tells a row from the others of its file; orders name a waybill too."""
    return row["waybill"] if export.format.endswith("parcels") else next(row[f] for f in KEYS if f in row)


def _told(row: Row) -> Row:
    """What a row says: ids without the point a spreadsheet adds, and no courier's chatter."""
    return {name: value.removesuffix(".0") for name, value in row.items() if name != "tracking"}


def _orders(rows: Rows) -> Sums:
    paid_known = all("paid_at" in row for row in rows)
    paid = [row for row in rows if row.get("paid_at", "-") != "-"]
    return {
        "orders": len({row["order_id"] for row in rows}),
        "payable": sum(fen(row["payable"]) for row in rows),
        "paid": sum(fen(row["payable"]) - fen(row["payment_discount"]) for row in paid)
        if paid_known
        else None,
        "placed": _times(rows, "placed_at"),
    }


def _aftersales(rows: Rows) -> Sums:
    done = [row for row in rows if row["refunded_at"] != "-"]
    return {
        "successful": len(done),
        "refunded": sum(fen(row["refund_goods"]) + fen(row["refund_freight"]) for row in done),
        "applied": _times(rows, "applied_at"),
    }


def _commissions(rows: Rows) -> Sums:
    return {
        "estimated": sum(fen(row["estimated"]) for row in rows),
        "settled": sum(fen(row["settled"]) for row in rows),
        "paid": _times(rows, "paid_at"),
    }


def _parcels(rows: Rows) -> Sums:
    return {
        "signed": sum(row["signed_at"] != "-" for row in rows),
        "pairs": sum(row["order_ids"].count(",") + 1 for row in rows),
        "shipped": _times(rows, "shipped_at"),
    }


def _funds(rows: Rows) -> Sums:
    """The account opens empty, so its closing balance is what came in less what went out."""
    signed = [fen(row["amount"]) * (1 if row["direction"] == rows[-1]["direction"] else -1) for row in rows]
    return {
        "in": sum(amount for amount in signed if amount > 0),
        "out": -sum(amount for amount in signed if amount < 0),
        "opening": 0,
        "closing": sum(signed),
        "moved": _times(rows, "moved_at"),
    }


SPECIAL: Mapping[str, Callable[[Rows], Sums]] = {
    "orders_by_line": _orders,
    "orders_with_parcels": _orders,
    "orders_by_main": _orders,
    "aftersales": _aftersales,
    "commissions": _commissions,
    "parcels": _parcels,
    "funds": _funds,
}


def _sums(export: Export) -> Sums:
    if export.layout in SPECIAL:
        return SPECIAL[export.layout](export.rows)
    fields, time = ADDED.get(export.layout, ((), ""))
    found: Sums = {
        field: sum(int(row[field]) if field in WHOLE else fen(row[field]) for row in export.rows)
        for field in fields
    }
    return found | {"times": _times(export.rows, time)} if time else found


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
        old = {_key(before, row): row for row in before.rows}
        known = [(row, old[key]) for row in export.rows if (key := _key(export, row)) in old]
        same = sum(_told(row) == _told(other) for row, other in known)
        document["after_earlier"] = {
            "new": len(export.rows) - len(known),
            "updated": len(known) - same,
            "unchanged": same,
        }
    return document

"""Which kinds of file an import stands for: an order file may tell what another kind of file tells too."""

from __future__ import annotations

import json

BESIDE_ORDERS = {"signed_at": "parcels", "commission_estimated": "commissions"}


def kinds_served(kind: str, columns: str | None) -> tuple[str, ...]:
    """The kind of an import and, for order files, those its ``columns`` (a JSON list) stand in for."""
    brought = json.loads(columns or "[]") if kind == "orders" else ()
    return (kind, *(beside for column, beside in BESIDE_ORDERS.items() if column in brought))

"""Metrics of shipping: how long each leg takes, and which share kept its deadline."""

from __future__ import annotations

from shopdata.metrics.definition import Count, Duration, Event, Metric, Need, Ratio

SHIP_TIME = (Need("orders", "shipped_at"),)
SIGN_TIME = (Need("parcels", "signed_at"),)
SCAN_TIME = (Need("parcels", "picked_up_at"),)
LEG_TIMES = (*SIGN_TIME, *SCAN_TIME)

DURATIONS: tuple[Metric, ...] = (
    Duration("ship_to_sign_hours", "shipped_at", "signed_at", needs=SIGN_TIME, event=Event("signed_at")),
    Duration("pay_to_ship_hours", "paid_at", "shipped_at", needs=SHIP_TIME, event=Event("shipped_at")),
    Duration(
        "ship_to_pickup_hours", "shipped_at", "picked_up_at", needs=SCAN_TIME, event=Event("picked_up_at")
    ),
    Duration("pickup_to_sign_hours", "picked_up_at", "signed_at", needs=LEG_TIMES, event=Event("signed_at")),
    Duration("ship_to_complete_hours", "shipped_at", "completed_at", event=Event("completed_at")),
)

RATES: tuple[Metric, ...] = (
    Count("orders_due_48h", "due_48h", needs=SHIP_TIME, shown=False),
    Count("orders_shipped_48h", "shipped_48h", needs=SHIP_TIME, shown=False),
    Ratio("ship_48h_rate", "orders_shipped_48h", "orders_due_48h", pending="pending_48h", needs=SHIP_TIME),
    Count("orders_due_promise", "due_promise", needs=SHIP_TIME, shown=False),
    Count("orders_shipped_promise", "shipped_promise", needs=SHIP_TIME, shown=False),
    Ratio(
        "ship_promise_rate",
        "orders_shipped_promise",
        "orders_due_promise",
        pending="pending_promise",
        needs=SHIP_TIME,
    ),
    Count("orders_due_pickup", "due_pickup", needs=SCAN_TIME, shown=False),
    Count("orders_picked_up_24h", "picked_up_24h", needs=SCAN_TIME, shown=False),
    Ratio(
        "pickup_24h_rate",
        "orders_picked_up_24h",
        "orders_due_pickup",
        pending="pending_pickup",
        needs=SCAN_TIME,
    ),
)

METRICS = DURATIONS + RATES

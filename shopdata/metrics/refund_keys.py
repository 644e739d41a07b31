"""Metrics of after-sales: refunds, returns of goods, disputes."""

from __future__ import annotations

from shopdata.metrics.definition import Count, Event, Metric, Need, Ratio, Total

ROWS = (Need("aftersales"),)
# Where no after-sale file is, the order file may tell which orders were refunded.
TOLD = (Need("orders", "aftersale_status", called="aftersales", instead="aftersales"),)
SIGNED_TOO = (Need("aftersales"), Need("parcels", "signed_at"))

COUNTS: tuple[Metric, ...] = (
    Count("orders_refunded", "refunded", Event("refunded_at", "aftersales", "refund_succeeded"), needs=TOLD),
    Count("orders_returned", "returned", Event("refunded_at", "aftersales", "return_succeeded"), needs=ROWS),
    Count("dispute_orders", "disputed", Event("applied_at", "aftersales", "dispute_raised"), needs=ROWS),
    Count("orders_refunded_unshipped", "refunded_unshipped", needs=ROWS, shown=False),
    Count("orders_refunded_unsigned", "refunded_unsigned", needs=SIGNED_TOO, shown=False),
    Count("orders_refunded_signed", "refunded_signed", needs=SIGNED_TOO, shown=False),
    Count("orders_refunded_1h", "refunded_1h", needs=ROWS, shown=False),
)

AMOUNTS: tuple[Metric, ...] = (
    Total(
        "refund_amount",
        "refund_amount",
        "placed",
        Event("refunded_at", "aftersales", "refund_succeeded", "refund_row_amount"),
        needs=ROWS,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Ratio("return_rate", "orders_returned", "orders_paid", step="return", needs=ROWS),
    Ratio("refund_rate", "orders_refunded", "orders_paid", step="refund", needs=TOLD),
    Ratio("refund_amount_rate", "refund_amount", "paid_amount", binomial=False, needs=ROWS),
    Ratio("refund_rate_unshipped", "orders_refunded_unshipped", "orders_paid", step="refund", needs=ROWS),
    Ratio("refund_rate_unsigned", "orders_refunded_unsigned", "orders_paid", step="refund", needs=SIGNED_TOO),
    Ratio("refund_rate_signed", "orders_refunded_signed", "orders_paid", step="refund", needs=SIGNED_TOO),
    Ratio("refund_rate_1h", "orders_refunded_1h", "orders_paid", step="refund_soon", needs=ROWS),
    Ratio("dispute_rate", "dispute_orders", "orders_placed", step="dispute", needs=ROWS),
    Ratio("dispute_rate_paid", "dispute_orders", "orders_paid", step="return", needs=ROWS),
)

METRICS = COUNTS + AMOUNTS + RATIOS

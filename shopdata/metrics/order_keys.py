"""Metrics of orders and what buyers paid: counts, amounts, pay rate, values per order and per unit."""

from __future__ import annotations

from shopdata.metrics.definition import Count, Difference, Duration, Event, Metric, Need, Ratio, Total

PLACED, PAID = Event("placed_at"), Event("paid_at")
AFTERSALES = (Need("aftersales"),)
BUYERS = (Need("orders", "buyer_id", called="buyers"),)

COUNTS: tuple[Metric, ...] = (
    Count("orders_placed", "placed", PLACED),
    Count("orders_paid", "paid", PAID),
    Count("orders_shipped", "shipped", Event("shipped_at")),
    Count("orders_signed", "signed", Event("signed_at"), needs=(Need("parcels", "signed_at"),)),
    Count("orders_completed", "completed", Event("completed_at")),
    Count("orders_closed", "closed"),
    Count("orders_unpaid", "unpaid", PLACED),
    Count("orders_unpaid_open", "unpaid_open", PLACED),
    Count("orders_unpaid_closed", "unpaid_closed", PLACED),
    Count("orders_zero", "paid_nothing", PAID),
    Count("orders_transit", "in_transit", Event("shipped_at")),
)

AMOUNTS: tuple[Metric, ...] = (
    Total("paid_amount", "paid_amount", "paid", PAID),
    Total("payable_amount", "payable_amount", "placed", PLACED),
    Total("platform_subsidy", "platform_subsidy", "placed", PLACED),
    Total("discount_amount", "discount_amount", "placed", PLACED),
    Total("freight_amount", "freight_amount", "placed", PLACED),
    Difference("net_amount", "paid_amount", "refund_amount", needs=AFTERSALES),
    Total("units_paid", "units", "paid", PAID, unit="units"),
)

RATIOS: tuple[Metric, ...] = (
    Ratio("pay_rate", "orders_paid", "orders_placed", step="pay"),
    Ratio("average_order_value", "paid_amount", "orders_paid", unit="fen", binomial=False, on_event=True),
    Ratio("units_per_order", "units_paid", "orders_paid", unit="number", binomial=False, on_event=True),
    Ratio("amount_per_unit", "paid_amount", "units_paid", unit="fen", binomial=False, on_event=True),
    Ratio(
        "amount_per_buyer", "paid_amount", "buyers", unit="fen", binomial=False, on_event=True, needs=BUYERS
    ),
    Duration("pay_seconds", "placed_at", "paid_at", statistics=("p50",), unit="seconds", event=PAID),
)

BUYER_KEYS: tuple[Metric, ...] = (
    Count("buyers", "bought", PAID, needs=BUYERS, family="buyers", unit="buyers"),
    Count("new_buyers", "bought_first", PAID, needs=BUYERS, family="buyers", unit="buyers"),
    Count("repeat_buyers", "bought_again", PAID, needs=BUYERS, family="buyers", unit="buyers", shown=False),
    Ratio("repeat_rate", "repeat_buyers", "buyers", needs=BUYERS, on_event=True),
)

METRICS = COUNTS + AMOUNTS + RATIOS + BUYER_KEYS

"""Metrics of advertising and visitors, told by the day.

A ratio over them counts only days of which both sides are told: orders of a day without visitors in any file
are not orders of no visitors.
"""

from __future__ import annotations

from shopdata.metrics.definition import Count, Event, Metric, Need, Ratio, Total

ADS, TRAFFIC, SETTLEMENTS = (Need("ads"),), (Need("traffic"),), (Need("settlements"),)

METRICS: tuple[Metric, ...] = (
    Total(
        "visitors", "day_visitors", "told", Event("placed_at", "traffic"), TRAFFIC, "traffic", unit="visitors"
    ),
    Ratio("visit_to_order_rate", "orders_placed_visited", "visitors", needs=TRAFFIC, on_event=True),
    Total("ad_spend", "day_spend", "told", Event("placed_at", "ads"), ADS, "ads"),
    Ratio(
        "ad_ratio", "ad_spend", "settled_amount_advertised", needs=ADS + SETTLEMENTS, binomial=False,
        on_event=True,
    ),
    Ratio("ad_ratio_paid", "ad_spend", "paid_amount_advertised", needs=ADS, binomial=False, on_event=True),
    Count("orders_placed_visited", "visited", Event("placed_at"), TRAFFIC, shown=False),
    Total(
        "settled_amount_advertised", "row_settled_amount", "advertised",
        Event("row_settled_at", "settlements"), SETTLEMENTS + ADS, "settlements", shown=False,
    ),
    Total("paid_amount_advertised", "paid_amount", "paid_advertised", Event("paid_at"), ADS, shown=False),
)  # fmt: skip

"""Metrics of commissions, and those that wait for files nothing reads yet.

Commission rows hang on order lines. ``influencer`` is commission plus bonus, ``leader`` the team leader's
service fee, ``service`` the promotion fee; the plain key is their sum. Sources are never added together.
"""

from __future__ import annotations

from shopdata.metrics.definition import Event, Metric, Missing, Need, Ratio, Total

ROWS = (Need("commissions"),)
PAID, SETTLED = Event("row_paid_at", "commissions"), Event("row_settled_at", "commissions")


def _layer(key: str, event: Event) -> Total:
    return Total(key, key, "commissioned", event, needs=ROWS, family="commissions")


TOTALS: tuple[Metric, ...] = (
    *(_layer(f"commission_estimated{layer}", PAID) for layer in ("", "_influencer", "_leader", "_service")),
    *(_layer(f"commission_settled{layer}", SETTLED) for layer in ("", "_influencer", "_leader", "_service")),
    Total("commission_paid_base", "line_paid", "commissioned", PAID, ROWS, family="commissions", shown=False),
    Total(
        "commission_settled_base", "settled_base", "settled", SETTLED, ROWS, family="commissions", shown=False
    ),
    Total(
        "commission_settled_lines",
        "commission_settled",
        "settled",
        SETTLED,
        ROWS,
        family="commissions",
        shown=False,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Ratio(
        "commission_rate_estimated",
        "commission_estimated",
        "commission_paid_base",
        needs=ROWS,
        binomial=False,
        on_event=True,
    ),
    Ratio(
        "commission_rate_settled",
        "commission_settled_lines",
        "commission_settled_base",
        needs=ROWS,
        binomial=False,
        on_event=True,
    ),
)

SETTLEMENTS, TRAFFIC, ADS = (Need("settlements"),), (Need("traffic"),), (Need("ads"),)

LATER: tuple[Metric, ...] = (
    Missing("settled_amount", SETTLEMENTS),
    Missing("unsettled_amount", SETTLEMENTS),
    Missing("platform_fee", SETTLEMENTS),
    Missing("visitors", TRAFFIC, unit="visitors"),
    Missing("visit_to_order_rate", TRAFFIC, unit="ratio"),
    Missing("ad_spend", ADS),
    Missing("ad_ratio", ADS + SETTLEMENTS, unit="ratio"),
    Missing("operating_profit", (*SETTLEMENTS, Need("costs"), *ADS)),
)

METRICS = TOTALS + RATIOS + LATER

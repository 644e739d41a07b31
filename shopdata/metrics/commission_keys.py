"""Metrics of commissions and settlements.

Commission rows hang on order lines. ``influencer`` is commission plus bonus, ``leader`` the team leader's
service fee, ``service`` the promotion fees; the plain key is their sum. Sources are never added together: the
settlement bill tells the commission only of lines for which no commission file holds a settled one.
"""

from __future__ import annotations

from shopdata.metrics.definition import Event, Metric, Need, Ratio, Total
from shopdata.metrics.facts import ESTIMATES

ROWS = (Need("commissions"),)
# Files of settled rows alone (Taobao's CPS) tell no estimate: their shops are left out.
ESTIMATED = (ESTIMATES,)
# Estimates alone (an order file may print them) say nothing of what was charged.
CHARGED = (Need("commissions", "commission_settled", instead="settlements"),)
# What is still to settle is an estimate that is known not to have been settled.
OPEN = (Need("commissions", "commission_estimated"), *CHARGED)
LAYERS = ("", "_influencer", "_leader", "_service")
PAID, SETTLED = Event("row_paid_at", "commissions"), Event("row_settled_at", "commissions")


def _estimated(layer: str) -> Total:
    key = f"commission_estimated{layer}"
    return Total(key, key, "estimated", PAID, ESTIMATED, family="commissions", of_known=True)


def _settled(layer: str) -> Total:
    key = f"commission_settled{layer}"
    return Total(key, key, "charged", SETTLED, CHARGED, family="commissions")


def _unsettled(layer: str) -> Total:
    key = f"commission_unsettled{layer}"
    return Total(key, key, "owed", needs=OPEN, family="commissions")


TOTALS: tuple[Metric, ...] = (
    *map(_estimated, LAYERS),
    *map(_settled, LAYERS),
    *map(_unsettled, LAYERS),
    Total(
        "commission_paid_base",
        "line_paid",
        "estimated",
        PAID,
        ESTIMATED,
        family="commissions",
        shown=False,
        of_known=True,
    ),
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
        needs=ESTIMATED,
        binomial=False,
        on_event=True,
        of_known=True,
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

SETTLEMENTS = (Need("settlements"),)
ENTRY = Event("row_settled_at", "settlements")

SETTLED_KEYS: tuple[Metric, ...] = (
    Total("settled_amount", "row_settled_amount", "entered", ENTRY, SETTLEMENTS, family="settlements"),
    Total("unsettled_amount", "paid_amount", "unsettled", needs=SETTLEMENTS),
    Total("platform_fee", "row_platform_fee", "entered", ENTRY, SETTLEMENTS, family="settlements"),
)

METRICS = TOTALS + RATIOS + SETTLED_KEYS

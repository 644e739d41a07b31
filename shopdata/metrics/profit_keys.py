"""Operating profit and its parts: subsidies, cost of goods, insurance, compensation, freight.

``operating_profit`` adds what is known; parts whose file is missing are left out and named. Neither fees nor
commissions known: there is none.
"""

from __future__ import annotations

from shopdata.metrics.definition import Event, Metric, Missing, Need, Sum, Total

PAID, GOODS = Event("paid_at"), Event("paid_at", "goods")
SUBSIDY, COSTS, FUNDS = (Need("orders", "platform_subsidy"),), (Need("costs"),), (Need("funds"),)
MOVED = Event("placed_at", "funds")

METRICS: tuple[Metric, ...] = (
    Total("subsidy_received", "subsidies", "paid", PAID, SUBSIDY),
    Total("goods_cost", "line_cost", "kept", GOODS, COSTS, "goods"),
    Total("units_uncosted", "uncosted", "kept", GOODS, COSTS, "goods", unit="units"),
    Total("insurance_cost", "moved_insurance", "told", MOVED, FUNDS, "funds"),
    Total("compensation_cost", "moved_compensation", "told", MOVED, FUNDS, "funds"),
    Missing("freight_cost", (Need("freight"),)),
    Sum(
        "operating_profit",
        plus=("paid_amount", "subsidy_received"),
        minus=(
            "refund_amount", "platform_fee", "commission_settled", "goods_cost", "freight_cost",
            "insurance_cost", "compensation_cost", "ad_spend",
        ),
        essential=("platform_fee", "commission_settled"),
    ),
)  # fmt: skip

"""The path suggested for what a rule finds: its steps in order, as platforms expect them to be gone.

Words are ``abnormal.path.STEP``. Source: RULES of the platforms' after-sale and shipping help pages as far as
the rules name them; steps are suggestions, nothing is done by the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PATHS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("unpaid", "unpaid_large", "unpaid_repeat"): ("remind", "coupon", "ask_buyer"),
    ("return_open", "aftersale_deadline", "return_not_sent"): ("exchange", "refund"),
    ("return_not_refunded",): ("inspect", "refund"),
    ("refunded_but_shipped",): ("intercept", "inspect", "refund"),
    ("ship_due_soon", "ship_overdue"): ("ship", "agree_delay", "compensate"),
    ("pickup_overdue", "tracking_stale", "in_transit_too_long", "signed_too_fast"): (
        "press_courier",
        "tell_buyer",
        "claim_courier",
    ),
    ("tracking_shared", "tracking_invalid", "tracking_before_order"): ("correct_waybill", "proof_shipping"),
    ("logistics_dispute", "arbitration_evidence_due", "escalation_possible"): (
        "proof_shipping",
        "arbitration",
        "await_ruling",
    ),
    ("malicious_claim", "buyer_refunds_often"): ("evidence_chain", "appeal", "await_appeal"),
    ("brushing_suspected", "address_cluster", "buyer_frequent", "amount_unusual"): (
        "review_inside",
        "note_finding",
    ),
    ("price_below_usual", "paid_zero", "refund_surge", "metric_shift"): ("stop_selling", "find_cause"),
    (
        "commission_rate_mismatch",
        "commission_on_refund",
        "commission_missing",
        "settlement_overdue",
        "settlement_mismatch",
    ): ("compare_files", "ticket", "await_money"),
}
OTHERWISE = ("check_rows", "export_again")


def path_of(rules: Iterable[str]) -> tuple[str, ...]:
    """The steps for an order the rules found, each once, those of the first rule first."""
    steps: dict[str, None] = {}
    for rule in rules:
        found = next((path for keys, path in PATHS.items() if rule in keys), OTHERWISE)
        steps |= dict.fromkeys(found)
    return tuple(steps)

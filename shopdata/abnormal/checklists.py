"""Which pieces of evidence a kind of dispute asks for, the most telling first. Names are words
(``abnormal.disputes``, ``abnormal.pieces``); what platforms accept changes, so these lists only remind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CHECKLISTS: Mapping[str, tuple[str, ...]] = {
    "not_received": ("signing_proof", "scan_record", "courier_statement", "shipping_photo", "chat"),
    "refund_only": ("signing_proof", "packing_video", "product_page", "chat", "inspection_report"),
    "empty_parcel": ("return_video", "weight_record", "packing_video", "waybill_photo", "courier_statement"),
    "missing_items": ("packing_video", "weight_record", "packing_list", "return_video", "chat"),
    "swapped": ("serial_numbers", "return_video", "comparison_photo", "inspection_report", "waybill_photo"),
    "quality": ("inspection_report", "certificate", "buyer_photo", "product_page", "chat"),
    "late_shipping": ("scan_record", "shipping_photo", "delay_agreed", "notice"),
    "arbitration": ("chat", "scan_record", "signing_proof", "packing_video", "inspection_report"),
    "brushing": ("order_list", "payment_record", "scan_record", "chat"),
    "money": ("settlement_record", "payment_record", "agreement", "chat"),
    "other": ("chat", "scan_record", "product_page"),
}
PIECES: tuple[str, ...] = tuple(dict.fromkeys(piece for pieces in CHECKLISTS.values() for piece in pieces))
CLAIMS = ("refund_only", "empty_parcel", "missing_items", "swapped")

# The rule a case was found by → the dispute it probably is.
OF_RULE: Mapping[str, str] = {
    "malicious_claim": "refund_only",
    "logistics_dispute": "not_received",
    "in_transit_too_long": "not_received",
    "tracking_stale": "not_received",
    "tracking_shared": "not_received",
    "tracking_invalid": "not_received",
    "tracking_before_order": "not_received",
    "signed_too_fast": "not_received",
    "return_not_refunded": "swapped",
    "refund_surge": "quality",
    "ship_due_soon": "late_shipping",
    "ship_overdue": "late_shipping",
    "pickup_overdue": "late_shipping",
    "arbitration_evidence_due": "arbitration",
    "escalation_possible": "arbitration",
    "brushing_suspected": "brushing",
    "commission_rate_mismatch": "money",
    "commission_on_refund": "money",
    "commission_missing": "money",
    "settlement_overdue": "money",
    "settlement_mismatch": "money",
    "refund_exceeds_paid": "money",
}


def dispute_of(claim: str | None, rules: Sequence[str]) -> str:
    """The dispute a case is about: the claim marked by hand, else by the first of its rules."""
    return claim or next((OF_RULE[rule] for rule in rules if rule in OF_RULE), "other")

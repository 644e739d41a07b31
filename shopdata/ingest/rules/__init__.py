"""Small named rules that derive columns a file does not print: a format lists the ones it needs.

A rule takes the typed columns of some rows and changes them in place. ``Work.counts`` gathers evidence over
the whole file; where the meaning of a column can only be told at the end, ``settle`` corrects it then. The
rules stand in the modules beside this one, by subject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from shopdata.ingest.rules.addresses import address_parts
from shopdata.ingest.rules.by_hand import grain, snapshot_day, spread, target_value, turn_times, whole_source
from shopdata.ingest.rules.keys import made_key
from shopdata.ingest.rules.money import (
    added_up,
    cost_turned,
    fees_turned,
    fund_amounts,
    fund_fees,
    income_after_refunds,
    money_corrections,
    settlement_fees,
)
from shopdata.ingest.rules.orders import (
    deposit,
    freight_on_top,
    goods_and_freight,
    line_ids,
    line_is_order,
    main_order,
    order_row,
    paid_amount,
    paid_as_printed,
    paid_by_status,
    price_from_line,
    price_unknown,
    source,
    unit_price,
)
from shopdata.ingest.rules.parcels import delivered, order_parcels, time_by_tab, transit, waybill_cells
from shopdata.ingest.rules.payments import (
    is_net,
    paid_before_refunds,
    paid_with_refunds,
    refunded_by_amount,
    staged_payment,
    state_by_times,
)
from shopdata.ingest.rules.people import (
    buyer_key,
    estimated_commissions,
    influencer,
    leader_rows,
    party,
    settled_by_time,
)
from shopdata.ingest.rules.refunds import (
    dispute,
    first_leg_waybill,
    kind_by_return,
    refund_amount,
    refund_kind,
    refund_less_discount,
    refund_to_buyer,
)
from shopdata.ingest.rules.work import NO_NAMES, Columns, Names, Work
from shopdata.platforms import Format

__all__ = [
    "CORRECTIONS",
    "MULTIPLYING",
    "NO_NAMES",
    "RULES",
    "SIDE_KEYS",
    "Columns",
    "Names",
    "Work",
    "settle",
]

SIDE_KEYS = {"parcels": ("waybill", "order_id"), "commissions": ("party", "party_id", "line_id")}
# Rules that may make several rows of the file's own table of one row.
MULTIPLYING = frozenset(["leader_rows"])

RULES: dict[str, Callable[[Columns, Work], None]] = {
    rule.__name__: rule
    for rule in (
        unit_price, paid_amount, source, line_ids, paid_by_status, main_order, order_parcels,
        refund_amount, refund_kind, dispute, party, made_key, order_row, address_parts, waybill_cells,
        staged_payment, state_by_times, paid_before_refunds, refunded_by_amount, buyer_key,
        refund_to_buyer, kind_by_return, settled_by_time, leader_rows, delivered, goods_and_freight,
        added_up, income_after_refunds, settlement_fees, fund_amounts, fund_fees,
        grain, snapshot_day, spread, target_value, turn_times, whole_source,
        line_is_order, deposit, paid_as_printed, influencer, transit,
        estimated_commissions, time_by_tab, first_leg_waybill,
    )
}  # fmt: skip


def settle(format_: Format, counts: Counter[str]) -> tuple[str, ...]:
    """Corrections the whole file's evidence calls for, by name of ``CORRECTIONS``; usually none."""
    due = []
    if counts["goods_is_line"] > counts["goods_is_unit"]:
        due.append("price_from_line")
    elif counts["goods_several"] and not counts["goods_is_unit"]:
        due.append("price_unknown")
    if counts["refund_gross"] > counts["refund_net"]:
        due.append("refund_less_discount")
    if is_net(counts):
        due.append("paid_with_refunds")
    if counts["freight_outside"] > counts["freight_inside"]:
        due.append("freight_on_top")
    return (*due, *money_corrections(counts))


CORRECTIONS: dict[str, Callable[[Columns], None]] = {
    change.__name__: change
    for change in (
        price_from_line,
        price_unknown,
        refund_less_discount,
        cost_turned,
        fees_turned,
        paid_with_refunds,
        freight_on_top,
    )
}

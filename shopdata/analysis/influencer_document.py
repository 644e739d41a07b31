"""The document of ``commissions --json``: influencers, days or products, with what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopdata.analysis.agreement_document import agreement_rows
from shopdata.analysis.agreements import agreements
from shopdata.analysis.influencer_parts import influencer_parts
from shopdata.analysis.influencers import Influencers, Standing, influencers
from shopdata.analysis.leader_document import leader_rows
from shopdata.analysis.leaders import leaders
from shopdata.analysis.partners import COMMISSIONS
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.frame import Reads
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.words import Words

SHOWN = (
    *("orders_paid", "units_paid", "paid_amount", "average_order_value", "refund_amount", "net_amount"),
    *("refund_rate", "refund_rate_n", "refund_rate_d", "refund_rate_low", "refund_rate_high"),
    *("refund_rate_matured", "refund_rate_pending", "refund_amount_rate", "return_rate", *COMMISSIONS),
    *("commission_rate_estimated", "commission_rate_settled"),
)


def label_of(row: Standing, words: Words) -> str:
    """An influencer's newest nickname, else the key."""
    if row.partner.code == UNKNOWN:
        return words("dimensions.unknown.influencer")
    return row.partner.nicknames[0] if row.partner.nicknames else row.partner.key


def figures(values: Mapping[str, Value]) -> dict[str, Any]:
    """The metrics of a row that a document shows."""
    return {key: values[key] for key in SHOWN}


def standing(row: Standing, words: Words) -> dict[str, Any]:
    """The row of an influencer."""
    rate = row.shrunk
    return {
        "key": row.key,
        "label": label_of(row, words),
        "platform": row.partner.platform,
        "role": row.partner.role,
        "nicknames": list(row.partner.nicknames),
        **figures(row.values),
        "refund_rate_shrunk": rate and rate.value,
        "refund_rate_shrunk_low": rate and rate.low,
        "refund_rate_shrunk_high": rate and rate.high,
        "refund_rate_shrunk_n": rate and rate.n,
        "refund_rate_usual": rate and rate.usual,
        "refund_verdict": rate and rate.verdict,
        "commission_cost": row.cost,
        "after_commission": row.after_commission,
        "per_commission_yuan": row.per_yuan,
        "left": row.left,
        "left_low": row.left_low,
        "rank": row.rank,
        "turn": row.turn,
    }


def notes(found: Influencers, words: Words) -> list[str]:
    """What a reader must know beside the figures: missing files, and whom a figure leaves out."""
    said = [words("analysis.influencers.missing", shop=shop) for shop in found.missing]
    left_out = found.waterfall.left_out if found.waterfall else ()
    said += [
        words("analysis.influencers.settled_only", shop=shop)
        for shop in left_out
        if shop not in found.missing
    ]
    if not found.reaches_back and found.scope.days:
        said.append(words("analysis.influencers.no_before"))
    strangers = [label_of(row, words) for row in found.rows if row.without_commission]
    if strangers:
        said.append(
            words(
                "analysis.influencers.own_perhaps",
                names=words("analysis.influencers.separator").join(strangers),
            )
        )
    return said


def commissions_document(store: Reads, scope: Scope, by: str, words: Words) -> dict[str, Any]:
    """The document; ``by`` is ``influencer``, ``day`` or ``product``."""
    found = influencers(store, scope)
    rows = (
        [standing(row, words) for row in found.rows]
        if by == "influencer"
        else _parts(store, scope, by, words)
    )
    return {
        **found.scope.as_json(),
        "by": by,
        "data_up_to": found.data_up_to and found.data_up_to.isoformat(),
        "currency": found.currency,
        "rows": rows,
        "total": figures(found.total),
        "own": figures(found.own),
        "top_share": found.top_share,
        "prior": found.prior,
        "judged_from": found.judged_from and found.judged_from.isoformat(),
        "waterfall": _waterfall(found),
        "lost": [
            {
                "key": one.partner.key,
                "label": (one.partner.nicknames or (one.partner.key,))[0],
                "orders_paid": one.orders_paid,
                "paid_amount": one.paid_amount,
            }
            for one in found.lost
        ],
        "leaders": leader_rows(leaders(store, scope), words),
        "agreements": agreement_rows(agreements(store, scope), words),
        "notes": notes(found, words),
    }


def _parts(store: Reads, scope: Scope, by: str, words: Words) -> list[dict[str, Any]]:
    parts = influencer_parts(store, scope, by)
    return [{"key": row.key, "label": parts.label(row, words), **figures(row.values)} for row in parts.rows]


def _waterfall(found: Influencers) -> dict[str, Any] | None:
    if found.waterfall is None:
        return None
    one = found.waterfall
    amounts = {"paid_amount": one.paid, "refund_amount": one.refunds, "net_amount": one.net}
    return amounts | dict(one.stages) | {"gone": one.gone, "left_out": list(one.left_out)}

"""Returns as rows of the document of ``commissions --json``."""

from __future__ import annotations

from typing import Any

from shopdata.analysis.influencer_document import label_of
from shopdata.analysis.influencers import Influencers
from shopdata.analysis.returns import Return, Returns
from shopdata.words import Words


def return_rows(found: Influencers, came: Returns, words: Words) -> list[dict[str, Any]]:
    """Influencers, then the own accounts (key ``own``)."""
    rows = [
        _row(one, one.key or "", label_of(row, words), words)
        for row, one in zip(found.rows, came.rows, strict=True)
    ]
    return [*rows, _row(came.own, "own", words("analysis.influencers.own_accounts"), words)]


def _row(one: Return, key: str, label: str, words: Words) -> dict[str, Any]:
    said = [words(f"analysis.influencers.lacks.{name}", n=f"{one.uncosted:,}") for name in one.missing]
    return {
        "key": key,
        "label": label,
        "net_amount": one.net,
        "commission_cost": one.commission,
        "fixed_fees": one.fees,
        "goods_cost": one.goods,
        "units_uncosted": one.uncosted,
        "kept": one.kept,
        "return": one.rate,
        "kept_share": one.share,
        "missing": words("analysis.influencers.separator").join(said),
    }

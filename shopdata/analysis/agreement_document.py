"""Agreements as rows of the document of ``commissions --json``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shopdata.analysis.agreements import Agreement, Charged
from shopdata.words import Words


def verdict_of(found: Charged) -> str:
    """``none`` without a settled row, ``differs`` by more than rounding, else ``same``."""
    if not found.lines:
        return "none"
    return "differs" if found.differs else "same"


def agreement_rows(found: Sequence[Agreement], words: Words) -> list[dict[str, Any]]:
    """The rows of agreements: rates as shares, what was charged beyond the agreed rate in fen."""
    anybody = words("analysis.influencers.any")
    return [
        {
            "key": one.entry,
            "label": one.influencer or anybody,
            "side": one.side,
            "side_name": words(f"analysis.influencers.role.{one.side}"),
            "product": one.product or anybody,
            "plan": one.plan or anybody,
            "from_day": _day(one.from_day),
            "last_day": _day(one.last_day),
            "agreed_rate": one.found.agreed,
            "effective_rate": one.found.effective,
            "difference": round(one.found.difference) if one.found.lines else None,
            "settled_lines": one.found.lines,
            "lines_off": one.found.lines_off,
            "verdict": verdict_of(one.found),
            "verdict_name": words(f"analysis.influencers.agreed.{verdict_of(one.found)}"),
            "fixed_fee": one.fixed_fee,
        }
        for one in found
    ]


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None

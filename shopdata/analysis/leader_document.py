"""Team leaders as rows of the document of ``commissions --json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shopdata.analysis.leaders import KEYS, Leader
from shopdata.words import Words


def label_of(leader: Leader, words: Words) -> str:
    """A leader's name, or that the bill names nobody."""
    return leader.label or words("analysis.influencers.leader_unnamed")


def leader_rows(found: Sequence[Leader], words: Words) -> list[dict[str, Any]]:
    """The rows of team leaders: sums in fen, the rate with the settled rows it is told of."""
    return [
        {
            "key": one.key,
            "label": label_of(one, words),
            "platform": one.platform,
            "platform_name": words(f"ui.platforms.{one.platform}"),
            **{key: one.values[key] for key in KEYS},
            "service_rate": one.rate,
            "settled_base": one.base if one.lines else None,
            "settled_lines": one.lines,
        }
        for one in found
    ]

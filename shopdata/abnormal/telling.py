"""The values a hit keeps as its evidence, as the sentence that says why fills them in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from shopdata.words import Words


def told(evidence: str | None, words: Words) -> Mapping[str, str]:
    """Texts and numbers by their name, and as ``signs`` what holds of those told by yes or no."""
    kept: Mapping[str, object] = json.loads(evidence) if evidence else {}
    signs = [words.get(f"abnormal.signs.{name}", name) for name, value in kept.items() if value is True]
    return {name: _plain(value) for name, value in kept.items()} | {
        "signs": words("abnormal.signs.separator").join(signs)
    }


def _plain(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.1f}".removesuffix(".0")
    return "–" if value is None else str(value)

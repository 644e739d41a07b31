"""The values a hit keeps as its evidence, as the sentence that says why fills them in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shopdata.abnormal.day_figures import SOURCE
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.units import yuan
from shopdata.words import Words


def told(evidence: str | None, words: Words) -> Mapping[str, str]:
    """Texts and numbers by their name, and as ``signs`` what holds of those told by yes or no; of a figure
    of days its name, days, values and change."""
    kept: Mapping[str, Any] = json.loads(evidence) if evidence else {}
    plain = {name: _plain(value) for name, value in kept.items()}
    if "metric" in kept:
        return plain | _shift(kept, words)
    signs = [words.get(f"abnormal.signs.{name}", name) for name, value in kept.items() if value is True]
    return plain | {"signs": words("abnormal.signs.separator").join(signs)}


def tells_money(evidence: str | None) -> bool:
    """Whether a figure of days is one of money."""
    kept: Mapping[str, Any] = json.loads(evidence) if evidence else {}
    return "metric" in kept and _unit(str(kept["metric"])) == "fen"


def _plain(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.1f}".removesuffix(".0")
    return "–" if value is None else str(value)


def _shift(kept: Mapping[str, Any], words: Words) -> dict[str, str]:
    metric, change = str(kept["metric"]), float(kept["change"])
    days = {"first": kept["first"], "last": kept["last"]}
    is_one = kept["first"] == kept["last"]
    size = f"{abs(change) * 100:,.1f}".removesuffix(".0")
    return {
        "metric": _name(metric, words),
        "day": str(kept["first"]) if is_one else words("abnormal.shifts.days", **days),
        "value": _figure(float(kept["value"]), metric, words),
        "usual": _figure(float(kept["usual"]), metric, words),
        "direction": words(f"abnormal.shifts.{'up' if change > 0 else 'down'}"),
        "change": words(f"abnormal.shifts.{'points' if kept['scale'] == 'share' else 'part'}", n=size),
    }


def _name(metric: str, words: Words) -> str:
    kind, _, source = metric.partition(".")
    if kind == SOURCE:
        return words("abnormal.shifts.source", source=words.get(f"ui.sources.{source}", source))
    return words.get(f"metrics.{metric}.label", "") or words(f"abnormal.shifts.{metric}")


def _unit(metric: str) -> str:
    return CATALOGUE[metric].unit if metric in CATALOGUE else "ratio"


def _figure(value: float, metric: str, words: Words) -> str:
    unit = _unit(metric)
    shown = {"fen": f"{yuan(round(value)):,}", "ratio": f"{value * 100:,.1f}"}.get(unit, f"{value:,.1f}")
    return words(f"abnormal.units.{unit}", n=shown.removesuffix(".0"))

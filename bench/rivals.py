"""SQL written by hand for figures the pages show, and whether both say the same.

Each statement gives the rows of a table and its total (the row without a key), in columns called as the
table's metrics are. A rival that computes something else is no rival: ``differences`` tells before anything
is timed.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Row

from shopdata.metrics.table import MetricTable

TOLERANCE = 1e-9
FOLDER = Path(__file__).resolve().parent / "by_hand"
STEPS = ("placed", "paid", "shipped", "completed")


def statement(name: str, **parts: str) -> str:
    """The statement of that name, its ``parts`` filled in."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8").format_map(parts)


def steps(row: Row[Any]) -> list[tuple[int, int, int, float | None]]:
    """The chain by hand: of each step n, pending, unclear and the median hours to the next."""
    found = row._mapping
    return [
        (found[f"{step}_n"], *(found.get(f"{step}_{name}", 0) for name in ("pending", "unclear")),
         found.get(f"{step}_gap"))
        for step in STEPS
    ]  # fmt: skip


def differences(ours: MetricTable, rival: list[Row[Any]]) -> list[str]:
    """Where both say something else, in words of the code; nothing where the rival is one."""
    by_key = {None if row.key is None else str(row.key): row._mapping for row in rival}
    found = [] if set(by_key) - {None} == {row.key for row in ours.rows} or not ours.by else ["other keys"]
    for row in ours.rows:
        found += _differing(row.key, row.values, by_key.get(row.key, {}))
    return found + _differing("total", ours.total, by_key.get(None, {}))


def _differing(key: str, ours: Mapping[str, Any], rival: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} {name}: {ours[name]} against {value}"
        for name, value in rival.items()
        if name != "key" and not _same(ours[name], value)
    ]


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(float(one), float(other), rel_tol=TOLERANCE)

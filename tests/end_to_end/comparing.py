"""Compares a metric document with expected figures: whole numbers exactly, others to eleven digits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store

ABSENT = object()


def differences(where: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """One line a key that differs."""
    lines = []
    for key, value in expected.items():
        given = found.get(key, ABSENT)
        if given is ABSENT:
            lines.append(f"{where} {key}: absent, expected {value}")
        elif not same(given, value):
            lines.append(f"{where} {key}: {given}, expected {value}")
    return lines


def same(given: Any, value: Any) -> bool:
    """Equal: money and counts to the last unit, ratios and hours to eleven digits."""
    if value is None or given is None:
        return given is value
    if isinstance(value, int):
        return bool(given == value)
    return math.isclose(given, value, rel_tol=1e-11, abs_tol=1e-11)


def table_differences(store: Store, scope: Scope, by: str | None, expected: Mapping[str, Any]) -> list[str]:
    """What differs between the product's table and the expected one; ``by`` None: the total."""
    document = metric_table(store, scope, by=by).as_json()
    if by is None:
        return differences("total", document["total"], expected)
    name = "label" if by == "shop" else "key"
    rows = {row[name]: row for row in document["rows"]}
    lines = [f"{by} {key}: no such row" for key in expected if key not in rows]
    for key, row in rows.items():
        if key in expected:
            lines += differences(f"{by} {key}", row, expected[key])
        elif row.get("orders_placed") or row.get("orders_paid"):
            lines.append(f"{by} {key}: a row nobody expects")
    return lines

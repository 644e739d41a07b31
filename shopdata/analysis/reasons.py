"""Why orders were closed and why goods came back: the words of exports, grouped by a data table beside this
module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

OTHER, UNSTATED = "other", "unstated"


@dataclass(frozen=True, slots=True)
class Reason:
    """A group of reasons and whose doing it was: ``system``, ``buyer``, ``merchant``, ``courier`` or
    ``unknown``."""

    key: str
    by: str
    parts: tuple[str, ...] = ()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))


@cache
def reasons(group: str = "group") -> tuple[Reason, ...]:
    """Every group of a part of the table, in the order they are tried."""
    return tuple(Reason(entry["key"], entry["by"], tuple(entry["parts"])) for entry in _table()[group])


def reason_of(text: str | None) -> Reason:
    """The group of a reason to close an order, as exported."""
    return _grouped(text, "group")


def aftersale_reason_of(text: str | None) -> Reason:
    """The group of a reason to ask for a refund or a return, as exported."""
    return _grouped(text, "aftersale")


def _grouped(text: str | None, group: str) -> Reason:
    if not text or not text.strip():
        return Reason(UNSTATED, "unknown")
    for reason in reasons(group):
        if any(part in text for part in reason.parts):
            return reason
    return Reason(OTHER, "unknown")


@cache
def refusal_words() -> tuple[str, ...]:
    """Cells that say a delivery was refused."""
    return tuple(_table()["refused"]["yes"])

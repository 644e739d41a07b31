"""What waybills of a courier look like: a data table beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

# Where more of a courier's waybills than this are of another length, it is the table that is wrong.
ODD_SHARE = 0.2


@cache
def waybill_lengths() -> tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]:
    """By courier: parts of its name, and how long its waybills are."""
    path = Path(__file__).parent / "data" / "couriers.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple((tuple(one["names"]), tuple(one["lengths"])) for one in table["courier"])


def lengths_of(courier: str) -> tuple[int, ...]:
    """How long the courier's waybills are; empty where that is not known."""
    found = (lengths for names, lengths in waybill_lengths() if any(name in courier for name in names))
    return next(found, ())

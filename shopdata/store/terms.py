"""The few file words that change what an order row means (``terms.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def terms(field: str, meaning: str) -> tuple[str, ...]:
    """Words of ``field`` that mean ``meaning``."""
    table = tomllib.loads(resources.files(__package__).joinpath("terms.toml").read_text(encoding="utf-8"))
    return tuple(table[field][meaning])

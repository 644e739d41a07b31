"""Words of files that rules look for: a data table beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def told(column: Any, meaning: str) -> ColumnElement[bool]:
    """Whether a text of a file contains one of the words for ``meaning``; false where there is no text."""
    text = func.coalesce(column, "")
    parts: list[str] = _table()["parts"][meaning]
    return or_(false(), *(text.contains(part, autoescape=True) for part in parts))

"""Which words of the channel column mean that the shop, or an influencer, sold the line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shopdata import platforms


@cache
def channel_words() -> Mapping[str, tuple[str, ...]]:
    """Words as exported, by ``own`` and ``influencer``."""
    path = Path(platforms.__file__).parent / "data" / "channels.toml"
    entry = tomllib.loads(path.read_text(encoding="utf-8"))
    return {account: tuple(words) for account, words in entry.items()}

"""Every word a person reads, by language. Code holds keys; ``zh.toml`` and ``en.toml`` hold words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words, looked up by dotted key (``metrics.pay_rate.label``)."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The words under ``key`` with ``{name}`` places filled. A missing key is a programming error."""
        return self.entries[key].format(**values) if values else self.entries[key]

    def get(self, key: str, default: str) -> str:
        """The words under ``key``, or ``default``: for text that files bring (an unknown status)."""
        return self.entries.get(key, default)


def _flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = str(value)
    return flat


@cache
def words(language: str = "zh") -> Words:
    """The words of ``language`` (``zh`` or ``en``; anything else reads Chinese)."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    path = Path(__file__).with_name(f"{chosen}.toml")
    return Words(chosen, _flatten(tomllib.loads(path.read_text(encoding="utf-8"))))

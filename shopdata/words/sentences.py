"""Errors and codes as sentences in the reader's language. The words are in ``zh.toml`` and ``en.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from shopdata.errors import ShopdataError
from shopdata.words import LANGUAGES, Words


class _Gaps(dict[str, object]):
    """Details of an error; a place without a detail reads as a dash instead of failing."""

    def __missing__(self, key: str) -> str:
        return "–"


def explained(words: Words, code: str, details: Mapping[str, object]) -> str:
    """The sentence of ``errors.<code>`` with its details, or of any fault where the code has none."""
    return template(words, code, details).format_map(_Gaps(details, code=code))


def template(words: Words, code: str, details: Mapping[str, object]) -> str:
    """The sentence of a code before it is filled; of a ``form`` of it where that has one of its own."""
    keys = (f"errors.{code}_{details.get('form')}", f"errors.{code}", f"imports.errors.{code}")
    return next((found for key in keys if (found := words.get(key, ""))), "") or words("errors.fault")


def sentence(fault: ShopdataError, words: Words) -> str:
    """What a person reads about ``fault``."""
    return explained(words, fault.code, fault.details)


def language_of(accepted: str | None, wished: str | None = None) -> str:
    """``zh`` or ``en``: as wished, else the better liked one of an Accept-Language header, else Chinese."""
    if wished in LANGUAGES:
        return str(wished)
    ranked: list[tuple[float, int, str]] = []
    for place, entry in enumerate((accepted or "").split(",")):
        tag, _, weight = entry.strip().partition(";q=")
        name = tag.strip().lower().split("-")[0]
        if name in LANGUAGES:
            ranked.append((-_number(weight), place, name))
    return min(ranked)[2] if ranked else LANGUAGES[0]


def _number(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0

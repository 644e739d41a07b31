"""Numbers as people read them: money in ten-thousands, ratios in percent, durations in hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from shopdata.words import Words

FEN = 100
SYMBOLS = {"CNY": "¥", "USD": "$", "HKD": "HK$", "EUR": "€", "GBP": "£", "BRL": "R$"}
# The two steps at which a language shortens numbers: 10^4 and 10^8 in Chinese, 10^3 and 10^6 in English.
STEPS = {"zh": (10**4, 10**8), "en": (10**3, 10**6)}
FULL_COUNT = 100_000
FULL_MONEY = 10_000


def money(fen: float | None, words: Words, currency: str = "CNY") -> str:
    """An amount in fen for a person: ``¥352.60``, ``¥1.28M``."""
    if fen is None:
        return words("ui.none")
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign = "-" if fen < 0 else ""
    return sign + symbol + _short(abs(fen) / FEN, words, FULL_MONEY, decimals=2)


def exact_money(fen: float | None, words: Words) -> str:
    """An amount to the fen with separators, for tables and details."""
    return words("ui.none") if fen is None else f"{fen / FEN:,.2f}"


def count(number: float | None, words: Words) -> str:
    """A count: ``3,642``, ``123.5K``."""
    return words("ui.none") if number is None else _short(number, words, FULL_COUNT, decimals=0)


def _short(number: float, words: Words, full_below: int, decimals: int) -> str:
    small, large = STEPS[words.language]
    if abs(number) < max(full_below, small):
        return f"{number:,.{decimals}f}"
    step, key = (large, "ui.yi") if abs(number) >= large else (small, "ui.wan")
    scaled = number / step
    return words(key, value=f"{scaled:,.2f}" if abs(scaled) < 10 else f"{scaled:,.1f}")


def ratio(value: float | None, words: Words) -> str:
    """A ratio in percent; below one percent with two decimals."""
    if value is None:
        return words("ui.none")
    percent = value * 100
    return f"{percent:.2f}%" if 0 < abs(percent) < 1 else f"{percent:.1f}%"


def hours(value: float | None, words: Words) -> str:
    """A duration given in hours."""
    return words("ui.none") if value is None else words("ui.hours", value=f"{value:,.1f}")


def seconds(value: float | None, words: Words) -> str:
    """A duration given in seconds, in minutes from two minutes on."""
    if value is None:
        return words("ui.none")
    return (
        words("ui.minutes", value=f"{value / 60:,.1f}")
        if value >= 120
        else words("ui.seconds", value=f"{value:,.0f}")
    )


PRINTERS: dict[str, Callable[[float | None, Words], str]] = {
    "fen": money,
    "ratio": ratio,
    "hours": hours,
    "seconds": seconds,
}


def by_unit(value: float | None, unit: str, words: Words) -> str:
    """A figure in the unit its metric declares."""
    printers: dict[str, Callable[[float | None, Words], str]] = {
        "fen": money,
        "ratio": ratio,
        "hours": hours,
        "seconds": seconds,
    }
    if unit in printers:
        return printers[unit](value, words)
    if value is not None and value != int(value):
        return f"{value:,.2f}"
    return count(value, words)


def points(difference: float, words: Words) -> str:
    """A difference of two ratios in percentage points, with its sign."""
    return words("ui.percent_points", value=f"{difference * 100:+.1f}")


def change(now: float, before: float) -> float | None:
    """Relative change, ``None`` from a base of zero."""
    return None if before == 0 else now / before - 1


def moment(at: datetime | date | None, words: Words) -> str:
    """A time as ``2026-11-22 23:41``; a day without its clock."""
    if at is None:
        return words("ui.none")
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"

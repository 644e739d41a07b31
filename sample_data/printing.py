"""How facts are printed in the platform's exports: money, times, blanks, per cent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

BLANK = "-"


def money(fen: int) -> str:
    """Yuan with two places; thousands with a comma, as the platform's CSV prints them."""
    return f"{Decimal(fen) / 100:,.2f}"


def clock(moment: datetime | None) -> str:
    """A wall-clock time, or the platform's blank."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment is not None else BLANK


def text(value: str) -> str:
    """Text, or the platform's blank."""
    return value or BLANK


def per_cent(rate: Decimal | str) -> str:
    """A rate in per cent with two places and its sign."""
    return f"{Decimal(rate):.2f}%"

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


def yuan(fen: int) -> str:
    """An amount with the currency sign, as Kuaishou prints it."""
    return f"¥{money(fen)}"


def plain(fen: int) -> str:
    """Yuan with two places and no comma."""
    return f"{Decimal(fen) / 100:.2f}"


def slashed(moment: datetime | None) -> str:
    """A wall-clock time with slashes; empty where there is none."""
    return moment.strftime("%Y/%m/%d %H:%M:%S") if moment is not None else ""


def since(moment: datetime | None) -> str:
    """A wall-clock time; empty where there is none."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment is not None else ""

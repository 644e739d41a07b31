"""Units of the product and how people read them: fen, hours, ratios, counts; how wide text is.

Parsing of file cells is in ``shopdata.ingest``; this module prints, and converts exact amounts.
"""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN_PER_YUAN = 100


def fen(yuan: str | int | Decimal) -> int:
    """Exact fen of an amount in yuan. Raises ``ValueError`` for text that is no amount or splits a fen."""
    try:
        amount = Decimal(yuan) * FEN_PER_YUAN
    except InvalidOperation as fault:
        raise ValueError(f"not an amount: {yuan!r}") from fault
    if amount != amount.to_integral_value():
        raise ValueError(f"smaller than a fen: {yuan!r}")
    return int(amount)


def yuan(amount_fen: int) -> Decimal:
    """Fen as an exact decimal of yuan with two places."""
    return (Decimal(amount_fen) / FEN_PER_YUAN).quantize(Decimal("0.01"))


def half_widths(text: str) -> int:
    """How wide text is, in halves of a Chinese character: the columns of a terminal it takes."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def rounded_ratio(amount: int, ratio: Decimal) -> int:
    """``amount`` × ``ratio`` in whole minor units, half up, as the platforms round commissions."""
    return int((Decimal(amount) * ratio).quantize(Decimal(1), rounding=ROUND_HALF_UP))

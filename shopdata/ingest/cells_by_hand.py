"""Cells of files that people keep by hand or copy from a board: amounts in ten thousands, months, shifts.

Like ``cells``: text in, one value out, ``None`` for an empty cell, else ``CellError`` with a reject code.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from shopdata.ingest.cells import EMPTY, MOST_FEN, CellError, bare, half_width, read_money, read_time

# Ten thousand (also "w") and a hundred million; nothing else is ever multiplied.
SCALES = {"\u4e07": 10_000, "w": 10_000, "\u4ebf": 100_000_000}
CLOCK_DAY = datetime(1900, 1, 1)

_NUMBER = re.compile(r"^([+-]?)((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)$")
_YUAN = re.compile(r"^[\u00a5$]|(?:\u5143|CNY|RMB)$", re.IGNORECASE)
_MONTH = re.compile(r"^((?:19|20)[0-9]{2})\s*[-/.\u5e74]?\s*([01]?[0-9])\s*\u6708?$")
_SPAN = re.compile(
    r"^(.+?)\s*(?:~|\u301c|\u81f3|\u5230|\bto\b|--|\u2014+|\u2013|\s-\s)\s*(.+)$", re.IGNORECASE
)
_SPAN_OF_DAYS = re.compile(r"^([0-9]{8}|[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2})-([0-9].+)$")
_TURN = re.compile(
    r"^(.*[0-9]:[0-9]{2}(?::[0-9]{2})?)\s*[-~\u301c\u2013\u2014\u81f3\u5230]+\s*(.*[0-9]:[0-9]{2}(?::[0-9]{2})?)$"
)
_BOARD_CLOCK = re.compile(r"([0-9])[ _]([0-9]{2})-([0-9]{2})-([0-9]{2})$")
_CLOCK = re.compile(r"^(\u6b21\u65e5|\u7b2c\u4e8c\u5929|\+1)?\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$")


def read_amount(text: str, *, from_number: bool = False, currency: str = "") -> int | None:
    """Exact fen, also of ``1.2`` ten thousands; a scaled amount must still be whole fen."""
    scaled, times = _scaled(_YUAN.sub("", half_width(bare(text))))
    if times == 1:
        return read_money(text, from_number=from_number, currency=currency)
    fen = _decimal(scaled, "amount_invalid") * times * 100
    if fen != fen.to_integral_value() or abs(fen) > MOST_FEN:
        raise CellError("amount_invalid")
    return int(fen)


def read_tally(text: str, units: Sequence[str] = ()) -> int | None:
    """A whole number, nought and less included, also with a unit behind it; else ``number_invalid``."""
    number = _number(text, units, "number_invalid")
    if number is None:
        return None
    if number != number.to_integral_value() or abs(number) >= 2**53:
        raise CellError("number_invalid")
    return int(number)


def read_number(text: str, units: Sequence[str] = ()) -> float | None:
    """Any number that is not money (an index, days); ``12 %`` is 0.12; else ``number_invalid``."""
    text = bare(text)
    share = half_width(text).endswith("%")
    number = _number(text.rstrip("%\uff05") if share else text, units, "number_invalid")
    return None if number is None else float(number / 100 if share else number)


def _number(text: str, units: Sequence[str], code: str) -> Decimal | None:
    text = bare(text)
    if text in EMPTY:
        return None
    plain = half_width(text)
    for unit in units:
        plain = plain.removesuffix(unit).strip()
    scaled, times = _scaled(plain)
    return _decimal(scaled, code) * times


def _scaled(text: str) -> tuple[str, int]:
    times = SCALES.get(text[-1:].lower(), 1)
    return (text[:-1].strip() if times > 1 else text), times


def _decimal(text: str, code: str) -> Decimal:
    found = _NUMBER.match(text)
    if not found:
        raise CellError(code)
    return Decimal(found.group(1) + found.group(2).replace(",", ""))


def read_month(text: str) -> datetime | None:
    """The first day of a month, from ``2026-11`` or that day itself, else ``time_invalid``."""
    first, last = read_period(text)
    if first is None:
        return None
    if first.day != 1 or first != _midnight(first) or (last is not None and last != _month_end(first)):
        raise CellError("time_invalid")
    return first


def read_period(text: str) -> tuple[datetime | None, datetime | None]:
    """First moment and last day of a cell: a time or a day (no last day), a month, "day to day"."""
    text = unicodedata.normalize("NFKC", bare(text)).strip()
    if text in EMPTY:
        return None, None
    if month := _MONTH.match(text):
        first = _first_of(int(month.group(1)), int(month.group(2)))
        return first, _month_end(first)
    if span := _SPAN_OF_DAYS.match(text) or _SPAN.match(text):
        return _span(*span.groups())
    return read_time(_BOARD_CLOCK.sub(r"\1 \2:\3:\4", text)), None


def _span(start: str, end: str) -> tuple[datetime | None, datetime | None]:
    first, inside = read_period(start)
    last, whole = read_period(end)
    if first is None or last is None or (inside is None) != (whole is None):
        raise CellError("time_invalid")
    last = whole or last
    if last < first:
        raise CellError("time_invalid")
    return first, None if last == first else last


def _first_of(year: int, month: int) -> datetime:
    if not 1 <= month <= 12:
        raise CellError("time_invalid")
    return datetime(year, month, 1)


def _month_end(first: datetime) -> datetime:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def read_turn(text: str) -> tuple[datetime | None, datetime | None]:
    """Start and end of a cell: ``19:00-23:00``, with a day or without, or only a start (no end)."""
    plain = unicodedata.normalize("NFKC", bare(text)).strip()
    found = _TURN.match(plain)
    return (_clock(found.group(1)), _clock(found.group(2))) if found else (_clock(plain), None)


def _clock(text: str) -> datetime | None:
    """A full time, or a time of day (``19:30``, ``26:00``, "next day 02:00") on ``CLOCK_DAY``."""
    found = _CLOCK.match(text)
    if not found:
        return read_time(text)
    later, hour, minute, second = found.groups()
    if int(hour) > 29 or int(minute) > 59 or int(second or 0) > 59:
        raise CellError("time_invalid")
    days = 1 if later else 0
    return CLOCK_DAY + timedelta(days=days, hours=int(hour), minutes=int(minute), seconds=int(second or 0))

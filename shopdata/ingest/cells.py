"""One cell of a file to one value: exact, strict, one function a field type.

Every function takes the cell's text and returns the value, ``None`` for an empty cell, or raises
``CellError`` with a reject code of the contract. Ranges that depend on today are checked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, partial

from shopdata.platforms import NOISE, QUOTING

_DASHES = ("-", "--", "---", "\u2014", "\u2014\u2014", "\u2013", "\uff0d", "/", "\\")
_NOTHING = ("", "\\N", "null", "NULL", "Null", "None", "none", "<null>", "#N/A", "N/A", "n/a", '=""', '""')
EMPTY = frozenset(_DASHES + _NOTHING)
MOST_FEN = 9_000_000_000_000_000
EXACT_DIGITS = 15
FLOAT_NOISE = Decimal("0.0000001")
EXCEL_DAY_ZERO = datetime(1899, 12, 30)
EXCEL_DAYS = (20_000, 90_000)
BEIJING = timezone(timedelta(hours=8))

_HALF = {0xFF01 + place: 0x21 + place for place in range(94)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0xFFE5: 0xA5,
    0x2212: 0x2D,
    0xFE63: 0x2D,
}
_INERT = re.compile("'[ \u3000\u00a0']*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_FORMULA_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_SCIENTIFIC = re.compile(r"^[+-]?[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+$")
_DECIMAL = re.compile(r"^[0-9]+\.[0-9]*$")
_PLAIN_MONEY = re.compile(r"^[0-9]{1,13}(?:\.[0-9]{1,2})?$")
_AMOUNT = re.compile(r"^(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?$|^\.([0-9]+)$")
_COUNT = re.compile(r"^([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0*)?$")
_DATE = r"^([0-9]{4})\s*[-/.\u5e74]\s*([0-9]{1,2})\s*[-/.\u6708]\s*([0-9]{1,2})\s*\u65e5?"
_ZONE = r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
_CLOCK = rf"(?:[T\s]*([0-9]{{1,2}}):([0-9]{{1,2}})(?::([0-9]{{1,2}})(?:[.,]([0-9]{{1,9}}))?)?{_ZONE})?$"
_TIME = re.compile(_DATE + _CLOCK, re.IGNORECASE)
_COMPACT = re.compile(
    r"^((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?:\s*([0-2][0-9]):?([0-5][0-9]):?([0-5][0-9]))?$"
)
_SERIAL = re.compile(r"^[0-9]{5}(?:\.[0-9]+)?$")
_YUAN = r"CNY|RMB|\u00a5|\u5143"
# How amounts of a currency are marked; another currency's mark makes the cell no amount of the file.
_MARKS = {
    "": _YUAN, "CNY": _YUAN, "BRL": r"BRL|R\$", "USD": r"USD|US\$|\$", "EUR": r"EUR|\u20ac",
    "GBP": r"GBP|\u00a3", "HKD": r"HKD|HK\$|\$", "JPY": r"JPY|\u00a5",
}  # fmt: skip
ANY_CURRENCY = "*"
_NAMED_AMOUNT = re.compile(r"^.*[-\uff0d:\uff1a](?=[^-\uff0d:\uff1a]*$)", re.DOTALL)
_LIST = re.compile(r"[;\uff1b,\uff0c]")


@cache
def _marks_of(currency: str) -> re.Pattern[str]:
    every = "|".join(dict.fromkeys(_MARKS.values()))
    marks = every if currency == ANY_CURRENCY else _MARKS.get(currency, re.escape(currency))
    return re.compile(rf"^(?:{marks})|(?:{marks})$", re.IGNORECASE)


class CellError(ValueError):
    """A cell that cannot be read; the one argument is the reject code."""

    @property
    def code(self) -> str:
        """The reject code of the contract."""
        return str(self.args[0])


def bare(text: str) -> str:
    """The cell without what exports wrap around it: tabs, BOM, an apostrophe, ``="…"``.

    Our own exports put an apostrophe before text that would start a formula.
    """
    text = text.strip(NOISE)
    if wrapped := _FORMULA_TEXT.match(text):
        text = wrapped.group(1).replace('""', '"').strip(NOISE)
    if text.startswith("'") and (len(text) == 1 or text[1:].isascii() or _INERT.match(text)):
        text = text[1:].strip(NOISE)
    return text


def read_text(text: str) -> str | None:
    """Text as people see it; an empty mark is ``None``."""
    text = bare(text)
    return None if text in EMPTY else text


def half_width(text: str) -> str:
    """Full-width digits, signs and brackets as plain ones; nothing else is folded (a raised 2 is no 2)."""
    return text.translate(_HALF).strip()


def read_id(text: str) -> str | None:
    """An id as text, digit for digit. ``id_precision_lost`` where a program has rounded it."""
    text = bare(text).strip(QUOTING)
    if text in EMPTY:
        return None
    text = half_width(text)
    if _SCIENTIFIC.match(text):
        raise CellError("id_precision_lost")
    if _DECIMAL.match(text):
        whole, _, rest = text.partition(".")
        if len(whole) > EXACT_DIGITS or rest.strip("0"):
            raise CellError("id_precision_lost")
        return whole
    return text


def read_id_list(text: str, shape: str) -> tuple[list[str], str | None]:
    """The ids of a cell that lists several, each once; or the reject code of one that is none."""
    numbers: list[str] = []
    try:
        for piece in split_list(text):
            number = read_id(piece)
            if number and not re.fullmatch(shape, number):
                return [], "id_invalid"
            if number and number not in numbers:
                numbers.append(number)
    except CellError as fault:
        return [], fault.code
    return numbers, None if numbers else "id_missing"


def read_code(text: str) -> str | None:
    """A merchant's own code: free text, but a whole number that Excel turned to ``12.0`` is ``12``."""
    text_or_none = read_text(text)
    if text_or_none and _DECIMAL.match(text_or_none) and text_or_none.endswith(".0"):
        return text_or_none[:-2]
    return text_or_none


def read_money(text: str, *, from_number: bool = False, currency: str = "") -> int | None:
    """Exact fen. ``amount_invalid`` for what splits a fen, overflows or is no amount of ``currency`` (yuan
    where unsaid; ``ANY_CURRENCY`` while nobody knows).

    ``from_number``: the cell was a binary number (XLSX), whose noise far behind the fen is dropped.
    """
    if _PLAIN_MONEY.match(text):
        whole, _, part = text.partition(".")
        return int(whole) * 100 + int((part + "00")[:2])
    text = bare(text)
    if text in EMPTY:
        return None
    amount = half_width(text)
    signs = ""
    if amount.startswith("(") and amount.endswith(")"):
        signs, amount = "-", amount[1:-1].strip()
    for _ in range(2):
        amount = _marks_of(currency).sub("", amount).strip()
        if amount[:1] in ("+", "-"):
            signs, amount = signs + amount[0], amount[1:].strip()
    if not _AMOUNT.match(amount) or len(signs) > 1:
        raise CellError("amount_invalid")
    fen = _exact_fen(Decimal(amount.replace(",", "")), from_number)
    return -fen if signs == "-" else fen


def _exact_fen(yuan: Decimal, from_number: bool) -> int:
    fen = yuan * 100
    whole = fen.to_integral_value()
    if fen != whole and not (from_number and abs(fen - whole) < FLOAT_NOISE * max(Decimal(1), whole)):
        raise CellError("amount_invalid")
    if whole > MOST_FEN:
        raise CellError("amount_invalid")
    return int(whole)


def read_discount(text: str, *, from_number: bool = False, currency: str = "") -> int | None:
    """An amount, or ``name-amount`` pieces (the name may hold ``-`` too); a bare name is ``None``."""
    read = partial(read_money, from_number=from_number, currency=currency)
    try:
        return read(text)
    except CellError:
        pieces = [piece for piece in _LIST.split(bare(text)) if piece.strip(NOISE)]
        amounts = [_named_amount(piece, read) for piece in pieces]
        known = [amount for amount in amounts if amount is not None]
        return sum(known) if known else None


def _named_amount(piece: str, read: Callable[[str], int | None]) -> int | None:
    amount = _NAMED_AMOUNT.sub("", piece)
    if amount == piece:
        if half_width(piece)[:1] in "0123456789.+-" or half_width(piece).lower() in ("nan", "inf"):
            raise CellError("amount_invalid")
        return None
    return read(amount)


def read_count(text: str) -> int | None:
    """A whole number of at least 1, else ``quantity_invalid``."""
    text = bare(text)
    if text in EMPTY:
        return None
    found = _COUNT.match(half_width(text))
    count = int(found.group(1).replace(",", "")) if found else 0
    if not 1 <= count < 2**31:
        raise CellError("quantity_invalid")
    return count


def read_ratio(text: str) -> float | None:
    """A share 0–1 from ``32.00%`` or a number (above 1 it is a percentage), else ``amount_invalid``."""
    text = bare(text)
    if text in EMPTY:
        return None
    plain = half_width(text)
    number = plain.removesuffix("%")
    if not _AMOUNT.match(number.removeprefix("-")):
        raise CellError("amount_invalid")
    value = Decimal(number.replace(",", ""))
    if plain.endswith("%") or value > 1:
        value /= 100
    return float(value)


def pointed(text: str, *, from_number: bool = False) -> str:
    """An amount written ``1.299,90`` as ``1,299.90``; a binary number (XLSX) has its point already."""
    if from_number and _PLAIN_MONEY.match(text):
        return text
    return text.translate({ord(","): ".", ord("."): ","})


def read_time(text: str, zone: tzinfo = BEIJING) -> datetime | None:
    """A wall-clock time in any form exports and Excel write, else ``time_invalid``.

    A time that names its own offset is turned to the wall clock of ``zone``.
    """
    text = bare(text)
    if text in EMPTY:
        return None
    text = half_width(text)
    try:
        if found := _TIME.match(text):
            return _at(found.groups(), zone)
        if found := _COMPACT.match(text):
            return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except (ValueError, OverflowError) as fault:
        raise CellError("time_invalid") from fault
    if _SERIAL.match(text) and EXCEL_DAYS[0] <= float(text) <= EXCEL_DAYS[1]:
        return EXCEL_DAY_ZERO + timedelta(seconds=round(float(text) * 86_400))
    raise CellError("time_invalid")


def _at(parts: tuple[str | None, ...], wall: tzinfo) -> datetime:
    year, month, day, hour, minute, second, _fraction, zone = parts
    moment = datetime(
        int(year or 0), int(month or 0), int(day or 0), int(hour or 0), int(minute or 0), int(second or 0)
    )
    if not zone:
        return moment
    offset = datetime.strptime(zone.upper().replace(":", ""), "%z").tzinfo
    return moment.replace(tzinfo=offset).astimezone(wall).replace(tzinfo=None)


def split_list(text: str) -> list[str]:
    """The values of a cell that holds several, separated by comma, semicolon, blank or line break."""
    return [piece for piece in re.split(r"[;\uff1b,\uff0c\u3001|\s]+", bare(text)) if piece.strip(QUOTING)]

"""Whole columns of text to typed columns, by the type of their field: unique texts by vector operations.

What a cell means is in ``cells``; this module only makes it fast.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest import cells, cells_by_hand
from shopdata.ingest.cells import CellError
from shopdata.ingest.distinct import (
    CODE_OF,
    CODES,
    MOMENT,
    UNKNOWN,
    Codes,
    Converted,
    Entry,
    Memory,
    decoded,
    encoded,
    recalled,
    through_distinct,
)
from shopdata.platforms import NOISE, QUOTING, Field, plain

__all__ = [
    "ARROW_TYPES", "CODES", "CODE_OF", "MOMENT", "UNKNOWN", "Codes", "Converted", "Entry", "Memory",
    "convert", "decoded", "encoded", "recalled", "through_distinct", "with_words",
]  # fmt: skip

TIME_TEXT = 19
ARROW_TYPES = {
    "money": pa.int64(), "discount": pa.int64(), "count": pa.int32(), "ratio": pa.float64(), "time": MOMENT,
    "amount": pa.int64(), "tally": pa.int64(), "number": pa.float64(),
    "period": MOMENT, "month": MOMENT, "clock": MOMENT,
}  # fmt: skip


def _after(first: Callable[[str], str], read: Callable[[str], int | None]) -> Callable[[str], int | None]:
    return lambda text: read(first(text))


def _plain_entry(read: Callable[[str], object], text: str) -> Entry:
    return read(text), 0, None


def _amount_entry(read: Callable[[str], float | None], one: Field, empty: frozenset[str], text: str) -> Entry:
    if empty and plain(text) in empty:
        return None, 0, None
    value = read(text)
    if value is not None and value < 0 and not one.negative:
        raise CellError("amount_negative")
    return value, 0, None


def _texts(one: Field, texts: pa.Array, memory: Memory) -> Converted:
    """Cleaned text; a column of mostly different texts is remembered as such and trimmed as a whole."""
    if memory.unique:
        trimmed = pc.utf8_trim(decoded(texts), characters=NOISE)
        wrapped = pc.or_(pc.starts_with(trimmed, "'"), pc.starts_with(trimmed, "="))
        if not pc.any(wrapped).as_py():
            empty = pc.is_in(trimmed, value_set=_EMPTY_TEXTS)
            return Converted(pc.if_else(empty, None, trimmed))
    words = encoded(texts)
    memory.unique = len(words.dictionary) > max(1000, len(words) // 2)
    read = cells.read_code if one.type == "code" else cells.read_text
    empty_words = {plain(word) for word in one.empty}

    def entry(text: str) -> Entry:
        value = read(text)
        return (None if value is None or plain(value) in empty_words else value), 0, None

    return through_distinct(words, entry, Memory() if memory.unique else memory, pa.string())


_EMPTY_TEXTS = pa.array(sorted(cells.EMPTY))


def _ids(one: Field, texts: pa.Array, memory: Memory) -> Converted:
    """Ids that make a key: the shape is enforced, an empty one is missing."""
    shape = re.compile(one.shape)

    def entry(text: str) -> Entry:
        value = cells.read_id(text)
        if value is None:
            raise CellError("id_missing")
        if not shape.fullmatch(value):
            raise CellError("id_invalid")
        return value, 0, None

    trimmed = pc.utf8_trim(decoded(texts), characters=QUOTING)
    fits = pc.match_substring_regex(trimmed, f"^(?:{one.shape})$").fill_null(False)
    if pc.all(fits).as_py():
        return Converted(trimmed)
    codes = np.zeros(len(texts), np.int8)
    odd = np.flatnonzero(~fits.to_numpy(zero_copy_only=False))
    fixed = [recalled(entry, memory, text or "") for text in decoded(texts).take(pa.array(odd)).to_pylist()]
    codes[odd] = [code for _, code, _ in fixed]
    replaced = pa.array([value for value, _, _ in fixed], pa.string())
    values = pc.replace_with_mask(trimmed, pc.invert(fits), replaced)
    return Converted(values, codes if codes.any() else None)


def _refs(one: Field, texts: pa.Array, memory: Memory) -> Converted:
    def entry(text: str) -> Entry:
        value = cells.read_id(text)
        return (None if value in one.empty else value), 0, None

    return through_distinct(texts, entry, memory, pa.string())


def _words(one: Field, texts: pa.Array, memory: Memory, assigned: dict[str, str]) -> Converted:
    """Words of a closed list; a word that is not in it keeps its text and means ``unknown``."""
    empty_words = {plain(word) for word in one.empty}

    def entry(text: str) -> Entry:
        raw = cells.read_text(text)
        if raw is None or plain(raw) in empty_words:
            return None, 0, raw
        return meaning_of(one, raw, assigned), 0, raw

    return with_words(texts, entry, memory)


def with_words(texts: pa.Array, entry: Callable[[str], Entry], memory: Memory) -> Converted:
    """Meanings of words, the words as exported, and how often each unknown word stands there."""
    words = encoded(texts)
    result = through_distinct(words, entry, memory, pa.string())
    entries = [recalled(entry, memory, text or "") for text in words.dictionary.to_pylist()]
    raw = pa.array([one[2] for one in entries], pa.string())
    result.raw = pa.DictionaryArray.from_arrays(words.indices, raw)
    if strange := [place for place, one in enumerate(entries) if one[0] == UNKNOWN and one[2]]:
        counted = Counter(words.indices.to_pylist())
        for place in strange:
            result.unknown[str(entries[place][2])] += counted[place]
    return result


def meaning_of(one: Field, raw: str, assigned: dict[str, str]) -> str:
    """What an exported word means: the shop's own assignment first, then the format's table."""
    if raw in assigned:
        return assigned[raw]
    pieces = [plain(raw)]
    if one.joined:
        pieces = [plain(piece) for piece in raw.replace("\uff1b", ";").split(";")]
    found = {_meaning(one, piece) for piece in pieces}
    return found.pop() if len(found) == 1 else UNKNOWN


def _meaning(one: Field, word: str) -> str:
    if one.match == "part":
        return next((meaning for known, meaning in one.words.items() if known in word), UNKNOWN)
    return one.words.get(word, UNKNOWN)


def _times(texts: pa.Array, memory: Memory, zone: tzinfo) -> Converted:
    plain_texts = decoded(texts)
    full = pc.equal(pc.binary_length(plain_texts), TIME_TEXT).fill_null(False)
    entry = partial(_plain_entry, partial(cells.read_time, zone=zone))
    moments = _iso_times(pc.if_else(full, plain_texts, None))
    if moments is None:
        return through_distinct(plain_texts, entry, memory, MOMENT)
    rest = plain_texts.filter(pc.invert(full))
    if not len(rest):
        return Converted(moments)
    others = through_distinct(rest, entry, memory, MOMENT)
    codes = None
    if others.codes is not None:
        codes = np.zeros(len(texts), np.int8)
        codes[~full.to_numpy(zero_copy_only=False)] = others.codes
    if others.values.null_count < len(rest):
        moments = pc.replace_with_mask(moments, pc.invert(full), others.values)
    return Converted(moments, codes)


def _iso_times(texts: pa.StringArray) -> pa.Array | None:
    """All 19-letter times at once, or None when at least one is not a plain date and time."""
    for form in (texts, None):
        try:
            known = pc.replace_substring(texts, "/", "-") if form is None else form
            return known.cast(pa.timestamp("s")).cast(MOMENT)
        except pa.ArrowInvalid:
            continue
    return None


def _periods(one: Field, texts: pa.Array, memory: Memory) -> Converted:
    """First moments; as ``raw`` the last day of those that name several days, the end of those with one."""
    read = cells_by_hand.read_turn if one.type == "clock" else cells_by_hand.read_period
    result = through_distinct(texts, lambda text: (read(text)[0], 0, None), memory, MOMENT)
    ends = through_distinct(texts, lambda text: (read(text)[1], 0, None), Memory(), MOMENT)
    result.raw = ends.values
    return result


def blanked(texts: pa.Array, empty: Sequence[str]) -> pa.Array:
    """``texts`` without those that stand for nothing."""
    words = encoded(texts)
    nothing = {plain(word) for word in empty}
    kept = ["" if plain(text or "") in nothing else text for text in words.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(words.indices, pa.array(kept, pa.string()))


def convert(
    one: Field,
    texts: pa.Array,
    memory: Memory,
    assigned: dict[str, str],
    *,
    numbers: bool = False,
    zone: tzinfo = cells.BEIJING,
    currency: str = "",
) -> Converted:
    """The typed values of one column. ``numbers``: the file holds binary numbers (XLSX); ``zone``: whose
    wall clock times are told by; ``currency``: what amounts are in, yuan where unsaid."""
    if one.type == "id":
        return _ids(one, texts, memory)
    if one.type == "ref":
        return _refs(one, texts, memory)
    if one.type == "time":
        return _times(blanked(texts, one.empty) if one.empty else texts, memory, zone)
    if one.type in ("period", "clock"):
        return _periods(one, texts, memory)
    if one.type == "word":
        return _words(one, texts, memory, assigned)
    empty = frozenset(plain(word) for word in one.empty)
    if one.type in _AMOUNTS:
        read: Callable[[str], int | None] = partial(
            _AMOUNTS[one.type], from_number=numbers, currency=currency
        )
        if one.decimal == ",":
            read = _after(partial(cells.pointed, from_number=numbers), read)
        return through_distinct(texts, partial(_amount_entry, read, one, empty), memory, pa.int64())
    if one.type in _MEASURED:
        measured = partial(_MEASURED[one.type], units=one.units)
        entry = partial(_amount_entry, measured, one, empty)
        return through_distinct(texts, entry, memory, ARROW_TYPES[one.type])
    if one.type in _PLAIN:
        entry = partial(_plain_entry, _PLAIN[one.type])
        return through_distinct(texts, entry, memory, ARROW_TYPES[one.type])
    return _texts(one, texts, memory)


_AMOUNTS = {
    "money": cells.read_money, "discount": cells.read_discount, "amount": cells_by_hand.read_amount,
}  # fmt: skip
_MEASURED = {"tally": cells_by_hand.read_tally, "number": cells_by_hand.read_number}
_PLAIN: dict[str, Callable[[str], object]] = {
    "count": cells.read_count, "ratio": cells.read_ratio, "month": cells_by_hand.read_month,
}  # fmt: skip

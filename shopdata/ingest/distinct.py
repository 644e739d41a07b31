"""Columns of text and the values they are read as: each distinct text is read once.

A converted column has one code a row: 0 for a good cell, otherwise the place of its reject code in ``CODES``
plus one. What the fields of a format make of a column is in ``convert``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shopdata.ingest.cells import CellError

CODES = (
    "id_missing", "id_precision_lost", "id_invalid", "amount_invalid", "amount_negative",
    "quantity_invalid", "time_invalid", "time_impossible", "undecodable", "cell_too_large",
    "formula_without_value", "number_invalid", "totals_row", "truncated",
)  # fmt: skip
CODE_OF = {code: place + 1 for place, code in enumerate(CODES)}
UNKNOWN = "unknown"
MOST_REMEMBERED = 300_000
MOMENT = pa.timestamp("us")
Codes = npt.NDArray[np.int8]
Entry = tuple[object, int, str | None]


@dataclass(slots=True)
class Converted:
    """A typed column: values, a code a row (None: all good), the word as exported, unknown words."""

    values: pa.Array
    codes: Codes | None = None
    raw: pa.Array | None = None
    unknown: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Memory:
    """What one field has read so far: text → (value, code, word as exported)."""

    known: dict[str, Entry] = field(default_factory=dict)
    unique: bool = False


def encoded(texts: pa.Array) -> pa.DictionaryArray:
    """``texts`` with each distinct text once."""
    return texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()


def decoded(texts: pa.Array) -> pa.StringArray:
    """``texts`` as plain texts."""
    return texts.dictionary_decode() if pa.types.is_dictionary(texts.type) else texts


def recalled(read: Callable[[str], Entry], memory: Memory, text: str) -> Entry:
    if (entry := memory.known.get(text)) is None:
        try:
            entry = read(text)
        except CellError as fault:
            entry = (None, CODE_OF[fault.code], None)
        if len(memory.known) >= MOST_REMEMBERED:
            memory.known.clear()
        memory.known[text] = entry
    return entry


def through_distinct(
    texts: pa.Array, read: Callable[[str], Entry], memory: Memory, kind: pa.DataType
) -> Converted:
    """Every distinct text read once by ``read``; ``kind`` is the type of the values."""
    words = encoded(texts)
    entries = [recalled(read, memory, text or "") for text in words.dictionary.to_pylist()]
    indices = words.indices
    codes = None
    if any(code for _, code, _ in entries) or indices.null_count:
        by_word = np.array([code for _, code, _ in entries] + [recalled(read, memory, "")[1]], np.int8)
        codes = by_word[indices.fill_null(len(entries)).to_numpy(zero_copy_only=False)]
        codes = codes if codes.any() else None
    values = pa.array([value for value, _, _ in entries], kind)
    typed = (
        pa.DictionaryArray.from_arrays(indices, values) if pa.types.is_string(kind) else values.take(indices)
    )
    return Converted(typed, codes)

"""Row hashes: the same values give the same 63 bits in every version, on every engine and machine.

A row's hash is the last tie-break between two states and tells identical repeats. It is a sum over columns,
so the order of columns does not matter.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)
KEEP = np.uint64(2**63 - 1)
EMPTY_VALUE = np.uint64(0xA0761D6478BD642F)


@cache
def _powers(base: int, size: int) -> Hashes:
    powers = np.full(size, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


def hash_texts(texts: pa.StringArray) -> Hashes:
    """One number a text, from its bytes alone; empty (null) texts get a number of their own."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first, last = (int(offsets[0]), int(offsets[-1])) if len(texts) else (0, 0)
    if last == first:
        sums = np.zeros(len(texts), np.uint64)
    else:
        size = 1 << (last - first).bit_length()
        data = np.frombuffer(texts.buffers()[2], np.uint8)[first:last].astype(np.uint64) + np.uint64(1)
        running = np.zeros(last - first + 1, np.uint64)
        np.cumsum(data * _powers(BASE, size)[: last - first], out=running[1:])
        starts = offsets[:-1] - first
        sums = (running[offsets[1:] - first] - running[starts]) * _powers(INVERSE, size)[starts]
    hashes = _mixed(sums + np.diff(offsets).astype(np.uint64))
    if texts.null_count:
        hashes = np.where(pc.is_null(texts).to_numpy(zero_copy_only=False), EMPTY_VALUE, hashes)
    return hashes


def _hash_numbers(numbers: pa.Array) -> Hashes:
    if pa.types.is_timestamp(numbers.type):
        numbers = numbers.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_floating(numbers.type):
        numbers = pa.array(
            numbers.fill_null(0).to_numpy(zero_copy_only=False).view(np.int64), mask=_nulls(numbers)
        )
    elif not pa.types.is_int64(numbers.type):
        numbers = numbers.cast(pa.int64())
    bits = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    hashes = _mixed(bits + np.uint64(BASE))
    return np.asarray(np.where(_nulls(numbers), EMPTY_VALUE, hashes), dtype=np.uint64)


def _nulls(values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.is_null(values).to_numpy(zero_copy_only=False), dtype=bool)


def hash_column(values: pa.Array) -> Hashes:
    """One number a value of any column the store has."""
    if pa.types.is_dictionary(values.type):
        known = np.append(hash_column(values.dictionary), EMPTY_VALUE)
        places = values.indices.fill_null(len(values.dictionary)).to_numpy(zero_copy_only=False)
        return np.asarray(known[places], np.uint64)
    if pa.types.is_null(values.type):
        return np.full(len(values), EMPTY_VALUE)
    return hash_texts(values) if pa.types.is_string(values.type) else _hash_numbers(values)


def row_hashes(columns: dict[str, pa.Array], size: int) -> Hashes:
    """One 63-bit number a row over all ``columns`` (name → values)."""
    total = np.zeros(size, np.uint64)
    for name, values in columns.items():
        total += _mixed(hash_column(values) ^ _seed(name))
    return _mixed(total) & KEEP

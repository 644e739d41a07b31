"""Provinces and cities: a city is only told within its province."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shopdata.ingest import cells
from shopdata.ingest.convert import UNKNOWN, Converted, Entry, Memory, encoded, with_words
from shopdata.platforms.places import places


def provinces(texts: pa.Array, memory: Memory) -> Converted:
    """Province codes; ``unknown`` where the text names none."""

    def entry(text: str) -> Entry:
        raw = cells.read_text(text)
        return (None if raw is None else places().province(raw) or UNKNOWN), 0, raw

    return with_words(texts, entry, memory)


def cities(texts: pa.Array, inside: pa.Array | None, memory: Memory) -> Converted:
    """City codes within the provinces ``inside`` (codes, or None where the file has none)."""
    words = encoded(texts)
    codes = encoded(inside if inside is not None else pa.nulls(len(texts), pa.string()))
    names = [*words.dictionary.to_pylist(), None]
    known = [*codes.dictionary.to_pylist(), None]
    pairs = _places(words) * len(known) + _places(codes)
    distinct, where = np.unique(pairs, return_inverse=True)
    found = [_city(names[pair // len(known)], known[pair % len(known)], memory) for pair in distinct.tolist()]
    places_ = pa.array(where.astype(np.int32))
    values, raw = (
        pa.DictionaryArray.from_arrays(places_, pa.array([one[part] for one in found], pa.string()))
        for part in (0, 2)
    )
    return Converted(values, raw=raw)


def _places(words: pa.DictionaryArray) -> np.ndarray:
    """Places in the dictionary, the one after its end for null."""
    return np.asarray(words.indices.fill_null(len(words.dictionary)).to_numpy(zero_copy_only=False), np.int64)


def _city(name: str | None, province: str | None, memory: Memory) -> Entry:
    key = f"{name}\0{province}"
    if (entry := memory.known.get(key)) is None:
        raw = cells.read_text(name or "")
        code = places().city(raw, None if province == UNKNOWN else province) if raw else None
        entry = memory.known[key] = (code, 0, raw)
    return entry

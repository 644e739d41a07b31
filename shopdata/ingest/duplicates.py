"""One row a key: identical repeats are dropped; of differing rows the newest stays, others are rejects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.normalise import VERSION
from shopdata.ingest.writer import TableWriter, read_rows

Integers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Losers:
    """Rows that are not kept: their places in the table file, their rows in the sheet, and whether they are
    the same as the row that is kept."""

    places: Integers
    rows: Integers
    sheets: pa.Array
    identical: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.places)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Losers:
        """Those of them that are ``chosen``."""
        sheets = self.sheets.filter(pa.array(chosen))
        return Losers(self.places[chosen], self.rows[chosen], sheets, self.identical[chosen])


def losers(writer: TableWriter) -> Losers | None:
    """Rows of a finished file that share their key with a better one; None when there are none."""
    keys = np.concatenate(writer.keys) if writer.keys else np.zeros(0, np.uint64)
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not len(same):
        return None
    places = np.unique(np.concatenate([order[same], order[same + 1]]))
    table = read_rows(writer.path, places, [*writer.key, "row", "sheet", *VERSION]).combine_chunks()
    groups = _groups(table, writer.key)
    events = _numbers(table.column("event_at").cast(pa.int64()), np.iinfo(np.int64).min)
    ranks, hashes = _numbers(table.column("status_rank"), 0), _numbers(table.column("row_hash"), 0)
    best_last = np.lexsort((hashes, ranks, events, groups))
    ordered = groups[best_last]
    ends = np.append(ordered[1:] != ordered[:-1], True)
    best = best_last[ends][np.cumsum(ends) - ends]
    lost, kept = best_last[~ends], best[~ends]
    rows = table.column("row").to_numpy()
    sheets = table.column("sheet").combine_chunks().take(pa.array(lost))
    return Losers(places[lost], rows[lost], sheets, hashes[lost] == hashes[kept])


def _groups(table: pa.Table, key: tuple[str, ...]) -> Integers:
    """A number a row, the same for rows of one key."""
    number = np.zeros(len(table), np.int64)
    for name in key:
        words = table.column(name).combine_chunks().dictionary_encode()
        part = words.indices.fill_null(len(words.dictionary)).to_numpy(zero_copy_only=False)
        pairs = number * (len(words.dictionary) + 1) + part
        number = np.unique(pairs, return_inverse=True)[1]
    return number


def _numbers(values: pa.ChunkedArray, empty: int) -> Integers:
    return np.asarray(pc.fill_null(values, empty).to_numpy())

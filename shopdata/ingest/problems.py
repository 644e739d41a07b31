"""What is wrong with the rows of a piece: a code a row, and the rejected rows with their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import CODE_OF, CODES, Codes, decoded, encoded
from shopdata.ingest.raw import Rows
from shopdata.platforms import Field, Format, plain, total_words

EMPTY_CODES = {
    "time": "time_invalid", "money": "amount_invalid", "discount": "amount_invalid",
    "ratio": "amount_invalid", "count": "quantity_invalid", "amount": "amount_invalid",
    "tally": "number_invalid", "number": "number_invalid", "period": "time_invalid", "month": "time_invalid",
    "clock": "time_invalid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not stored, by its place in the piece; ``column`` is a position in the file."""

    place: int
    code: str
    column: int | None
    value: str
    cells: tuple[str, ...]


class Problems:
    """The first thing wrong with each row of a piece."""

    __slots__ = ("codes", "columns", "none")

    def __init__(self, size: int) -> None:
        self.codes: Codes = np.zeros(size, np.int8)
        self.columns = np.zeros(size, np.int16)
        self.none = True

    def add(self, codes: Codes | None, column: int) -> None:
        """Note the bad cells of one column, where nothing else was wrong before."""
        if codes is None:
            return
        fresh = (codes != 0) & (self.codes == 0)
        self.codes[fresh] = codes[fresh]
        self.columns[fresh] = column
        self.none = self.none and not fresh.any()

    def listed(self, rows: Rows) -> tuple[tuple[Rejected, ...], int]:
        """The rejected rows with their cells, and how many were only blank."""
        bad = np.flatnonzero(self.codes).tolist()
        listed: list[Rejected] = []
        blank = 0
        for position, all_cells in zip(bad, rows.cells(bad) if bad else [], strict=True):
            if _is_blank(all_cells):
                blank += 1
                continue
            column = int(self.columns[position])
            value = all_cells[column] if column < len(all_cells) else ""
            code = CODES[self.codes[position] - 1]
            listed.append(Rejected(int(rows.places[position]), code, column, value, tuple(all_cells)))
        return tuple(listed), blank


def _is_blank(texts: Sequence[str]) -> bool:
    return not any(plain(text) for text in texts)


def empty_cells(one: Field, values: pa.Array) -> Codes | None:
    """A code for every row without a value in a column no row can do without."""
    missing = pc.is_null(decoded(values)).to_numpy(zero_copy_only=False)
    code = CODE_OF[EMPTY_CODES.get(one.type, "id_missing")]
    return np.where(missing, code, 0).astype(np.int8) if missing.any() else None


def totals_cells(one: Field, texts: pa.Array) -> Codes | None:
    """A code for every row whose cell says that the row sums up others (and means nothing else there)."""
    words = encoded(texts)
    sums = total_words() - one.words.keys()
    totals = pa.array([plain(text or "") in sums for text in words.dictionary.to_pylist()], pa.bool_())
    summing = totals.take(words.indices).fill_null(False).to_numpy(zero_copy_only=False)
    return np.where(summing, CODE_OF["totals_row"], 0).astype(np.int8) if summing.any() else None


def unfilled(format_: Format, columns: Mapping[str, pa.Array]) -> Iterator[tuple[str, Codes]]:
    """For every group of which the file has a column: that column, and the rows that fill none of them."""
    for group in format_.filled:
        here = [name for name in group if name in columns]
        if not here:
            continue
        empty = np.logical_and.reduce(
            [pc.is_null(decoded(columns[name])).to_numpy(zero_copy_only=False) for name in here]
        )
        code = CODE_OF[EMPTY_CODES.get(format_.fields[here[0]].type, "id_missing")]
        if empty.any():
            yield here[0], np.where(empty, code, 0).astype(np.int8)

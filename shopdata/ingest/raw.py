"""What a reader hands on: some rows of a file as text, not yet understood."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shopdata.ingest.formats import Recognised

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row that could not be cut into cells, or holds a cell nobody may read."""

    place: int
    code: str
    column: int | None
    value: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive records of a file.

    ``columns``: column of the file → texts (plain or dictionary), only those that were asked for.
    ``places``: the record each row came from, counted from the first record of this piece.
    ``records``: how many records the piece spans, blank and damaged ones included.
    ``cells``: all cells of the rows with these positions, for the list of rejects.
    ``unended``: whether the file ends within the last cell of the last row: no line end, no closing quote.
    """

    columns: Mapping[int, pa.Array]
    places: Positions
    records: int
    cells: Callable[[Sequence[int]], list[list[str]]]
    damaged: tuple[Damaged, ...] = ()
    numbers: bool = False
    unended: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sheet that can be read by itself; ``done``: bytes of the file read once it is."""

    done: int
    read: Callable[[], Rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is wanted of a sheet: which columns, which of them hold mostly different texts, how rows begin,
    and whether they may leave out empty cells at their end."""

    columns: Sequence[int]
    unique: Collection[int]
    id_first: bool
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet whose header is known; ``first_row``: the number a person sees beside its first data row."""

    sheet: str | None
    recognised: Recognised
    encoding: str
    first_row: int
    pieces: Callable[[Reading], Iterator[Piece]]

"""What rules work on: typed columns of some rows of a file, and the few steps they all take with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import encoded
from shopdata.platforms import Format, plain

Columns = dict[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Names:
    """What rows stand under: their sheet, the file's name without its ending, all sheets that are read."""

    sheet: str = ""
    file: str = ""
    sheets: tuple[str, ...] = ()


NO_NAMES = Names()


@dataclass(slots=True)
class Work:
    """What rules work on: ``size`` rows of a format, evidence they count, rows they make for other tables.

    ``day`` is the day a file without dates speaks of: the one in its name, else that of its import.
    ``ordinals`` is shared by all pieces of a file: how often a line without a number was seen so far.
    ``unknown`` counts words nobody knows by field. ``spare`` (names with a leading underscore) is what only a
    correction needs: it stays in the file and is not stored.
    """

    format: Format
    size: int
    day: datetime | None = None
    ordinals: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    side: dict[str, Columns] = field(default_factory=dict)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    spare: Columns = field(default_factory=dict)
    names: Names = NO_NAMES


def column_of(columns: Columns, name: str, size: int, kind: pa.DataType) -> pa.Array:
    return columns[name] if name in columns else pa.nulls(size, kind)


def or_zero(columns: Columns, name: str, size: int) -> pa.Array:
    return column_of(columns, name, size, pa.int64()).fill_null(0)


def how_many(mask: pa.Array) -> int:
    return int(pc.sum(mask.fill_null(False)).as_py() or 0)


def spoken(columns: Columns, name: str, words: Mapping[str, str], size: int) -> pa.Array:
    """The meaning of each word of a column, null where it has none."""
    if name not in columns:
        return pa.nulls(size, pa.string())
    texts = encoded(columns[name])
    meanings = pa.array(
        [words.get(plain(word)) if word else None for word in texts.dictionary.to_pylist()], pa.string()
    )
    return meanings.take(texts.indices)


def together(rows: pa.Table, more: pa.Table) -> pa.Table:
    """``rows`` and then ``more``, whose columns are some of theirs; the others are empty there."""
    columns = [
        more.column(one.name) if one.name in more.column_names else pa.nulls(len(more), one.type)
        for one in rows.schema
    ]
    return pa.concat_tables([rows, pa.table(columns, schema=rows.schema)]).combine_chunks()

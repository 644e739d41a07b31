"""Rules of keys: rows the export gives no number are told apart by what they say."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import decoded
from shopdata.ingest.rules.work import Columns, Work, column_of


def made_key(columns: Columns, work: Work) -> None:
    """Where rows have no number, the values that tell them apart (and their turn) are the key."""
    if work.format.row_key[-1] in columns:
        return
    parts = [_text_of(columns, name, work) for name in work.format.made_key]
    joined = pc.binary_join_element_wise(*parts, "/", null_handling="replace", null_replacement="")
    if work.format.numbered:
        turns = []
        for stem in joined.to_pylist():
            work.ordinals[stem] += 1
            turns.append(f"{stem}/{work.ordinals[stem]}")
        joined = pa.array(turns, pa.string())
    columns[work.format.row_key[-1]] = joined


def _text_of(columns: Columns, names: str, work: Work) -> pa.Array:
    """A column as texts, or of columns written ``a|b`` the first that is filled."""
    return pc.coalesce(*(_texts(columns, name, work) for name in names.split("|")))


def _texts(columns: Columns, name: str, work: Work) -> pa.Array:
    """A column as texts; times to the minute, as a sheet that was saved again keeps them."""
    values = decoded(column_of(columns, name, work.size, pa.string()))
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%d %H:%M")
    return values.cast(pa.string())

"""Typed rows and rejects to Arrow files in a folder, and the corrections only the whole file can call for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.hashing import hash_column, row_hashes
from shopdata.ingest.normalise import VERSION
from shopdata.ingest.problems import Rejected
from shopdata.ingest.results import LISTED_REJECTS, LONGEST_VALUE, Reject
from shopdata.ingest.rules import CORRECTIONS
from shopdata.platforms import NOISE

REJECT_SCHEMA = pa.schema(
    [
        ("sheet", pa.string()),
        ("row", pa.int32()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("value", pa.string()),
        ("cells", pa.string()),
    ]
)
OWN = ("row", "sheet", *VERSION)


@dataclass(slots=True)
class TableWriter:
    """One table's Arrow file, and per row what is needed to find repeated keys without reading it again."""

    path: Path
    key: tuple[str, ...]
    writer: pa.RecordBatchFileWriter | None = None
    keys: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    columns: Sequence[str] = ()
    present: tuple[str, ...] = ()
    rows: int = 0

    def write(self, table: pa.Table, first_row: int, sheet: str | None) -> None:
        """Append typed rows whose ``row`` counts from ``first_row`` of ``sheet``."""
        rows = pc.add(table.column("row"), pa.scalar(first_row, pa.int32()))
        sheets = pa.array([sheet], pa.string()).take(pa.array(np.zeros(len(table), np.int32)))
        table = table.set_column(table.column_names.index("row"), "row", rows).append_column("sheet", sheets)
        if self.writer is None:
            self.present = tuple(
                name for name in table.column_names if name not in OWN and not name.startswith("_")
            )
            self.columns = table.column_names
            self.writer = pa.ipc.new_file(self.path, table.schema)
        total = np.zeros(len(table), np.uint64)
        for place, name in enumerate(self.key):
            column = table.column(name)
            one = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
            total += hash_column(one) * np.uint64(2 * place + 1)
        self.keys.append(total)
        self.rows += len(table)
        self.writer.write_table(table.select(self.columns))

    def close(self) -> None:
        """Finish the file."""
        if self.writer is not None:
            self.writer.close()


def rewrite(writer: TableWriter, drop: npt.NDArray[np.bool_] | None, corrections: Sequence[str]) -> None:
    """Write the file again without the dropped rows and with corrected columns."""
    source, target = writer.path, writer.path.with_suffix(".again")
    with (
        pa.memory_map(str(source)) as mapped,
        pa.ipc.open_file(mapped) as reader,
        pa.ipc.new_file(target, reader.schema) as out,
    ):
        start = 0
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            keep = None if drop is None else ~drop[start : start + len(batch)]
            start += len(batch)
            chosen = batch if keep is None else batch.filter(pa.array(keep))
            out.write_batch(_corrected(chosen, corrections, writer.present))
    target.replace(source)
    if drop is not None:
        writer.rows -= int(drop.sum())


def _corrected(batch: pa.RecordBatch, corrections: Sequence[str], present: tuple[str, ...]) -> pa.RecordBatch:
    if not corrections:
        return batch
    columns = {name: batch.column(name) for name in batch.schema.names if name not in OWN}
    for name in corrections:
        CORRECTIONS[name](columns)
    hashes = pa.array(row_hashes({name: columns[name] for name in present}, len(batch)), pa.uint64())
    values = {name: batch.column(name) for name in batch.schema.names} | columns | {"row_hash": hashes}
    return pa.record_batch([values[name] for name in batch.schema.names], schema=batch.schema)


@dataclass(slots=True)
class RejectWriter:
    """All rejects of a file to ``rejects.arrow``; the first thousand also by value. ``headers``: by sheet."""

    path: Path
    headers: Mapping[str | None, Sequence[str]]
    first: list[Reject] = field(default_factory=list)
    count: int = 0
    writer: pa.RecordBatchFileWriter | None = None

    def write(self, rejected: Sequence[tuple[int, Rejected]], sheet: str | None) -> None:
        """Append rejects with their row numbers."""
        if not rejected:
            return
        if self.writer is None:
            self.writer = pa.ipc.new_file(self.path, REJECT_SCHEMA)
        made = [self._reject(row, one, sheet) for row, one in rejected]
        self.first.extend(made[: LISTED_REJECTS - len(self.first)])
        self.count += len(made)
        cells = [json.dumps(one.cells, ensure_ascii=False) for _, one in rejected]
        columns = [
            [getattr(one, name) for one in made] for name in ("sheet", "row", "column", "code", "value")
        ]
        self.writer.write_batch(pa.record_batch([*columns, cells], schema=REJECT_SCHEMA))

    def _reject(self, row: int, one: Rejected, sheet: str | None) -> Reject:
        headers = self.headers[sheet]
        column = headers[one.column] if one.column is not None and one.column < len(headers) else None
        return Reject(sheet, row, column, one.code, one.value.strip(NOISE)[:LONGEST_VALUE])

    def close(self) -> Path | None:
        """Finish the file; None when nothing was rejected."""
        if self.writer is None:
            return None
        self.writer.close()
        return self.path


def read_rows(path: Path, wanted: npt.NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
    """The rows with these numbers (ascending places in the file) of a finished table file."""
    picked = []
    with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as reader:
        start = 0
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            inside = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
            if len(inside):
                picked.append(batch.select(list(columns)).take(pa.array(inside)))
            start += len(batch)
        return pa.Table.from_batches(picked, pa.schema([reader.schema.field(name) for name in columns]))

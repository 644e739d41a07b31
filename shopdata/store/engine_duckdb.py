"""What DuckDB does otherwise: opening, settings, Arrow files, row positions, aggregates, copies.

The rest of the store is SQLAlchemy Core. Another engine gets a module with the same names.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb_sqlalchemy import ConnectionWrapper
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Date,
    Engine,
    Select,
    String,
    cast,
    create_engine,
    func,
    literal,
    literal_column,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import NamedFromClause

FATAL = (duckdb.FatalException, duckdb.InternalException)
# What a full disk raises, by where it strikes: spilling, writing the log, committing, folding it in.
OUT_OF_SPACE = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException, *FATAL)

LEAST_MEMORY, MOST_MEMORY = 256 << 20, 640 << 20
RELEASE_BYTES = 64 << 20
ORDER_SAMPLE = 1000


def _total_memory() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return LEAST_MEMORY * 16


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def open_instance(file: Path, temporary: Path) -> duckdb.DuckDBPyConnection:
    """The one DuckDB instance of this process, pinned. The order of the settings matters (docs/safety.md)."""
    memory = max(LEAST_MEMORY, min(MOST_MEMORY, _total_memory() // 8))
    spill = max(1 << 30, shutil.disk_usage(temporary).free // 2)
    root = duckdb.connect(str(file))
    for setting in (
        f"SET memory_limit='{memory >> 20}MiB'",
        f"SET temp_directory={_quoted(temporary / 'spill')}",
        f"SET max_temp_directory_size='{spill >> 20}MiB'",
        "SET preserve_insertion_order=false",
        "SET default_null_order='nulls_last'",
        "SET autoinstall_known_extensions=false",
        "SET autoload_known_extensions=false",
        "SET python_enable_replacements=false",
        f"SET allowed_directories=[{_quoted(temporary)}]",
        "SET enable_external_access=false",
        "SET lock_configuration=true",
    ):
        root.execute(setting)
    return root


def engine_for(root: duckdb.DuckDBPyConnection) -> Engine:
    """An engine whose every connection is a cursor of its own over the one instance."""
    engine = create_engine(
        "duckdb://",
        creator=lambda: ConnectionWrapper(root.cursor()),
        poolclass=NullPool,
        hide_parameters=True,  # what stands in a file must not stand in a log
    )
    # A statement that starts with WITH is read letter by letter for what it does, which takes milliseconds.
    engine.dialect.cte_follows_insert = True
    return engine


def _batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of an Arrow IPC file over a memory map whose read pages are given back as it goes."""
    with path.open("rb") as file:  # the map itself is let go with the last batch that points into it
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    reader = pa.ipc.open_file(pa.py_buffer(mapped))
    read = 0
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number)
        read += batch.nbytes
        yield batch.select(columns) if columns else batch
        if read > RELEASE_BYTES and hasattr(mapped, "madvise"):
            mapped.madvise(mmap.MADV_DONTNEED)
            read = 0


def arrow_schema(path: Path) -> pa.Schema:
    """Column names and types of an Arrow IPC file."""
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).schema


def is_ordered(path: Path, name: str) -> bool:
    """Whether column ``name`` of an Arrow IPC file nearly always rises, or nearly always falls.

    Order by time only makes reading faster, so looking at each batch's first rows is enough.
    """
    rising = falling = 0
    for batch in _batches(path):
        values = batch.column(name)[:ORDER_SAMPLE].drop_null()
        steps = pc.subtract(values[1:].cast("int64"), values[:-1].cast("int64")) if len(values) > 1 else None
        if steps is not None:
            rising += pc.sum(pc.greater(steps, 0)).as_py() or 0
            falling += pc.sum(pc.less(steps, 0)).as_py() or 0
    return min(rising, falling) * 50 <= rising + falling


@contextmanager
def arrow_rows(
    connection: Connection, path: Path, name: str = "arrow_rows", columns: Sequence[str] | None = None
) -> Iterator[str]:
    """The rows (of some ``columns``) of an Arrow IPC file as a table called ``name``, for one statement.

    Handed over as a bare C stream: of a reader object DuckDB makes a scanner that reads the whole file ahead.
    """
    driver: Any = connection.connection.dbapi_connection
    schema = arrow_schema(path)
    chosen = pa.schema([schema.field(one) for one in columns]) if columns else schema
    reader = pa.RecordBatchReader.from_batches(chosen, _batches(path, columns))
    driver.register(name, reader.__arrow_c_stream__())
    try:
        yield name
    finally:
        driver.unregister(name)


def columns_of(connection: Connection, statement: Select[Any]) -> dict[str, NDArray[Any]]:
    """The rows of a statement as one array a column, without a Python object a value."""
    cursor: Any = connection.execute(statement).cursor
    found: dict[str, NDArray[Any]] = cursor.fetchnumpy()
    return found


def position(table: NamedFromClause) -> ColumnElement[int]:
    """Where a row lies: the fastest way back to it within one transaction."""
    return literal_column(f"{table.name}.rowid", BigInteger)


def of_newest(value: ColumnElement[Any], rank: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate: ``value`` of the row with the greatest ``rank``, null included."""
    return func.arg_max_null(value, rank, type_=value.type)


def quantile(value: ColumnElement[Any], share: float) -> ColumnElement[float]:
    """Aggregate: the interpolated quantile of ``value`` at ``share`` (0–1); nulls are left out."""
    return func.quantile_cont(value, share)


def one_of(value: ColumnElement[str], texts: Iterable[str]) -> ColumnElement[bool]:
    """Whether a text is one of these. The engine makes a join of ``IN`` with more than a few of them, which
    over small tables takes longer than all else."""
    return func.list_contains(literal(list(texts), ARRAY(String)), value, type_=Boolean)


def each_number(first: int, last: ColumnElement[int]) -> ColumnElement[int]:
    """A column that makes one row of every whole number from ``first`` to ``last``, both included."""
    return func.unnest(func.generate_series(first, last), type_=BigInteger())


def day_of(moment: ColumnElement[Any], unit: str = "day") -> ColumnElement[Any]:
    """First day (DATE) of the ``day``, ``week`` (from Monday), ``month`` or ``year`` of ``moment``."""
    return cast(func.date_trunc(unit, moment), Date)


def keyed_hash(value: ColumnElement[Any], key: str) -> ColumnElement[str]:
    """A hash of ``value`` that nobody without ``key`` can make again by trying names: 64 hex digits."""
    return func.sha256(f"{key}:outer:" + func.sha256(f"{key}:inner:" + value))


def checkpoint(engine: Engine) -> None:
    """Fold the log into the store file; left to the next time while another transaction is under way."""
    with engine.connect() as connection:
        try:
            connection.execute(text("CHECKPOINT"))
        except OperationalError as fault:
            if not isinstance(fault.orig, duckdb.TransactionException):
                raise


def copy_database(engine: Engine, target: Path) -> None:
    """A consistent copy of the open store in a new file (inside the allowed folder)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        source = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ATTACH {_quoted(target)} AS copy_of_store"))
        try:
            connection.execute(text(f'COPY FROM DATABASE "{source}" TO copy_of_store'))
            connection.execute(text("CHECKPOINT copy_of_store"))
        finally:
            connection.execute(text("DETACH copy_of_store"))

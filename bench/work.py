"""The timed pieces of work, each in a process of its own (``python -m bench.work NAME ARGUMENTS``)."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from pathlib import Path

PEAK_UNIT = 1024 if sys.platform.startswith("linux") else 1


def ours(home: str, file: str) -> float:
    """Seconds of importing ``file`` into the store at ``home``, opening and closing left out."""
    from shopdata.imports import run
    from shopdata.settings import read_settings
    from shopdata.store import open_store

    with open_store(read_settings({"SHOPDATA_HOME": home})) as store:
        started = time.perf_counter()
        (result,) = run.import_paths(store, [Path(file)])
        spent = time.perf_counter() - started
    if result.status != "imported" or result.rejected:
        raise SystemExit(f"not imported whole: {result.as_json()}")
    return spent


def ours_many(home: str, folder: str) -> float:
    """Seconds of importing every file of ``folder`` in one go, opening and closing left out."""
    from shopdata.imports import run
    from shopdata.settings import read_settings
    from shopdata.store import open_store

    with open_store(read_settings({"SHOPDATA_HOME": home})) as store:
        started = time.perf_counter()
        results = run.import_paths(store, [Path(folder)])
        spent = time.perf_counter() - started
    if any(one.status != "imported" or one.rejected for one in results):
        raise SystemExit(f"not imported whole: {[one.as_json() for one in results]}")
    return spent


def checks(out: str, file: str) -> float:
    """CPU seconds that the checks against bad files take while ``file`` is parsed (see bench/defences.py)."""
    from bench import defences

    return defences.spent_on_checks(Path(file), Path(out))


def duckdb_csv(target: str, file: str) -> float:
    """Bare DuckDB: the CSV into a table on disk, types guessed, checkpoint included."""
    import duckdb

    started = time.perf_counter()
    connection = duckdb.connect(target)
    connection.execute("CREATE TABLE lines AS SELECT * FROM read_csv(?)", [file])
    connection.execute("CHECKPOINT")
    connection.close()
    return time.perf_counter() - started


def pandas_csv(target: str, file: str) -> float:
    """pandas.read_csv as text, then to_sql into SQLite."""
    import pandas as pd

    started = time.perf_counter()
    with sqlite3.connect(target) as connection:
        for part in pd.read_csv(file, dtype=str, chunksize=200_000):
            part.to_sql("lines", connection, if_exists="append", index=False)
    return time.perf_counter() - started


def fastexcel_raw(_target: str, file: str) -> float:
    """fastexcel's raw read of the first sheet into Arrow."""
    import fastexcel

    started = time.perf_counter()
    fastexcel.read_excel(file).load_sheet(0, dtypes="string").to_arrow()
    return time.perf_counter() - started


def pandas_xlsx(target: str, file: str) -> float:
    """pandas with openpyxl, then to_sql into SQLite."""
    import pandas as pd

    started = time.perf_counter()
    with sqlite3.connect(target) as connection:
        pd.read_excel(file, dtype=str, engine="openpyxl").to_sql("lines", connection, index=False)
    return time.perf_counter() - started


WORK = {
    one.__name__: one for one in (ours, ours_many, checks, duckdb_csv, pandas_csv, fastexcel_raw, pandas_xlsx)
}


def main() -> None:
    """Do one piece of work and print what it spent."""
    name, *arguments = sys.argv[1:]
    seconds = WORK[name](*arguments)
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": seconds, "peak": peak * PEAK_UNIT}))


if __name__ == "__main__":
    main()

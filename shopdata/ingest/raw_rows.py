"""The rows of a file that speak of some numbers, cell by cell as they stand there. Nothing is understood."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from shopdata.ingest.distinct import decoded
from shopdata.ingest.formats import Sought
from shopdata.ingest.opening import EMPTY_ZIP, ZIP, opened
from shopdata.ingest.parse import Task, reading_of
from shopdata.ingest.raw import Source
from shopdata.platforms import Format
from shopdata.platforms.own import with_own

NUMBERS = ("id", "ref", "order_list")
PARTS = re.compile(r"[0-9A-Za-z_-]+")
MOST_ROWS = 5_000


def raw_rows(task: Task, wanted: frozenset[str]) -> list[dict[str, Any]]:
    """Sheets as ``results.RawSheet`` in JSON, those without such rows left out. Raises ``Refused``."""
    if not _may_hold(task.path, wanted):
        return []
    sought = Sought(with_own(task.own_formats), task.format_key)
    sheets = opened(task.path, task.out, task.limits, sought)
    found = (_of_source(source, wanted) for source in sheets.sources)
    return [one for one in found if one["rows"]]


def _may_hold(path: Path, wanted: frozenset[str]) -> bool:
    """Whether a text file holds one of the numbers somewhere; a packed one may always."""
    with path.open("rb") as file:
        if file.read(4) in (ZIP, EMPTY_ZIP):
            return True
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            ways = [one.encode(code) for one in wanted for code in ("ascii", "utf-16-le", "utf-16-be")]
            return any(held.find(way) >= 0 for way in ways)


def _of_source(source: Source, wanted: frozenset[str]) -> dict[str, Any]:
    format_: Format = source.recognised.match.format
    headers = source.recognised.headers
    found = format_.columns_of(headers)
    places = [place for name, place in found.items() if format_.fields[name].type in NUMBERS]
    rows: list[tuple[int, list[str]]] = []
    first = source.first_row
    for piece in source.pieces(reading_of(format_, found)):
        read = piece.read()
        positions = sorted({at for place in places for at in _positions(read.columns[place], wanted)})
        cells = read.cells(positions)
        rows += [(first + int(read.places[at]), texts) for at, texts in zip(positions, cells, strict=True)]
        first += read.records
        if len(rows) >= MOST_ROWS:
            break
    return {
        "sheet": source.sheet,
        "headers": list(headers),
        "fields": [[name for name, at in found.items() if at == place] for place in range(len(headers))],
        "rows": rows[:MOST_ROWS],
    }


def _positions(texts: pa.Array, wanted: frozenset[str]) -> list[int]:
    plain = decoded(texts).to_pylist()
    return [at for at, text in enumerate(plain) if text and not wanted.isdisjoint(PARTS.findall(text))]

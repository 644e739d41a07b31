"""``imports.jsonl``: what the store held after each import, kept outside the store.

A damaged log can silently lose commits; a line of counts and sums, compared at the next start, tells.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, Table, cast, func, select

from shopdata.store.tables import ENTITIES, imports, orders

FILE_NAME = "imports.jsonl"
MONEY_OF = {
    "order_lines": ("payable_amount", "paid_amount"),
    "aftersales": ("refund_amount",),
    "commissions": ("commission_estimated", "commission_settled"),
    "settlements": ("settled_amount",),
    "funds": ("amount",),
    "ads": ("spend",),
    "costs": ("amount",),
}
SUMMED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    *((entity.table, MONEY_OF.get(entity.name, ())) for entity in ENTITIES.values()),
    (orders, ("paid_amount", "refund_amount")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """The store after one import: how many imports (and undone ones) it knows, sums in rows and fen."""

    at: str
    last_import: int
    imports: int
    undone: int
    sums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Damage:
    """One figure of the store that is not what the import log says."""

    figure: str
    expected: int
    found: int


def measure(connection: Connection) -> Line:
    """Counts and sums of the store as it stands."""
    last, known, undone = connection.execute(
        select(func.max(imports.c.id), func.count(), func.count(imports.c.undone_at))
    ).one()
    sums: dict[str, int] = {}
    for table, columns in SUMMED:
        totals = (cast(func.sum(table.c[name]), BigInteger) for name in columns)
        found = connection.execute(select(func.count(), *totals).select_from(table)).one()
        names = (f"{table.name}.{name}" for name in ("rows", *columns))
        sums |= {name: int(value or 0) for name, value in zip(names, found, strict=True)}
    at = datetime.now(ZoneInfo("UTC")).isoformat(timespec="seconds")
    return Line(at, int(last or 0), int(known), int(undone), sums)


def append(home: Path, line: Line) -> None:
    """Write ``line`` so that it survives a power cut."""
    with (home / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(line), separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def last_line(home: Path) -> Line | None:
    """The newest whole line; a line cut short by a crash is passed over."""
    try:
        lines = (home / FILE_NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    for text in reversed(lines):
        try:
            return Line(**json.loads(text))
        except (ValueError, TypeError):
            continue
    return None


def compare(home: Path, connection: Connection) -> tuple[Damage, ...]:
    """Differences between the store and its newest line. A store ahead of its log (a crash came between the
    commit and the line) gets the missing line; a store behind it has lost something."""
    expected, found = last_line(home), measure(connection)
    if expected is None or (found.imports, found.undone) > (expected.imports, expected.undone):
        if found.imports:
            append(home, found)
        return ()
    differences = [
        Damage(name, wanted, found.sums.get(name, 0))
        for name, wanted in expected.sums.items()
        if wanted != found.sums.get(name, 0)
    ]
    if found.imports < expected.imports:
        differences.insert(0, Damage("imports.rows", expected.imports, found.imports))
    return tuple(differences)

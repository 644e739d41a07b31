"""What parsing one file gives, as frozen values that travel as JSON between the two processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

LISTED_REJECTS = 1000
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask for. Sizes in bytes, time in seconds."""

    columns: int = 200
    cell: int = 32_767
    inflated: int = 2 * 1024**3
    ratio: int = 200
    memory: int = 4 * 1024**3
    seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that is not stored: where it stands, why, and the cell that decided it."""

    sheet: str | None
    row: int
    column: str | None
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """A header of the file and the canonical column it was read as, if any."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something accepted that people should look at; ``rows`` says how often."""

    code: str
    column: str | None
    value: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What the file was found to mean, and on how many of the rows that could tell."""

    code: str
    rows: int
    of_rows: int


@dataclass(frozen=True, slots=True)
class TableFile:
    """An Arrow file of typed rows for one table of the store and the columns the export brought."""

    path: Path
    present: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as understood. ``accepted + rejected == rows``; ``repeats`` are identical rows among them.

    ``table``: the table that a row of the file is a row of. ``currency`` and ``zone``: what its amounts and
    times are in, empty where they are in those of its shop.
    """

    format: str
    kind: str
    table: str
    platform: str
    rows: int
    accepted: int
    rejected: int
    repeats: int
    columns: tuple[ColumnSeen, ...]
    headers: tuple[str, ...]
    warnings: tuple[Warned, ...]
    findings: tuple[Finding, ...]
    rejects: tuple[Reject, ...]
    as_of: datetime | None
    exported_at: datetime | None
    first_at: datetime | None
    last_at: datetime | None
    tables: Mapping[str, TableFile]
    rejects_path: Path | None
    encoding: str
    sheets: tuple[str, ...]
    shop_names: tuple[str, ...]
    preview_rows: tuple[Mapping[str, Any], ...]
    currency: str = ""
    zone: str = ""

    def as_json(self) -> dict[str, Any]:
        """JSON values only: times in ISO form, paths as text."""
        return _jsonable(asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """What stands in a column of an unknown file: cells ``filled``, ``distinct`` values (counted up to a
    limit), and the most frequent ones with how often they stand there."""

    header: str
    filled: int
    distinct: int
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RawSheet:
    """Some rows of a file as they are. ``fields``: the canonical columns each header was read as, mostly one
    or none; ``rows``: the number a person sees beside a row, and its cells."""

    sheet: str | None
    headers: tuple[str, ...]
    fields: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Described:
    """The columns of an unknown file, those whose header stands twice left out."""

    columns: tuple[ColumnValues, ...]
    rows: int
    encoding: str

    def as_json(self) -> dict[str, Any]:
        """JSON values only."""
        return asdict(self)


def described_from_json(data: Mapping[str, Any]) -> Described:
    """The value ``Described.as_json`` was made from."""
    columns = tuple(
        ColumnValues(**{**one, "values": tuple((value, count) for value, count in one["values"])})
        for one in data["columns"]
    )
    return Described(columns, data["rows"], data["encoding"])


def raw_sheet_from_json(data: Mapping[str, Any]) -> RawSheet:
    """A sheet as the child told of it."""
    rows = tuple((number, tuple(cells)) for number, cells in data["rows"])
    return RawSheet(data["sheet"], tuple(data["headers"]), tuple(map(tuple, data["fields"])), rows)


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def parsed_from_json(data: Mapping[str, Any]) -> Parsed:
    """The value ``Parsed.as_json`` was made from."""
    tables = {
        name: TableFile(Path(one["path"]), tuple(one["present"]), one["rows"])
        for name, one in data["tables"].items()
    }
    times = {name: _moment(data[name]) for name in ("as_of", "exported_at", "first_at", "last_at")}
    lists: dict[str, Any] = {
        "columns": tuple(ColumnSeen(**one) for one in data["columns"]),
        "warnings": tuple(Warned(**one) for one in data["warnings"]),
        "findings": tuple(Finding(**one) for one in data["findings"]),
        "rejects": tuple(Reject(**one) for one in data["rejects"]),
        "headers": tuple(data["headers"]),
        "sheets": tuple(data["sheets"]),
        "shop_names": tuple(data["shop_names"]),
        "preview_rows": tuple(data["preview_rows"]),
        "tables": tables,
        "rejects_path": Path(data["rejects_path"]) if data["rejects_path"] else None,
    }
    return Parsed(**{**data, **times, **lists})

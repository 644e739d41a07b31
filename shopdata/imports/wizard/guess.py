"""What a column may be: declared evidence, each with its weight, summed up to a score for each field.

Evidence says how likely a column is a field; ``READS`` says whether its values can be read as one at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from shopdata.imports.wizard.templates import Known, squeezed
from shopdata.ingest import cells
from shopdata.ingest.results import ColumnValues
from shopdata.platforms import FOLDER, plain
from shopdata.platforms.places import places

READABLE = 0.8
SHORTEST_PART = {True: 3, False: 2}
MOST_WORDS = 40
EUROPEAN = re.compile(r"[^0-9]*(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{1,2}[^0-9]*")
POINTED = re.compile(r"[^0-9]*[0-9][0-9,]*(?:\.[0-9]{1,2})?[^0-9]*")

Share = Callable[[ColumnValues, Known], float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to take a column for a field: ``weight`` × what ``share`` says, 0 … 1."""

    weight: int
    share: Share


@cache
def _guesses() -> Mapping[str, Mapping[str, str]]:
    text = (FOLDER / "data" / "guesses.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def share_of(column: ColumnValues, fits: Callable[[str], bool]) -> float:
    """The share of the known cells of a column that ``fits`` holds for."""
    known = sum(count for _, count in column.values)
    return sum(count for value, count in column.values if fits(value)) / known if known else 0.0


def _same_name(column: ColumnValues, known: Known) -> float:
    return float(squeezed(column.header) in known.names)


def _part_of_name(column: ColumnValues, known: Known) -> float:
    """The longest name the header contains, as a share of the header."""
    header = squeezed(column.header)
    parts = [name for name in known.names if name in header and len(name) >= SHORTEST_PART[name.isascii()]]
    return max(map(len, parts), default=0) / len(header)


def _known_words(column: ColumnValues, known: Known) -> float:
    return share_of(column, lambda value: plain(value) in known.words) if known.words else 0.0


def _known_shape(column: ColumnValues, known: Known) -> float:
    pattern = _guesses()["values"].get(known.field.name)
    return share_of(column, lambda value: bool(re.fullmatch(pattern, value))) if pattern else 0.0


def _places(column: ColumnValues, known: Known) -> float:
    return in_china(column) if known.field.type == "province" else 0.0


def _one_a_row(column: ColumnValues, known: Known) -> float:
    """An id that differs from row to row is what tells the rows apart."""
    if known.field.name not in ("order_id", "waybill", "aftersale_id") or column.distinct < column.filled:
        return 0.0
    return float(id_shape(column) is not None and share_of(column, _is_time) < READABLE)


EVIDENCE = (
    Evidence(100, _same_name),
    Evidence(60, _part_of_name),
    Evidence(50, _known_words),
    Evidence(45, _known_shape),
    Evidence(45, _places),
    Evidence(42, _one_a_row),
)


def _without_fault(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        try:
            return read(value) is not None
        except cells.CellError:
            return False

    return fits


_is_time = _without_fault(cells.read_time)
_is_count = _without_fault(cells.read_count)
_is_ratio = _without_fault(cells.read_ratio)


def _is_money(value: str) -> bool:
    read = partial(cells.read_money, currency=cells.ANY_CURRENCY)
    return any(_without_fault(read)(one) for one in (value, cells.pointed(value)))


def _is_id(value: str) -> bool:
    return any(re.fullmatch(shape, value) for shape in _guesses()["ids"].values())


def _is_name(value: str) -> bool:
    return any(letter.isalpha() for letter in value)


def _are_words(column: ColumnValues) -> float:
    return float(column.distinct <= MOST_WORDS)


READS: Mapping[str, Callable[[ColumnValues], float]] = {
    "id": lambda column: share_of(column, _is_id),
    "order_list": lambda column: share_of(column, lambda value: all(map(_is_id, cells.split_list(value)))),
    "time": lambda column: share_of(column, _is_time),
    "money": lambda column: share_of(column, _is_money),
    "discount": lambda column: share_of(column, _is_money),
    "count": lambda column: share_of(column, _is_count),
    "ratio": lambda column: share_of(column, _is_ratio),
    "province": lambda column: share_of(column, _is_name),
    "city": lambda column: share_of(column, _is_name),
    "word": _are_words,
}


def readable(column: ColumnValues, known: Known) -> bool:
    """Whether (nearly) all cells of the column can be read as this field. An empty column can be anything."""
    reads = READS.get(known.field.type)
    return reads is None or not column.filled or reads(column) >= READABLE


def score(column: ColumnValues, known: Known) -> float:
    """How likely the column is this field; 0 where its values cannot be."""
    if not readable(column, known):
        return 0.0
    return sum(one.weight * one.share(column, known) for one in EVIDENCE)


def id_shape(column: ColumnValues) -> str | None:
    """The narrowest declared shape that every known value of the column has."""
    shapes = _guesses()["ids"].values()
    return next((one for one in shapes if share_of(column, _matcher(one)) == 1), None)


def widest_shape() -> str:
    """The shape an id has where no narrower one holds: letters and digits, joined by ``-`` or ``_``."""
    return list(_guesses()["ids"].values())[-1]


def _matcher(shape: str) -> Callable[[str], bool]:
    return lambda value: bool(re.fullmatch(shape, value))


def in_china(column: ColumnValues) -> float:
    """The share of cells that name a province of China."""
    return share_of(column, lambda value: places().province(value) is not None)


def decimal_mark(columns: Iterable[ColumnValues]) -> str:
    """The mark before the cents of these amounts: a comma where most of those that tell are written so."""
    values = [(value, count) for column in columns for value, count in column.values]
    comma = sum(count for value, count in values if EUROPEAN.fullmatch(value))
    point = sum(count for value, count in values if "." in value and POINTED.fullmatch(value))
    return "," if comma > point else "."

"""What a bad file is here: its name, how its bytes are made, and the verdict the product must give on it.

Every case has numbers of its own, so that all cases can stand in one store and none touches another's rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.imports.shop_files import Line

Status = Literal["imported", "duplicate", "refused"]
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What must be said of one file.

    ``rejects``: row (as a person sees it, header = 1) and code of every rejected row. ``stored``: place of a
    row (0 = first) → column of ``order_lines`` → value. ``repeats``: accepted rows that are no row of their
    own in the store. ``warned``: codes that must be among the warnings.
    """

    status: Status
    code: str | None = None
    rows: int = 0
    rejects: tuple[tuple[int, str], ...] = ()
    repeats: int = 0
    stored: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    warned: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """Rows that must be accepted."""
        return self.rows - len(self.rejects)


def taken(
    rows: int,
    rejects: Mapping[int, str] | Iterable[tuple[int, str]] = (),
    *,
    repeats: int = 0,
    stored: Mapping[int, Mapping[str, Any]] | None = None,
    warned: tuple[str, ...] = (),
) -> Verdict:
    """Imported: so many rows, of which these are rejected."""
    listed = sorted(rejects.items() if isinstance(rejects, Mapping) else rejects)
    return Verdict("imported", None, rows, tuple(listed), repeats, stored or {}, warned)


def refused(code: str) -> Verdict:
    """Refused as a whole: nothing stored."""
    return Verdict("refused", code)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The ids of one case: ``start`` is its own, rows count from 0."""

    start: int

    def line_id(self, place: int) -> str:
        """The sub order number of a row."""
        return f"68{self.start + 1 + place:017d}"

    def order_id(self, place: int) -> str:
        """The main order number of a row."""
        return f"69{self.start + 1 + place:017d}"

    def row(self, place: int, **cells: str) -> dict[str, str]:
        """A good order line; ``cells`` replace columns."""
        return Line(self.start + 1 + place).cells() | cells

    def rows(self, count: int, first: int = 0) -> list[dict[str, str]]:
        """Good order lines."""
        return [self.row(place) for place in range(first, first + count)]


Make = Callable[[Numbers], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """A file and its verdict. ``verdict``: of the file itself, or of each member by its path within."""

    name: str
    file: str
    make: Make
    verdict: Verdict | Mapping[str, Verdict]

    @property
    def numbers(self) -> Numbers:
        """The case's own ids, the same in every run."""
        return Numbers((1 + zlib.crc32(self.name.encode()) % 10**9) * MOST_ROWS)

    @property
    def bytes(self) -> bytes:
        """The file."""
        return self.make(self.numbers)

    @property
    def expected(self) -> dict[str, Verdict]:
        """The name of each entry the product lists for the file, with its verdict, in name order."""
        if isinstance(self.verdict, Verdict):
            return {self.file: self.verdict}
        return {f"{self.file}/{member}": one for member, one in sorted(self.verdict.items())}

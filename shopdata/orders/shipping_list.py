"""A list of waybills as somebody pastes or uploads it, read line by line. Its faults: ``shipping_checks``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shopdata import platforms
from shopdata.errors import BadUsage
from shopdata.words import Words

MOST_LINES, LARGEST = 5_000, 2 << 20
SEPARATORS = re.compile(r"[,，;；\s]+")
PLACES = {"order": 0, "courier": 1, "waybill": 2}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: the number of an order or order line, the courier, the waybill."""

    line: int
    number: str
    courier: str
    waybill: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be shipped; ``code`` under ``orders.shipping.problems``, filled with ``details``."""

    line: int
    code: str
    details: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, words: Words) -> str:
        """What is wrong, with its line."""
        said = {key: words.get(f"ui.statuses.{value}", str(value)) for key, value in self.details.items()}
        what = words(f"orders.shipping.problems.{self.code}", **said)
        return words("orders.shipping.line", line=self.line, what=what)


@cache
def tables() -> Mapping[str, Any]:
    """The layouts of platforms and the headings of lists."""
    path = platforms.FOLDER / "data" / "shipping_layouts.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def is_workbook(held: bytes) -> bool:
    """Whether an uploaded list is an XLSX workbook, by its content."""
    return held.startswith(b"PK")


def text_of(held: bytes) -> str:
    """The text of an uploaded list. Raises ``BadUsage`` where it is no text, or larger than 2 MB."""
    if len(held) > LARGEST or b"\0" in held:
        raise BadUsage("shipping_not_text")
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return held.decode("gb18030")
        except UnicodeDecodeError as fault:
            raise BadUsage("shipping_not_text") from fault


def read_list(text: str, courier: str = "") -> tuple[Listed, ...]:
    """The lines of a list: order, courier, waybill; order and waybill alone where a ``courier`` is given.

    Columns stand apart by tabs, commas or blanks; a first line of headings says which is which. Raises
    ``BadUsage`` for none or more than 5,000 lines.
    """
    rows = [(place, _cells(line)) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    return read_rows(rows, courier)


def read_rows(rows: Sequence[tuple[int, list[str]]], courier: str = "") -> tuple[Listed, ...]:
    """As ``read_list``, for rows that are cut into cells already, each with its number."""
    places = _places(rows[0][1]) if rows else None
    if rows and places is not None:
        rows = rows[1:]
    if not rows or len(rows) > MOST_LINES:
        raise BadUsage("shipping_lines", limit=f"{MOST_LINES:,}")
    return tuple(_listed(line, cells, places or PLACES, courier.strip()) for line, cells in rows)


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else SEPARATORS.split(line.strip())


def _places(cells: Sequence[str]) -> Mapping[str, int] | None:
    """Where headings stand; ``None`` where the first line is no heading."""
    if any(len(re.sub(r"\D", "", cell)) >= 6 for cell in cells):
        return None
    found: dict[str, int] = {}
    for name, parts in tables()["list"].items():
        free = (at for at, cell in enumerate(cells) if at not in found.values())
        at = next((at for at in free if any(part in cells[at].lower() for part in parts)), None)
        if at is not None:
            found[name] = at
    return found if {"order", "waybill"} <= found.keys() else PLACES


def _listed(line: int, cells: Sequence[str], places: Mapping[str, int], courier: str) -> Listed:
    bare = [cell.strip(platforms.QUOTING) for cell in cells]
    if places is PLACES and len(bare) == 2 and courier:
        return Listed(line, bare[0], courier, bare[1])
    at = {name: bare[place] if place < len(bare) else "" for name, place in places.items()}
    return Listed(line, at["order"], at.get("courier") or courier, at["waybill"])

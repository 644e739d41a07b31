"""Which sheets of a workbook hold a known format: their first rows and the headers among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shopdata.errors import Refused
from shopdata.ingest.formats import HEADER_SEARCH, Recognised, Sought, explain, recognise
from shopdata.ingest.results import Limits, Warned
from shopdata.ingest.xlsx_parts import SheetPart, Workbook, cells_of, elements, open_workbook

OTHER_SHEETS = ("xl/chartsheets/", "xl/dialogsheets/", "xl/macrosheets/")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Row number (0 = first) and its cells: column, kind, text or number of a shared text.
RawRows = list[tuple[int, tuple[tuple[int, str, str], ...]]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the first rows: its column (0 = A), its text, and whether it is a binary number."""

    column: int
    text: str
    number: bool


@dataclass(frozen=True, slots=True)
class Located:
    """A sheet of a known format: its header and the header's row."""

    sheet: SheetPart
    recognised: Recognised
    number: int

    @property
    def format(self) -> str:
        """The key of the format."""
        return self.recognised.match.format.key


def located(workbook: Workbook, limits: Limits, sought: Sought) -> tuple[list[Located], list[Warned]]:
    """The sheets to read and a warning for each that is left out. Raises ``Refused`` when none is known."""
    warned = [Warned("sheet_hidden", None, one.name, 0) for one in workbook.sheets if not one.visible]
    found: list[Located] = []
    seen: list[list[str]] = []
    for peeked in _peeked(workbook, limits, sought):
        seen = peeked.rows if len(peeked.rows) > len(seen) else seen
        if peeked.recognised:
            found.append(Located(peeked.sheet, peeked.recognised, peeked.number))
        elif peeked.rows:
            warned.append(Warned("sheet_ignored", None, peeked.sheet.name, 0))
    if not found:
        raise explain(seen, sought) if seen else Refused("no_rows" if workbook.sheets else "not_a_table")
    kept = _of_one_format(found)
    warned += [Warned("sheet_other_format", None, one.sheet.name, 0) for one in found if one not in kept]
    return kept, warned


def first_texts(path: Path, limits: Limits) -> list[list[list[str]]]:
    """The first rows of each visible sheet as texts. Raises ``Refused``."""
    return [one.rows for one in _peeked(open_workbook(path, limits), limits, Sought({}))]


def _of_one_format(found: Sequence[Located]) -> list[Located]:
    """The sheets of the format that most of them have; without a majority all, for others to refuse."""
    counted = Counter(one.format for one in found)
    (key, most), *_ = counted.most_common(1)
    return [one for one in found if one.format == key] if 2 * most > len(found) else list(found)


@dataclass(frozen=True, slots=True)
class _Peeked:
    sheet: SheetPart
    rows: list[list[str]]
    recognised: Recognised | None = None
    number: int = 0


def _peeked(workbook: Workbook, limits: Limits, sought: Sought) -> list[_Peeked]:
    """The first rows of each visible sheet and the header among them.

    Sheets that repeat a header share its texts, so the texts of the whole workbook, which may be millions,
    are gone through for the first sheet and once more for all whose header is another.
    """
    sheets = [one for one in workbook.sheets if one.visible]
    tables = [not one.part.startswith(OTHER_SHEETS) for one in sheets]
    raw = [
        raw_rows(workbook, one, HEADER_SEARCH) if is_table else []
        for one, is_table in zip(sheets, tables, strict=True)
    ]
    shared = shared_strings(workbook, raw[:1])
    known = {cells for _, cells in (raw[0] if raw else []) if len(cells) > 1}
    others = [rows for rows in raw[1:] if not known & {cells for _, cells in rows}]
    shared |= shared_strings(workbook, others)
    found: dict[tuple[str, ...], Recognised] = {}
    return [
        _looked_at(one, with_texts(rows, shared), limits, sought, found)
        for one, rows in zip(sheets, raw, strict=True)
    ]


def _looked_at(
    sheet: SheetPart,
    rows: list[tuple[int, list[Cell]]],
    limits: Limits,
    sought: Sought,
    found: dict[tuple[str, ...], Recognised],
) -> _Peeked:
    """The header among the first rows of a sheet. ``found``: headers of the sheets before, which grow."""
    if not any(cells for _, cells in rows):
        return _Peeked(sheet, [])
    first = min(cell.column for _, cells in rows for cell in cells)
    width = max(cell.column for _, cells in rows for cell in cells) + 1 - first
    if width > limits.columns:
        raise Refused("too_many_columns", columns=width, limit=limits.columns)
    texts = []
    for _, cells in rows:
        line = [""] * width
        for cell in cells:
            line[cell.column - first] = cell.text
        texts.append(line)
    known = ((found[tuple(line)], place) for place, line in enumerate(texts) if tuple(line) in found)
    before, place = next(known, (None, 0))
    recognised = replace(before, row=place) if before else recognise(texts, sought)
    if recognised is None:
        return _Peeked(sheet, texts)
    found[tuple(texts[recognised.row])] = recognised
    return _Peeked(sheet, texts, recognised, rows[recognised.row][0])


def first_rows(workbook: Workbook, sheet: SheetPart, count: int) -> list[tuple[int, list[Cell]]]:
    """The first ``count`` rows that have cells: row number (0 = first) and cells."""
    rows = raw_rows(workbook, sheet, count)
    return with_texts(rows, shared_strings(workbook, [rows]))


def raw_rows(workbook: Workbook, sheet: SheetPart, count: int) -> RawRows:
    """The first ``count`` rows that have cells, texts that all sheets share still as their numbers."""
    rows: RawRows = []
    number = -1
    for _, row in elements(workbook, sheet.part, "row"):
        number = int(row.get("r") or number + 2) - 1
        rows.append((number, tuple(cells_of(row))))
        if len(rows) >= count:
            break
    return rows


def shared_strings(workbook: Workbook, sheets: Iterable[RawRows]) -> dict[int, str]:
    """The shared texts that rows of some sheets name, read in one go."""
    return _shared(
        workbook,
        {
            int(text)
            for rows in sheets
            for _, cells in rows
            for _, kind, text in cells
            if kind == "s" and text.isdigit()
        },
    )


def with_texts(rows: RawRows, shared: Mapping[int, str]) -> list[tuple[int, list[Cell]]]:
    """Rows with their texts; a shared text that is not known is empty."""
    return [(number, [_cell(cell, shared) for cell in cells]) for number, cells in rows]


def _shared(workbook: Workbook, wanted: set[int]) -> dict[int, str]:
    if not wanted:
        return {}
    found: dict[int, str] = {}
    for place, (_, element) in enumerate(elements(workbook, "xl/sharedStrings.xml", "si")):
        if place in wanted:
            texts = [one.text or "" for one in element.iter() if one.tag.rsplit("}", 1)[-1] == "t"]
            found[place] = "".join(texts)
        if place >= max(wanted):
            break
    return found


def _cell(cell: tuple[int, str, str], shared: Mapping[int, str]) -> Cell:
    column, kind, text = cell
    if kind == "s":
        text = shared.get(int(text), "") if text.isdigit() else ""
    return Cell(column, _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text), kind == "n")

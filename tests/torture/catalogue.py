"""Every bad file, in the order of its subject."""

from __future__ import annotations

from tests.torture.cases import (
    amounts,
    archives,
    damage,
    dates,
    encodings,
    file_names,
    foreign_kinds,
    hostile_text,
    ids,
    quantities,
    repeats,
    structure,
    workbooks,
)
from tests.torture.declaration import Case

SUBJECTS: dict[str, tuple[Case, ...]] = {
    "encodings": encodings.CASES,
    "structure": structure.CASES,
    "ids": ids.CASES,
    "amounts": amounts.CASES,
    "quantities": quantities.CASES,
    "dates": dates.CASES,
    "hostile text": hostile_text.CASES,
    "foreign kinds": foreign_kinds.CASES,
    "archives": archives.CASES,
    "workbooks": workbooks.CASES,
    "file names": file_names.CASES,
    "damage": damage.CASES,
    "repeats": repeats.CASES,
}
FEW_EACH = 2
CASES: tuple[Case, ...] = tuple(case for cases in SUBJECTS.values() for case in cases)
# A few of every subject, spread over it, for the doors that are slow to go through.
FEW: tuple[Case, ...] = tuple(
    case for cases in SUBJECTS.values() for case in cases[:: -(-len(cases) // FEW_EACH)]
)

"""A file on disk to sheets with known headers: what kind of file it is is told by its first bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shopdata.errors import Refused
from shopdata.ingest.csv_blocks import csv_source
from shopdata.ingest.csv_head import open_csv
from shopdata.ingest.formats import Sought
from shopdata.ingest.raw import Source
from shopdata.ingest.results import Limits, Warned

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PIECE = 1 << 20
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"{\\rtf",
    b"\x7fELF", b"MZ", b"SQLite format 3", b"PAR1", b"\x04\x22\x4d\x18", b"BM",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of a file that hold data of a known format, and what was left out."""

    sources: Sequence[Source]
    warned: Sequence[Warned] = ()


def opened(path: Path, scratch: Path, limits: Limits, sought: Sought) -> Sheets:
    """The sheets of the file at ``path``; ``scratch`` may receive a re-encoded copy. Raises ``Refused``."""
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise Refused("empty_file")
    if start.startswith(OLE):
        raise Refused("password_needed" if is_locked(path) else "not_a_table", form="xls")
    if start.startswith((ZIP, EMPTY_ZIP)):
        from shopdata.ingest.xlsx import xlsx_sheets

        return xlsx_sheets(path, limits, sought)
    if start.startswith(FOREIGN):
        raise Refused("not_a_table")
    source = csv_source(open_csv(path, scratch, sought), limits)
    if len(source.recognised.headers) > limits.columns:
        raise Refused("too_many_columns", columns=len(source.recognised.headers), limit=limits.columns)
    return Sheets([source])


def is_locked(path: Path) -> bool:
    """Whether a file is a password-protected workbook: an OLE file that names the encrypted package."""
    with path.open("rb") as file:
        if file.read(len(OLE)) != OLE:
            return False
        while piece := file.read(PIECE):
            if ENCRYPTED in piece:
                return True
            if len(piece) == PIECE:
                file.seek(-len(ENCRYPTED), 1)
    return False

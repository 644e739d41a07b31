"""What an import says about itself: the contract's entry for a file, the preview before it, the sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shopdata.errors import ShopdataError
from shopdata.words import Words, words
from shopdata.words.sentences import template

Status = Literal["imported", "duplicate", "refused"]
LISTED_REJECTS = 1_000


@dataclass(frozen=True, slots=True)
class RejectLine:
    """A row that was not stored: where it stands in the file (header = 1), which cell, and why."""

    row: int
    column: str | None
    code: str
    value: str | None
    sheet: str | None = None

    def as_json(self, spoken: Words) -> dict[str, Any]:
        """The contract's entry, with its sentence."""
        said = sentence(spoken, "rejects", self.code, row=self.row, column=self.column, value=self.value)
        names = ("row", "sheet", "column", "code", "value")
        return {name: getattr(self, name) for name in names} | {"message": said}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the file holds that nobody should have to guess: an unknown word, a new header."""

    code: str
    column: str | None
    value: str | None
    rows: int

    def as_json(self, spoken: Words) -> dict[str, Any]:
        """The contract's entry, with its sentence."""
        said = sentence(spoken, "warnings", self.code, rows=self.rows, column=self.column, value=self.value)
        names = ("code", "column", "value", "rows")
        return {name: getattr(self, name) for name in names} | {"message": said}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a file was stored."""

    code: str
    details: Mapping[str, object] = field(default_factory=dict)
    status: int = 2


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of an import, as the contract's ``import --json`` lists it; ``import_id`` and ``effect``
    (what it did to the figures, see ``effects``) once stored. ``findings``: what its columns were found to
    mean, (code, rows it held for, rows looked at)."""

    file: str
    sha256: str | None
    status: Status
    format: str | None = None
    shop: str | None = None
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    rejects: tuple[RejectLine, ...] = ()
    warnings: tuple[Notice, ...] = ()
    findings: tuple[tuple[str, int, int], ...] = ()
    error: Refusal | None = None
    import_id: int | None = None
    effect: Mapping[str, Any] | None = None

    @property
    def exit_status(self) -> int:
        """What this file alone would make the command's exit status: 0, 1 (rows rejected), 2 or 3."""
        if self.error is not None:
            return self.error.status
        return 1 if self.rejected and self.status == "imported" else 0

    def as_json(self, spoken: Words | None = None) -> dict[str, Any]:
        """The contract's document of this file, sentences in the language of ``spoken``."""
        say = spoken or words()
        return {
            "file": self.file,
            "sha256": self.sha256,
            "format": self.format,
            "shop": self.shop,
            "status": self.status,
            "rows": self.rows,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "seconds": round(self.seconds, 3),
            "rejects": [one.as_json(say) for one in self.rejects[:LISTED_REJECTS]],
            "warnings": [one.as_json(say) for one in self.warnings],
            "findings": [finding_json(say, one) for one in self.findings],
            "error": self.error
            and {
                "code": self.error.code,
                "message": error_sentence(say, self.error.code, self.error.details),
            },
            "effect": self.effect,
        }


def exit_status(results: Sequence[FileResult]) -> int:
    """The contract's exit status of a whole import: 3 a fault, 2 nothing stored, 1 some of it, 0 all."""
    each = [result.exit_status for result in results]
    if 3 in each:
        return 3
    if each and all(status == 2 for status in each):
        return 2
    return 1 if any(each) else 0


class _Blank(dict[str, object]):
    """Fills the places of a sentence; a detail nobody gave stays empty instead of failing."""

    def __missing__(self, key: str) -> str:
        return ""


def sentence(spoken: Words, group: str, code: str, **details: object) -> str:
    """The sentence of a reject, warning or finding code."""
    known = {name: value for name, value in details.items() if value is not None}
    return spoken.get(f"imports.{group}.{code}", code).format_map(_Blank(known))


def finding_sentence(spoken: Words, found: tuple[str, int, int]) -> str:
    """What a file's columns were found to mean, and on how many rows that rests."""
    code, rows, of_rows = found
    return sentence(spoken, "findings", code, rows=f"{rows:,}", of_rows=f"{of_rows:,}")


def finding_json(spoken: Words, found: tuple[str, int, int]) -> dict[str, Any]:
    """A finding as it stands in documents."""
    code, rows, of_rows = found
    said = finding_sentence(spoken, found)
    return {"code": code, "rows": rows, "of_rows": of_rows, "message": said}


def error_sentence(spoken: Words, code: str, details: Mapping[str, object]) -> str:
    """The sentence of an error's code; one nobody wrote a sentence for reads as a fault."""
    return template(spoken, code, details).format_map(_Blank(details))


def refused(file: str, sha256: str | None, fault: ShopdataError, seconds: float = 0.0) -> FileResult:
    """The result of a file of which nothing was stored."""
    status = 3 if fault.exit_status == 3 else 2
    return FileResult(
        file=file,
        sha256=sha256,
        status="refused",
        seconds=seconds,
        error=Refusal(fault.code, dict(fault.details), status),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file is and why, before anything of it is stored.

    ``columns``: (header, canonical column or ``None``); ``findings``: what its columns mean, (code, rows it
    held for, rows looked at); ``first_rows``: the first typed rows by canonical column.
    """

    file: str
    format: str | None = None
    platform: str | None = None
    kind: str | None = None
    shop: str | None = None
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    columns: tuple[tuple[str, str | None], ...] = ()
    findings: tuple[tuple[str, int, int], ...] = ()
    warnings: tuple[Notice, ...] = ()
    rejects: tuple[RejectLine, ...] = ()
    first_rows: tuple[Mapping[str, object], ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    as_of: datetime | None = None
    exported_at: datetime | None = None
    duplicate: bool = False
    error: Refusal | None = None

"""One file from bytes to typed Arrow files: reader, format, rows, rejects, repeats, report."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from shopdata.errors import Refused
from shopdata.ingest import report
from shopdata.ingest.content import chosen_format
from shopdata.ingest.csv_encoding import first_undecodable
from shopdata.ingest.duplicates import Losers, losers
from shopdata.ingest.formats import Sought
from shopdata.ingest.normalise import ByMain, Normalised, Normaliser
from shopdata.ingest.opening import opened
from shopdata.ingest.problems import Rejected
from shopdata.ingest.raw import Piece, Reading, Source
from shopdata.ingest.results import Limits, Parsed, TableFile, Warned
from shopdata.ingest.rounded import Rounded, judged
from shopdata.ingest.rules import MULTIPLYING, SIDE_KEYS, Names, settle
from shopdata.ingest.writer import RejectWriter, TableWriter, read_rows, rewrite
from shopdata.platforms import Field, Format, header_key
from shopdata.platforms.own import with_own

AT_ONCE = 2
PREVIEW_ROWS = 50
FEW_UNDECODABLE = 3
SHARE_UNDECODABLE = 0.01
EXPLANATIONS = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What to parse and how: see ``client.Parser.parse``."""

    path: Path
    out: Path
    file_name: str
    format_key: str | None
    now: datetime
    assignments: Mapping[str, Mapping[str, str]]
    limits: Limits
    preview: bool = False
    own_formats: tuple[Path, ...] = ()


def parse(task: Task, progress: Progress) -> Parsed:
    """The file as typed rows in ``task.out``. Raises ``Refused``; what was written then is worthless."""
    sought = Sought(with_own(task.own_formats), task.format_key)
    if sought.wanted is not None and sought.wanted not in sought.formats:
        raise Refused("format_unknown", nearest="", column="", wanted=task.format_key)
    sheets = opened(task.path, task.out, task.limits, sought)
    format_ = chosen_format(sheets.sources, sought)
    refused: tuple[str, ...] = ()
    while True:
        try:
            return Parsing(task, format_, sheets.sources, sheets.warned, refused).run(progress)
        except ByMain:
            format_ = sought.formats[format_.by_main]
        except Rounded as proof:
            refused = proof.args


@dataclass(slots=True)
class Parsing:
    """One pass over a file in one format."""

    task: Task
    format: Format
    sources: Sequence[Source]
    warned: Sequence[Warned]
    rounded: Sequence[str] = ()
    tables: dict[str, TableWriter] = field(default_factory=dict)
    seen: report.Seen = field(default_factory=report.Seen)
    ordinals: Counter[str] = field(default_factory=Counter)
    undecodable: int = 0
    rows: int = 0
    pieces: list[tuple[int, int, str | None, Piece]] = field(default_factory=list)

    def run(self, progress: Progress) -> Parsed:
        """All pieces in order, then what only the whole file can tell."""
        headers = {source.sheet: source.recognised.headers for source in self.sources}
        rejects = RejectWriter(self.task.out / "rejects.arrow", headers)
        total = self.task.path.stat().st_size
        for source in self.sources:
            row = source.first_row
            for piece, result in self._normalised(source):
                self._take(piece, result, row, source, rejects)
                row += result.records
                progress(min(piece.done, total), total)
        if not self.rows:
            raise Refused("no_rows")
        self._refuse_foreign_bytes(self.undecodable)
        for table in self.tables.values():
            table.close()
        if (found := judged(self.seen.counts)) and not self.rounded:
            raise Rounded(*found)
        repeated = self._finish(rejects)
        progress(total, total)
        return self._parsed(rejects, repeated)

    def _normalised(self, source: Source) -> Iterator[tuple[Piece, Normalised]]:
        """Pieces of a sheet, two at a time, in the order of the sheet."""
        headers = source.recognised.headers
        found = self.format.columns_of(headers)
        absent = self._absent(found)
        sheets = tuple(one.sheet for one in self.sources if one.sheet is not None)
        names = Names(source.sheet or "", Path(self.task.file_name).stem, sheets)
        normaliser = Normaliser(
            self.format, found, self.task.now, self.task.assignments, len(headers), absent, self.ordinals,
            self.rounded, report.day_of(self.task.file_name, self.task.now), names,
        )  # fmt: skip
        reading = reading_of(self.format, found)
        unnumbered = self.format.row_key[-1] not in found
        in_order = unnumbered and (self.format.numbered or bool(self.format.by_main))
        with ThreadPoolExecutor(1 if in_order else AT_ONCE) as pool:
            waiting: deque[tuple[Piece, Future[Normalised]]] = deque()
            try:
                for piece in source.pieces(reading):
                    waiting.append((piece, pool.submit(lambda one: normaliser.normalise(one.read()), piece)))
                    if len(waiting) > AT_ONCE:
                        first, result = waiting.popleft()
                        yield first, result.result()
                while waiting:
                    first, result = waiting.popleft()
                    yield first, result.result()
            finally:
                for _, result in waiting:
                    result.cancel()

    def _absent(self, found: Mapping[str, int]) -> list[Field]:
        """Fields that another sheet of the file has and this one has not."""
        headers = dict.fromkeys(one.recognised.headers for one in self.sources)
        anywhere = {name for one in headers for name in self.format.columns_of(one)}
        return [self.format.fields[name] for name in sorted(anywhere - found.keys())]

    def _take(
        self, piece: Piece, result: Normalised, row: int, source: Source, rejects: RejectWriter
    ) -> None:
        self.pieces.append((row, result.records, source.sheet, piece))
        rejected = [(row + one.place, one) for one in sorted(result.rejected, key=lambda one: one.place)]
        explained = [one for at, one in rejected if self._explains(at - source.first_row, one)]
        rejected = [(at, one) for at, one in rejected if one not in explained]
        rejects.write(rejected, source.sheet)
        self.rows += result.rows - len(explained)
        self.undecodable += sum(one.code == "undecodable" for _, one in rejected)
        self.seen.unknown.update(result.unknown)
        self.seen.counts.update(result.counts)
        for name, table in result.tables.items():
            key = self.format.row_key if name == self.format.table else SIDE_KEYS[name]
            writer = self.tables.setdefault(name, TableWriter(self.task.out / f"{name}.arrow", key))
            writer.write(table, row, source.sheet)
        self.seen.look(self.format, result.tables[self.format.table])

    def _explains(self, place: int, one: Rejected) -> bool:
        """Whether a row right under the header explains the columns instead of holding data."""
        return (
            self.format.explanation_rows and place < EXPLANATIONS and one.code in ("id_missing", "id_invalid")
        )

    def _refuse_foreign_bytes(self, undecodable: int) -> None:
        """A few broken rows are rejects; many mean that the encoding is another."""
        if self.sources[0].encoding == "xlsx":
            return
        if undecodable > max(FEW_UNDECODABLE, SHARE_UNDECODABLE * self.rows) or undecodable == self.rows:
            raise Refused("encoding_unknown", offset=first_undecodable(self.task.path))

    def _finish(self, rejects: RejectWriter) -> int:
        """Drop repeated keys, correct columns by the file's evidence; how many rows were only repeats."""
        corrections = settle(self.format, self.seen.counts)
        repeated = 0
        for name, table in self.tables.items():
            primary = name == self.format.table
            found = losers(table)
            if found is None and not (primary and corrections):
                continue
            drop, gone = None, None
            if found is not None:
                drop = np.zeros(table.rows, bool)
                drop[found.places] = True
                gone = self._gone(table, found) if primary else None
            rewrite(table, drop, corrections if primary else ())
            if gone is not None:
                repeated += int(gone.identical.sum())
                self._reject_conflicting(gone.only(~gone.identical), rejects)
        return repeated

    def _gone(self, table: TableWriter, found: Losers) -> Losers:
        """File rows of which nothing is left (a row may have brought several keys), each once."""
        lists = any(one.type == "order_list" for one in self.format.fields.values())
        if not (lists or self.format.spread or MULTIPLYING & set(self.format.rules)):
            return found
        every = read_rows(table.path, np.arange(table.rows), ["sheet", "row"]).to_pylist()
        brought = Counter((one["sheet"], one["row"]) for one in every)
        lost = list(zip(found.sheets.to_pylist(), found.rows.tolist(), strict=True))
        counted, conflicts = (
            Counter(lost),
            Counter(row for row, same in zip(lost, found.identical.tolist(), strict=True) if not same),
        )
        seen: set[tuple[str | None, int]] = set()
        chosen = np.zeros(len(found), bool)
        for place, row in enumerate(lost):
            whole = counted[row] == brought[row]
            tells = bool(conflicts[row]) != bool(found.identical[place])
            if whole and tells and row not in seen:
                seen.add(row)
                chosen[place] = True
        return found.only(chosen)

    def _reject_conflicting(self, conflicting: Losers, rejects: RejectWriter) -> None:
        """Older states of a key that the file holds twice become rejects, with their cells."""
        keys = {one.sheet: self._key_column(one) for one in self.sources}
        sheets = np.array(conflicting.sheets.to_pylist(), object)
        for first, records, sheet, piece in self.pieces if len(conflicting) else ():
            inside = (conflicting.rows >= first) & (conflicting.rows < first + records) & (sheets == sheet)
            if not inside.any():
                continue
            rows, column = piece.read(), keys[sheet]
            positions = np.flatnonzero(np.isin(rows.places + first, conflicting.rows[inside])).tolist()
            made = []
            for position, all_cells in zip(positions, rows.cells(positions), strict=True):
                value = all_cells[column] if column is not None else ""
                place = int(rows.places[position])
                one = Rejected(place, "conflicting_duplicate", column, value, tuple(all_cells))
                made.append((first + place, one))
            rejects.write(made, sheet)

    def _key_column(self, source: Source) -> int | None:
        """Where a sheet has the number a row is known by."""
        found = self.format.columns_of(source.recognised.headers)
        return next((place for name, place in found.items() if name in self.format.key_fields), None)

    @property
    def _headers(self) -> tuple[str, ...]:
        """The headers of the file: those of its first sheet, then what only further ones have."""
        first, *further = (one.recognised.headers for one in self.sources)
        known = {header_key(header) for header in first}
        more = {header_key(header): header for headers in further for header in headers}
        return (*first, *(header for key, header in more.items() if key and key not in known))

    def _parsed(self, rejects: RejectWriter, repeated: int) -> Parsed:
        headers, format_ = self._headers, self.format
        match = report.match(format_, headers)
        warnings = [*self.warned, *report.warnings(self.seen, match, headers, self.rows)]
        primary = self.tables[format_.table]
        shown = min(PREVIEW_ROWS, primary.rows) if self.task.preview else 0
        return Parsed(
            format=format_.key,
            kind=format_.kind,
            table=format_.table,
            platform=format_.platform,
            rows=self.rows,
            accepted=self.rows - rejects.count,
            rejected=rejects.count,
            repeats=repeated,
            columns=report.columns_seen(match, headers),
            headers=headers,
            warnings=tuple(warnings),
            findings=tuple(report.findings(self.seen, match, self.rows)),
            rejects_path=rejects.close(),
            rejects=tuple(sorted(rejects.first, key=lambda one: (one.sheet or "", one.row))),
            as_of=self.seen.as_of,
            exported_at=report.exported_at(format_, self.task.file_name, self.task.now),
            first_at=self.seen.first_at,
            last_at=self.seen.last_at,
            tables={n: TableFile(one.path, one.present, one.rows) for n, one in self.tables.items()},
            encoding=self.sources[0].encoding,
            sheets=tuple(one.sheet for one in self.sources if one.sheet is not None),
            shop_names=tuple(name for name, _ in self.seen.shops.most_common(report.MOST_SHOPS)),
            currency=format_.currency,
            zone=format_.zone,
            preview_rows=tuple(_first_rows(primary, shown)),
        )


def _first_rows(table: TableWriter, count: int) -> list[dict[str, Any]]:
    if not count:
        return []
    names = ["sheet", "row", *table.present]
    rows: list[dict[str, Any]] = read_rows(table.path, np.arange(count), names).to_pylist()
    return rows


def reading_of(format_: Format, found: Mapping[str, int]) -> Reading:
    """Which columns to read, which as plain text, and whether records begin with an id."""
    kinds = {place: format_.fields[name].type for name, place in found.items()}
    unique = {place for place, kind in kinds.items() if kind in ("id", "time", "order_list")}
    return Reading(sorted(kinds), unique, kinds.get(0) in ("id", "ref"), format_.ragged)

"""Rows of text to typed rows and rejects: fields, then rules, then versions; the columns of the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest import cells, rounded
from shopdata.ingest.convert import (
    ARROW_TYPES,
    CODE_OF,
    MOMENT,
    Codes,
    Converted,
    Memory,
    convert,
    decoded,
    encoded,
)
from shopdata.ingest.convert_places import cities, provinces
from shopdata.ingest.cut_off import may_be_cut
from shopdata.ingest.hashing import row_hashes
from shopdata.ingest.problems import Problems, Rejected, empty_cells, totals_cells, unfilled
from shopdata.ingest.raw import Rows
from shopdata.ingest.rules import NO_NAMES, RULES, Columns, Names, Work
from shopdata.ingest.rules.work import together
from shopdata.platforms import Field, Format

FIRST_YEAR = datetime(2003, 1, 1)
MOST_AHEAD = timedelta(days=1)
MOST_PROMISED = timedelta(days=731)
JOINED_IDS = "[0-9]{6}[A-Za-z]?[\\s'\"]*[;\uff1b][\\s'\"]*[0-9]{6}"
DAY = "_day"
TIMES = ("time", "period", "month")
LABELS = ("text", "code", "ref", "word", *TIMES)
VERSION = ("event_at", "status_rank", "row_hash")


class ByMain(Exception):
    """The file has one row a main order: its sub order cells hold several numbers."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """One piece of a file, typed. ``tables``: table → columns, ``row`` still counted within the piece."""

    tables: Mapping[str, pa.Table]
    rejected: tuple[Rejected, ...]
    rows: int
    records: int
    unknown: Counter[tuple[str, str]]
    counts: Counter[str]


@dataclass(slots=True)
class Normaliser:
    """Understands the rows of one file: its format, where its columns are, what was read before."""

    format: Format
    found: Mapping[str, int]
    now: datetime
    assignments: Mapping[str, Mapping[str, str]]
    headers: int
    absent: Sequence[Field] = ()
    ordinals: Counter[str] = field(default_factory=Counter)
    rounded: Sequence[str] = ()
    day: datetime | None = None
    names: Names = NO_NAMES
    memories: dict[str, Memory] = field(default_factory=dict)

    def memory(self, name: str) -> Memory:
        """What was read so far of one field."""
        return self.memories.setdefault(name, Memory())

    def normalise(self, rows: Rows) -> Normalised:
        """Typed rows and rejects of one piece."""
        size = len(rows.places)
        columns: Columns = {}
        problems = Problems(size)
        unknown: Counter[tuple[str, str]] = Counter()
        counts: Counter[str] = Counter()
        for one in self._ordered_fields():
            if one.type in ("city", "order_list"):
                continue
            result = self._field(one, rows, problems, counts)
            columns[one.name] = result.values
            if one.raw and one.raw not in self.found:
                columns[one.raw] = result.values if result.raw is None else result.raw
            unknown.update({(one.name, word): count for word, count in result.unknown.items()})
        for name, codes in unfilled(self.format, columns):
            problems.add(codes, self.found[name])
        self._city(rows, columns)
        self._cut_off(rows, problems)
        lists = self._order_list(rows, problems)
        rejected, blank = problems.listed(rows)
        keep = None if problems.none else problems.codes == 0
        return self._finished(rows, columns, lists, keep, rejected, blank, unknown, counts)

    @property
    def _wall_clock(self) -> tzinfo:
        return ZoneInfo(self.format.zone) if self.format.zone else cells.BEIJING

    def _ordered_fields(self) -> list[Field]:
        """Fields the file has: key fields first, then as their columns stand in the file."""
        fields = [self.format.fields[name] for name in self.found]
        return sorted(fields, key=lambda one: (one.type != "id", self.found[one.name]))

    def _field(self, one: Field, rows: Rows, problems: Problems, counts: Counter[str]) -> Converted:
        texts = rows.columns[self.found[one.name]]
        everywhere, here = one.name, f"{self.format.platform}.{one.name}"
        assigned = {**self.assignments.get(everywhere, {}), **self.assignments.get(here, {})}
        if one.type == "province":
            return provinces(texts, self.memory(one.name))
        if self.format.reference and one.type in LABELS:
            problems.add(totals_cells(one, texts), self.found[one.name])
        result = convert(
            one, texts, self.memory(one.name), assigned, numbers=rows.numbers, zone=self._wall_clock,
            currency=self.format.currency,
        )  # fmt: skip
        problems.add(result.codes, self.found[one.name])
        if one.name == "line_id" and self.format.by_main and _joins_ids(texts, result.codes):
            raise ByMain
        if one.type == "id":
            self._rounded(one, result.values, counts, problems)
        if one.type in TIMES or (one.type == "clock" and one.needed and DAY not in self.found):
            problems.add(self._impossible(one, result.values), self.found[one.name])
        if one.needed:
            problems.add(empty_cells(one, result.values), self.found[one.name])
        return result

    def _rounded(self, one: Field, ids: pa.Array, counts: Counter[str], problems: Problems) -> None:
        """Count ids that may have been rounded; refuse them where the whole file proves it."""
        rounded.count(one.name, ids, counts)
        if one.name in self.rounded:
            codes = np.where(rounded.written_out(ids), CODE_OF["id_precision_lost"], 0).astype(np.int8)
            problems.add(codes, self.found[one.name])

    def _impossible(self, one: Field, moments: pa.Array) -> Codes | None:
        """Events before 2003 or in the future, promises more than two years ahead."""
        if moments.null_count == len(moments):
            return None
        latest = self.now + (MOST_PROMISED if "promised" in one.role else MOST_AHEAD)
        span = pc.min_max(moments).as_py()
        if span["min"] >= FIRST_YEAR and span["max"] <= latest:
            return None
        early = pc.less(moments, pa.scalar(FIRST_YEAR, MOMENT))
        late = pc.greater(moments, pa.scalar(latest, MOMENT))
        wrong = pc.or_(early, late).fill_null(False).to_numpy(zero_copy_only=False)
        return np.where(wrong, CODE_OF["time_impossible"], 0).astype(np.int8)

    def _cut_off(self, rows: Rows, problems: Problems) -> None:
        """Refuse the last row of a file that ends within its last cell, where that may have lost its end."""
        if not rows.unended or not len(rows.places):
            return
        last = max(self.headers - 1, 0)
        one = next((self.format.fields[name] for name, place in self.found.items() if place == last), None)
        if one is not None and may_be_cut(one, rows.columns[last]):
            codes = np.zeros(len(rows.places), np.int8)
            codes[-1] = CODE_OF["truncated"]
            problems.add(codes, last)

    def _city(self, rows: Rows, columns: Columns) -> None:
        for one in (self.format.fields[name] for name in self.found):
            if one.type == "city":
                texts = rows.columns[self.found[one.name]]
                result = cities(texts, columns.get("province"), self.memory(one.name))
                columns[one.name], columns[one.raw] = result.values, result.raw

    def _order_list(self, rows: Rows, problems: Problems) -> tuple[str, list[list[str]]] | None:
        """Cells with several order numbers: field name and the numbers of each row."""
        one = next((f for f in self.format.fields.values() if f.type == "order_list"), None)
        if one is None or one.name not in self.found:
            return None
        texts = decoded(rows.columns[self.found[one.name]]).to_pylist()
        read = [cells.read_id_list(text or "", one.shape) for text in texts]
        codes = np.array([CODE_OF[code] if code else 0 for _, code in read], np.int8)
        problems.add(codes if codes.any() else None, self.found[one.name])
        return one.name, [numbers for numbers, _ in read]

    def _finished(
        self,
        rows: Rows,
        columns: Columns,
        lists: tuple[str, list[list[str]]] | None,
        keep: npt.NDArray[np.bool_] | None,
        rejected: tuple[Rejected, ...],
        blank: int,
        unknown: Counter[tuple[str, str]],
        counts: Counter[str],
    ) -> Normalised:
        columns, places = _kept(rows, columns, lists, keep)
        work = Work(
            self.format, len(places), self.day, self.ordinals, counts, unknown=unknown, names=self.names
        )  # fmt: skip
        for one in self.absent:
            columns.update(
                {name: pa.nulls(len(places), arrow_type(one)) for name in (one.name, one.raw) if name}
            )
        for key, value in self.format.constants.items():
            columns[key] = pa.array([value]).take(pa.array(np.zeros(len(places), np.int32)))
        for rule in self.format.rules:
            RULES[rule](columns, work)
        own = places[columns.pop("_place").to_numpy()] if "_place" in columns else places
        tables = {self.format.table: self._table(columns, own, work.spare)}
        for table, side in work.side.items():
            rows_beside = self._table(side, places[side.pop("_place").to_numpy()])
            tables[table] = together(tables[table], rows_beside) if table in tables else rows_beside
        damaged = tuple(
            Rejected(one.place, one.code, one.column, one.value, one.cells) for one in rows.damaged
        )
        size = len(rows.places) - blank + len(damaged)
        return Normalised(tables, (*rejected, *damaged), size, rows.records, unknown, work.counts)

    def _table(
        self, columns: Columns, places: npt.NDArray[np.int64], spare: Mapping[str, pa.Array] | None = None
    ) -> pa.Table:
        size = len(places)
        stored = {name: values for name, values in columns.items() if not name.startswith("_")}
        hashes = row_hashes(stored, size)
        events = [values for name, values in columns.items() if self._is_event(name)]
        version = {
            "row": pa.array(places, pa.int32()),
            "event_at": pc.max_element_wise(*events) if events else pa.nulls(size, MOMENT),
            "status_rank": self._ranks(stored, size),
            "row_hash": pa.array(hashes, pa.uint64()),
        }
        return pa.table(
            {name: _plain(values) for name, values in stored.items()} | version | dict(spare or {})
        )

    def _is_event(self, name: str) -> bool:
        one = self.format.fields.get(name) or self.format.fields.get(f"_{name}")
        return one is not None and one.type in TIMES and "event" in one.role

    def _ranks(self, columns: Columns, size: int) -> pa.Array:
        if "status" not in columns:
            return pa.array(np.zeros(size, np.int8))
        statuses = encoded(columns["status"])
        ranks = [self.format.ranks.get(str(status), 0) for status in statuses.dictionary.to_pylist()]
        return pa.array(ranks, pa.int8()).take(statuses.indices).fill_null(0)


def _kept(
    rows: Rows,
    columns: Columns,
    lists: tuple[str, list[list[str]]] | None,
    keep: npt.NDArray[np.bool_] | None,
) -> tuple[Columns, npt.NDArray[np.int64]]:
    """The rows that are not rejected, one for each number of a cell that lists several; and their places."""
    places = rows.places
    if keep is not None:
        mask = pa.array(keep)
        columns = {name: values.filter(mask) for name, values in columns.items()}
        places = places[keep]
    if lists:
        name, numbers = lists
        kept = [one for place, one in enumerate(numbers) if keep is None or keep[place]]
        repeat = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
        columns = {key: values.take(pa.array(repeat)) for key, values in columns.items()}
        columns[name] = pa.array([number for one in kept for number in one], pa.string())
        places = places[repeat]
    return columns, places


def arrow_type(one: Field) -> pa.DataType:
    """The Arrow type of a field's values."""
    return ARROW_TYPES.get(one.type, pa.string())


def _plain(values: pa.Array) -> pa.Array:
    return decoded(values) if pa.types.is_dictionary(values.type) else values


def _joins_ids(texts: pa.Array, codes: Codes | None) -> bool:
    """Whether one of the bad cells is a list of ids."""
    if codes is None:
        return False
    bad = decoded(texts).filter(pa.array(codes == CODE_OF["id_invalid"]))
    return bool(pc.any(pc.match_substring_regex(bad, JOINED_IDS)).as_py())

"""Words of exports that no table knows: which there are, which files hold them, what somebody said they mean.

What a meaning changes in the store is in ``assigning``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection, Row

from shopdata.imports.own_formats import catalogue
from shopdata.imports.scoping import counting_shops
from shopdata.ingest.report import MOST_WORDS
from shopdata.platforms import Field, Format
from shopdata.store import Store, engine_duckdb
from shopdata.store.layers import as_exported
from shopdata.store.tables import ENTITIES, assignments, imports

Meanings = dict[str, dict[str, str]]
UNKNOWN = "unknown"
UNKNOWN_WORDS = ("unknown_status", "unknown_word")


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of an export nobody gave a meaning yet: its column, the stored rows that carry it, and what it
    may mean."""

    platform: str
    field: str
    header: str
    raw: str
    rows: int
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A meaning somebody gave to a word."""

    platform: str
    field: str
    raw: str
    meaning: str


def meanings_of(field: Field) -> tuple[str, ...]:
    """What a word of the field may mean."""
    return tuple(dict.fromkeys(field.words.values()))


def given_words(store: Store) -> tuple[Assignment, ...]:
    """Every meaning somebody gave."""
    with store.read() as connection:
        rows = connection.execute(select(assignments).order_by(assignments.c.field, assignments.c.raw))
        return tuple(Assignment(row.platform, row.field, row.raw, row.meaning) for row in rows)


def known_assignments(store: Store) -> Meanings:
    """Words people gave a meaning: "platform.field" to raw word to canonical value."""
    known: Meanings = {}
    for one in given_words(store):
        known.setdefault(f"{one.platform}.{one.field}", {})[one.raw] = one.meaning
    return known


def unknown_words(store: Store) -> tuple[UnknownWord, ...]:
    """Words in the stored rows of the shops that count, each once whatever file it came in, the most frequent
    first."""
    known = catalogue(store.settings).formats
    found: dict[tuple[str, str, str], UnknownWord] = {}
    with store.read() as connection:
        ids = [shop.id for shop in counting_shops(connection)]
        met = connection.scalars(select(imports.c.format).where(imports.c.undone_at.is_(None)).distinct())
        for export in (known[key] for key in met if key in known):
            for field in _word_fields(export):
                for raw, rows in _unknown_in(connection, export, field, ids):
                    word = UnknownWord(
                        export.platform, field.name, field.headers[0], raw, rows, meanings_of(field)
                    )
                    found.setdefault((export.platform, field.name, raw), word)
    return tuple(sorted(found.values(), key=lambda word: (-word.rows, word.field, word.raw)))


def _word_fields(export: Format) -> Iterator[Field]:
    """Fields of closed words whose word as exported is stored beside the meaning."""
    columns = ENTITIES[export.table].table.c
    for field in export.fields.values():
        if field.type == "word" and field.raw in columns and field.name in columns:
            yield field


def _unknown_in(
    connection: Connection, export: Format, field: Field, shop_ids: Sequence[int]
) -> Sequence[tuple[str, int]]:
    entity = ENTITIES[export.table]
    rows = entity.table
    raw = rows.c[field.raw]
    imported = select(imports.c.id).where(imports.c.format == export.key)
    wanted = and_(
        rows.c.shop_id.in_(shop_ids),
        raw.is_not(None),
        as_exported(entity, rows, field.name) == UNKNOWN,
        rows.c.import_id.in_(imported),
    )
    query = select(raw, func.count()).where(wanted).group_by(raw)
    return [(word, int(count)) for word, count in connection.execute(query)]


def used(tables: Mapping[str, Path], export: Format | None, given: Meanings) -> list[list[str]]:
    """[field, word] of every given meaning that rows of a parsed file make use of."""
    found: list[list[str]] = []
    if export is None:
        return found
    path = tables.get(export.table)
    for field in _word_fields(export):
        words = given.get(f"{export.platform}.{field.name}")
        if words and path is not None and field.raw in engine_duckdb.arrow_schema(path).names:
            with pa.memory_map(str(path)) as mapped:
                held = pc.unique(pa.ipc.open_file(mapped).read_all().column(field.raw)).to_pylist()
            found += [[field.name, word] for word in held if word in words]
    return sorted(found)


def holds(row: Row[Any], export: Format | None, word: Assignment, *, was_given: bool) -> bool:
    """Whether the file of an import may hold the word, known or not; a file that noted too little may."""
    field = export.fields.get(word.field) if export else None
    if export is None or field is None or export.platform != word.platform:
        return False
    notes = json.loads(row.notes or "{}")
    unknown = [one for one in notes.get("warnings", ()) if one[0] in UNKNOWN_WORDS]
    if len(unknown) >= MOST_WORDS or any(
        raw == word.raw and header in field.headers for _, header, raw, _ in unknown
    ):
        return True
    if "meanings" not in notes:
        return was_given
    return [word.field, word.raw] in notes["meanings"]


def changed(given: Meanings, word: Assignment, *, taken_back: bool) -> Meanings:
    """The meanings with one word's given or taken back."""
    key = f"{word.platform}.{word.field}"
    words = {raw: meaning for raw, meaning in given.get(key, {}).items() if raw != word.raw}
    return given | {key: words if taken_back else words | {word.raw: word.meaning}}

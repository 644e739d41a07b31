"""Giving a word a meaning, or taking it back: for later imports and for every row stored already.

The files that hold the word are read again and take the place of their rows, so the store is what it would
be had the meaning been there before they came. Where an upload that would be needed was erased by ``purge``,
the meaning is written into the stored rows as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from shopdata.errors import BadUsage, NotAllowed, Refused
from shopdata.imports import meanings, replaying
from shopdata.imports.audit import record_action
from shopdata.imports.meanings import Assignment, Meanings, known_assignments
from shopdata.imports.own_formats import catalogue
from shopdata.imports.reading import one_parser, work_folder
from shopdata.imports.replaying import Replay
from shopdata.imports.scoping import Shop, all_shops
from shopdata.imports.undo import Tell, homes_of
from shopdata.ingest.client import Parser
from shopdata.ingest.convert import meaning_of
from shopdata.platforms import Format
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import ENTITIES, assignments, imports
from shopdata.store.words_in_rows import Change, rewrite_word

MAY_ASSIGN = ("owner",)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What it changed: files read again, or rows written in place where uploads are gone."""

    files: tuple[str, ...]
    rows_in_place: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """The files that hold the word, those that share rows with them, and what all of them say now."""

    held: list[Row[Any]]
    others: list[Row[Any]]
    homes: tuple[Shop, ...]
    keys: Mapping[str, list[Path]]
    replays: list[Replay]


def assign(
    store: Store,
    scope: Scope,
    platform: str,
    field: str,
    raw: str,
    meaning: str | None,
    *,
    parser: Parser | None = None,
    tell: Tell = lambda done, total: None,
) -> Assigned:
    """Give ``raw`` a meaning, or take it back with ``None``; past rows change with it, in one transaction.

    Raises ``NotAllowed`` for anybody but the owner, ``BadUsage`` for a meaning the field does not have.
    """
    if scope.role not in MAY_ASSIGN:
        raise NotAllowed(role=scope.role)
    word = Assignment(platform, field, raw, meaning or "")
    known = catalogue(store.settings).formats
    if meaning is not None and meaning not in _possible(known, word):
        raise BadUsage("meaning_unknown", meaning=meaning, word=raw)
    with one_parser(parser) as reading:
        while True:
            given = known_assignments(store)
            after = meanings.changed(given, word, taken_back=meaning is None)
            with work_folder(store) as work:
                try:
                    plan = _read(store, reading, known, word, (given, after), work, tell)
                except Refused as refusal:
                    if refusal.code != "upload_purged":
                        raise
                    plan = None
                done = _write(store, scope, known, word, (given, after), plan, work)
            if done is not None:
                store.seal()
                return done


def _possible(known: Mapping[str, Format], word: Assignment) -> set[str]:
    exports = [one for one in known.values() if one.platform == word.platform and word.field in one.fields]
    return {meaning for one in exports for meaning in meanings.meanings_of(one.fields[word.field])}


def _held(
    connection: Connection, known: Mapping[str, Format], word: Assignment, given: Meanings
) -> list[Row[Any]]:
    """Standing imports whose files may hold the word, every shop's entry of them."""
    was_given = word.raw in given.get(f"{word.platform}.{word.field}", {})
    rows = connection.execute(select(imports).where(imports.c.undone_at.is_(None)).order_by(imports.c.id))
    return [row for row in rows if meanings.holds(row, known.get(row.format), word, was_given=was_given)]


def _read(
    store: Store,
    reading: Parser,
    known: Mapping[str, Format],
    word: Assignment,
    before_after: tuple[Meanings, Meanings],
    work: Path,
    tell: Tell,
) -> _Plan:
    """Everything that is to be written, read with the meanings as they will be."""
    given, after = before_after
    with store.read() as connection:
        held = _held(connection, known, word, given)
        shops = {shop.id: shop for shop in all_shops(connection)}
    files = list({row.sha256: row for row in reversed(held)}.values())[::-1]
    replays = []
    for place, row in enumerate(files):
        parsed = replaying.again(store, reading, row, work / f"again-{place}", after)
        tables = {name: one.path for name, one in parsed.tables.items() if one.rows}
        replays.append(Replay(row, shops[row.shop_id], parsed, tables))
        tell(place + 1, len(files) + 1)
    keys = replaying.keys_of([one.parsed for one in replays])
    with store.read() as connection:
        homes = homes_of(connection, held, shops, word.platform)
        others = replaying.others(connection, files, homes, keys, known)
    for place, row in enumerate(others):
        parsed = replaying.again(store, reading, row, work / f"other-{place}", after)
        if kept := replaying.of_same_keys(parsed, keys, work / f"kept-{place}"):
            replays.append(Replay(row, shops[row.shop_id], parsed, kept))
        tell(len(files) + place + 1, len(files) + len(others) + 1)
    return _Plan(held, others, homes, keys, sorted(replays, key=lambda one: one.row.id))


def _write(
    store: Store,
    scope: Scope,
    known: Mapping[str, Format],
    word: Assignment,
    before_after: tuple[Meanings, Meanings],
    plan: _Plan | None,
    work: Path,
) -> Assigned | None:
    """The assignment and everything it changes at once; ``None`` where another import came in between."""
    given, after = before_after
    in_place = 0
    with store.write() as connection:
        if plan is not None:
            files = list({row.sha256: row for row in plan.held}.values())
            again = _held(connection, known, word, given)
            others = replaying.others(connection, files, plan.homes, plan.keys, known) if files else []
            if [row.id for row in again] != [row.id for row in plan.held]:
                return None
            if [row.id for row in others] != [row.id for row in plan.others]:
                return None
        _note(connection, word)
        if plan is None:
            in_place = _in_place(connection, known, word)
        elif plan.held:
            replaying.exchange(connection, plan.homes, plan.keys, plan.replays, work)
            _note_files(connection, known, plan, after)
        names = tuple(dict.fromkeys(row.file_name for row in plan.held)) if plan else ()
        record_action(
            connection, store.settings.now(), scope.user, "word_assigned",
            role=scope.role, field=f"{word.platform}.{word.field}", word=word.raw,
            meaning=word.meaning or None, files=len(names), rows_in_place=in_place,
        )  # fmt: skip
    return Assigned(names, in_place)


def _note(connection: Connection, word: Assignment) -> None:
    same = (
        assignments.c.platform == word.platform,
        assignments.c.field == word.field,
        assignments.c.raw == word.raw,
    )
    connection.execute(delete(assignments).where(*same))
    if word.meaning:
        values = {"platform": word.platform, "field": word.field, "raw": word.raw, "meaning": word.meaning}
        connection.execute(insert(assignments).values(**values))


def _note_files(connection: Connection, known: Mapping[str, Format], plan: _Plan, after: Meanings) -> None:
    """What the files read again say of themselves now."""
    said = {replay.row.sha256: replay for replay in plan.replays}
    for row in plan.held:
        replay = said[row.sha256]
        notes = json.loads(row.notes or "{}")
        kept = [one for one in notes.get("warnings", ()) if one[0] == "ids_in_other_shop"]
        notes["warnings"] = [
            [one.code, one.column, one.value, one.rows] for one in replay.parsed.warnings
        ] + kept
        notes["findings"] = [[one.code, one.rows, one.of_rows] for one in replay.parsed.findings]
        notes["meanings"] = meanings.used(replay.tables, known[row.format], after)
        text = json.dumps(notes, ensure_ascii=False)
        connection.execute(update(imports).where(imports.c.id == row.id).values(notes=text))


def _in_place(connection: Connection, known: Mapping[str, Format], word: Assignment) -> int:
    """The meaning written into the stored rows, where files cannot be read again; how many rows."""
    rows = 0
    shops = [shop for shop in all_shops(connection) if word.platform in (shop.platform, "other")]
    done: set[str] = set()
    for export in known.values():
        field = export.fields.get(word.field)
        if export.platform != word.platform or field is None or not field.raw or export.table in done:
            continue
        done.add(export.table)
        meaning = word.meaning or meaning_of(field, word.raw, {})
        paid = export.rule_words.get("paid_statuses", {}).get(meaning) if word.field == "status" else None
        change = Change(
            field.name, field.raw, word.raw, meaning,
            rank=export.ranks.get(meaning, 0) if word.field == "status" else None,
            paid=None if paid is None else paid == "paid",
        )  # fmt: skip
        rows += sum(rewrite_word(connection, ENTITIES[export.table], shop.id, change) for shop in shops)
    return rows

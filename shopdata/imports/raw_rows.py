"""An order's rows as they were imported, cell by cell: from the uploads that are still kept, and those a
purge put aside because a case went on."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select

from shopdata.errors import Refused
from shopdata.imports.own_formats import catalogue
from shopdata.imports.reading import one_parser, work_folder
from shopdata.imports.reference import is_reference
from shopdata.imports.uploads import upload_path
from shopdata.ingest.client import Parser
from shopdata.ingest.raw_rows import PARTS
from shopdata.ingest.results import Limits, RawSheet
from shopdata.store import Store
from shopdata.store.case_tables import CASE_ORDERS, GOING_ON, case_rows
from shopdata.store.tables import ENTITIES, ORDER_LINES, imports

MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FileRows:
    """What one imported file told of an order. ``gone``: its upload is no longer kept; then ``sheets`` has
    what was put aside, if anything was."""

    import_id: int
    file: str
    imported_at: datetime
    sheets: tuple[RawSheet, ...]
    gone: bool = False


def rows_of_order(store: Store, shop_id: int, order_id: str) -> tuple[FileRows, ...]:
    """The order's rows by file, the oldest import first; files that tell nothing of it are left out."""
    with store.read() as connection:
        wanted = _numbers(connection, shop_id, [order_id])[order_id]
        found = _candidates(connection, shop_id, order_id)
        known = _sources(connection, shop_id, order_id)
        aside = _put_aside(connection, shop_id, order_id)
    told = []
    with work_folder(store) as work, one_parser(None) as parser:
        for row in found:
            upload = upload_path(store.settings.uploads, row.sha256)
            if upload.is_file():
                sheets = _read(store, parser, row, upload, work / str(row.id), wanted)
            else:
                sheets = aside.get(row.id, ())
            if sheets or (row.id in known and not upload.is_file()):
                told.append(
                    FileRows(row.id, row.file_name, row.imported_at, sheets, gone=not upload.is_file())
                )
    return tuple(told)


def put_rows_aside(store: Store, hashes: Sequence[str]) -> int:
    """Keep the rows of orders with a case that goes on, before the uploads with these hashes are removed;
    returns how many."""
    with store.read() as connection:
        held = _going_on(connection)
        pairs = select(case_rows.c.case_id, case_rows.c.import_id).distinct()
        known = {(row.case_id, row.import_id) for row in connection.execute(pairs)}
        query = select(imports).where(imports.c.sha256.in_(hashes), imports.c.undone_at.is_(None))
        rows = connection.execute(query).all() if held else []
    kept: list[dict[str, object]] = []
    if not rows:
        return 0
    with work_folder(store) as work, one_parser(None) as parser:
        for row in rows:
            mine = {number: case for (shop, number), case in held.items() if shop == row.shop_id}
            upload = upload_path(store.settings.uploads, row.sha256)
            if mine and upload.is_file():
                sheets = _read(store, parser, row, upload, work / str(row.id), set(mine))
                kept += (one for sheet in sheets for one in _for_cases(sheet, row.id, mine))
    kept = [one for one in kept if (one["case_id"], one["import_id"]) not in known]
    if kept:
        with store.write(figures=False) as connection:
            connection.execute(insert(case_rows).values(kept))
    return len(kept)


def _for_cases(sheet: RawSheet, import_id: int, cases_of: dict[str, int]) -> list[dict[str, object]]:
    headers = json.dumps([sheet.headers, sheet.fields], ensure_ascii=False)
    made: list[dict[str, object]] = []
    for number, cells in sheet.rows:
        named = {part for cell in cells for part in PARTS.findall(cell)} & cases_of.keys()
        for case in {cases_of[part] for part in named}:
            made.append(
                {
                    "case_id": case,
                    "import_id": import_id,
                    "sheet": sheet.sheet,
                    "row": number,
                    "headers": headers,
                    "cells": json.dumps(cells, ensure_ascii=False),
                }
            )
    return made


def _read(
    store: Store, parser: Parser, row: Row[Any], upload: Path, out: Path, wanted: Collection[str]
) -> tuple[RawSheet, ...]:
    known = catalogue(store.settings)
    if is_reference(row.format) or row.format not in known.formats:
        return ()
    try:
        return parser.rows(
            upload, out, wanted,
            format_key=row.format, now=row.imported_at, limits=Limits(), own_formats=known.files,
        )  # fmt: skip
    except Refused:
        return ()


def _numbers(connection: Connection, shop_id: int, order_ids: Sequence[str]) -> dict[str, set[str]]:
    """By order the numbers its rows carry: its own and those of its lines."""
    lines = ORDER_LINES.table.c
    query = select(lines.order_id, lines.line_id).where(
        lines.shop_id == shop_id, lines.order_id.in_(order_ids), lines.line_id.is_not(None)
    )
    numbers = {one: {one} for one in order_ids}
    for order_id, line_id in connection.execute(query):
        numbers[order_id].add(line_id)
    return numbers


def _going_on(connection: Connection) -> dict[tuple[int, str], int]:
    """Case by (shop, number) of every order that a case which goes on is about."""
    rows = connection.execute(select(CASE_ORDERS).where(CASE_ORDERS.c.state.in_(GOING_ON))).all()
    held: dict[tuple[int, str], int] = {}
    for shop_id in {row.shop_id for row in rows}:
        mine = {row.order_id: row.case_id for row in rows if row.shop_id == shop_id}
        for order_id, numbers in _numbers(connection, shop_id, list(mine)).items():
            held |= {(shop_id, number): mine[order_id] for number in numbers}
    return held


def _candidates(connection: Connection, shop_id: int, order_id: str) -> Sequence[Row[Any]]:
    """Standing imports of the shop whose days meet those of the order."""
    lines, i = ORDER_LINES.table.c, imports.c
    spans = []
    for entity in ENTITIES.values():
        table = entity.table
        if entity.order_key != "order_id":
            continue
        of_order = (table.c.shop_id == shop_id, table.c.order_id == order_id)
        spans.append(select(func.min(table.c[entity.time]), func.max(table.c.event_at)).where(*of_order))
    found = [connection.execute(query).one() for query in spans]
    placed = select(func.min(lines.placed_at)).where(lines.shop_id == shop_id, lines.order_id == order_id)
    moments = [at for pair in found for at in pair if at is not None]
    first, last = connection.scalar(placed) or min(moments, default=None), max(moments, default=None)
    where = [i.shop_id == shop_id, i.undone_at.is_(None)]
    if first is not None and last is not None:
        inside = (i.first_at <= last + MARGIN) & (i.last_at >= min(first, *moments) - MARGIN)
        where.append(or_(i.first_at.is_(None), i.last_at.is_(None), inside))
    return connection.execute(select(imports).where(*where).order_by(i.id)).all()


def _sources(connection: Connection, shop_id: int, order_id: str) -> set[int]:
    """Imports the stored rows of the order say they come from."""
    known: set[int] = set()
    for entity in ENTITIES.values():
        for table in (entity.table, entity.layers) if entity.order_key == "order_id" else ():
            query = select(table.c.import_id).where(
                table.c.shop_id == shop_id, table.c.order_id == order_id, table.c.import_id.is_not(None)
            )
            known |= set(connection.scalars(query.distinct()))
    return known


def _put_aside(connection: Connection, shop_id: int, order_id: str) -> dict[int, tuple[RawSheet, ...]]:
    """By import the rows that were kept when its upload was removed."""
    r, c = case_rows.c, CASE_ORDERS.c
    query = (
        select(case_rows)
        .join(CASE_ORDERS, c.case_id == r.case_id)
        .where(c.shop_id == shop_id, c.order_id == order_id)
        .order_by(r.import_id, r.sheet, r.row)
    )
    sheets: dict[tuple[int, str | None, str], list[tuple[int, tuple[str, ...]]]] = {}
    for row in connection.execute(query):
        key = (row.import_id, row.sheet, row.headers)
        sheets.setdefault(key, []).append((row.row, tuple(json.loads(row.cells))))
    found: dict[int, tuple[RawSheet, ...]] = {}
    for (import_id, name, told), rows in sheets.items():
        headers, fields = json.loads(told)
        one = RawSheet(name, tuple(headers), tuple(map(tuple, fields)), tuple(rows))
        found[import_id] = (*found.get(import_id, ()), one)
    return found

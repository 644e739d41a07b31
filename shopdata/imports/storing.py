"""One parsed file into the store, in one transaction: shop, rows, roll-up, rejects, entry in ``imports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from shopdata.errors import ShopdataError
from shopdata.imports import effects, joining, meanings, uploads
from shopdata.imports.audit import record_action
from shopdata.imports.entries import Incoming, Notes, Share, write_imports, write_rejects
from shopdata.imports.meanings import known_assignments
from shopdata.imports.own_formats import catalogue
from shopdata.imports.reference import as_uploaded
from shopdata.imports.results import LISTED_REJECTS, FileResult, Notice, RejectLine
from shopdata.imports.scoping import Shop, all_shops
from shopdata.imports.shops import Target, also_held, made
from shopdata.ingest.results import Parsed, Warned
from shopdata.store import Store
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ENTITIES, ORDER_LINES, imports
from shopdata.store.touched import Touched
from shopdata.store.upsert import Counts, upsert


def store_file(
    store: Store, incoming: Incoming, target: Target, *, user: str, role: str, sample: bool
) -> FileResult:
    """Commit the file whole and say what became of its rows, or raise with nothing of it stored."""
    now = store.settings.now()
    export, given = catalogue(store.settings).formats.get(incoming.parsed.format), known_assignments(store)
    store.require_room(sum(path.stat().st_size for path in incoming.tables.values()))
    fresh = uploads.keep(incoming.staged, store.settings.uploads, incoming.sha256)
    result: FileResult | None = None
    try:
        with store.write() as connection:
            if (known := twin(connection, incoming.sha256, sample=sample)) is not None:
                return replace(known, file=incoming.found.name)
            incoming = replace(incoming, parsed=as_uploaded(connection, incoming.parsed, now))
            before = effects.before(connection, target.shop, incoming)
            shares = _bring_in(connection, incoming, target, now, sample=sample)
            incoming = replace(incoming, parsed=_with_doubles(connection, incoming, shares[0].shop))
            told = Notes(meanings.used(incoming.tables, export, given), before.compared(shares))
            result = _result(incoming, shares, told)
            write_imports(connection, incoming, shares, told, user=user, now=now)
            write_rejects(connection, incoming.parsed.rejects_path, shares[0].import_id)
            record_action(
                connection, now, user, "import",
                role=role, file=incoming.found.name, sha256=incoming.sha256, rows=result.rows,
                shops=[share.shop.name for share in shares],
            )  # fmt: skip
    except BaseException:
        if result is not None and _committed(store, result):
            return result
        if fresh:
            uploads.forget(store.settings.uploads, incoming.sha256)
        raise
    return result


def next_import_id(connection: Connection) -> int:
    """The id of the next import."""
    return int(connection.scalar(select(func.coalesce(func.max(imports.c.id), 0))) or 0) + 1


def _committed(store: Store, result: FileResult) -> bool:
    """Whether the import is there although its commit raised (a full disk at the checkpoint behind it)."""
    try:
        with store.read() as connection:
            wanted = select(imports.c.sha256).where(imports.c.id == result.import_id)
            return bool(connection.scalar(wanted) == result.sha256)
    except (ShopdataError, SQLAlchemyError):
        return False


def _bring_in(
    connection: Connection, incoming: Incoming, target: Target, now: datetime, *, sample: bool
) -> list[Share]:
    """Upsert every table, shop by shop, the target's first."""
    parsed, first = incoming.parsed, next_import_id(connection)
    shares: list[Share] = []
    for part in joining.parts(connection, target.shop, parsed.platform, incoming.tables, incoming.folder):
        shop = made(connection, replace(target, shop=part.shop), now, sample=sample)
        number = first + len(shares)
        counts = bring_tables(connection, parsed, joining.Part(shop, part.tables), number)
        shares.append(Share(shop, number, counts))
    return shares


def _with_doubles(connection: Connection, incoming: Incoming, shop: Shop) -> Parsed:
    """The parsed file with a warning for each other shop that holds some of its orders: they count twice."""
    lines = incoming.tables.get(ORDER_LINES.name)
    if lines is None:
        return incoming.parsed
    doubles = also_held(connection, shop, lines)
    warnings = tuple(Warned("ids_in_other_shop", None, name, orders) for name, orders in doubles.items())
    return replace(incoming.parsed, warnings=(*incoming.parsed.warnings, *warnings))


def twin(connection: Connection, sha256: str, *, sample: bool = False) -> FileResult | None:
    """The result of a file whose bytes a standing import brought: nothing is done. Else ``None``."""
    names = {shop.id: shop.name for shop in all_shops(connection) if shop.is_sample == sample}
    same = select(imports).where(
        imports.c.sha256 == sha256, imports.c.undone_at.is_(None), imports.c.shop_id.in_(list(names))
    )
    rows = connection.execute(same.order_by(imports.c.id)).all()
    return duplicate(rows[0].format, names.get(rows[0].shop_id), sha256, *rows) if rows else None


def duplicate(format_key: str, shop: str | None, sha256: str, *shares: Any) -> FileResult:
    """What is said of bytes already known; ``shares``: what had their counts."""
    accepted = sum(share.accepted for share in shares)
    return FileResult(
        file="",
        sha256=sha256,
        status="duplicate",
        format=format_key,
        shop=shop,
        rows=sum(share.rows for share in shares),
        accepted=accepted,
        rejected=sum(share.rejected for share in shares),
        unchanged=accepted,
    )


def bring_tables(connection: Connection, parsed: Parsed, part: joining.Part, import_id: int) -> Counts:
    """Upsert the Arrow files of one shop and roll its orders up; counts of the table rows are rows of."""
    found = Counts(0, 0, 0)
    touched = Touched(connection)
    for name, path in sorted(part.tables.items(), key=lambda item: list(ENTITIES).index(item[0])):
        counts = upsert(
            connection,
            ENTITIES[name],
            path,
            shop_id=part.shop.id,
            import_id=import_id,
            as_of=parsed.as_of,
            exported_at=parsed.exported_at,
            present=parsed.tables[name].present,
            touched=touched,
        )
        found = counts if name == parsed.table else found
    if ORDER_LINES.name in part.tables:
        joining.adopt(connection, part.shop, parsed.platform, part.tables[ORDER_LINES.name], touched)
    refresh_orders(connection, part.shop.id, touched)
    return found


def _result(incoming: Incoming, shares: Sequence[Share], told: Notes) -> FileResult:
    parsed = incoming.parsed
    new = sum(share.counts.new for share in shares)
    updated = sum(share.counts.updated for share in shares)
    return FileResult(
        file=incoming.found.name,
        sha256=incoming.sha256,
        status="imported",
        format=parsed.format,
        shop=shares[0].shop.name,
        rows=parsed.rows,
        accepted=parsed.accepted,
        rejected=parsed.rejected,
        new=new,
        updated=updated,
        unchanged=parsed.accepted - new - updated,
        seconds=incoming.seconds,
        rejects=reject_lines(parsed),
        warnings=notices(parsed),
        findings=found_meanings(parsed),
        import_id=shares[0].import_id,
        effect=told.effect,
    )


def reject_lines(parsed: Parsed) -> tuple[RejectLine, ...]:
    """The first rejects of a parsed file."""
    listed = parsed.rejects[:LISTED_REJECTS]
    return tuple(RejectLine(one.row, one.column, one.code, one.value, one.sheet) for one in listed)


def found_meanings(parsed: Parsed) -> tuple[tuple[str, int, int], ...]:
    """What the columns of a parsed file were found to mean."""
    return tuple((one.code, one.rows, one.of_rows) for one in parsed.findings)


def notices(parsed: Parsed) -> tuple[Notice, ...]:
    """The warnings of a parsed file."""
    return tuple(Notice(one.code, one.column, one.value, one.rows) for one in parsed.warnings)

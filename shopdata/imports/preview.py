"""A look at a file before anything of it is stored: what it is and why, what its columns mean, first rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from shopdata.errors import Refused, ShopdataError
from shopdata.imports.archive import Found, Given, Origin, expand, refusal_of
from shopdata.imports.reading import known_file, one_parser, parse_file, unlocked, work_folder
from shopdata.imports.reference import UNCLEAR
from shopdata.imports.results import Notice, Preview, Refusal
from shopdata.imports.shops import resolve
from shopdata.imports.storing import found_meanings, notices, reject_lines
from shopdata.imports.uploads import sha256_of
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Parsed
from shopdata.store import Store
from shopdata.store.tables import imports, shops


def inspect(
    store: Store,
    path: Path,
    *,
    file_name: str,
    format_key: str | None = None,
    parser: Parser | None = None,
    own_formats: Sequence[Path] = (),
    origin: Origin | None = None,
) -> tuple[Preview, ...]:
    """What each file behind ``path`` (a file, an archive, a folder) is. Nothing is written to the store.

    ``own_formats``: files of formats that are not saved yet. ``origin``: what the file was before it was
    unlocked.
    """
    with work_folder(store) as work, one_parser(parser) as reading:
        given = path if path.is_dir() else Given(path, file_name, origin=origin)
        return tuple(
            _preview(store, reading, found, work / f"looked-at-{number}", format_key, own_formats)
            for number, found in enumerate(expand([given], work / "members"))
        )


def rests_on(store: Store) -> tuple[int, int]:
    """What a look at a file rests on: how many imports shops of one's own had, and how many are undone."""
    mine = select(func.count(), func.count(imports.c.undone_at)).join(shops, shops.c.id == imports.c.shop_id)
    with store.read() as connection:
        known, undone = connection.execute(mine.where(shops.c.is_sample.is_not(True))).one()
    return known, undone


class Looker:
    """Looks at one file after the other with one reading process, which ``rest`` ends until the next."""

    def __init__(self) -> None:
        self._parser = Parser()

    def look(
        self, store: Store, path: Path, *, file_name: str, format_key: str | None, origin: Origin | None
    ) -> tuple[Preview, ...]:
        """As ``inspect``."""
        return inspect(
            store, path, file_name=file_name, format_key=format_key, parser=self._parser, origin=origin
        )

    def unlocked(self, path: Path, target: Path, name: str, passwords: Sequence[str]) -> Path | None:
        """As ``reading.unlocked``."""
        return unlocked(self._parser, path, target, name, passwords)

    def rest(self) -> None:
        """End the reading process; the next file starts another."""
        self._parser.close()


def _preview(
    store: Store,
    parser: Parser,
    found: Found,
    folder: Path,
    format_key: str | None,
    own_formats: Sequence[Path],
) -> Preview:
    try:
        if found.refusal is not None:
            raise found.refusal
        digest = found.origin.sha256 if found.origin else sha256_of(found.path)
        known = known_file(store, digest) is not None
        plain = unlocked(parser, found.path, folder.with_suffix(".plain"), found.name) or found.path
        parsed = parse_file(
            store, parser, plain, folder, found.name, format_key, preview=True, own_formats=own_formats
        )
        return _shown(store, found, parsed, known)
    except ShopdataError as fault:
        return _refused(found, fault)
    except OSError as fault:
        return _refused(found, refusal_of(fault))


def _refused(found: Found, fault: ShopdataError) -> Preview:
    return Preview(found.name, error=Refusal(fault.code, dict(fault.details), fault.exit_status))


def _shown(store: Store, found: Found, parsed: Parsed, known: bool) -> Preview:
    shop, told = _shop(store, found, parsed)
    return Preview(
        file=found.name,
        format=parsed.format,
        platform=parsed.platform,
        kind=parsed.kind,
        shop=shop,
        rows=parsed.rows,
        accepted=parsed.accepted,
        rejected=parsed.rejected,
        columns=tuple((one.header, one.field) for one in parsed.columns),
        findings=found_meanings(parsed),
        warnings=(*told, *notices(parsed)),
        rejects=reject_lines(parsed),
        first_rows=parsed.preview_rows,
        first_at=parsed.first_at,
        last_at=parsed.last_at,
        as_of=parsed.as_of,
        exported_at=parsed.exported_at,
        duplicate=known,
    )


def _shop(store: Store, found: Found, parsed: Parsed) -> tuple[str | None, tuple[Notice, ...]]:
    """The shop the file would go to, or what has to be said first."""
    try:
        with store.read() as connection:
            return resolve(connection, parsed=parsed, file_name=found.name).shop.name, ()
    except Refused as fault:
        if fault.code not in UNCLEAR:
            raise
        return None, (Notice(fault.code, None, str(fault.details.get("shops", "")), parsed.rows),)

"""Undoing a whole import: the keys it brought go, and the remaining files that hold them are replayed.

Because the newest state wins whatever the order of files, the store is afterwards what it would be had the
file never come. It needs the uploads of both; where ``purge`` removed one that matters, undoing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Connection, Row

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports import joining, replaying
from shopdata.imports.audit import record_action
from shopdata.imports.own_formats import catalogue
from shopdata.imports.reading import one_parser, work_folder
from shopdata.imports.reference import is_reference
from shopdata.imports.replaying import Replay
from shopdata.imports.scoping import Shop, all_shops
from shopdata.ingest.client import Parser
from shopdata.store import Store
from shopdata.store.tables import imports

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did: the file, the shops it left, and the files replayed in its stead."""

    file: str
    shops: tuple[str, ...]
    replayed: tuple[str, ...]


def undo(
    store: Store,
    import_id: int,
    user: str,
    *,
    role: str = "owner",
    parser: Parser | None = None,
    tell: Tell = lambda done, total: None,
) -> Undone:
    """Take the import with everything only it brought out of the store again, in one transaction.

    ``tell`` hears how many of the files that hold the same rows were read again. Raises ``NotFound``,
    ``BadUsage`` (undone already), ``NotAllowed`` (an operator, another's import), and
    ``Refused`` ``upload_purged`` where a file that would be needed is gone.
    """
    with one_parser(parser) as reading:
        while True:
            with work_folder(store) as work:
                undone = _attempt(store, import_id, user, role, reading, work, tell)
            if undone is not None:
                return undone


def _attempt(
    store: Store, import_id: int, user: str, role: str, reading: Parser, work: Path, tell: Tell
) -> Undone | None:
    """Undo with the imports there are now; ``None`` where another one came in between."""
    with store.read() as connection:
        shares = _shares(connection, import_id)
        shops = {shop.id: shop for shop in all_shops(connection)}
    if role != "owner" and shares[0].user != user:
        raise NotAllowed(role=role)
    known = catalogue(store.settings).formats
    parsed = replaying.again(store, reading, shares[0], work / "undone")
    keys = replaying.keys_of([parsed])
    with store.read() as connection:
        homes = homes_of(connection, shares, shops, parsed.platform)
        others = replaying.others(connection, shares[:1], homes, keys, known)
    replays = []
    for place, row in enumerate(others):
        again = replaying.again(store, reading, row, work / f"replayed-{place}")
        if kept := replaying.of_same_keys(again, keys, work / f"kept-{place}"):
            replays.append(Replay(row, shops[row.shop_id], again, kept))
        tell(place + 1, len(others))
    with store.write() as connection:
        shares = _shares(connection, import_id)
        found = replaying.others(connection, shares[:1], homes, keys, known)
        if [row.id for row in found] != [row.id for row in others]:
            return None
        replaying.exchange(connection, homes, keys, replays, work)
        _write_down(connection, store.settings.now(), shares, replays, user, role)
    store.seal()
    names = tuple(shops[share.shop_id].name for share in shares)
    return Undone(shares[0].file_name, names, tuple(replay.row.file_name for replay in replays))


def _shares(connection: Connection, import_id: int) -> Sequence[Row[Any]]:
    """The import and, where its file was shared out among shops, the other entries of the same file."""
    one = connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
    if one is None:
        raise NotFound("import_not_found", id=import_id)
    if one.undone_at is not None:
        raise BadUsage("already_undone", file=one.file_name)
    shops = all_shops(connection)
    sample = next(shop.is_sample for shop in shops if shop.id == one.shop_id)
    alike = [shop.id for shop in shops if shop.is_sample == sample]
    same = and_(imports.c.sha256 == one.sha256, imports.c.undone_at.is_(None), imports.c.shop_id.in_(alike))
    return connection.execute(select(imports).where(same).order_by(imports.c.id)).all()


def homes_of(
    connection: Connection, shares: Sequence[Row[Any]], shops: Mapping[int, Shop], platform: str
) -> tuple[Shop, ...]:
    """Every shop that may hold rows of the file: its own, and those it shares orders with."""
    homes = {share.shop_id: shops[share.shop_id] for share in shares}
    if shares and is_reference(shares[0].format):
        return tuple(homes.values())
    for share in shares:
        for shop in joining.related(connection, shops[share.shop_id], platform):
            homes[shop.id] = shop
    return tuple(homes.values())


def _write_down(
    connection: Connection,
    now: datetime,
    shares: Sequence[Row[Any]],
    replays: Sequence[Replay],
    user: str,
    role: str,
) -> None:
    """Mark the import undone, and audit it."""
    done = update(imports).where(imports.c.id.in_([share.id for share in shares]))
    connection.execute(done.values(undone_at=now, undone_by=user))
    record_action(
        connection, now, user, "undo",
        role=role, file=shares[0].file_name, sha256=shares[0].sha256,
        replayed=[replay.row.id for replay in replays],
    )  # fmt: skip

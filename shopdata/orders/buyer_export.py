"""A list of buyers as a file: for who may take order rows away, masked unless asked for, always audited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders import sheets
from shopdata.orders.privacy import ROW_RIGHTS, masked
from shopdata.orders.sheets import Cell, Heading, Kind, write_file
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.units import yuan
from shopdata.words import words

BATCH = 5_000
FIELDS: tuple[tuple[str, Kind], ...] = (
    ("shop", "text"),
    ("buyer_id", "id"),
    ("orders", "count"),
    ("purchase_days", "count"),
    ("paid_amount", "money"),
    ("net_amount", "money"),
    ("order_value", "money"),
    ("first_paid_at", "time"),
    ("last_paid_at", "time"),
)


class Member(Protocol):
    """A buyer and what was bought: an attribute for each of ``FIELDS``, money in fen."""

    @property
    def shop(self) -> str: ...
    @property
    def buyer_id(self) -> str: ...
    @property
    def orders(self) -> int: ...
    @property
    def purchase_days(self) -> int: ...
    @property
    def paid_amount(self) -> int: ...
    @property
    def net_amount(self) -> int: ...
    @property
    def order_value(self) -> float | None: ...
    @property
    def first_paid_at(self) -> datetime: ...
    @property
    def last_paid_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class BuyersExported:
    """A finished list: where, and how many buyers."""

    path: Path
    rows: int


def may_list_buyers(role: str) -> bool:
    """Whether a role may take lists of buyers away: it exports all orders, with their money."""
    rights = ROW_RIGHTS.get(role)
    return rights is not None and rights.rows and rights.export and rights.money and rights.part == "all"


def may_reveal_buyers(role: str) -> bool:
    """Whether such a list may carry ids as the platform exported them."""
    return may_list_buyers(role) and ROW_RIGHTS[role].buyers


def export_buyers(
    store: Store,
    scope: Scope,
    segment: str,
    members: Iterable[Member],
    path: Path,
    *,
    reveal: bool = False,
    language: str = "zh",
) -> BuyersExported:
    """Write the ``members`` of a ``segment`` to ``path`` (kind by its suffix).

    ``members`` is read only once the right to the list is clear. Raises ``NotAllowed``, ``BadUsage`` for a
    suffix that is no kind of file.
    """
    if not may_list_buyers(scope.role) or (reveal and not may_reveal_buyers(scope.role)):
        raise NotAllowed(role=scope.role)
    if path.suffix.lower() not in sheets.WRITERS:
        raise BadUsage("out_unknown", path=path.name)
    spoken = words(language)
    titles = [Heading(spoken(f"orders.buyer_fields.{key}"), kind) for key, kind in FIELDS]
    path.touch(mode=0o600)
    written = write_file(path, titles, _batches(members, reveal))
    with store.write(figures=False) as connection:
        now = store.settings.now()
        noted = {"what": "buyers", "segment": segment, "reveal": reveal, "rows": written.rows}
        record_action(connection, now, scope.user, "export", role=scope.role, **noted)
    return BuyersExported(path, written.rows)


def _batches(members: Iterable[Member], reveal: bool) -> Iterator[list[list[Cell]]]:
    rest = iter(members)
    while batch := list(islice(rest, BATCH)):
        yield [[_cell(one, key, kind, reveal) for key, kind in FIELDS] for one in batch]


def _cell(member: Member, key: str, kind: Kind, reveal: bool) -> Cell:
    value = getattr(member, key)
    if kind == "money":
        return None if value is None else yuan(round(value))
    shown: Cell = value if reveal else masked(key, value) if isinstance(value, str) else value
    return shown

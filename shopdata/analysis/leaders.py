"""Team leaders: what was sold through each, the service fee estimated and settled, and the rate really paid.

The fee of a line is told by its commission rows, by the settlement bill where no leader's row is settled
there (``shopdata.metrics.commission_keys``): the two are never added. Of orders paid in the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, func, or_, select

from shopdata.analysis.partners import Cell, Cells
from shopdata.analysis.settled_lines import settled_lines
from shopdata.metrics.cache import remembered
from shopdata.metrics.catalogue import chosen
from shopdata.metrics.context import frame_of
from shopdata.metrics.dimensions import DIMENSIONS, INFLUENCER
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.partners import BOTH, LEADER, LED_BY, LED_BY_BILL, UNLED
from shopdata.metrics.query import Question, read_sums
from shopdata.metrics.relation import key_name
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.store import tables

FEES = ("commission_estimated_leader", "commission_settled_leader", "commission_unsettled_leader")
KEYS = ("orders_paid", "paid_amount", *FEES)
ESTIMATES = ("commission_estimated_leader", "commission_unsettled_leader")


@dataclass(frozen=True, slots=True)
class Leader:
    """A team leader in the period. ``key`` is empty where the bill charges a fee and names nobody.

    ``values``: the metrics of ``KEYS``, an estimate ``None`` where only the bill tells some of the lines.
    ``charged``, ``base`` and ``lines``: the fee in fen, its base and the number of settled rows in the
    commission files, of which alone a rate can be told.
    """

    platform: str
    key: str
    label: str
    values: Mapping[str, Value]
    charged: int
    base: int
    lines: int

    @property
    def rate(self) -> float | None:
        """The rate really paid: fee ÷ base of the same lines."""
        return self.charged / self.base if self.base else None


def leaders(store: Reads, scope: Scope) -> tuple[Leader, ...]:
    """Everybody who led lines of orders paid in the period, the largest sum first."""
    asked = replace(scope, basis="paid")
    return remembered(store, ("leaders", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> tuple[Leader, ...]:
    frame = frame_of(store, scope)
    if not _any(store, frame):
        return ()
    cells, rates, names = _cells(store, frame, scope), _rates(store, frame, scope), _names(store, frame)
    platforms = {shop.id: shop.platform for shop in frame.shops}
    grouped: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells.sums:
        if cell[3] != UNLED:
            grouped.setdefault((platforms[cell[0]], cell[3][1:]), []).append(cell)
    found = [_leader(platform, key, parts, cells, rates, names) for (platform, key), parts in grouped.items()]
    return tuple(sorted(found, key=lambda one: (-(one.values["paid_amount"] or 0), one.key)))


def _any(store: Reads, frame: Frame) -> bool:
    """Whether any file tells of a leader at all."""
    rows, bill = tables.COMMISSIONS.table.c, tables.SETTLEMENTS.table.c
    filed = exists().where(rows.shop_id.in_(frame.ids), rows.party == LEADER)
    billed = exists().where(bill.shop_id.in_(frame.ids), func.coalesce(bill.commission_leader, 0) != 0)
    with store.read() as connection:
        return bool(connection.scalar(select(or_(filed, billed))))


def _cells(store: Reads, frame: Frame, scope: Scope) -> Cells:
    question = Question(scope, (DIMENSIONS["shop"], LED_BY), chosen(KEYS))
    with store.read() as connection:
        rows = read_sums(connection, frame, {}, question)
    sums = {(int(shop), INFLUENCER, "", code): one for (shop, code), one in rows.items()}
    return Cells(frame, scope.basis, KEYS, sums)


def _rates(store: Reads, frame: Frame, scope: Scope) -> Mapping[tuple[int, str], Any]:
    """Fee, base and rows by shop and leader, of the leaders' own settled rows."""
    rows = settled_lines(frame, scope).c
    led_by = rows[key_name(LED_BY)]
    statement = (
        select(rows.shop_id, led_by, func.sum(rows.charged), func.sum(rows.base), func.count())
        .where(rows.to_leader)
        .group_by(rows.shop_id, led_by)
    )
    with store.read() as connection:
        return {(row[0], row[1]): row[2:] for row in connection.execute(statement)}


def _names(store: Reads, frame: Frame) -> Mapping[str, str]:
    rows = tables.COMMISSIONS.table.c
    statement = (
        select(rows.party_id, func.max(rows.party_name))
        .where(rows.shop_id.in_(frame.ids), rows.party == LEADER, rows.party_name.is_not(None))
        .group_by(rows.party_id)
    )
    with store.read() as connection:
        return {key: name for key, name in connection.execute(statement)}


def _leader(
    platform: str,
    key: str,
    parts: list[Cell],
    cells: Cells,
    rates: Mapping[tuple[int, str], Any],
    names: Mapping[str, str],
) -> Leader:
    values = cells.values(parts)
    if any(cell[3].startswith(LED_BY_BILL) for cell in parts):
        values |= dict.fromkeys(ESTIMATES)
    told = [rates[cell[0], cell[3]] for cell in parts if (cell[0], cell[3]) in rates]
    charged, base, lines = (sum(int(one[place]) for one in told) for place in range(3))
    label = BOTH.join(names.get(one, one) for one in key.split(BOTH))
    return Leader(platform, key, label, values, charged, base, lines)

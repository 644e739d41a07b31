"""What a yuan paid to an influencer brought back: money after refunds, less commission, fixed fees and goods.

``kept = net_amount − commission (settled and still to settle) − fixed fees − goods_cost``; ``return =
kept ÷ (commission + fixed fees)``. Fixed fees are the rows ``slot_fee`` and ``sample`` of the costs that name
the influencer, a row of several days by its share of days in the period. Unknown is not 0: without costs of
every piece kept by buyers, or without any fixed fee in the shop's costs, there is no return, and the file is
named. The shop's own accounts stand beside: without commission they have no return, but a share kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from shopdata.analysis.influencers import influencers
from shopdata.analysis.partners import Partner, by_partner, read_cells, read_partners
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.dimensions import OWN, UNKNOWN
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.partners import BY_ID
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.store.own_entities import COSTS

KEYS = ("goods_cost", "units_uncosted")
FIXED = ("slot_fee", "sample")
GOODS, FEES, COMMISSION, REFUNDS = "goods", "fees", "commission", "refunds"


@dataclass(frozen=True, slots=True)
class Return:
    """Money of an influencer (``key``), or of the own accounts (``key`` ``None``), in fen."""

    key: str | None
    paid: Value
    net: Value
    commission: Value
    fees: Value
    goods: Value
    uncosted: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Which amounts are unknown: ``refunds``, ``commission``, ``fees``, ``goods``."""
        amounts = {REFUNDS: self.net, COMMISSION: self.commission, FEES: self.fees, GOODS: self.goods}
        return tuple(name for name, amount in amounts.items() if amount is None)

    @property
    def spent(self) -> Value:
        """Commission and fixed fees."""
        return None if self.commission is None or self.fees is None else self.commission + self.fees

    @property
    def kept(self) -> Value:
        """What is left of the money after refunds."""
        if self.net is None or self.spent is None or self.goods is None:
            return None
        return self.net - self.spent - self.goods

    @property
    def rate(self) -> float | None:
        """Fen kept for each fen spent."""
        return self.kept / self.spent if self.kept is not None and self.spent else None

    @property
    def share(self) -> float | None:
        """Kept ÷ paid after refunds, comparable with the own accounts'."""
        return self.kept / self.net if self.kept is not None and self.net else None


@dataclass(frozen=True, slots=True)
class Returns:
    """Influencers with the most paid first, and the own accounts beside them."""

    rows: tuple[Return, ...]
    own: Return


def returns(store: Reads, scope: Scope) -> Returns:
    """Of orders paid in the period."""
    asked = replace(scope, basis="paid")
    return remembered(store, ("returns", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Returns:
    frame, found = frame_of(store, scope), influencers(store, scope)
    cells = read_cells(store, frame, scope, keys=KEYS)
    grouped = by_partner(cells, read_partners(store, frame))
    costs = {(one.platform, one.code): cells.values(parts) for one, parts in grouped.items()}
    fees, told = _fees(store, frame, scope)
    held = Counter((row.partner.platform, name) for row in found.rows for name in row.partner.nicknames)
    rows = []
    for row in found.rows:
        one = row.partner
        known = costs.get((one.platform, one.code), {})
        fee = _fee(one, fees, held) if one.code != UNKNOWN and told.issuperset(row.shops) else None
        rows.append(_return(row.key, row.values, row.cost, fee, known))
    ours = cells.values(cell for cell in cells.sums if cell[1] == OWN)
    settled, due = found.own["commission_settled"], found.own["commission_unsettled"]
    cost = None if settled is None or due is None else settled + due
    return Returns(tuple(rows), _return(None, found.own, cost, 0, ours))


def _return(
    key: str | None, values: Mapping[str, Value], cost: Value, fees: Value, known: Mapping[str, Value]
) -> Return:
    uncosted = int(known.get("units_uncosted") or 0)
    goods = None if uncosted else known.get("goods_cost")
    return Return(key, values["paid_amount"], values["net_amount"], cost, fees, goods, uncosted)


def _fee(one: Partner, fees: Mapping[tuple[str, str], int], held: Mapping[tuple[str, str], int]) -> Value:
    """Fees booked on the id, and those on a nickname alone; unknown where others bear that nickname too."""
    total = fees.get((one.platform, one.code), 0)
    for name in dict.fromkeys((*one.nicknames, one.key)):
        fee = fees.get((one.platform, f" {name}"), 0)
        if fee and held.get((one.platform, name), 0) > 1:
            return None
        total += fee
    return total


def _fees(store: Reads, frame: Frame, scope: Scope) -> tuple[Mapping[tuple[str, str], int], set[int]]:
    """Fixed fees by platform and id (or, after a space, nickname); shops whose costs hold any."""
    rows, platforms = COSTS.table.c, {shop.id: shop.platform for shop in frame.shops}
    statement = select(COSTS.table).where(rows.shop_id.in_(frame.ids), rows.kind.in_(FIXED))
    fees: dict[tuple[str, str], int] = defaultdict(int)
    told: set[int] = set()
    with store.read() as connection:
        for row in connection.execute(statement):
            told.add(row.shop_id)
            code = f"{BY_ID}{row.influencer_id}" if row.influencer_id else f" {row.influencer_name}"
            fees[platforms[row.shop_id], code] += _within(row, scope)
    return fees, told


def _within(row: Any, scope: Scope) -> int:
    """The part of a sum of days that lies in the period; an undated one lies in all days only."""
    amount: int = row.amount or 0
    if row.from_day is None:
        return amount if scope.start is None and scope.end is None else 0
    first: date = row.from_day.date()
    last: date = max(first, row.last_day.date()) if row.last_day else first
    begun, ended = max(first, scope.start or date.min), min(last, scope.end or date.max)
    days = max(0, (ended - begun).days + 1)
    return round(amount * days / ((last - first).days + 1))

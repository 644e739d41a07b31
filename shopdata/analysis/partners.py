"""What the metrics say of each partner (influencer, or whoever sold for the shop), read by shop.

A partner is a platform and a key (``shopdata.metrics.partners``). Figures are those of the catalogue,
over the lines each one sold; an order of several partners counts once in each, and once in what they sold
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from shopdata.metrics.cache import remembered
from shopdata.metrics.catalogue import chosen
from shopdata.metrics.context import horizons_of
from shopdata.metrics.definition import Ratio
from shopdata.metrics.dimensions import DIMENSIONS, INFLUENCER, UNKNOWN, Dimension
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.partners import (
    BY_COMMISSION,
    BY_ID,
    BY_NAME,
    PARTNER,
    SELLER,
    estimates_known,
    named_by_commissions,
)
from shopdata.metrics.query import Question, Sums, read_sums
from shopdata.metrics.values import Judge, Value
from shopdata.scope import Scope
from shopdata.store import tables

LAYERS = ("influencer", "leader", "service")
STAGES = ("estimated", "settled", "unsettled")
COMMISSIONS = tuple(
    f"commission_{stage}{layer}" for stage in STAGES for layer in ("", *(f"_{x}" for x in LAYERS))
)
KEYS = (
    *("orders_paid", "units_paid", "paid_amount", "average_order_value", "refund_amount", "net_amount"),
    *("refund_rate", "refund_amount_rate", "return_rate", *COMMISSIONS),
    *("commission_rate_estimated", "commission_rate_settled"),
)
ESTIMATES = ("commission_estimated", "commission_rate_estimated")
# What sales look better in than they are where only commissions already settled name who sold.
UNTOLD = ("refund", "net_amount", "return_rate")


@dataclass(frozen=True, slots=True)
class Partner:
    """Who sold. ``code`` is the kind of key and the key; ``nicknames`` are the names the data gives them,
    the newest first. ``role`` is ``leader`` or ``promoter`` where the commission rows say so."""

    platform: str
    code: str
    nicknames: tuple[str, ...] = ()
    role: str = INFLUENCER
    first_paid: datetime | None = None
    last_paid: datetime | None = None

    @property
    def key(self) -> str:
        """The id, else the nickname; ``unknown`` where neither is known."""
        return self.code if self.code == UNKNOWN else self.code[1:]

    @property
    def by_commissions(self) -> bool:
        """Whether only a commission file names them."""
        return self.code.startswith(BY_COMMISSION)


Cell = tuple[int, str, str, Any]


@dataclass(frozen=True, slots=True)
class Cells:
    """Sums by shop, account (own, influencer, unknown), partner code and one more key (or ``None``)."""

    frame: Frame
    basis: str
    keys: tuple[str, ...]
    sums: Mapping[Cell, Sums]

    def values(self, cells: Iterable[Cell]) -> dict[str, Value]:
        """The figures of several cells together. Estimates are unknown where a shop's commission files hold
        settled lines only; refunds too where such files alone say who sold."""
        wanted = tuple(cells)
        ids = {cell[0] for cell in wanted}
        shops = tuple(shop for shop in self.frame.shops if shop.id in ids)
        frame = replace(self.frame, shops=shops)
        judge = Judge(frame, self.basis, one_currency=frame.currency is not None)
        found = judge.values(chosen(self.keys), added(self.sums[cell] for cell in wanted) if wanted else None)
        if not all(estimates_known(shop) for shop in shops):
            by_files = {shop.id for shop in shops if named_by_commissions(shop)}
            named = any(
                cell[2].startswith(BY_COMMISSION) or (cell[0] in by_files and cell[1:3] == (INFLUENCER, ""))
                for cell in wanted
            )
            untold = (*ESTIMATES, *UNTOLD) if named else ESTIMATES
            found |= {key: None for key in found if key.startswith(untold)}
        return found


def added(parts: Iterable[Sums]) -> Sums:
    """Sums of sums."""
    total: Sums = {}
    for part in parts:
        for name, value in part.items():
            if value is not None:
                total[name] = (total.get(name) or 0) + value
            else:
                total.setdefault(name, None)
    return total


def read_cells(
    store: Reads, frame: Frame, scope: Scope, by: Dimension | None = None, keys: Sequence[str] = KEYS
) -> Cells:
    """The figures of every partner in every shop, split by ``by`` too."""
    return _read_cells(store, frame, scope, (SELLER, PARTNER), by, keys)


def read_together(store: Reads, frame: Frame, scope: Scope, by: Dimension | None = None) -> Cells:
    """What all influencers sold together, and the shop itself, with an empty code: an order of several of
    them counts once."""
    return _read_cells(store, frame, scope, (SELLER,), by, KEYS)


def _read_cells(
    store: Reads,
    frame: Frame,
    scope: Scope,
    sellers: tuple[Dimension, ...],
    by: Dimension | None,
    keys: Sequence[str],
) -> Cells:
    dimensions = (DIMENSIONS["shop"], *sellers, *((by,) if by else ()))
    metrics = chosen(keys)
    steps = {metric.step for metric in metrics if isinstance(metric, Ratio) and metric.step}

    def read() -> Mapping[Cell, Sums]:
        question = Question(scope, dimensions, metrics)
        with store.read() as connection:
            rows = read_sums(connection, frame, horizons_of(store, frame, steps), question)
        found: dict[Cell, Sums] = {}
        for (shop, *rest), sums in rows.items():
            seller, code = (*rest[: len(sellers)], "")[:2]
            found[int(shop), seller, code, rest[len(sellers)] if by else None] = sums
        return found

    names = tuple(one.key for one in dimensions)
    sums = remembered(store, ("partner cells", scope, names, tuple(keys)), read)
    return Cells(frame, scope.basis, tuple(keys), sums)


def read_partners(store: Reads, frame: Frame) -> Mapping[tuple[int, str], Partner]:
    """Everybody any file names, by shop and code, with what is known of them in all days."""
    return remembered(store, ("partners", frame.ids), lambda: _read_partners(store, frame))


def _read_partners(store: Reads, frame: Frame) -> Mapping[tuple[int, str], Partner]:
    lines, rows = tables.ORDER_LINES.table.c, tables.COMMISSIONS.table.c
    named = (
        select(
            lines.shop_id, lines.influencer_id, lines.influencer_name, func.min(lines.paid_at),
            func.max(lines.paid_at),
        )
        .where(
            lines.shop_id.in_(frame.ids),
            lines.counted,
            func.coalesce(lines.influencer_id, lines.influencer_name).is_not(None),
        )
        .group_by(lines.shop_id, lines.influencer_id, lines.influencer_name)
    )  # fmt: skip
    parties = (
        select(rows.shop_id, rows.party, rows.party_id)
        .where(rows.shop_id.in_(frame.ids), rows.party != INFLUENCER, rows.party_id != "")
        .distinct()
    )
    with store.read() as connection:
        met = connection.execute(named).all()
        roles = {(shop, party_id): party for shop, party, party_id in connection.execute(parties)}
    platforms = {shop.id: shop.platform for shop in frame.shops}
    found: dict[tuple[int, str], list[Any]] = {}
    for shop, number, name, first, last in met:
        code = BY_ID + number if number is not None else BY_NAME + name
        found.setdefault((shop, code), []).append((last or datetime.min, name, first))
    return {
        (shop, code): Partner(
            platforms[shop],
            code,
            tuple(dict.fromkeys(name for _, name, _ in _newest_first(states) if name)),
            roles.get((shop, code[1:]), INFLUENCER),
            min((first for _, _, first in states if first), default=None),
            max((last for last, _, first in states if first), default=None),
        )
        for (shop, code), states in found.items()
    }


def _newest_first(states: list[Any]) -> list[Any]:
    return sorted(states, key=lambda state: (state[0], state[1] or ""), reverse=True)


def same_partner(partners: Iterable[Partner]) -> Partner:
    """One partner of what several shops of a platform know of them."""
    known = sorted(partners, key=lambda one: one.last_paid or datetime.min, reverse=True)
    roles = {one.role for one in known}
    return Partner(
        known[0].platform,
        known[0].code,
        tuple(dict.fromkeys(name for one in known for name in one.nicknames)),
        roles.pop() if len(roles) == 1 else INFLUENCER,
        min((one.first_paid for one in known if one.first_paid), default=None),
        max((one.last_paid for one in known if one.last_paid), default=None),
    )


def by_partner(cells: Cells, partners: Mapping[tuple[int, str], Partner]) -> dict[Partner, tuple[Cell, ...]]:
    """The cells of each influencer; ids of two platforms stay two people."""
    platforms = {shop.id: shop.platform for shop in cells.frame.shops}
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells.sums:
        if cell[1] == INFLUENCER:
            found.setdefault((platforms[cell[0]], cell[2]), []).append(cell)
    return {
        same_partner(
            partners.get((shop, code)) or Partner(platform, code)
            for shop in sorted({cell[0] for cell in parts})
        ): tuple(parts)
        for (platform, code), parts in found.items()
    }


def covered(frame: Frame, shops: Iterable[int], scope: Scope) -> bool:
    """Whether order files of all these shops cover every day of the period."""
    wanted = set(shops)
    if scope.start is None or scope.end is None or not wanted:
        return False
    for shop in frame.shops:
        reached = scope.start
        for first, last in shop.covered:
            if first <= reached:
                reached = max(reached, last + timedelta(days=1))
        if shop.id in wanted and reached <= scope.end:
            return False
    return True

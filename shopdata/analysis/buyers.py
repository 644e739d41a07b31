"""Who a buyer is in each shop, and which orders are whose: what every analysis of buyers reads.

A buyer is a platform's stable id (Taobao's member name), in one form before and after it was erased. A shop
without such ids may let receivers be its key (``imports.buyer_settings``); ciphertext and starred names never
are. A buyer of two shops is two buyers. Several orders of one day are one purchase.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import FromClause, Select, and_, cast, func, literal, null, select, union_all
from sqlalchemy.types import String

from shopdata.imports.buyer_settings import receiver_key_shops
from shopdata.imports.erasing import held_key
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import Expression
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Frame, Reads, ShopFrame
from shopdata.metrics.query import window
from shopdata.metrics.relation import orders_relation
from shopdata.metrics.row_relations import same_buyer
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.store.personal import is_steady, receiver_hash
from shopdata.store.upkeep_tables import erased_buyers
from shopdata.words import Words

KeyKind = Literal["id", "receiver", "none"]
RECEIVER_MARK = "@"


@dataclass(frozen=True, slots=True)
class ShopBuyers:
    """How buyers of a shop are told apart: by ``id``, by ``receiver``, not at all (``none``).

    ``keyed`` of its ``orders_paid`` carry the key. ``data_from``: where its order files begin; ``gap_days``:
    days after it that no order file covers, whose purchases nobody sees.
    """

    shop_id: int
    name: str
    platform: str
    kind: KeyKind
    orders_paid: int
    keyed: int
    data_from: date | None
    gap_days: int
    as_of: datetime | None
    has_refunds: bool

    def sentence(self, spoken: Words) -> str:
        """What a shopkeeper must know about the key of this shop."""
        if self.kind == "none":
            known = f"analysis.buyers.none.{self.platform}"
            return spoken(known if known in spoken.entries else "analysis.buyers.none.other", shop=self.name)
        counts = {"n": f"{self.keyed:,}", "d": f"{self.orders_paid:,}"}
        said = spoken(f"analysis.buyers.by_{self.kind}", shop=self.name, **counts)
        return said + (spoken("analysis.buyers.gaps", days=self.gap_days) if self.gap_days else "")


def paid_scope(scope: Scope) -> Scope:
    """The question over orders paid: buyers are who paid."""
    return replace(scope, basis="paid")


def until(shop: ShopBuyers, scope: Scope) -> datetime | None:
    """The moment up to which purchases of the shop are known in the period asked about."""
    if scope.end is None or shop.as_of is None:
        return shop.as_of
    return min(shop.as_of, datetime.combine(scope.end + timedelta(days=1), time.min))


def shop_buyers(store: Reads, scope: Scope) -> tuple[ShopBuyers, ...]:
    """Each shop of the question and its key, over all its days."""
    whole = paid_scope(scope).between(None, None)
    return remembered(store, ("shop_buyers", whole), lambda: _read_shops(store, whole))


def keyed_shops(store: Reads, scope: Scope) -> tuple[ShopBuyers, ...]:
    """The shops whose buyers can be told apart."""
    return tuple(shop for shop in shop_buyers(store, scope) if shop.kind != "none")


def _read_shops(store: Reads, scope: Scope) -> tuple[ShopBuyers, ...]:
    frame = frame_of(store, scope)
    orders = tables.orders.c
    with store.read() as connection:
        counts = {
            row[0]: (row[1], row[2])
            for row in connection.execute(
                select(orders.shop_id, func.count(), func.count(orders.buyer_id))
                .where(orders.shop_id.in_(frame.ids), orders.is_paid)
                .group_by(orders.shop_id)
            )
        }
        wanted = receiver_key_shops(connection)
        without = [
            shop.id for shop in frame.shops if shop.id in wanted and not counts.get(shop.id, (0, 0))[1]
        ]
        secret = held_key(store.settings) if without else None
        steady: dict[int, int] = {}
        if secret is not None:
            keys = _receiver_keys(without, secret).subquery("receiver_keys")
            joined = tables.orders.join(
                keys, and_(keys.c.shop_id == orders.shop_id, keys.c.order_id == orders.order_id)
            )
            counted = select(orders.shop_id, func.count()).select_from(joined).where(orders.is_paid)
            steady = {row[0]: row[1] for row in connection.execute(counted.group_by(orders.shop_id))}
    return tuple(_shop(shop, frame, counts.get(shop.id, (0, 0)), steady) for shop in frame.shops)


def _shop(shop: ShopFrame, frame: Frame, counts: tuple[int, int], steady: dict[int, int]) -> ShopBuyers:
    paid, with_id = counts
    kind: KeyKind = "id" if with_id else "receiver" if steady.get(shop.id) else "none"
    return ShopBuyers(
        shop_id=shop.id,
        name=shop.name,
        platform=shop.platform,
        kind=kind,
        orders_paid=paid,
        keyed=with_id or steady.get(shop.id, 0),
        data_from=min((first for first, _ in shop.covered), default=None),
        gap_days=_gap_days(shop.covered),
        as_of=frame.as_of("orders")[shop.id],
        has_refunds="aftersales" in shop.columns,
    )


def _gap_days(covered: Iterable[tuple[date, date]]) -> int:
    """Days between the first and the last covered one that no file covers."""
    gaps, reach = 0, None
    for first, last in sorted(covered):
        if reach is not None and first > reach:
            gaps += (first - reach).days - 1
        reach = last if reach is None else max(reach, last)
    return gaps


def receiver_counts(store: Reads) -> dict[int, tuple[int, int, int]]:
    """Paid orders of each shop: all, those with a platform's buyer id, those whose receiver stands in clear
    text or was hashed when it did."""
    orders, lines = tables.orders.c, tables.ORDER_LINES.table.c
    present = select(lines.shop_id, lines.order_id).where(is_steady(lines))
    gone = select(erased_buyers.c.shop_id, erased_buyers.c.order_id).where(erased_buyers.c.steady)
    steady = present.union(gone).subquery("steady")
    same = and_(steady.c.shop_id == orders.shop_id, steady.c.order_id == orders.order_id)
    statement = (
        select(orders.shop_id, func.count(), func.count(orders.buyer_id), func.count(steady.c.order_id))
        .select_from(tables.orders.outerjoin(steady, same))
        .where(orders.is_paid)
        .group_by(orders.shop_id)
    )
    with store.read() as connection:
        return {shop: (paid, ids, known) for shop, paid, ids, known in connection.execute(statement)}


def _receiver_keys(shop_ids: Iterable[int], secret: str) -> Select[Any]:
    """One keyed hash an order of its receiver, where that is a person's whole name and number."""
    lines, ids = tables.ORDER_LINES.table.c, tuple(shop_ids)
    present = select(lines.shop_id, lines.order_id, receiver_hash(lines, secret).label("buyer")).where(
        lines.shop_id.in_(ids), is_steady(lines)
    )
    gone = select(erased_buyers.c.shop_id, erased_buyers.c.order_id, erased_buyers.c.buyer_hash).where(
        erased_buyers.c.shop_id.in_(ids), erased_buyers.c.steady
    )
    every = union_all(present, gone).subquery("receivers")
    key = (literal(RECEIVER_MARK) + func.min(every.c.buyer)).label("buyer")
    return select(every.c.shop_id, every.c.order_id, key).group_by(every.c.shop_id, every.c.order_id)


def buyer_orders(store: Reads, scope: Scope) -> FromClause | None:
    """Paid orders of the period with their ``buyer`` (and ``shown_id``, the id as it can still be shown);
    ``None`` where no shop has a key."""
    shops = keyed_shops(store, scope)
    if not shops:
        return None
    asked, frame = paid_scope(scope), frame_of(store, scope)
    base = orders_relation(frame, asked, ())
    facts = Facts(base.c, frame, {})
    inside = [*window(asked, facts, "paid_at"), base.c.paid_at.is_not(None)]
    parts = []
    by_id = [shop.shop_id for shop in shops if shop.kind == "id"]
    by_receiver = [shop.shop_id for shop in shops if shop.kind == "receiver"]
    if by_id:
        shown = func.nullif(base.c.buyer_id, "").label("shown_id")
        chosen = select(*_of_order(base.c), same_buyer(base.c.buyer_id, frame).label("buyer"), shown)
        parts.append(chosen.where(*inside, base.c.shop_id.in_(by_id), base.c.buyer_id.is_not(None)))
    secret = held_key(store.settings) if by_receiver else None
    if secret is not None:
        keys = _receiver_keys(by_receiver, secret).subquery("receiver_keys")
        joined = base.join(keys, and_(keys.c.shop_id == base.c.shop_id, keys.c.order_id == base.c.order_id))
        nothing = cast(null(), String).label("shown_id")
        parts.append(select(*_of_order(base.c), keys.c.buyer, nothing).select_from(joined).where(*inside))
    return (parts[0] if len(parts) == 1 else union_all(*parts)).cte("buyer_orders")


def _of_order(c: Any) -> list[Expression]:
    """What an order brought its shop: paid, and what is left of it after refunds."""
    paid = func.coalesce(c.paid_amount, 0)
    net = (paid - func.coalesce(c.refund_amount, 0)).label("net")
    return [c.shop_id, c.order_id, c.paid_at, c.province, paid.label("paid"), net]

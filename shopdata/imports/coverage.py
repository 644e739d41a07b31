"""How far the data reaches, per shop and file kind, and what to export today so that no state goes stale.

A step is judged at the as-of of the file kind that would show it, never at the wall clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, select
from sqlalchemy.engine import Connection

from shopdata.imports.kinds import kinds_served
from shopdata.imports.scoping import Shop, counting_shops
from shopdata.store import Store
from shopdata.store.tables import AFTERSALES, COMMISSIONS, ENTITIES, imports, orders

KINDS = ("orders", "aftersales", "commissions", "parcels")
OF_ORDERS = frozenset(entity.kind for entity in ENTITIES.values() if entity.order_key)
UNFINISHED_ORDERS = ("unpaid", "deposit_paid", "paid", "part_shipped", "shipped")
FINISHED_AFTERSALES = ("refunded", "refused", "exchange_done", "resend_done", "closed", "failed")
FINISHED_COMMISSIONS = ("settled", "refunded", "invalid")
LONGEST_TRANSIT = timedelta(days=30)
TIME_OF_KIND = {"orders": "placed", "aftersales": "applied", "commissions": "paid", "parcels": "shipped"}


@dataclass(frozen=True, slots=True)
class Days:
    """A run of days, both ends included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class ToExport:
    """One file to export today: for which shop, which kind, and from which day to which by which time.

    ``unfinished`` rows may still change; ``stale`` of them were not in the newest file of this kind;
    ``as_of`` is ``None`` where no file of this kind was ever imported.
    """

    shop: Shop
    kind: str
    time: str
    start: date
    end: date
    unfinished: int
    stale: int
    as_of: datetime | None


def as_of_by_kind(connection: Connection, shop_ids: Sequence[int]) -> Mapping[tuple[int, str], datetime]:
    """As-of of each (shop id, file kind): the latest event in any standing file of that kind."""
    query = select(imports.c.shop_id, imports.c.kind, imports.c.columns, imports.c.as_of).where(
        imports.c.shop_id.in_(shop_ids), imports.c.undone_at.is_(None), imports.c.as_of.is_not(None)
    )
    known: dict[tuple[int, str], datetime] = {}
    for row in connection.execute(query):
        for kind in kinds_served(row.kind, row.columns):
            known[row.shop_id, kind] = max(row.as_of, known.get((row.shop_id, kind), row.as_of))
    return known


def data_up_to(store: Store, shop_ids: Sequence[int]) -> datetime | None:
    """The time shown as "data up to": the latest as-of of any kind that speaks of orders, or ``SHOPDATA_NOW``
    where it is set."""
    with store.read() as connection:
        known = [
            as_of for (_, kind), as_of in as_of_by_kind(connection, shop_ids).items() if kind in OF_ORDERS
        ]
    return (store.settings.fixed_now or max(known)) if known else None


def covered_days(store: Store, shop_ids: Sequence[int]) -> Mapping[int, tuple[Days, ...]]:
    """Days each shop's order files span, by order time, joined where they touch. A day outside is unknown,
    a day inside without orders is a day without orders."""
    query = select(imports.c.shop_id, imports.c.first_at, imports.c.last_at).where(
        imports.c.shop_id.in_(shop_ids),
        imports.c.kind == "orders",
        imports.c.undone_at.is_(None),
        imports.c.first_at.is_not(None),
    )
    spans: defaultdict[int, list[Days]] = defaultdict(list)
    with store.read() as connection:
        for row in connection.execute(query.order_by(imports.c.first_at)):
            spans[row.shop_id].append(Days(row.first_at.date(), row.last_at.date()))
    return {shop: joined(days) for shop, days in spans.items()}


def joined(spans: Iterable[Days]) -> tuple[Days, ...]:
    """Runs of days sorted by their start, joined where they touch or overlap."""
    runs: list[Days] = []
    for days in spans:
        if runs and days.start <= runs[-1].end + timedelta(days=1):
            runs[-1] = Days(runs[-1].start, max(runs[-1].end, days.end))
        else:
            runs.append(days)
    return tuple(runs)


def to_export_today(store: Store, now: datetime) -> tuple[ToExport, ...]:
    """Per shop and file kind the days that cover every unfinished row and everything since the last file."""
    wanted = []
    with store.read() as connection:
        shops = counting_shops(connection)
        known = as_of_by_kind(connection, [shop.id for shop in shops])
        for shop in shops:
            first_order = connection.scalar(
                select(func.min(orders.c.placed_at)).where(orders.c.shop_id == shop.id)
            )
            for kind in KINDS:
                as_of = known.get((shop.id, kind))
                row = connection.execute(_unfinished(kind, shop.id, as_of)).one()
                starts = [moment for moment in (row.oldest, as_of or first_order) if moment is not None]
                if starts:
                    start = min(min(starts).date(), now.date())
                    wanted.append(_to_export(shop, kind, row, start, now.date(), as_of))
    return tuple(wanted)


def _to_export(
    shop: Shop, kind: str, row: Row[Any], start: date, end: date, as_of: datetime | None
) -> ToExport:
    return ToExport(shop, kind, TIME_OF_KIND[kind], start, end, row.unfinished, row.stale, as_of)


def _unfinished(kind: str, shop_id: int, as_of: datetime | None) -> Select[Any]:
    """Oldest and number of rows of this kind that may still change, and how many the newest file lacked."""
    aftersales, commissions = AFTERSALES.table, COMMISSIONS.table
    open_rows: ColumnElement[bool]
    if kind == "orders":
        table, moment = orders, orders.c.placed_at
        open_rows = orders.c.status.in_(UNFINISHED_ORDERS)
    elif kind == "aftersales":
        table, moment = aftersales, aftersales.c.applied_at
        open_rows = _unless(aftersales.c.status.in_(FINISHED_AFTERSALES))
    elif kind == "commissions":
        table, moment = commissions, commissions.c.paid_at
        finished = commissions.c.status.in_(FINISHED_COMMISSIONS)
        open_rows = and_(_unless(finished), commissions.c.settled_at.is_(None))
    else:
        table, moment = orders, orders.c.shipped_at
        open_rows = and_(orders.c.is_shipped, orders.c.signed_at.is_(None), _unless(orders.c.is_closed))
        if as_of is not None:
            open_rows = and_(open_rows, moment >= as_of - LONGEST_TRANSIT)
    stale = false() if as_of is None or kind == "parcels" else table.c.as_of < as_of
    counts = select(
        func.min(moment).label("oldest"),
        func.count().label("unfinished"),
        func.count(case((stale, 1))).label("stale"),
    )
    return cast(Select[Any], counts.where(table.c.shop_id == shop_id, open_rows))


def _unless(finished: ColumnElement[bool]) -> ColumnElement[bool]:
    """Not known to be finished."""
    return func.coalesce(finished, false()).is_(False)

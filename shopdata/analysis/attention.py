"""What needs attention today: simple counts with the money at stake and the way to the orders.

Deadlines are judged at the as-of of each order, never at the wall clock: an order that no newer file has
shown is "export again", not newly late. The full rules with their cases come with abnormal orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, and_, func, not_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.suspicions import low_prices, shared_waybills
from shopdata.imports.coverage import UNFINISHED_ORDERS
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import Expression, moment
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import Facts, per_shop
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope
from shopdata.store import tables

Severity = Literal["high", "medium", "low"]
SOON = timedelta(hours=12)
MERCHANT_TIME = timedelta(hours=48)
OPEN_AFTERSALES = ("merchant_pending", "merchant_receive", "arbitration", "buyer_return", "refunding")
OURS = ("merchant_pending", "merchant_receive", "arbitration")
WANTED_FILES = ("aftersales", "parcels", "commissions")
MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """One thing to do. ``n``: orders (after-sales, shops for missing files); ``amount``: fen at stake;
    ``deadline``: the earliest of them; ``as_of``: the moment it was judged at; ``filters``: parameters of
    the page Orders that list the rows; ``page`` where the work is done."""

    key: str
    severity: Severity
    n: int
    amount: int | None = None
    deadline: datetime | None = None
    as_of: datetime | None = None
    page: str = "orders"
    filters: Mapping[str, str] = field(default_factory=dict)
    order_ids: tuple[str, ...] = ()


def attention(store: Reads, scope: Scope) -> tuple[AttentionItem, ...]:
    """Everything with at least one order, most urgent first. The days of the scope do not matter: what is
    open is open."""
    asked = scope.between(None, None)
    return remembered(store, ("attention", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> tuple[AttentionItem, ...]:
    frame = frame_of(store, scope)
    if not frame.shops:
        return ()
    facts = Facts(tables.orders.c, frame, {})
    with store.read() as connection:
        found = [
            *_shipping(connection, facts),
            *_aftersales(connection, frame),
            _stale(connection, facts),
            _suspicion("tracking_shared", "high", shared_waybills(connection, frame)),
            _suspicion("price_below_usual", "high", low_prices(connection, frame)),
        ]
    found += _missing_files(frame)
    order: Mapping[Severity, int] = {"high": 0, "medium": 1, "low": 2}
    return tuple(sorted((item for item in found if item.n), key=lambda item: order[item.severity]))


def _to_ship(facts: Facts) -> ColumnElement[bool]:
    c = facts.c
    done = (c.is_shipped, c.is_closed, c.is_completed, c.is_refunded, c.has_open_aftersale)
    return and_(
        c.shop_id.in_(facts.frame.ids), c.is_paid, *(not_(func.coalesce(flag, False)) for flag in done)
    )


def ship_deadline(facts: Facts) -> Expression:
    """When an order has to be shipped: its promise, else 48 hours after paying; a presale needs a promise."""
    c = facts.c
    return func.coalesce(c.promised_ship_at, facts.moment("paid_at") + timedelta(hours=48))


def _shipping(connection: Connection, facts: Facts) -> list[AttentionItem]:
    if not any(facts.frame.as_of("orders").values()):
        return []
    c, due, clock = facts.c, ship_deadline(facts), facts.clock("orders")
    known = not_(and_(func.coalesce(c.is_presale, False), c.promised_ship_at.is_(None)))
    states = {
        "ship_overdue": due < clock,
        "ship_due_soon": and_(due >= clock, due <= clock + SOON),
    }
    columns = [
        column
        for name, late in states.items()
        for column in (
            func.count().filter(late).label(f"{name}_n"),
            func.sum(c.paid_amount).filter(late).label(f"{name}_amount"),
            func.min(due).filter(late).label(f"{name}_deadline"),
            func.max(clock).filter(late).label(f"{name}_as_of"),
        )
    ]
    row = connection.execute(select(*columns).where(_to_ship(facts), known)).one()
    return [
        AttentionItem(
            key=name,
            severity="high" if name == "ship_overdue" else "medium",
            n=getattr(row, f"{name}_n"),
            amount=int(getattr(row, f"{name}_amount") or 0),
            deadline=getattr(row, f"{name}_deadline"),
            as_of=getattr(row, f"{name}_as_of"),
            filters={"statuses": "paid"},
            order_ids=_named(connection, facts, and_(_to_ship(facts), known, late), due),
        )
        for name, late in states.items()
    ]


def _named(
    connection: Connection, facts: Facts, chosen: ColumnElement[bool], due: Expression
) -> tuple[str, ...]:
    """The most urgent order numbers, so that a page can list exactly these."""
    statement = select(facts.c.order_id).where(chosen).order_by(due, facts.c.order_id).limit(MOST_NAMED)
    return tuple(connection.execute(statement).scalars())


def _aftersales(connection: Connection, frame: Frame) -> list[AttentionItem]:
    if not any(frame.as_of("aftersales").values()):
        return []  # no file of that kind: nothing can be judged
    rows = tables.AFTERSALES.table.c
    due = func.coalesce(rows.deadline_at, rows.applied_at + MERCHANT_TIME)
    shop_clock = per_shop(rows.shop_id, frame.as_of("aftersales"), moment)
    clock = shop_clock if frame.fixed_now is not None else func.coalesce(rows.as_of, shop_clock)
    ours = rows.status.in_(OURS)
    states: dict[str, tuple[Severity, ColumnElement[bool]]] = {
        "aftersale_overdue": ("high", and_(ours, due < clock)),
        "aftersale_due_soon": ("high", and_(ours, due >= clock, due <= clock + SOON)),
        "aftersale_open": ("medium", rows.status.in_(OPEN_AFTERSALES)),
    }
    found = []
    for name, (severity, state) in states.items():
        chosen = and_(rows.shop_id.in_(frame.ids), state)
        row = connection.execute(
            select(
                func.count().label("n"),
                func.sum(rows.refund_amount).label("amount"),
                func.min(due).label("deadline"),
                func.max(clock).label("as_of"),
            ).where(chosen)
        ).one()
        orders = select(rows.order_id).where(chosen).order_by(due, rows.order_id).limit(MOST_NAMED)
        ids = tuple(dict.fromkeys(connection.execute(orders).scalars()))
        amount = int(row.amount or 0)
        filters = {"aftersales": ",".join(OPEN_AFTERSALES if name == "aftersale_open" else OURS)}
        found.append(
            AttentionItem(
                name, severity, row.n, amount, row.deadline, row.as_of, filters=filters, order_ids=ids
            )
        )
    return found


def _stale(connection: Connection, facts: Facts) -> AttentionItem:
    """Unfinished orders that the newest order file of their shop did not hold."""
    c = facts.c
    newest = {shop.id: shop.as_of.get("orders") for shop in facts.frame.shops}
    old = and_(
        c.shop_id.in_(facts.frame.ids),
        c.status.in_(UNFINISHED_ORDERS),
        c.as_of < per_shop(c.shop_id, newest, moment),
    )
    row = connection.execute(
        select(
            func.count().label("n"), func.sum(c.paid_amount).label("amount"), func.min(c.as_of).label("since")
        ).where(old)
    ).one()
    return AttentionItem(
        "stale", "medium", row.n, int(row.amount or 0), as_of=row.since, page="import", filters={"stale": "1"}
    )


def _suspicion(key: str, severity: Severity, found: tuple[tuple[str, int], ...]) -> AttentionItem:
    ids = tuple(dict.fromkeys(order for order, _ in found))
    amount = sum(amount for _, amount in found)
    return AttentionItem(key, severity, len(ids), amount, order_ids=ids[:MOST_NAMED])


def _missing_files(frame: Frame) -> list[AttentionItem]:
    counts = {kind: sum(kind not in shop.columns for shop in frame.shops) for kind in WANTED_FILES}
    return [AttentionItem(f"missing_{kind}", "low", count, page="import") for kind, count in counts.items()]

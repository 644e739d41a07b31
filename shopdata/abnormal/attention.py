"""What needs attention today: the open hits by rule, orders to export again, files that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from shopdata.abnormal.definition import Severity
from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.reading import held
from shopdata.abnormal.rules import RULES
from shopdata.imports.coverage import UNFINISHED_ORDERS
from shopdata.metrics.constructs import moment
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame
from shopdata.scope import Scope
from shopdata.store.tables import orders

WANTED_FILES = ("aftersales", "parcels", "commissions")
MOST_NAMED = 200
# Where orders are too many to be named, the page Orders shows those of their state.
FILTERS: Mapping[str, Mapping[str, str]] = {
    "ship_due_soon": {"statuses": "paid"},
    "ship_overdue": {"statuses": "paid"},
    "unpaid": {"statuses": "unpaid"},
    "aftersale_deadline": {"aftersales": "merchant_pending,merchant_receive,arbitration"},
    "return_open": {"aftersales": "merchant_pending"},
    "return_not_sent": {"aftersales": "buyer_return"},
}
ORDER: Mapping[Severity, int] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """One thing to do: a rule, or ``stale`` or ``missing_…``. ``n``: orders (shops for missing files);
    ``amount``: fen at stake; ``deadline``: the earliest of them; ``as_of``: the oldest state it rests on;
    ``page`` where the work is done, ``filters`` its parameters, else the orders named."""

    key: str
    severity: Severity
    n: int
    amount: int | None = None
    deadline: datetime | None = None
    as_of: datetime | None = None
    page: str = "orders"
    filters: Mapping[str, str] = field(default_factory=dict)
    order_ids: tuple[str, ...] = ()

    @property
    def is_rule(self) -> bool:
        """Whether a rule for abnormal orders found it."""
        return self.key in RULES


def attention(store: Judges, scope: Scope) -> tuple[AttentionItem, ...]:
    """Everything with at least one order, most urgent first. The days of the scope do not matter: what is
    open is open. Rules of low severity only inform, and are left to the list of abnormal orders."""
    frame = frame_of(store, scope.between(None, None))
    if not frame.shops:
        return ()
    judge_if_free(store)
    with store.read() as connection:
        found = [*_by_rule(connection, frame, store), _stale(connection, frame)]
    found += _missing_files(frame)
    return tuple(sorted((item for item in found if item.n), key=_urgency))


def _urgency(item: AttentionItem) -> tuple[Any, ...]:
    return ORDER[item.severity], not item.is_rule, item.deadline or datetime.max, item.key


def _by_rule(connection: Connection, frame: Frame, store: Judges) -> list[AttentionItem]:
    hits = held(store, frame).c
    shown = [key for key, rule in RULES.items() if rule.severity != "low"]
    urgent = (hits.deadline_at.nulls_last(), hits.amount.desc().nulls_last(), hits.subject)
    place = func.row_number().over(partition_by=hits.rule, order_by=urgent)
    rows = select(hits, place.label("place")).where(hits.is_open, hits.rule.in_(shown)).subquery("open_hits")
    c = rows.c
    query = select(
        c.rule,
        func.bool_or(c.is_high).label("high"),
        func.count(func.distinct(func.concat(c.shop_id, " ", func.coalesce(c.order_id, c.subject)))).label(
            "n"
        ),
        func.sum(c.amount).label("amount"),
        func.min(c.deadline_at).label("deadline"),
        func.min(c.as_of).label("as_of"),
        func.array_agg(c.order_id).filter(c.place <= MOST_NAMED, c.order_id.is_not(None)).label("named"),
    ).group_by(c.rule)
    return [
        AttentionItem(
            row.rule,
            "high" if row.high else RULES[row.rule].severity,
            row.n,
            int(row.amount or 0),
            row.deadline,
            row.as_of,
            filters=FILTERS.get(row.rule, {}),
            order_ids=tuple(dict.fromkeys(row.named or ())),
        )
        for row in connection.execute(query)
    ]


def _stale(connection: Connection, frame: Frame) -> AttentionItem:
    """Unfinished orders that the newest order file of their shop did not hold."""
    c = orders.c
    newest = {shop.id: shop.as_of.get("orders") for shop in frame.shops}
    old = and_(
        c.shop_id.in_(frame.ids),
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


def _missing_files(frame: Frame) -> list[AttentionItem]:
    counts = {kind: sum(kind not in shop.columns for shop in frame.shops) for kind in WANTED_FILES}
    return [AttentionItem(f"missing_{kind}", "low", count, page="import") for kind, count in counts.items()]

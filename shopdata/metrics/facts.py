"""The conditions, amounts and moments metrics are made of, as SQL over a relation of orders.

A relation is anything with the columns of ``orders`` (the table itself, or a part of it by line). Names here
are the vocabulary of ``definition``; their words are under ``metrics.conditions`` and ``metrics.amounts``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, not_, null, or_, true
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from shopdata.metrics.constructs import Expression, day_of, moment, seconds_between
from shopdata.metrics.definition import Need
from shopdata.metrics.frame import Frame
from shopdata.metrics.maturity import STEPS, Horizons, horizon
from shopdata.metrics.told_days import is_told, spends, visits
from shopdata.store.own_entities import ADS, TRAFFIC
from shopdata.store.tables import SETTLEMENTS, Entity

Columns = ReadOnlyColumnCollection[str, Any]
TWO_DAYS, ONE_DAY, ONE_HOUR = 172_800, 86_400, 3_600


def per_shop(
    shop: Expression, values: Mapping[int, object], wrap: Callable[[object], Expression]
) -> Expression:
    """A value that depends on the shop; one literal where all shops share it."""
    if len(set(values.values())) <= 1:
        return wrap(next(iter(values.values()), None))
    return case(*((shop == key, wrap(value)) for key, value in values.items()), else_=null())


@dataclass(frozen=True, slots=True)
class Facts:
    """A relation of orders, seen through the moments its states are judged at; ``anchor`` dates a row."""

    c: Columns
    frame: Frame
    horizons: Horizons
    anchor: str = "placed_at"

    def moment(self, name: str) -> Expression:
        """A time of the order."""
        found: Expression = self.c[name]
        return found

    def clock(self, kind: str) -> Expression:
        """The moment the order's state is judged at: never later than the last file that showed it."""
        shop_clock = per_shop(self.c.shop_id, self.frame.as_of(kind), moment)
        if kind != "orders":
            return shop_clock
        if self.frame.fixed_now is None:
            return func.coalesce(self.c.as_of, shop_clock)
        newest = {
            shop.id: _start_of_day(shop.as_of["orders"].date()) if "orders" in shop.as_of else None
            for shop in self.frame.shops
        }
        fresh = or_(self.c.as_of.is_(None), self.c.as_of >= per_shop(self.c.shop_id, newest, moment))
        return case((fresh, shop_clock), else_=self.c.as_of)

    def horizon(self, step: str) -> Expression:
        """Seconds until a missing step counts as lost; shipping goes by the order's promise by default."""
        seconds = {shop.id: horizon(self.horizons, shop.id, step) for shop in self.frame.shops}
        plain = per_shop(self.c.shop_id, seconds, literal)
        if step != "ship" or all((shop.id, "ship") in self.horizons for shop in self.frame.shops):
            return plain
        promise = seconds_between(self.c.paid_at, self.c.promised_ship_at)
        own = [shop.id for shop in self.frame.shops if (shop.id, "ship") in self.horizons]
        return (
            case((self.c.shop_id.in_(own), plain), else_=func.coalesce(promise, plain))
            if own
            else (func.coalesce(promise, plain))
        )

    def matured(self, step: str) -> Expression:
        """Whether the order is old enough for a missing step to count as lost."""
        rule = STEPS[step]
        age = seconds_between(self.moment(rule.start), self.clock(rule.clock))
        old = age >= self.horizon(step)
        return and_(old, not_(func.coalesce(self.c.deposit_pending, False))) if step == "pay" else old

    def condition(self, name: str) -> Expression:
        """One of ``CONDITIONS`` over this relation."""
        return CONDITIONS[name](self)

    def amount(self, name: str) -> Expression:
        """A column of money or units of this relation."""
        found: Expression = AMOUNTS[name](self) if name in AMOUNTS else self.c[name]
        return found


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _yes(flag: Expression) -> Expression:
    return func.coalesce(flag, False)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something owed within a time: from when, what fulfils it, which file shows it, how many seconds."""

    start: str
    done: str
    kind: str
    limit: Callable[[Facts], Expression]
    owed: Callable[[Facts, Expression], Expression]

    def waited(self, facts: Facts, until: str) -> Expression:
        """Seconds from the start to a moment of the order."""
        return seconds_between(facts.moment(self.start), facts.moment(until))

    def _age(self, facts: Facts) -> Expression:
        return seconds_between(facts.moment(self.start), facts.clock(self.kind))

    def due(self, facts: Facts) -> Expression:
        """Owed, and the time is over."""
        limit = self.limit(facts)
        return and_(self.owed(facts, limit), self._age(facts) >= limit)

    def pending(self, facts: Facts) -> Expression:
        """Owed, and there is time left."""
        limit = self.limit(facts)
        return and_(self.owed(facts, limit), self._age(facts) < limit)

    def kept(self, facts: Facts) -> Expression:
        """Due, and done in time."""
        return and_(self.due(facts), self.waited(facts, self.done) <= self.limit(facts))


def _owed_shipping(facts: Facts, limit: Expression) -> Expression:
    """Paid, and neither refunded nor cancelled unshipped within the limit.

    A refund counts from the earliest application that succeeded. A closed, unshipped order whose refund no
    file dates is taken to have left in time; an order shipped at an unknown time owes nothing that can be
    judged.
    """
    c = facts.c
    shipped, refunded = (seconds_between(c.paid_at, moment) for moment in (c.shipped_at, c.refund_applied_at))
    left = and_(c.is_refunded, refunded <= limit, or_(shipped.is_(None), shipped > refunded))
    unshipped = and_(
        c.shipped_at.is_(None), or_(c.is_shipped, and_(c.is_closed, c.refund_applied_at.is_(None)))
    )
    return and_(c.is_paid, not_(_yes(left)), not_(_yes(unshipped)))


def _owed_plain_shipping(facts: Facts, limit: Expression) -> Expression:
    return and_(_owed_shipping(facts, limit), not_(_yes(facts.c.is_presale)))


def _owed_pickup(facts: Facts, limit: Expression) -> Expression:
    """Shipped, and a waybill file tells of it; one of scans alone does, though it has no word on signing."""
    c = facts.c
    return and_(c.is_shipped, or_(c.parcels_tracked > 0, c.picked_up_at.is_not(None)))


def _promised(facts: Facts) -> Expression:
    promise = seconds_between(facts.c.paid_at, facts.c.promised_ship_at)
    return func.coalesce(promise, TWO_DAYS)


WITHIN_48H = Deadline(
    "paid_at", "shipped_at", "orders", lambda facts: literal(TWO_DAYS), _owed_plain_shipping
)
BY_PROMISE = Deadline("paid_at", "shipped_at", "orders", _promised, _owed_shipping)
PICKUP_24H = Deadline("shipped_at", "picked_up_at", "parcels", lambda facts: literal(ONE_DAY), _owed_pickup)


def _refunded_unshipped(facts: Facts) -> Expression:
    c = facts.c
    never = and_(c.shipped_at.is_(None), not_(_yes(c.is_shipped)))
    return and_(c.is_refunded, or_(never, _yes(c.refund_applied_at < c.shipped_at)))


def _before_receipt(facts: Facts) -> Expression:
    """Not signed, or asked for before; of a signed order at an unknown time it is taken to be afterwards."""
    c = facts.c
    return or_(c.signed_at.is_(None), _yes(c.refund_applied_at < c.signed_at))


def _refunded_signed(facts: Facts) -> Expression:
    return and_(facts.c.is_refunded, not_(_refunded_unshipped(facts)), not_(_before_receipt(facts)))


def _refunded_unsigned(facts: Facts) -> Expression:
    return and_(facts.c.is_refunded, not_(_refunded_unshipped(facts)), _before_receipt(facts))


def _told(facts: Facts, tells: Callable[[Any], Expression], entity: Entity) -> Expression:
    """On a day of which some row of ``entity`` tells."""
    rows = entity.table.c
    return is_told(tells(rows), rows, facts.c.shop_id, day_of(facts.moment(facts.anchor)))


def _unsettled(facts: Facts) -> Expression:
    """Completed, not refunded, and in no settlement of its shop."""
    c, rows = facts.c, SETTLEMENTS.table.c
    in_bill = exists().where(rows.shop_id == c.shop_id, rows.order_id == c.order_id)
    return and_(c.is_completed, not_(_yes(c.is_refunded)), not_(in_bill))


def _subsidies(facts: Facts) -> Expression:
    """What platform and influencer add to the payment; a refund in full takes it back."""
    c = facts.c
    parts = (c.platform_subsidy, c.influencer_subsidy, c.payment_discount)
    whole = reduce(add, (func.coalesce(part, 0) for part in parts))
    return case((and_(c.refund_amount > 0, c.refund_amount >= c.paid_amount), 0), else_=whole)


ESTIMATES = Need("commissions", "commission_estimated")
# Amounts that are more than a column.
AMOUNTS: Mapping[str, Callable[[Facts], Expression]] = {"subsidies": _subsidies}


def _estimated(facts: Facts) -> Expression:
    """A line of a commission file that tells estimates, not settled rows alone."""
    telling = (shop.id for shop in facts.frame.shops if shop.has(ESTIMATES))
    return and_(facts.c.by_file, facts.c.shop_id.in_(tuple(telling)))


def _owed(facts: Facts) -> Expression:
    """A line with a commission still to settle: of an unrefunded order, and in no settlement of its shop."""
    c, rows = facts.c, SETTLEMENTS.table.c
    in_bill = exists().where(rows.shop_id == c.shop_id, rows.line_id == c.line_id)
    return and_(c.by_file, not_(_yes(c.is_refunded)), not_(in_bill))


CONDITIONS: Mapping[str, Callable[[Facts], Expression]] = {
    "placed": lambda facts: true(),
    "paid": lambda facts: facts.c.is_paid,
    "shipped": lambda facts: facts.c.is_shipped,
    "signed": lambda facts: facts.c.signed_at.is_not(None),
    "completed": lambda facts: facts.c.is_completed,
    "closed": lambda facts: facts.c.is_closed,
    "unpaid": lambda facts: not_(facts.c.is_paid),
    "unpaid_open": lambda facts: and_(not_(facts.c.is_paid), not_(_yes(facts.c.is_closed))),
    "unpaid_closed": lambda facts: and_(not_(facts.c.is_paid), _yes(facts.c.is_closed)),
    "paid_nothing": lambda facts: and_(facts.c.is_paid, facts.c.paid_amount == 0),
    "in_transit": lambda facts: and_(facts.c.is_shipped, _yes(facts.c.is_transit)),
    "refunded": lambda facts: facts.c.is_refunded,
    "returned": lambda facts: facts.c.is_returned,
    "disputed": lambda facts: facts.c.is_disputed,
    "refunded_unshipped": _refunded_unshipped,
    "refunded_unsigned": _refunded_unsigned,
    "refunded_signed": _refunded_signed,
    "refunded_1h": lambda facts: and_(
        facts.c.is_refunded, seconds_between(facts.c.paid_at, facts.c.refund_applied_at) <= ONE_HOUR
    ),
    "due_48h": WITHIN_48H.due,
    "pending_48h": WITHIN_48H.pending,
    "shipped_48h": WITHIN_48H.kept,
    "due_promise": BY_PROMISE.due,
    "pending_promise": BY_PROMISE.pending,
    "shipped_promise": BY_PROMISE.kept,
    "due_pickup": PICKUP_24H.due,
    "pending_pickup": PICKUP_24H.pending,
    "picked_up_24h": PICKUP_24H.kept,
    "bought": lambda facts: and_(facts.c.is_paid, facts.c.buyer_id.is_not(None)),
    "bought_first": lambda facts: and_(facts.c.is_paid, facts.c.paid_at == facts.c.first_paid_at),
    "bought_again": lambda facts: and_(facts.c.is_paid, facts.c.paid_at > facts.c.first_paid_at),
    "commissioned": lambda facts: facts.c.by_file,
    "estimated": _estimated,
    "owed": _owed,
    "charged": lambda facts: true(),
    "settled": lambda facts: and_(facts.c.by_file, facts.c.row_settled_at.is_not(None)),
    "entered": lambda facts: true(),
    "unsettled": _unsettled,
    "advertised": lambda facts: _told(facts, spends, ADS),
    "paid_advertised": lambda facts: and_(facts.c.is_paid, _told(facts, spends, ADS)),
    "visited": lambda facts: _told(facts, visits, TRAFFIC),
    "told": lambda facts: true(),
    "kept": lambda facts: facts.c.is_kept,
    "refund_succeeded": lambda facts: facts.c.refund_succeeded,
    "return_succeeded": lambda facts: facts.c.return_succeeded,
    "dispute_raised": lambda facts: facts.c.dispute_raised,
}

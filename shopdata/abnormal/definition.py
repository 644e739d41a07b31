"""What a rule is: frozen values and one pure function that builds the query finding what it speaks of.

A rule is judged for one shop at a time. ``find`` is given the :class:`Ground` it stands on and returns a
query whose columns are those :func:`hit` names, or ``None`` where the shop's files cannot tell. Nothing is
executed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import FromClause, Select, and_, cast, false, func, literal, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.covered import DAY, Days, Span, whole_days
from shopdata.metrics.constructs import Expression, moment, seconds_between
from shopdata.metrics.definition import Need
from shopdata.metrics.frame import Reads, ShopFrame
from shopdata.store.abnormal_tables import HIT_COLUMNS

Subject = Literal["order", "line", "aftersale", "parcel", "commission", "settlement", "product_day", "metric"]
Severity = Literal["high", "medium", "low"]
Unit = Literal["minutes", "hours", "days", "seconds", "fen", "ratio", "orders", "units", "buyers", "number"]
OLDER = timedelta(days=90)
SECONDS: Mapping[str, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}


@dataclass(frozen=True, slots=True)
class Limit:
    """A number a rule goes by, which a shop may set otherwise; ``ours``: our default, no platform's rule."""

    name: str
    default: float
    unit: Unit
    ours: bool = False


# On how many orders of one province and courier hits of a rule become an incident.
INCIDENT = Limit("incident", 10, "orders", ours=True)


@dataclass(frozen=True, slots=True)
class Typical:
    """What is usual in the shop, in fen: median, median deviation and p90 of what its orders are worth;
    ``None`` below 20 paid orders in 90 days."""

    median: float | None = None
    deviation: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rule is judged on: one shop, its limits, what is usual there, and the rows to be judged.

    ``rows``: by name of the table, the rows to judge; ``due``: those of the orders that changed, which are
    fewer where the rule is judged over the whole shop. ``files``: by kind, from when to when each speaks.
    ``origins``: by warehouse the province it ships from. ``reads``: the store, for figures of days.
    ``start``: what lies before need not be looked at.
    """

    shop: ShopFrame
    rule: Rule
    limits: Mapping[tuple[str, str], float]
    typical: Typical
    rows: Mapping[str, Any]
    due: Mapping[str, Any]
    files: Mapping[str, tuple[Span, ...]]
    origins: Mapping[str, str]
    reads: Reads
    start: datetime | None = None

    @property
    def orders(self) -> Any:
        """The orders to judge."""
        return self.rows["orders"]

    @property
    def lines(self) -> Any:
        """Their lines."""
        return self.rows["order_lines"]

    @property
    def aftersales(self) -> Any:
        """Their after-sales."""
        return self.rows["aftersales"]

    @property
    def parcels(self) -> Any:
        """Their parcels."""
        return self.rows["parcels"]

    def limit(self, name: str) -> float:
        """The limit of this name that holds in the shop."""
        default = next(limit.default for limit in self.rule.limits if limit.name == name)
        return self.limits.get((self.rule.key, name), default)

    def span(self, name: str) -> timedelta:
        """The limit of this name as a length of time."""
        unit = next(limit.unit for limit in self.rule.limits if limit.name == name)
        return timedelta(seconds=self.limit(name) * SECONDS[unit])

    def recent(self, at: Expression) -> tuple[ColumnElement[bool], ...]:
        """Conditions on ``dated_at``: how far back a rule over the whole shop has to look this time."""
        return () if self.start is None else (at >= self.start,)

    def around(self, at: Expression) -> tuple[ColumnElement[bool], ...]:
        """As ``recent``, for rows that are joined: some months more, since they may be older."""
        return () if self.start is None else (at >= self.start - OLDER,)

    def mine(self, rows: Any) -> ColumnElement[bool]:
        """Condition: rows of the shop."""
        mine: ColumnElement[bool] = rows.c.shop_id == self.shop.id
        return mine

    def with_order(self, rows: Any) -> Any:
        """Rows that name an order, joined with it."""
        same = and_(self.orders.c.shop_id == self.shop.id, self.orders.c.order_id == rows.c.order_id)
        return rows.join(self.orders, same)

    def reach(self, kind: str) -> Span | None:
        """From when to when the files of a kind speak, taken together."""
        files = self.files.get(kind)
        return (min(first for first, _ in files), max(last for _, last in files)) if files else None

    def covered(self, kind: str, at: Expression) -> ColumnElement[bool] | None:
        """Condition: a file of that kind speaks of the moment; ``None`` where there is no such file."""
        reach = self.reach(kind)
        return at.between(*reach) if reach else None

    def whole_days(self, kind: str) -> tuple[Days, ...]:
        """Runs of days that files of that kind hold from their first hour to their last."""
        return whole_days(self.files.get(kind, ()))

    def on_whole_days(self, kind: str, at: Expression, later: int = 0) -> ColumnElement[bool]:
        """Condition: files of that kind hold the day of the moment, or one so many days later, from its first
        hour to its last."""
        runs = [
            (datetime.combine(first, time.min), datetime.combine(last, time.min) + DAY)
            for first, last in self.whole_days(kind)
        ]
        shift = later * DAY
        return or_(false(), *(and_(at >= start - shift, at < end - shift) for start, end in runs))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    ``subject``: what it speaks of. ``unit``: of its measure. ``limits``: the first is the one printed beside
    the measure. ``needs``: files and columns without which it does not fire. ``clock``: the kind of file that
    shows the state it judges. ``whole``: it compares orders with others, so it is judged over the whole shop.
    ``acts_within``: days after which nothing can be done any more. ``counts_down``: the measure is the time
    left. ``suspendable``: a shop may let it rest for a region, a courier and days. ``at_once``: what it finds
    cannot wait, so that no budget holds it back, be it without a deadline. ``confidence``: the share
    of its hits held true (0–1). ``version`` grows when ``find`` changes. ``by_hand``: people mark orders with
    it too, so it is asked even without its files.
    """

    key: str
    subject: Subject
    severity: Severity
    unit: Unit
    find: Callable[[Ground], Select[Any] | None]
    limits: tuple[Limit, ...] = ()
    needs: tuple[Need, ...] = ()
    clock: str = "orders"
    whole: bool = False
    acts_within: int | None = None
    counts_down: bool = False
    suspendable: bool = False
    at_once: bool = False
    confidence: float = 1.0
    version: int = 1
    by_hand: bool = False


def hit(
    ground: Ground, rows: FromClause, where: tuple[ColumnElement[bool], ...], **columns: object
) -> Select[Any]:
    """A query of hits over ``rows``: ``subject`` and the columns of ``HIT_COLUMNS``, absent ones null.

    ``evidence`` is a mapping of names to columns, or JSON text; ``limit_value`` is the rule's first limit
    unless given.
    """
    rule = ground.rule
    if "limit_value" not in columns and rule.limits:
        columns["limit_value"] = ground.limit(rule.limits[0].name)
    if "past_from" not in columns and rule.acts_within is not None:
        columns["past_from"] = _plain(columns["since"]) + timedelta(days=rule.acts_within)
    evidence = columns.get("evidence")
    if isinstance(evidence, Mapping):
        pairs = [part for name, value in evidence.items() for part in (literal(name), value)]
        columns["evidence"] = func.json_object(*pairs)
    named = [cast(_plain(columns.pop("subject")), HIT_TYPES["order_id"]).label("subject")]
    named += [cast(_plain(columns.pop(name, None)), kind).label(name) for name, kind in HIT_COLUMNS]
    if columns:
        raise TypeError(f"no column of a hit: {sorted(columns)}")
    return select(*named).select_from(rows).where(*where)


HIT_TYPES: Mapping[str, Any] = dict(HIT_COLUMNS)


def _plain(value: object) -> Any:
    if isinstance(value, ColumnElement):
        return value
    return null() if value is None else literal(value)


def hours_between(start: Expression, end: Expression) -> Expression:
    """Hours from the first time to the second, as a double."""
    return seconds_between(start, end) / 3600.0


def latest(*moments: Expression) -> Expression:
    """The latest of several moments."""
    return func.greatest(*moments, type_=moment(None).type)


def yes(flag: Any) -> Expression:
    """A flag, unknown taken for no."""
    return func.coalesce(flag, False)


def no(flag: Any) -> Expression:
    """Whether a flag is not known to be set."""
    return func.coalesce(flag, False).is_(False)

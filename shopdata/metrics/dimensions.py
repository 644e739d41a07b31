"""What figures can be split by: one frozen definition a dimension, read by the query builder and the pages.

``time`` dimensions are parts of the time that anchors a question, ``shop`` ones follow from the shop,
``order`` ones are columns of the order, ``line`` ones belong to its lines: an order with lines of several
keys counts once in each, and its money is split by line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import String, and_, case, cast, func, literal, or_

from shopdata.errors import BadUsage
from shopdata.metrics.channels import channel_words
from shopdata.metrics.constructs import Expression, day_of, hour_of, month_of, week_of, weekday_of
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame

UNKNOWN, MIXED = "unknown", "mixed"
OWN, INFLUENCER = "own", "influencer"
AMOUNT_BANDS = (0, 5_000, 10_000, 20_000, 50_000, 100_000)
SELF_SERVED_SOURCES = ("product_card", "showcase")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to split figures. ``on_order`` names the column of ``orders`` that says "mixed" for line keys;
    ``of_line`` makes the key of a line where it is no column of it."""

    key: str
    level: Literal["time", "shop", "order", "line"]
    part: Callable[[Expression], Expression] | None = None
    column: str | None = None
    on_order: str | None = None
    of_line: Callable[[Any, Frame], Expression] | None = None


def _account(line: Any, frame: Frame) -> Expression:
    """Whose account sold the line: the shop's own, an influencer's, or unknown.

    Own are the accounts named in the settings (by id or nickname). Any other influencer on the line, or the
    alliance as its channel, makes it an influencer's. Without one, the shop sold it itself where the channel
    says so, or where the buyer came through a product card or the showcase; anything else is unknown.
    """
    own = [
        and_(
            line.shop_id == shop.id,
            or_(line.influencer_id.in_(shop.own_accounts), line.influencer_name.in_(shop.own_accounts)),
        )
        for shop in frame.shops
        if shop.own_accounts
    ]
    words = channel_words()
    named = or_(line.influencer_id.is_not(None), line.influencer_name.is_not(None))
    theirs = or_(named, line.channel.in_(words[INFLUENCER]))
    ours = or_(line.channel.in_(words[OWN]), line.source.in_(SELF_SERVED_SOURCES))
    return case(*((condition, OWN) for condition in own), (theirs, INFLUENCER), (ours, OWN), else_=UNKNOWN)


_ALL = (
    Dimension("day", "time", part=day_of),
    Dimension("week", "time", part=week_of),
    Dimension("month", "time", part=month_of),
    Dimension("hour", "time", part=hour_of),
    Dimension("weekday", "time", part=weekday_of),
    Dimension("platform", "shop"),
    Dimension("shop", "shop"),
    Dimension("currency", "shop"),
    Dimension("province", "order", column="province"),
    Dimension("city", "order", column="city"),
    Dimension("courier", "order", column="courier"),
    Dimension("pay_method", "order", column="pay_method"),
    Dimension("amount_band", "order"),
    Dimension("source", "line", column="source", on_order="source"),
    Dimension("influencer", "line", column="influencer_id", on_order="influencer_id"),
    Dimension("account", "line", of_line=_account),
    Dimension("product", "line", column="product_id"),
    Dimension("sku", "line", column="sku_code"),
)
DIMENSIONS: Mapping[str, Dimension] = MappingProxyType({dimension.key: dimension for dimension in _ALL})
TIME = tuple(dimension.key for dimension in _ALL if dimension.level == "time")


def dimensions_of(by: str | None) -> tuple[Dimension, ...]:
    """``source`` or ``source,account`` as dimensions. Raises ``BadUsage`` for a name that is none."""
    names = [name.strip() for name in by.split(",")] if by else []
    for name in names:
        if name not in DIMENSIONS:
            raise BadUsage("dimension_unknown", key=name)
    return tuple(DIMENSIONS[name] for name in names)


def known(value: Expression) -> Expression:
    """The value, or ``unknown`` where there is none."""
    return func.coalesce(value, UNKNOWN)


def line_key(dimension: Dimension, line: Any, frame: Frame) -> Expression:
    """The key of an order line."""
    if dimension.of_line is not None:
        return dimension.of_line(line, frame)
    return known(line[dimension.column])


def order_key(dimension: Dimension, columns: Any, frame: Frame) -> Expression:
    """The key of an order, for ``shop`` and ``order`` dimensions."""
    if dimension.level == "shop":
        attribute = {"shop": "id", "platform": "platform", "currency": "currency"}[dimension.key]
        values = {shop.id: str(getattr(shop, attribute)) for shop in frame.shops}
        return cast(per_shop(columns.shop_id, values, literal), String)
    if dimension.key == "amount_band":
        return amount_band(columns.payable_amount)
    return known(columns[dimension.column])


def amount_band(amount: Expression) -> Expression:
    """The band an amount falls in, named by its lower bound in fen."""
    bands = ((amount >= bound, str(bound)) for bound in reversed(AMOUNT_BANDS))
    return case(*bands, else_=UNKNOWN)

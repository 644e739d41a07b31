"""Days of rows that hang on no order: which day a row tells of, and whether a day is told at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy.sql.elements import ColumnElement

from shopdata.metrics.constructs import Expression, day_of

# What makes a row of traffic one of a part of the shop.
PARTS = ("channel", "account_id", "account_name", "room_id", "room_name", "product_id", "product_name")


def told_day(rows: Any) -> Expression:
    """The day a row tells of."""
    return day_of(rows.day)


def of_one_day(rows: Any) -> ColumnElement[bool]:
    """Rows of one day, or of one hour of it; rows of several days belong to none."""
    return and_(rows.day.is_not(None), or_(rows.last_day.is_(None), day_of(rows.last_day) == told_day(rows)))


def spends(rows: Any) -> ColumnElement[bool]:
    """Rows of ads that tell what one day cost."""
    return and_(of_one_day(rows), rows.spend.is_not(None))


def visits(rows: Any) -> ColumnElement[bool]:
    """Rows of traffic that tell how many people one day brought to the whole shop, or to a whole source."""
    return and_(of_one_day(rows), rows.visitors.is_not(None), *(rows[name].is_(None) for name in PARTS))


def is_told(told: ColumnElement[bool], rows: Any, shop: Expression, day: Expression) -> ColumnElement[bool]:
    """Whether some of ``rows``, those that are ``told``, are of the shop and day."""
    return exists().where(told, rows.shop_id == shop, told_day(rows) == day)

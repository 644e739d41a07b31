"""Relations of what is told by the day alone: what advertising cost, who visited.

Such rows hang on no order. They count on their day whatever the basis, and split only by time, by shop and,
for visitors, by source. Rows that speak of several days belong to none and are left out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, and_, case, func, or_, select, true

from shopdata.metrics.dimensions import DIMENSIONS, Dimension, known
from shopdata.metrics.frame import Frame
from shopdata.metrics.relation import key_name
from shopdata.metrics.told_days import spends, told_day, visits
from shopdata.scope import Scope
from shopdata.store.own_entities import ADS, TRAFFIC

SPLITS = frozenset({"day", "week", "month", "weekday", "shop", "platform", "currency"})
SOURCE = DIMENSIONS["source"]
# What the shop's own accounts spent comes before what is not said, and before what others spent for it.
SCOPES = {"bound": 0, "promoted": 2}


def tells(family: str, scope: Scope, dimensions: tuple[Dimension, ...]) -> bool:
    """Whether rows of ``family`` can be split and filtered as asked; people of two sources never add up."""
    asked = {dimension.key for dimension in dimensions}
    if family != "traffic":
        return asked <= SPLITS and not scope.sources
    return asked <= SPLITS | {"source"} and (len(scope.sources) < 2 or "source" in asked)


def ads_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row a shop and day: what advertising cost, each yuan once.

    Reports of several scopes, grains or hours tell the same spend again: of one platform and day the row of
    the whole day counts, else the report that holds most. A report that names no platform stands beside those
    that do, and the larger of the two counts.
    """
    views = _ads_views(ADS.table.c)
    order = (views.c.scope_rank, views.c.split, views.c.hourly, views.c.spend.desc(), views.c.grain)
    place = func.row_number().over(partition_by=(views.c.shop_id, views.c.day, views.c.named), order_by=order)
    ranked = select(*views.c, place.label("place")).subquery("ads_ranked")
    told = (
        select(ranked.c.shop_id, ranked.c.day, func.sum(ranked.c.spend).label("spend"))
        .where(ranked.c.place == 1)
        .group_by(ranked.c.shop_id, ranked.c.day, ranked.c.named == "")
        .subquery("ads_told")
    )
    spend = func.max(told.c.spend).label("day_spend")
    return select(*_dated(told.c), spend).group_by(told.c.shop_id, told.c.day).subquery("ad_days")


def _ads_views(rows: Any) -> FromClause:
    """The spend of each shop, day, ad platform and way of telling it."""
    keys = {
        "shop_id": rows.shop_id,
        "day": told_day(rows),
        "named": func.coalesce(rows.ad_platform, ""),
        "scope_rank": case(SCOPES, value=rows.scope, else_=1),
        "split": func.coalesce(rows.grain, "") != "",
        "grain": func.coalesce(rows.grain, ""),
        "hourly": or_(rows.hour.is_not(None), rows.day != func.date_trunc("day", rows.day)),
    }
    return (
        select(*(key.label(name) for name, key in keys.items()), func.sum(rows.spend).label("spend"))
        .where(spends(rows))
        .group_by(*keys.values())
        .subquery("ads_views")
    )


def traffic_relation(frame: Frame, scope: Scope, dimensions: tuple[Dimension, ...]) -> FromClause:
    """One row a shop and day (and source, where asked): how many people came.

    Only rows of the whole shop, or of a whole source, count; where several tell one day, people cannot be
    added up and nothing is said.
    """
    rows = TRAFFIC.table.c
    whole = known(rows.source) == "all"
    by_source = SOURCE in dimensions or bool(scope.sources)
    keys = [rows.shop_id, told_day(rows), *([known(rows.source)] if by_source else [])]
    people = case((func.count() == 1, func.max(rows.visitors)))
    chosen = and_(visits(rows), ~whole if by_source else whole)
    if scope.sources:
        chosen = and_(chosen, rows.source.in_(scope.sources))
    names = ("shop_id", "day", "source")
    days = (
        select(*(key.label(name) for key, name in zip(keys, names, strict=False)), people.label("visitors"))
        .where(chosen)
        .group_by(*keys)
        .subquery("visits")
    )
    shown = [days.c.source.label(key_name(SOURCE))] if SOURCE in dimensions else []
    return select(*_dated(days.c), days.c.visitors.label("day_visitors"), *shown).subquery("visit_days")


def _dated(rows: Any) -> list[Any]:
    """The columns a question needs of a row: its shop, and its day under the name of every anchor."""
    moment = func.date_trunc("day", rows.day)
    return [rows.shop_id, moment.label("placed_at"), moment.label("paid_at"), true().label("is_paid")]

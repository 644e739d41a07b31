"""How long orders take from first shipment to signing, as they are and with each lane's hours saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, Integer, String, and_, column, func, literal, select, values
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.lane_orders import USED, WITHIN, Cells, reading_of
from shopdata.metrics.constructs import quantiles
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope


@dataclass(frozen=True, slots=True)
class Spread:
    """Hours of ``n`` orders: median, p90, and how many are signed within 48 and 72 hours."""

    n: int
    median: float | None
    p90: float | None
    within: tuple[int, ...]


def moved(
    store: Reads,
    scope: Scope,
    cells: Cells,
    saved: Mapping[tuple[str, str], Sequence[float]],
    ways: int,
) -> list[Spread]:
    """The orders as they are, then with what each of ``ways`` saves by lane (origin, destination)."""
    asked = reading_of(store, scope)
    keys = dict.fromkeys(zip(cells.shop, cells.warehouse, cells.city, cells.origin, strict=True))
    rows = [(shop, name, city, *saved[origin, city]) for shop, name, city, origin in keys]
    names = [f"saved_{way}" for way in range(ways)]
    table = values(
        column("shop_id", Integer),
        column("warehouse", String),
        column("city", String),
        *(column(name, Float(53)) for name in names),
        name="moved_lanes",
    ).data(rows)
    c, lane = asked.facts.c, table.c
    same = and_(
        lane.shop_id == c.shop_id,
        lane.warehouse == func.coalesce(c.warehouse_name, ""),
        lane.city == c.city,
    )
    inner = (
        select(asked.hours.label("hours"), *(lane[name] for name in names))
        .select_from(asked.relation.join(table, same))
        .where(asked.shipped, asked.state == USED)
        .subquery("moved_orders")
    )
    columns = [
        figure
        for name in (None, *names)
        for figure in _figures(inner.c.hours - (inner.c[name] if name else literal(0.0)))
    ]
    with store.read() as connection:
        row = connection.execute(select(func.count(), *columns).select_from(inner)).one()
    width = 1 + len(WITHIN)
    return [_spread(row[0], row[1 + way * width : 1 + (way + 1) * width]) for way in range(ways + 1)]


def _figures(hours: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [quantiles(hours), *(func.count().filter(hours <= limit) for limit in WITHIN)]


def _spread(n: int, figures: Sequence[Any]) -> Spread:
    median, p90, _ = figures[0] or (None, None, None)
    return Spread(n, median, p90, tuple(int(one) for one in figures[1:]))

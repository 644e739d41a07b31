"""Lines far from what is usual of their product: far too cheap, far too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from shopdata.abnormal.definition import Ground, Limit, Rule, hit
from shopdata.metrics.constructs import real
from shopdata.metrics.definition import Need
from shopdata.store.engine_duckdb import quantile
from shopdata.store.tables import ORDER_LINES

USUAL_DAYS = timedelta(days=90)
FEWEST = Limit("fewest", 20, "orders")
# Makes a median absolute deviation comparable with a standard deviation.
AS_SIGMA = 1.4826
# A product nearly always bought once at one price has no spread: half of its median is the least.
LEAST_SPREAD = 0.5
NEEDS = (Need("orders", "product_id"), Need("orders", "paid_amount"), Need("orders", "paid_at"))


def _recent(ground: Ground, value: Any, name: str) -> Any:
    """Paid lines of the last 90 days, 0 yuan left out, with a ``value``."""
    c = ORDER_LINES.table.c
    return (
        select(
            c.line_id, c.order_id, c.product_id, c.placed_at, c.paid_at, c.paid_amount, c.quantity,
            c.as_of, value.label("value"),
        )
        .where(
            c.shop_id == ground.shop.id,
            c.counted,
            c.paid_at >= ground.shop.as_of["orders"] - USUAL_DAYS,
            c.paid_amount > 0,
            c.quantity > 0,
            c.product_id.is_not(None),
        )
        .cte(name)
    )  # fmt: skip


def _usual(ground: Ground, lines: Any, name: str) -> tuple[Any, Any]:
    """By product: the median and the median deviation of ``value``, of at least so many lines."""
    middle = (
        select(
            lines.c.product_id,
            quantile(lines.c.value, 0.5).label("usual"),
            quantile(lines.c.quantity, 0.5).label("pieces"),
        )
        .group_by(lines.c.product_id)
        .having(func.count() >= ground.limit("fewest"))
        .cte(f"{name}_usual")
    )
    same = middle.c.product_id == lines.c.product_id
    spread = (
        select(lines.c.product_id, quantile(func.abs(lines.c.value - middle.c.usual), 0.5).label("spread"))
        .select_from(lines.join(middle, same))
        .group_by(lines.c.product_id)
        .cte(f"{name}_spread")
    )
    return middle, spread


def _found(ground: Ground, lines: Any, usual: tuple[Any, Any], where: Any, **columns: object) -> Select[Any]:
    middle, spread = usual
    joined = lines.join(middle, middle.c.product_id == lines.c.product_id)
    joined = joined.join(spread, spread.c.product_id == lines.c.product_id)
    c = lines.c
    common = {
        "subject": c.line_id,
        "order_id": c.order_id,
        "line_id": c.line_id,
        "dated_at": c.placed_at,
        "since": c.paid_at,
        "as_of": c.as_of,
        "evidence": {
            "product_id": c.product_id, "quantity": c.quantity, "paid_amount": c.paid_amount,
            "usual": func.round(middle.c.usual),
        },
    }  # fmt: skip
    return hit(ground, joined, (where, *ground.recent(c.placed_at)), **common | columns)


def _too_cheap(ground: Ground) -> Select[Any]:
    """High where a product was sold so cheap several times within an hour."""
    c = ORDER_LINES.table.c
    lines = _recent(ground, real(c.paid_amount) / c.quantity, "prices")
    middle, spread = _usual(ground, lines, "prices")
    v, usual = lines.c, middle.c.usual
    reach = ground.limit("deviations") * AS_SIGMA * spread.c.spread
    low = and_(v.value < usual - reach, v.value < ground.limit("share") * usual)
    hour = func.count().over(partition_by=(v.product_id, func.date_trunc("hour", v.paid_at)))
    return _found(
        ground, lines, (middle, spread), low,
        measure=v.value / usual,
        limit_value=ground.limit("share"),
        high_from=case((hour >= ground.limit("in_an_hour"), v.paid_at)),
        amount=(usual - v.value) * v.quantity,
    )  # fmt: skip


def _too_much(ground: Ground) -> Select[Any]:
    """Ten times the pieces or money usual of the product, or far outside its spread."""
    c = ORDER_LINES.table.c
    lines = _recent(ground, real(c.paid_amount), "amounts")
    middle, spread = _usual(ground, lines, "amounts")
    v, usual = lines.c, middle.c.usual
    times = func.greatest(v.value / usual, real(v.quantity) / middle.c.pieces)
    scale = func.greatest(AS_SIGMA * spread.c.spread, LEAST_SPREAD * usual)
    unusual = or_(times > ground.limit("times"), (v.value - usual) / scale > ground.limit("deviations"))
    return _found(
        ground, lines, (middle, spread), unusual, measure=times, amount=v.paid_amount,
    )  # fmt: skip


RULES = (
    Rule(
        "price_below_usual", "line", "medium", "ratio", _too_cheap, whole=True, acts_within=7,
        limits=(
            Limit("share", 0.7, "ratio", ours=True), Limit("deviations", 6, "number", ours=True), FEWEST,
            Limit("in_an_hour", 5, "orders"),
        ),
        needs=NEEDS,
    ),
    Rule(
        "amount_unusual", "line", "medium", "number", _too_much, whole=True, acts_within=7,
        limits=(
            Limit("times", 10, "number", ours=True), Limit("deviations", 8, "number", ours=True), FEWEST,
        ),
        needs=NEEDS,
    ),
)  # fmt: skip

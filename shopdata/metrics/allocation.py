"""Splits an order's amount over its lines so that the parts add up to the fen (largest remainder)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, case, cast, func, select

from shopdata.metrics.constructs import Expression, real


def allocated(lines: Any, shares: Mapping[str, tuple[str, str]]) -> Any:
    """``lines`` with a column ``share_<name>`` for each entry of ``shares``.

    An entry names the column of the whole (the same on all lines of an order) and the column of the weight
    (not null, not negative). Lines without any weight share equally. ``lines`` carries ``shop_id``,
    ``order_id`` and ``line_id``.
    """
    weighed = _with(
        lines, {f"all_{name}": _over(lines, lines.c[weight]) for name, (_, weight) in shares.items()}
    )
    exact = _with(weighed, {f"exact_{name}": _exact(weighed, name, *pair) for name, pair in shares.items()})
    floors = _with(
        exact, {f"floor_{name}": cast(func.floor(exact.c[f"exact_{name}"]), BigInteger) for name in shares}
    )
    ranked = _with(
        floors,
        {f"floors_{name}": _over(floors, floors.c[f"floor_{name}"]) for name in shares}
        | {f"rank_{name}": _rank(floors, name) for name in shares},
    )
    return _with(
        ranked, {f"share_{name}": _share(ranked, name, whole) for name, (whole, _) in shares.items()}
    )


def _with(source: Any, columns: Mapping[str, Expression]) -> Any:
    added = [column.label(name) for name, column in columns.items()]
    return select(*source.c, *added).select_from(source).subquery()


def _order(source: Any) -> tuple[Expression, Expression]:
    return source.c.shop_id, source.c.order_id


def _over(source: Any, value: Expression) -> Expression:
    return func.sum(value).over(partition_by=_order(source))


def _exact(source: Any, name: str, whole: str, weight: str) -> Expression:
    total, amount = source.c[f"all_{name}"], real(source.c[whole])
    count = func.count().over(partition_by=_order(source))
    return case((total > 0, amount * real(source.c[weight]) / real(total)), else_=amount / real(count))


def _rank(source: Any, name: str) -> Expression:
    rest = source.c[f"exact_{name}"] - source.c[f"floor_{name}"]
    return func.row_number().over(partition_by=_order(source), order_by=(rest.desc(), source.c.line_id))


def _share(source: Any, name: str, whole: str) -> Expression:
    left = source.c[whole] - source.c[f"floors_{name}"]
    floor: Expression = source.c[f"floor_{name}"]
    return floor + case((source.c[f"rank_{name}"] <= left, 1), else_=0)

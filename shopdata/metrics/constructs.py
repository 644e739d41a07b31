"""The few SQL constructs that engines spell differently: differences of times, quantiles, calendar parts.

Everything else in ``metrics`` and ``analysis`` is plain SQLAlchemy Core and reads the same on every engine.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, DateTime, Float, Integer, cast, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

Expression = ColumnElement[Any]
QUANTILES = (0.5, 0.9, 0.95)


class seconds_between(FunctionElement[int]):
    """Whole seconds from the first time to the second; negative when they stand in the wrong order."""

    type = Integer()
    name = "seconds_between"
    inherit_cache = True


@compiles(seconds_between)
def _seconds_anywhere(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS BIGINT)"


@compiles(seconds_between, "duckdb")
def _seconds_in_duckdb(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(part, **options) for part in element.clauses)
    return f"date_diff('second', {start}, {end})"


class quantiles(FunctionElement[Any]):
    """p50, p90 and p95 of an expression, exact and interpolated, as one array read in a single pass."""

    type = ARRAY(Float)
    name = "quantiles"
    inherit_cache = True


@compiles(quantiles)
def _quantiles_anywhere(element: quantiles, compiler: SQLCompiler, **options: Any) -> str:
    value = _inside(element, compiler, **options)
    return f"percentile_cont(ARRAY{list(QUANTILES)}) WITHIN GROUP (ORDER BY {value})"


@compiles(quantiles, "duckdb")
def _quantiles_in_duckdb(element: quantiles, compiler: SQLCompiler, **options: Any) -> str:
    return f"quantile_cont({_inside(element, compiler, **options)}, {list(QUANTILES)})"


class median(FunctionElement[float]):
    """The interpolated middle of an expression."""

    type = Float()
    name = "median"
    inherit_cache = True


@compiles(median)
def _median_anywhere(element: median, compiler: SQLCompiler, **options: Any) -> str:
    return f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {_inside(element, compiler, **options)})"


@compiles(median, "duckdb")
def _median_in_duckdb(element: median, compiler: SQLCompiler, **options: Any) -> str:
    return f"median({_inside(element, compiler, **options)})"


class text_number(FunctionElement[int]):
    """A whole number of 64 bits for a text, the same for the same text; two of a million texts share one by a
    chance of one in thirty million."""

    type = BigInteger()
    name = "text_number"
    inherit_cache = True


@compiles(text_number)
def _text_number_anywhere(element: text_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"hashtextextended({_inside(element, compiler, **options)}, 0)"


@compiles(text_number, "duckdb")
def _text_number_in_duckdb(element: text_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"hash({_inside(element, compiler, **options)})"


def _inside(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return ", ".join(compiler.process(part, **options) for part in element.clauses)


def day_of(moment: Expression) -> Expression:
    """The day of a wall-clock time."""
    return cast(moment, Date)


def week_of(moment: Expression) -> Expression:
    """The Monday of a wall-clock time's week."""
    return cast(func.date_trunc("week", moment), Date)


def month_of(moment: Expression) -> Expression:
    """The first day of a wall-clock time's month."""
    return cast(func.date_trunc("month", moment), Date)


def hour_of(moment: Expression) -> Expression:
    """0–23."""
    return cast(func.date_part("hour", moment), Integer)


def weekday_of(moment: Expression) -> Expression:
    """1–7, Monday 1."""
    return cast(func.date_part("isodow", moment), Integer)


def real(value: Expression) -> Expression:
    """A number as a double, before anything is divided."""
    return cast(value, Float(53))


def moment(value: object) -> Expression:
    """A literal wall-clock time (or null)."""
    return literal(value, DateTime)

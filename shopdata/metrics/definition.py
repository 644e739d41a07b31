"""What a metric is: frozen definitions that the query builder, the formula text and the pages all read.

A count counts main orders that meet a condition; a total adds an amount over them; a ratio is one metric
over another; a duration is the time between two moments of an order. Nothing here knows SQL: conditions,
amounts and moments are names of ``shopdata.metrics.facts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "orders", "units", "buyers", "parcels", "fen", "ratio", "hours", "seconds", "visitors", "number"
]
Family = Literal[
    "orders", "aftersales", "commissions", "settlements", "parcels", "buyers", "ads", "traffic", "goods",
    "funds", "later",
]  # fmt: skip
# Families told by the day alone: a day without a row is unknown, not 0.
DAILY: tuple[Family, ...] = ("ads", "traffic")
# Families of rows that hang on no order: they count on their own day and split by little else.
BY_DAY: tuple[Family, ...] = (*DAILY, "funds")
Step = Literal["pay", "ship", "sign", "complete", "return", "refund", "refund_soon", "dispute"]


@dataclass(frozen=True, slots=True)
class Need:
    """Data a metric cannot do without: a kind of file and, where it matters, one column of it.

    ``called`` names the file to upload where the kind alone would not tell; ``instead`` is another kind that
    tells as much.
    """

    kind: str
    column: str | None = None
    called: str | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Where a metric falls on the ``event`` basis: the rows it is read from and the time that dates it.

    ``condition`` and ``amount`` replace those of the cohort where the rows are not orders.
    """

    anchor: str
    family: Family = "orders"
    condition: str | None = None
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Main orders (or what ``unit`` says) that meet ``condition``."""

    key: str
    condition: str
    event: Event | None = None
    needs: tuple[Need, ...] = ()
    family: Family = "orders"
    unit: Unit = "orders"
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """Sum of ``amount`` over the rows that meet ``condition``.

    ``of_known``: shops that lack what it needs are left out of it by its condition, and do not make it
    unknown for the others.
    """

    key: str
    amount: str
    condition: str
    event: Event | None = None
    needs: tuple[Need, ...] = ()
    family: Family = "orders"
    unit: Unit = "fen"
    shown: bool = True
    of_known: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric minus another."""

    key: str
    minuend: str
    subtrahend: str
    needs: tuple[Need, ...] = ()
    unit: Unit = "fen"
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Sum:
    """Metrics added and others taken away, as far as they are known.

    A part whose data is missing is left out and named beside the value. Without any of ``essential``, or
    where a known part cannot be split as asked, there is no value.
    """

    key: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    essential: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    unit: Unit = "fen"
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """One metric over another, sum ÷ sum.

    ``binomial`` ratios are shares of counted orders and carry a Wilson interval. ``step`` is the step whose
    horizon makes a denominator order mature; ``pending`` names the condition of orders that the definition
    itself leaves out as not yet due. ``of_known`` as in ``Total``.
    """

    key: str
    numerator: str
    denominator: str
    step: Step | None = None
    pending: str | None = None
    needs: tuple[Need, ...] = ()
    unit: Unit = "ratio"
    binomial: bool = True
    on_event: bool = False
    shown: bool = True
    of_known: bool = False


@dataclass(frozen=True, slots=True)
class Duration:
    """Time from ``start`` to ``end`` of an order: mean, p50, p90 and n; negative times are left out."""

    key: str
    start: str
    end: str
    statistics: tuple[str, ...] = ("mean", "p50", "p90", "n")
    needs: tuple[Need, ...] = ()
    unit: Unit = "hours"
    event: Event | None = None
    shown: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its statistics as they stand in documents."""
        return tuple(f"{self.key}_{statistic}" for statistic in self.statistics)


@dataclass(frozen=True, slots=True)
class Missing:
    """A metric of the catalogue that waits for a kind of file nothing reads yet."""

    key: str
    needs: tuple[Need, ...]
    unit: Unit = "fen"
    shown: bool = True


Metric = Count | Total | Difference | Sum | Ratio | Duration | Missing

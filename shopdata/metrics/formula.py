"""The formula of a metric in words, made from its definition so that it cannot say anything else."""

from __future__ import annotations

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.definition import Count, Difference, Duration, Metric, Ratio, Sum, Total
from shopdata.words import Words

EVERYTHING = ("placed", "commissioned", "estimated", "charged", "entered", "told")


def formula_text(key: str, words: Words) -> str:
    """How the metric under a document key is computed, for the "?" of a figure."""
    metric = CATALOGUE[key]
    if isinstance(metric, Duration):
        statistic = words(f"metrics.statistics.{key.removeprefix(metric.key + '_')}")
        start, end = (words(f"metrics.moments.{name}") for name in (metric.start, metric.end))
        return words("metrics.formula.duration", statistic=statistic, start=start, end=end)
    if isinstance(metric, Ratio):
        text = f"{_named(metric.numerator, words)} ÷ {_named(metric.denominator, words)}"
        return text + (words("metrics.formula.matured") if metric.step or metric.pending else "")
    if isinstance(metric, Difference):
        return f"{_named(metric.minuend, words)} − {_named(metric.subtrahend, words)}"
    if isinstance(metric, Sum):
        added, taken = ([_named(key, words) for key in keys] for keys in (metric.plus, metric.minus))
        return " − ".join((" + ".join(added), *taken))
    return _sum(metric, words)


def _named(key: str, words: Words) -> str:
    """A shown metric by its name, a hidden part of one by its own formula."""
    metric = CATALOGUE[key]
    return words(f"metrics.{key}.label") if metric.shown else _sum(metric, words)


def _sum(metric: Metric, words: Words) -> str:
    if isinstance(metric, Count):
        condition = words(f"metrics.conditions.{metric.condition}")
        return words("metrics.formula.count", condition=condition) if metric.unit == "orders" else condition
    if isinstance(metric, Total):
        amount = words(f"metrics.amounts.{metric.amount}")
        if metric.condition in EVERYTHING:
            return words("metrics.formula.total", amount=amount)
        condition = words(f"metrics.conditions.{metric.condition}")
        return words("metrics.formula.total_over", amount=amount, condition=condition)
    return words("metrics.formula.later", file=_files(metric, words))


def _files(metric: Metric, words: Words) -> str:
    return " + ".join(words(f"metrics.files.{need.kind}") for need in metric.needs)

"""The catalogue: every metric the product knows, by the key it has in documents, pages and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from shopdata.errors import BadUsage
from shopdata.metrics import (
    commission_keys,
    daily_keys,
    order_keys,
    profit_keys,
    refund_keys,
    shipping_keys,
)
from shopdata.metrics.definition import Difference, Duration, Metric, Need, Ratio, Sum

DEFINITIONS: tuple[Metric, ...] = (
    order_keys.METRICS
    + refund_keys.METRICS
    + shipping_keys.METRICS
    + commission_keys.METRICS
    + daily_keys.METRICS
    + profit_keys.METRICS
)


def document_keys(metric: Metric) -> tuple[str, ...]:
    """The keys under which a metric's value stands in a document; a duration has one a statistic."""
    return metric.keys if isinstance(metric, Duration) else (metric.key,)


CATALOGUE: Mapping[str, Metric] = MappingProxyType(
    {key: metric for metric in DEFINITIONS for key in document_keys(metric)}
)
KEYS: tuple[str, ...] = tuple(key for key, metric in CATALOGUE.items() if metric.shown)


def parts(metric: Metric) -> tuple[str, ...]:
    """The keys of the metrics a derived metric is made of."""
    if isinstance(metric, Ratio):
        return metric.numerator, metric.denominator
    if isinstance(metric, Difference):
        return metric.minuend, metric.subtrahend
    if isinstance(metric, Sum):
        return metric.plus + metric.minus
    return ()


def needs_of(metric: Metric) -> tuple[Need, ...]:
    """The files a metric needs, those of what it is made of included."""
    return (*metric.needs, *(need for part in parts(metric) for need in needs_of(CATALOGUE[part])))


def chosen(keys: Iterable[str] | None) -> tuple[Metric, ...]:
    """The definitions behind ``keys`` (all shown ones by default) and what they are made of, once each."""
    wanted = dict.fromkeys(KEYS if keys is None else keys)
    unknown = [key for key in wanted if key not in CATALOGUE]
    if unknown:
        raise BadUsage("metric_unknown", key=unknown[0])
    found: dict[str, Metric] = {}
    waiting = list(wanted)
    while waiting:
        metric = CATALOGUE[waiting.pop(0)]
        if metric.key not in found:
            found[metric.key] = metric
            waiting.extend(parts(metric))
    return tuple(found.values())

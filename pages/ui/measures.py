"""From the metric table to what cards and charts show. Figures come from the catalogue, none is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pages.ui import about, numbers
from pages.ui.about import About
from pages.ui.cards import Card
from pages.ui.session import Page
from shopdata.analysis.logistics import unsigned
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.compare import Change, compare
from shopdata.metrics.definition import Ratio
from shopdata.metrics.series import metric_series
from shopdata.metrics.table import MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Basis, Scope

MORE_IS_BETTER = frozenset(
    {
        "paid_amount",
        "net_amount",
        "orders_placed",
        "orders_paid",
        "pay_rate",
        "average_order_value",
        "amount_per_buyer",
        "ship_48h_rate",
        "ship_promise_rate",
        "pickup_24h_rate",
    }
)
LESS_IS_BETTER = frozenset(
    {
        "refund_amount",
        "refund_rate",
        "refund_amount_rate",
        "refund_rate_1h",
        "return_rate",
        "dispute_rate",
        "orders_refunded",
        "orders_returned",
        "orders_unpaid",
        "dispute_orders",
        "ship_to_sign_hours_p50",
        "ship_to_sign_hours_p90",
        "pay_to_ship_hours_p50",
    }
)


# Figures that still grow after their days are over: by what waits, and what tells how much does.
GROWING = {
    **dict.fromkeys(("ship_to_sign_hours_p50", "ship_to_sign_hours_p90"), "signing"),
    **dict.fromkeys(("refund_amount", "refund_amount_rate", "net_amount"), "refunds"),
}
TELLING = {
    "signing": ("orders_shipped", "orders_signed", "orders_transit"),
    "refunds": ("orders_paid", "refund_rate"),
}
SETTLED = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric and the basis it is read on."""

    key: str
    basis: Basis


def better(key: str) -> bool | None:
    """Whether more of a metric is better; ``None`` where it is neither."""
    return True if key in MORE_IS_BETTER else (False if key in LESS_IS_BETTER else None)


def unit_of(key: str) -> str:
    """The unit of a document key."""
    return CATALOGUE[key].unit


def table(page: Page, scope: Scope, by: str | None, keys: Sequence[str]) -> MetricTable:
    """The metric table, remembered by the metrics themselves."""
    return metric_table(page.store, scope, by=by, keys=tuple(keys))


def deck(page: Page, asked: Sequence[Asked]) -> list[Card]:
    """Cards of metrics, each on its own basis, with their days and their comparison."""
    found: dict[str, Card] = {}
    for basis in dict.fromkeys(one.basis for one in asked):
        keys = tuple(one.key for one in asked if one.basis == basis)
        scope = page.scope(basis)
        waits = [name for key in keys for name in TELLING.get(GROWING.get(key, ""), ())]
        days = table(page, scope, "day", tuple(dict.fromkeys((*keys, *waits))))
        changes: Mapping[str, Change] = {}
        if page.filters.compare != "none" and scope.start is not None:
            changes = compare(page.store, scope, keys, against=page.filters.compare)
        for key in keys:
            found[key] = _growing(page, _card(page, key, basis, days, changes.get(key)), days)
    return [found[one.key] for one in asked]


def _card(page: Page, key: str, basis: Basis, days: MetricTable, change: Change | None) -> Card:
    words, metric = page.words, CATALOGUE[key]
    value, is_young = judged_value(key, days.total)
    missing = days.missing.get(key)
    note = words("ui.upload_first", file=words.get(f"ui.kinds.{missing}", missing)) if missing else ""
    delta, judged = change_text(page, key, change)
    against = words(f"ui.filters.against_{page.filters.compare}") if change else ""
    if is_young and not missing:
        delta, judged, against = words("ui.young"), False, words("ui.young_note")
    return Card(
        key=key,
        label=about.label_of(key, words),
        value=numbers.by_unit(value, metric.unit, words),
        about=About((key,), basis, days.total, note),
        delta=None if missing else delta,
        better=better(key) if judged else None,
        note=note or against,
        trend=tuple(_of_day(key, row.values) for row in days.rows) if not is_young else (),
    )


def _of_day(key: str, values: Mapping[str, Value]) -> float | None:
    value, is_young = judged_value(key, values)
    return None if is_young or value is None else float(value)


def waiting(key: str, total: Mapping[str, Value]) -> int:
    """How many orders may still change a figure of the period that grows; 0 where they are too few to matter
    (2 %). Those not signed yet are the slow ones, refunds not asked for yet are still to come."""
    kind = GROWING.get(key)
    if kind is None:
        return 0
    n = unsigned(total) if kind == "signing" else int(total["refund_rate_pending"] or 0)
    return n if n > SETTLED * float(total[TELLING[kind][0]] or 0) else 0


def _growing(page: Page, card: Card, days: MetricTable) -> Card:
    """A card whose figure still grows: neither its change nor its days are told."""
    n = waiting(card.key, days.total)
    if not n or card.key in days.missing:
        return card
    if card.delta is None:
        return replace(card, trend=())
    note = page.words(f"ui.growing_{GROWING[card.key]}", n=numbers.count(n, page.words))
    return replace(card, delta=page.words("ui.growing"), better=None, note=note, trend=())


def judged_value(key: str, values: Mapping[str, Value]) -> tuple[Value, bool]:
    """What a card shows: the rate over matured orders; the plain one, and ``True``, where none is matured."""
    metric = CATALOGUE[key]
    if not isinstance(metric, Ratio) or not metric.step or values[key] is None:
        return values[key], False
    matured = values.get(f"{key}_matured")
    return (values[key], True) if matured is None else (matured, False)


def change_text(page: Page, key: str, change: Change | None) -> tuple[str | None, bool]:
    """A change in words, and whether it is certain enough to be called good or bad."""
    words = page.words
    if change is None:
        return None, False
    if change.difference is None:
        return words("ui.nothing_to_compare"), False
    if change.is_new:
        return words("ui.new_from_zero"), False
    if not change.is_clear:
        return words("ui.no_clear_change"), False
    if unit_of(key) == "ratio":
        return numbers.points(change.difference, words), True
    if unit_of(key) == "hours":
        return words("ui.hours", value=f"{change.difference:+.1f}"), True
    relative = change.relative
    return (f"{relative * 100:+.1f}%", True) if relative is not None else (None, False)


def partial_places(page: Page, scope: Scope, key: str, by: str) -> frozenset[str]:
    """Points of a chart that are not whole: cut by the period, or not proved whole by the data."""
    points = metric_series(page.store, scope, key, by).points
    return frozenset(point.key for point in points if point.partial)

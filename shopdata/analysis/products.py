"""What each product (or SKU) sells, keeps, brings back, and does to the order value, by pay time.

``aov_part`` = the product's paid money ÷ all paid orders of the period: parts add up to the order value, and
their changes to its change. ``aov_without`` = the order value of the orders that do not hold the product;
``aov_effect`` = order value − that, with an interval (orders drawn independently, normal approximation, from
30 orders on either side). ``product_return_rate``: orders whose returned line is this product ÷ paid orders
that hold it; the metric ``return_rate`` would blame every product of an order. Ratios of money are sum ÷ sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from shopdata.analysis import product_orders
from shopdata.analysis.product_orders import UNATTRIBUTED, Held, Price, Returns
from shopdata.errors import BadUsage
from shopdata.metrics.cache import remembered
from shopdata.metrics.compare import base_period
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.dimensions import DIMENSIONS
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import Z95, wilson
from shopdata.metrics.table import MetricRow, MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.store import tables
from shopdata.words import Words, words

BY = ("product", "sku")
ENOUGH = 30
KEYS = (
    "orders_paid", "paid_amount", "refund_amount", "net_amount", "refund_amount_rate", "refund_rate",
    "units_paid", "amount_per_unit",
)  # fmt: skip
NOTHING = Held(0, 0, 0.0, 0, 0, None)


@dataclass(frozen=True, slots=True)
class OrderValue:
    """What a product does to the order value, in fen; see the module. ``change`` is that of ``part`` against
    the period before (``None`` without one)."""

    part: float | None
    change: float | None
    without: float | None
    effect: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the effect leaves 0 out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """Orders with a return of the product ÷ orders that hold it: matured orders where there are any
    (``is_young`` otherwise: the rate will still rise). ``pending``: orders too young, left out."""

    n: int
    d: int
    rate: float | None
    low: float | None
    high: float | None
    pending: int
    is_young: bool


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product or SKU: its figures by metric key, and what this analysis adds."""

    figures: MetricRow
    order_value: OrderValue
    returned: ReturnRate | None
    reasons: Returns
    price: Price | None

    @property
    def key(self) -> str:
        """Product id or merchant code; ``unknown`` where the export prints none."""
        return self.figures.key


@dataclass(frozen=True, slots=True)
class Products:
    """The products of the orders paid in a period.

    ``mix``: paid money by product and content type. ``unattributed``: returns no product could be told for.
    ``gone``: change of the order value through products not sold any more. ``missing``: file without which
    nothing is known of returns.
    """

    table: MetricTable
    mix: MetricTable
    rows: tuple[ProductRow, ...]
    order_value: float | None
    order_value_change: float | None
    gone: float | None
    unattributed: Returns
    missing: str | None

    def label(self, row: ProductRow, language: Words) -> str:
        """What the product is called on screen; a SKU with its code, for its name is the product's."""
        name = self.table.label(row.figures, language)
        is_code = self.table.by == ("sku",) and name != row.key != "unknown"
        return f"{row.key} · {name}" if is_code else name

    def mix_of(self, key: str) -> tuple[tuple[str, Value], ...]:
        """Paid money of a product by content type, as the platform orders them."""
        return tuple((row.keys[1], row["paid_amount"]) for row in self.mix.rows if row.keys[0] == key)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``products --json``."""
        spoken = language or words()
        document = self.table.as_json(spoken)
        rows = zip(document["rows"], self.rows, strict=True)
        value = {"average_order_value": self.order_value, "aov_change": self.order_value_change}
        gone = {"aov_change_gone": self.gone, "returns_unattributed": _returned(self.unattributed)}
        notes = [spoken("analysis.products.note")]
        if self.missing:
            notes.append(spoken("ui.upload_first", file=spoken(f"ui.kinds.{self.missing}")))
        return document | {
            "rows": [found | self._added(row, spoken) for found, row in rows],
            "total": document["total"] | value | gone,
            "notes": notes,
        }

    def _added(self, row: ProductRow, spoken: Words) -> dict[str, Any]:
        value, back, price = row.order_value, row.returned, row.price
        return {
            "label": self.label(row, spoken),
            "aov_part": value.part,
            "aov_change": value.change,
            "aov_without": value.without,
            "aov_effect": value.effect,
            "aov_effect_low": value.low,
            "aov_effect_high": value.high,
            "product_return_rate": back and back.rate,
            "product_return_rate_n": back and back.n,
            "product_return_rate_d": back and back.d,
            "product_return_rate_low": back and back.low,
            "product_return_rate_high": back and back.high,
            "product_return_rate_pending": back and back.pending,
            "product_return_rate_young": back and back.is_young,
            "price_p10": price and price.p10,
            "price_p50": price and price.p50,
            "price_p90": price and price.p90,
            "price_n": price.n if price else 0,
            "sources": dict(self.mix_of(row.key)),
            "reasons": [
                {
                    "key": one.key,
                    "label": spoken(f"analysis.aftersale_reasons.{one.key}"),
                    "n": one.n,
                    "returns": one.returns,
                    "refund_amount": one.amount,
                }
                for one in row.reasons.reasons
            ],
        }


def _returned(found: Returns) -> int:
    return found.matured + found.young


def products(store: Reads, scope: Scope, by: str = "product", against: str = "previous") -> Products:
    """The products (``by`` ``sku``: merchant codes) of the orders paid in the period, against another one.

    Raises ``BadUsage`` for another ``by``.
    """
    if by not in BY:
        raise BadUsage("value_unknown", name="by", value=by, choices=", ".join(BY))
    asked = replace(scope, basis="paid")
    return remembered(store, ("products", asked, by, against), lambda: _read(store, asked, by, against))


def _read(store: Reads, scope: Scope, by: str, against: str) -> Products:
    frame = frame_of(store, scope)
    table = metric_table(store, scope, by=by, keys=KEYS)
    base = base_period(scope, against) if against != "none" else None
    before = metric_table(store, base, by=by, keys=("orders_paid", "paid_amount")) if base else None
    facts = Facts(tables.orders.c, frame, horizons_of(store, frame, ("return",)), "paid_at")
    missing = "aftersales" if frame.is_missing((product_orders.AFTERSALES,)) else None
    dimension = DIMENSIONS[by]
    with store.read() as connection:
        held = product_orders.held(connection, facts, scope, dimension)
        whole = product_orders.totals(connection, facts, scope)
        back = {} if missing else product_orders.returns(connection, facts, scope, dimension)
    parts = _parts(table)
    base_parts = _parts(before) if before and before.total["orders_paid"] else None
    rows = tuple(
        ProductRow(
            figures=row,
            order_value=_order_value(row.key, scope, held, whole, parts, base_parts, table.currency),
            returned=None if missing else _rate(held.get(row.key, NOTHING), back.get(row.key, Returns())),
            reasons=back.get(row.key, Returns()),
            price=held.get(row.key, NOTHING).price if table.currency else None,
        )
        for row in table.rows
    )
    value, change = _value(table), None
    if base_parts is not None and before is not None and (old := _value(before)) is not None and value:
        change = value - old
    return Products(
        table=table,
        mix=metric_table(store, scope, by=f"{by},source", keys=("paid_amount",)),
        rows=rows,
        order_value=value,
        order_value_change=change,
        gone=None
        if base_parts is None
        else -sum(base_parts[key] for key in base_parts.keys() - parts.keys()),
        unattributed=back.get(UNATTRIBUTED, Returns()),
        missing=missing,
    )


def _value(table: MetricTable) -> float | None:
    amount, orders = table.total["paid_amount"], table.total["orders_paid"]
    return amount / orders if orders and amount is not None else None


def _parts(table: MetricTable) -> Mapping[str, float]:
    """Each product's part of the order value."""
    orders = table.total["orders_paid"]
    return {
        row.key: (row["paid_amount"] or 0) / orders
        for row in table.rows
        if orders and table.total["paid_amount"] is not None
    }


def _order_value(
    key: str,
    scope: Scope,
    held: Mapping[str, Held],
    whole: tuple[int, int, float],
    parts: Mapping[str, float],
    base_parts: Mapping[str, float] | None,
    currency: str | None,
) -> OrderValue:
    """The order value without a product is told of whole orders only: not under a filter of content types."""
    part = parts.get(key)
    change = None if base_parts is None or part is None else part - base_parts.get(key, 0.0)
    mine, (n, amount, squares) = held.get(key, NOTHING), whole
    others = n - mine.n
    if scope.sources or currency is None or not n or not others:
        return OrderValue(part, change, None, None, None, None)
    without = (amount - mine.amount) / others
    effect = amount / n - without
    if min(mine.n, others) < ENOUGH:
        return OrderValue(part, change, without, effect, None, None)
    spread = _variance(mine.n, mine.amount, mine.squares) / mine.n
    spread += _variance(others, amount - mine.amount, squares - mine.squares) / others
    reach = Z95 * mine.n / n * sqrt(spread)
    return OrderValue(part, change, without, effect, effect - reach, effect + reach)


def _variance(n: int, amount: float, squares: float) -> float:
    return max(squares / n - (amount / n) ** 2, 0.0)


def _rate(mine: Held, back: Returns) -> ReturnRate:
    """Over matured orders; over all where none is old enough."""
    is_young = not mine.matured
    n, d = (back.young, mine.young) if is_young else (back.matured, mine.matured)
    low, high = wilson(n, d) or (None, None)
    return ReturnRate(n, d, n / d if d else None, low, high, 0 if is_young else mine.young, is_young)

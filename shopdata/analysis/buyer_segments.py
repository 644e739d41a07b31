"""Buyers by recency, frequency and value (RFM): the eight segments, and the buyers of the dearest orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from shopdata.analysis.buyer_values import (
    HIGH_ORDER,
    SEGMENTS,
    BuyerRows,
    Cuts,
    buyer_rows,
    is_high_order,
    read_cuts,
    segment_of,
)
from shopdata.analysis.buyers import ShopBuyers, keyed_shops, paid_scope, shop_buyers
from shopdata.analysis.purchases import DAY, purchases
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.units import yuan
from shopdata.words import Words, words

SUMS = ("buyers", "orders", "paid", "net", "waited", "days", "again", "shown")


@dataclass(frozen=True, slots=True)
class Segment:
    """Buyers of a segment and what they bought; money in fen, ``waited`` and ``days`` summed over them.

    ``again``: bought on at least two days; ``shown``: their ids are still there and can be exported.
    """

    key: str
    buyers: int = 0
    orders: int = 0
    paid: int = 0
    net: int = 0
    waited: int = 0
    days: int = 0
    again: int = 0
    shown: int = 0

    @property
    def per_buyer(self) -> float | None:
        """Money after refunds a buyer."""
        return self.net / self.buyers if self.buyers else None

    @property
    def per_order(self) -> float | None:
        """Paid money an order."""
        return self.paid / self.orders if self.orders else None

    @property
    def days_ago(self) -> float | None:
        """How long ago the last purchase was, in the mean."""
        return self.waited / DAY / self.buyers if self.buyers else None

    def plus(self, other: Segment, key: str) -> Segment:
        """Both together."""
        return Segment(key, *(getattr(self, name) + getattr(other, name) for name in SUMS))


@dataclass(frozen=True, slots=True)
class Segments:
    """The eight segments, the buyers of the dearest orders, all buyers, and the cuts of each shop.

    ``currency`` is ``None`` where shops differ in it: money is then not added up.
    """

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    shops: tuple[ShopBuyers, ...]
    cuts: tuple[Cuts, ...]
    rows: tuple[Segment, ...]
    high_order: Segment
    total: Segment

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``customers --view rfm``."""
        spoken = language or words()
        return {
            "view": "rfm",
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [self._row(row, spoken) for row in self.rows],
            "high_order_value": self._row(self.high_order, spoken),
            "total": {"key": "total", "label": spoken("cli.total"), **self._figures(self.total)},
            "cuts": [
                {
                    "shop": self.name_of(cut.shop_id),
                    "fixed": cut.fixed,
                    "buyers": cut.buyers,
                    "bought_once": cut.once,
                    "recent_days": cut.recent_days,
                    "frequent_days": cut.frequent_days,
                    "value": cut.value,
                    "order_value": cut.order_value,
                }
                for cut in self.cuts
            ],
            "notes": list(self.notes(spoken)),
        }

    def _row(self, row: Segment, spoken: Words) -> dict[str, Any]:
        label = spoken(f"analysis.segments.{row.key}.label")
        return {"key": row.key, "label": label, **self._figures(row)}

    def _figures(self, row: Segment) -> dict[str, Any]:
        one_currency = self.currency is not None
        return {
            "buyers": row.buyers,
            "share": row.buyers / self.total.buyers if self.total.buyers else None,
            "orders": row.orders,
            "paid_amount": row.paid if one_currency else None,
            "net_amount": row.net if one_currency else None,
            "money_share": row.net / self.total.net if one_currency and self.total.net > 0 else None,
            "net_per_buyer": row.per_buyer if one_currency else None,
            "average_order_value": row.per_order if one_currency else None,
            "days_ago": row.days_ago,
        }

    def name_of(self, shop_id: int) -> str:
        """A shop's name."""
        return next(shop.name for shop in self.shops if shop.shop_id == shop_id)

    def notes(self, spoken: Words) -> Iterator[str]:
        """What must be known about the figures: each shop's key, its cuts, and whether refunds are in."""
        for shop in self.shops:
            yield shop.sentence(spoken)
        for cut in self.cuts:
            yield self.cut_sentence(cut, spoken)
        for shop in self.shops:
            if shop.kind != "none" and not shop.has_refunds:
                yield spoken("analysis.buyers.no_refunds", shop=shop.name)

    def cut_sentence(self, cut: Cuts, spoken: Words) -> str:
        """Where a shop's segments are cut, and why there."""
        return spoken(
            f"analysis.buyers.cuts_{'fixed' if cut.fixed else 'median'}",
            shop=self.name_of(cut.shop_id),
            once=f"{cut.once / cut.buyers:.0%}",
            recent=f"{cut.recent_days:.0f}",
            frequent=f"{cut.frequent_days:.0f}",
            value=f"{yuan(round(cut.value)):,}",
        )


def segments(store: Reads, scope: Scope) -> Segments:
    """The segments of the buyers of the period, by what they bought in it."""
    asked = paid_scope(scope)
    return remembered(store, ("buyer_segments", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Segments:
    frame, shops = frame_of(store, scope), keyed_shops(store, scope)
    buyers = buyer_rows(purchases(store, scope), shops, scope)
    cuts = read_cuts(buyers)
    found = _sums(buyers, cuts)
    rows, high, total = [], Segment(HIGH_ORDER), Segment("total")
    for key in SEGMENTS:
        rows.append(found[key, True].plus(found[key, False], key))
        high, total = high.plus(found[key, True], HIGH_ORDER), total.plus(rows[-1], "total")
    return Segments(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        shops=shop_buyers(store, scope),
        cuts=tuple(cuts[shop] for shop in sorted(cuts)),
        rows=tuple(rows),
        high_order=high,
        total=total,
    )


def _sums(buyers: BuyerRows, cuts: dict[int, Cuts]) -> dict[tuple[str, bool], Segment]:
    """One segment for each key and whether its buyers' mean order is among the highest tenth."""
    group = 2 * segment_of(buyers, cuts) + is_high_order(buyers, cuts)
    b = buyers
    measured = (b.orders, b.paid, b.net, b.waited, b.days, b.days >= 2, b.shown)
    kinds = [(key, is_high) for key in SEGMENTS for is_high in (False, True)]
    # Sums of whole numbers stay exact in doubles up to 2^53: 90 trillion yuan in fen.
    sums = [np.bincount(group, values, len(kinds)) for values in (np.ones(len(group)), *measured)]
    return {
        kind: Segment(kind[0], *(int(total[place]) for total in sums)) for place, kind in enumerate(kinds)
    }

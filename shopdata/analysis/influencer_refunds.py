"""The orders an influencer's refunds are judged on, and how many of them came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from shopdata.analysis.partners import Cell, Cells, Partner, by_partner
from shopdata.analysis.shrinkage import Group, usual_rate
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.values import Value
from shopdata.scope import Scope

EVIDENCE = timedelta(days=180)


def matured(values: Mapping[str, Value]) -> tuple[int, int]:
    """Refunded and all orders old enough for a refund to have been seen."""
    trials = int(values["refund_rate_d"] or 0) - int(values["refund_rate_pending"] or 0)
    return round((values["refund_rate_matured"] or 0) * trials), trials


def judged_orders(scope: Scope) -> Scope:
    """The orders refunds are judged on: those of the period and of the 180 days that end with it."""
    if scope.start is None or scope.end is None:
        return scope.between(None, scope.end)
    return scope.between(min(scope.start, scope.end - EVIDENCE + timedelta(days=1)), scope.end)


def refund_groups(cells: Cells, partners: Mapping[tuple[int, str], Partner]) -> dict[Partner, Group]:
    """What is known of each influencer's refunds; nothing where only settled lines name them."""
    usual = {}
    for shop in cells.frame.shops:
        hits, trials = matured(cells.values(cell for cell in cells.sums if cell[0] == shop.id))
        if trials:
            usual[shop.id] = usual_rate(hits, trials)
    return {
        one: _group(cells, found, usual)
        for one, found in by_partner(cells, partners).items()
        if one.code != UNKNOWN and not one.by_commissions and all(cell[0] in usual for cell in found)
    }


def _group(cells: Cells, found: Sequence[Cell], usual: Mapping[int, float]) -> Group:
    shops = sorted({cell[0] for cell in found})
    parts = {shop: matured(cells.values(cell for cell in found if cell[0] == shop)) for shop in shops}
    trials = sum(part[1] for part in parts.values())
    expected = (
        sum(part[1] * usual[shop] for shop, part in parts.items()) / trials if trials else usual[shops[0]]
    )
    return Group(sum(part[0] for part in parts.values()), trials, expected)

"""Which one, two or three places serve all customers best: the p-median, solved exactly.

Every customer is served from the nearest open place (or as today, where that is nearer). Up to two places
are tried out one by one. Of three, a choice is tried only where the bound of the Lagrangean relaxation
(Cornuéjols, Fisher and Nemhauser 1977) leaves room to beat the best one known: no choice is left out that
could win.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
MOST_SITES = 3
CHUNK = 20_000
STEPS, PATIENCE, SMALLEST_STEP = 150, 6, 1e-3
NEAR = 1e-9


def best_sites(costs: Numbers, weights: Numbers, sites: int, today: Numbers | None = None) -> tuple[int, ...]:
    """Rows of ``costs`` (one a candidate place, one column a customer) that together cost least.

    ``weights``: how often each customer counts. ``today``: what each customer costs as it is, where that
    stays open beside the chosen places. ``sites``: 1–3; fewer are chosen where there are fewer candidates.
    """
    wanted = min(sites, MOST_SITES, len(costs))
    if wanted < 1:
        return ()
    weighted = (costs if today is None else np.minimum(costs, today)) * weights
    first = int(weighted.sum(axis=1).argmin())
    if wanted == 1:
        return (first,)
    if wanted == 2:
        pairs = np.stack([np.minimum(row, weighted).sum(axis=1) for row in weighted])
        np.fill_diagonal(pairs, np.inf)
        return tuple(sorted(int(place) for place in np.unravel_index(pairs.argmin(), pairs.shape)))
    return _triple(weighted, first)


def served(costs: Numbers, chosen: tuple[int, ...], today: Numbers | None = None) -> Numbers:
    """What each customer costs from the nearest of the ``chosen`` places (or as today)."""
    nearest: Numbers = costs[list(chosen)].min(axis=0)
    return nearest if today is None else np.minimum(nearest, today)


def _triple(costs: Numbers, first: int) -> tuple[int, ...]:
    best, least = _exchanged(costs, first)
    base, gains = _relaxed(costs, best, least)
    limit = least * (1 - NEAR)
    two_best = np.sort(gains)[:2].sum()
    kept = np.flatnonzero(base + gains + two_best < limit)
    for at, one in enumerate(kept[:-2]):
        later = kept[at + 1 :]
        room = base + gains[one] + gains[later][:, None] + gains[later][None, :]
        second, third = np.nonzero(np.triu(room < limit, 1))
        beside = np.minimum(costs[one], costs[later])
        for start in range(0, len(second), CHUNK):
            part = slice(start, start + CHUNK)
            found = np.minimum(beside[second[part]], costs[later[third[part]]]).sum(axis=1)
            place = int(found.argmin())
            if found[place] < limit:
                limit = float(found[place]) * (1 - NEAR)
                best = (int(one), int(later[second[part][place]]), int(later[third[part][place]]))
    return best


def _exchanged(costs: Numbers, first: int) -> tuple[tuple[int, ...], float]:
    """A good triple to begin with: the best one and two beside it, then exchanges until none helps."""
    second = int(np.minimum(costs[first], costs).sum(axis=1).argmin())
    second = second if second != first else (first + 1) % len(costs)
    chosen, least, place, idle = [first, second, -1], np.inf, 2, 0
    while idle < MOST_SITES:
        others = [one for at, one in enumerate(chosen) if at != place]
        found = np.minimum(costs[others].min(axis=0), costs).sum(axis=1)
        found[others] = np.inf
        swap = int(found.argmin())
        idle = 0 if found[swap] < least * (1 - NEAR) else idle + 1
        if idle == 0:
            chosen[place], least = swap, float(found[swap])
        place = (place + 1) % MOST_SITES
    return tuple(sorted(chosen)), least


def _relaxed(costs: Numbers, best: tuple[int, ...], least: float) -> tuple[float, Numbers]:
    """A bound from below: any three places cost at least the first value plus their three gains (all ≤ 0).

    Found by subgradient steps on the prices customers would pay to be served, each step as long as the
    customer weighs. Any prices give a valid bound; good ones lie between what the nearest and the second
    nearest place of a good choice cost.
    """
    prices = np.sort(costs[list(best)], axis=0)[:2].mean(axis=0)
    lengths = costs.mean(axis=0)
    bound, kept, scale, idle = -np.inf, (0.0, np.zeros(len(costs)), prices), 1.0, 0
    for _ in range(STEPS):
        reduced = np.minimum(costs - prices, 0.0)
        gains = reduced.sum(axis=1)
        opened = np.argpartition(gains, MOST_SITES - 1)[:MOST_SITES]
        value = float(prices.sum() + gains[opened].sum())
        idle = 0 if value > bound else idle + 1
        if value > bound:
            bound, kept = value, (float(prices.sum()), gains, prices)
        elif idle >= PATIENCE:
            scale, idle, prices = scale / 2, 0, kept[2]
        unserved = 1.0 - (reduced[opened] < 0).sum(axis=0)
        length = float(unserved**2 @ lengths)
        if not length or scale < SMALLEST_STEP or bound >= least * (1 - NEAR):
            break
        prices = prices + scale * (least - value) / length * unserved * lengths
    return kept[0], kept[1]

"""How long a lane takes: a straight line over distance, with what couriers, shops and destinations add.

hours = start + slope × distance + courier + shop + (province + city of destination)

Start and slope are free; the other effects are drawn towards 0 as if each had that many orders of its own
saying 0 (ridge regression; a random effect of that variance). Each destination province is a block of the
equations that is reduced to the few shared unknowns, so drawing provinces anew (bootstrap) costs a small
system each. Provinces are what is drawn because the slope is learnt from differences between places: more
orders to the same places do not make it surer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shopdata.analysis.lane_orders import Cells
from shopdata.analysis.resampling import FEWEST, LEVEL, RESAMPLES, SEED
from shopdata.platforms.distances import kilometres

Numbers = NDArray[np.float64]
PLACE_ORDERS, SERVICE_ORDERS, TINY = 30.0, 20.0, 1e-6
UNIT_KM = 100.0
START, SLOPE = 0, 1
FEWEST_TO_COMPARE = 10


@dataclass(frozen=True, slots=True)
class LaneTimes:
    """The fitted line. ``slope``: hours per 100 km, ``slopes`` those of resampled ``provinces``.
    Effects in hours by courier, shop and destination city."""

    start: float
    slope: float
    couriers: Mapping[str, float]
    shops: Mapping[int, float]
    cities: Mapping[str, float]
    provinces: tuple[str, ...]
    slopes: Numbers
    orders: int

    @property
    def is_clear(self) -> bool:
        """Whether distance costs time for certain."""
        return len(self.provinces) >= FEWEST and float(np.quantile(self.slopes, (1 - LEVEL) / 2)) > 0

    def services(self, cells: Cells) -> Numbers:
        """Hours of each cell before distance and destination: start, courier and shop. What was not met
        before adds nothing."""
        pairs = zip(cells.courier, cells.shop, strict=True)
        added = [self.couriers.get(courier, 0.0) + self.shops.get(shop, 0.0) for courier, shop in pairs]
        found: Numbers = np.array(added, np.float64) + self.start
        return found

    def hours(self, cells: Cells) -> Numbers:
        """Expected hours of each cell; a destination not met before adds nothing."""
        places = np.array([self.cities.get(city, 0.0) for city in cells.city], np.float64)
        found: Numbers = self.services(cells) + self.slope * distances(cells) / UNIT_KM + places
        return found


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane's ``n`` orders: mean hours as they are, and as expected; ``without_place`` before distance and
    destination."""

    origin: str
    city: str
    n: int
    kilometres: float
    hours: float
    expected: float
    without_place: float


@dataclass(frozen=True, slots=True)
class Score:
    """How the first two thirds foretell the last third. ``value``: share of the spread of hours explained
    beyond what shop and courier explain (0: nothing, below 0: worse). ``error``: median error in hours of
    the mean of lanes with at least ten orders there (``lanes`` of them)."""

    value: float
    error: float | None
    lanes: int
    orders: int


def distances(cells: Cells) -> Numbers:
    """Kilometres of each cell's lane."""
    origins, cities = sorted(set(cells.origin)), sorted(set(cells.city))
    table = kilometres(origins, cities)
    rows = [origins.index(one) for one in cells.origin]
    places = {city: place for place, city in enumerate(cities)}
    found: Numbers = table[rows, [places[city] for city in cells.city]]
    return found


def lane_table(cells: Cells, times: LaneTimes) -> list[Lane]:
    """Every lane of the cells, most orders first."""
    columns = np.column_stack(
        [cells.n, cells.plain, cells.n * times.hours(cells), cells.n * times.services(cells)]
    )
    sums: dict[tuple[str, str, float], Numbers] = {}
    for place, kilometre in enumerate(distances(cells)):
        lane = (cells.origin[place], cells.city[place], float(kilometre))
        sums[lane] = sums.get(lane, np.zeros(columns.shape[1])) + columns[place]
    found = [
        Lane(*lane[:2], int(n), lane[2], *(float(one) / float(n) for one in (hours, expected, plain)))
        for lane, (n, hours, expected, plain) in sums.items()
    ]
    return sorted(found, key=lambda row: (-row.n, row.origin, row.city))


def lane_times(cells: Cells, chosen: NDArray[np.bool_] | None = None) -> LaneTimes:
    """The line through the chosen cells (all by default). There must be at least one."""
    kept = np.flatnonzero(np.ones(len(cells), bool) if chosen is None else chosen)
    couriers = tuple(sorted({cells.courier[place] for place in kept}))
    shops = tuple(sorted({cells.shop[place] for place in kept}))
    shared = _shared(cells, kept, couriers, shops, distances(cells)[kept] / UNIT_KM)
    weights, means = cells.n[kept], cells.hours[kept] / cells.n[kept]
    by_province: dict[str, list[int]] = {}
    for at, place in enumerate(kept):
        by_province.setdefault(cells.city[place][:2], []).append(at)
    blocks = [
        _block(shared[rows], means[rows], weights[rows], [cells.city[kept[at]] for at in rows])
        for rows in by_province.values()
    ]
    left = np.stack([block.left for block in blocks])
    right = np.stack([block.right for block in blocks])
    prior = np.diag([TINY, TINY, *[SERVICE_ORDERS] * (shared.shape[1] - 2)])
    found = np.linalg.solve(left.sum(axis=0) + prior, right.sum(axis=0))
    draws = np.random.default_rng(SEED).multinomial(
        len(blocks), np.full(len(blocks), 1 / len(blocks)), size=RESAMPLES
    )
    systems = np.tensordot(draws.astype(np.float64), left, axes=1) + prior
    drawn = np.linalg.solve(systems, (draws @ right)[:, :, None])[:, SLOPE, 0]
    effects = {city: value for block in blocks for city, value in block.effects(found)}
    return LaneTimes(
        start=float(found[START]),
        slope=float(found[SLOPE]),
        couriers=dict(zip(couriers, found[2:].tolist(), strict=False)),
        shops=dict(zip(shops, found[2 + len(couriers) :].tolist(), strict=True)),
        cities=effects,
        provinces=tuple(by_province),
        slopes=np.asarray(drawn, np.float64),
        orders=int(weights.sum()),
    )


def _shared(
    cells: Cells, kept: NDArray[np.intp], couriers: Sequence[str], shops: Sequence[int], distance: Numbers
) -> Numbers:
    """Columns every province shares: 1, distance, one a courier, one a shop."""
    columns = [np.ones(len(kept)), distance]
    columns += [np.array([cells.courier[place] == one for place in kept], np.float64) for one in couriers]
    columns += [np.array([cells.shop[place] == one for place in kept], np.float64) for one in shops]
    return np.column_stack(columns)


@dataclass(frozen=True, slots=True)
class _Block:
    """A province with its own unknowns (its effect and its cities') solved for in terms of the shared."""

    cities: tuple[str, ...]
    left: Numbers
    right: Numbers
    own: Numbers
    own_shared: Numbers

    def effects(self, found: Numbers) -> list[tuple[str, float]]:
        """What each city adds, its province's part included."""
        province, *cities = (self.own - self.own_shared @ found).tolist()
        return [(city, province + value) for city, value in zip(self.cities, cities, strict=True)]


def _block(shared: Numbers, means: Numbers, weights: Numbers, cities: Sequence[str]) -> _Block:
    names = tuple(sorted(set(cities)))
    own = np.column_stack([np.ones(len(cities)), *([city == one for city in cities] for one in names)])
    weighted = own * weights[:, None]
    inverse = np.linalg.inv(own.T @ weighted + PLACE_ORDERS * np.eye(own.shape[1]))
    cross = weighted.T @ shared
    pulled = weighted.T @ means
    return _Block(
        cities=names,
        left=shared.T @ (shared * weights[:, None]) - cross.T @ inverse @ cross,
        right=shared.T @ (weights * means) - cross.T @ inverse @ pulled,
        own=inverse @ pulled,
        own_shared=inverse @ cross,
    )


def score(cells: Cells) -> Score | None:
    """Fit the first two thirds, foretell the last; ``None`` where either holds no order."""
    later = cells.later
    if not later.any() or later.all():
        return None
    known = lane_times(cells, ~later)
    plain = _without_places(cells, ~later)
    n, hours, squares = cells.n[later], cells.hours[later], cells.squares[later]

    def missed(expected: Numbers) -> float:
        return float((squares - 2 * expected * hours + n * expected**2).sum())

    expected = known.hours(cells)[later]
    error, lanes = _lane_error(cells, later, expected)
    return Score(1 - missed(expected) / missed(plain[later]), error, lanes, int(n.sum()))


def _without_places(cells: Cells, chosen: NDArray[np.bool_]) -> Numbers:
    """Hours of each cell by shop and courier alone, as the chosen cells tell them."""
    couriers, shops = tuple(sorted(set(cells.courier))), tuple(sorted(set(cells.shop)))
    every = np.arange(len(cells))
    design = _shared(cells, every, couriers, shops, np.zeros(len(cells)))
    prior = np.diag([TINY, TINY, *[SERVICE_ORDERS] * (design.shape[1] - 2)])
    part = design[chosen]
    left = part.T @ (part * cells.n[chosen][:, None]) + prior
    found: Numbers = design @ np.linalg.solve(left, part.T @ cells.hours[chosen])
    return found


def _lane_error(cells: Cells, later: NDArray[np.bool_], expected: Numbers) -> tuple[float | None, int]:
    sums: dict[tuple[str, str], list[float]] = {}
    for place, foretold in zip(np.flatnonzero(later), expected, strict=True):
        lane = sums.setdefault((cells.origin[place], cells.city[place]), [0.0, 0.0, 0.0])
        n = cells.n[place]
        lane[0] += n
        lane[1] += cells.hours[place]
        lane[2] += n * foretold
    errors = [abs(actual - foretold) / n for n, actual, foretold in sums.values() if n >= FEWEST_TO_COMPARE]
    return (float(np.median(errors)) if errors else None), len(errors)

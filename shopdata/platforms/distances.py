"""Where the cities of China lie, and how far they are from each other as the crow flies.

The centre of a city is the centroid of its area on the map, not its town hall: within a large prefecture the
two can be 100 km apart, so distances are for comparing cities, not for routes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
EARTH_RADIUS = 6_371.0


@cache
def centres() -> Mapping[str, tuple[float, float]]:
    """Longitude and latitude in degrees by six-digit city code, for every city of ``places``."""
    path = Path(__file__).parent / "data" / "city_centres.csv"
    with path.open(encoding="utf-8", newline="") as rows:
        return {
            row["adcode"]: (float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(rows)
        }


def kilometres(start: Sequence[str], end: Sequence[str]) -> Numbers:
    """Great-circle distances between city codes: one row a start, one column an end.

    Raises ``KeyError`` for a code the map does not have.
    """
    first, second = (np.radians([centres()[code] for code in codes]).reshape(-1, 2) for codes in (start, end))
    longitude = second[None, :, 0] - first[:, None, 0]
    latitude = second[None, :, 1] - first[:, None, 1]
    across = np.cos(first[:, None, 1]) * np.cos(second[None, :, 1]) * np.sin(longitude / 2) ** 2
    half = np.sqrt(np.sin(latitude / 2) ** 2 + across)
    found: Numbers = 2 * EARTH_RADIUS * np.arcsin(np.minimum(half, 1.0))
    return found

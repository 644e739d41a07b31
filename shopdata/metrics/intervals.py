"""Intervals of shares and of differences of shares, at 95 %."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054


def wilson(hits: int, trials: int, z: float = Z95) -> tuple[float, float] | None:
    """Wilson score interval of ``hits ÷ trials``; ``None`` without trials. Bounds lie within 0–1."""
    if trials <= 0:
        return None
    share = hits / trials
    centre = share + z * z / (2 * trials)
    reach = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low = 0.0 if hits == 0 else (centre - reach) / scale
    high = 1.0 if hits == trials else (centre + reach) / scale
    return max(0.0, low), min(1.0, high)


def newcombe(hits: int, trials: int, base_hits: int, base_trials: int) -> tuple[float, float] | None:
    """Newcombe's hybrid score interval of the difference of two independent shares (first − base)."""
    now, before = wilson(hits, trials), wilson(base_hits, base_trials)
    if now is None or before is None:
        return None
    share, base_share = hits / trials, base_hits / base_trials
    difference = share - base_share
    low = difference - sqrt((share - now[0]) ** 2 + (before[1] - base_share) ** 2)
    high = difference + sqrt((now[1] - share) ** 2 + (base_share - before[0]) ** 2)
    return low, high

"""Rates of small groups drawn towards what is usual: empirical Bayes with a beta prior.

Group ``i`` has ``k`` hits of ``n`` trials and is expected at ``μ`` (its shop's own rate). The spread of true
rates around ``μ`` is one number ``ρ``, by the method of moments for beta-binomial counts (Kleinman 1973):
``Q = Σ (k − nμ)² ÷ (n·μ(1 − μ))`` has the mean ``K + ρ(N − K)`` over ``K`` groups of ``N`` trials, so
``ρ = (Q − K) ÷ (N − K)``. The prior is then worth ``M = 1 ÷ ρ − 1`` trials, and the shrunk rate is
``(μM + k) ÷ (M + n)``; its interval is that of the beta distribution with these counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
FEWEST_GROUPS, WITHOUT_GROUPS, WEAKEST = 3, 30.0, 2.0
POINTS, REACH, FAINTEST = 4_001, 12.0, 0.05


@dataclass(frozen=True, slots=True)
class Group:
    """``hits`` of ``trials``, and the rate ``usual`` for it (0–1)."""

    hits: int
    trials: int
    usual: float


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A shrunk rate with its 95 % interval, the ``n`` trials behind it and the ``usual`` rate."""

    value: float
    low: float
    high: float
    n: int
    usual: float

    @property
    def verdict(self) -> str | None:
        """``worse`` or ``better`` where the interval leaves out what is usual (a hit is a bad thing)."""
        if self.low > self.usual:
            return "worse"
        return "better" if self.high < self.usual else None


def usual_rate(hits: int, trials: int) -> float:
    """A rate that is neither 0 nor 1, whatever was counted: half a hit of one trial is added."""
    return (hits + 0.5) / (trials + 1)


def strength(groups: Sequence[Group]) -> float:
    """How many trials the prior is worth.

    At least 2, at most as many as there are: no more can be known of the usual rate than was seen. 30 where
    fewer than three groups can be compared.
    """
    seen = [group for group in groups if group.trials]
    trials = sum(group.trials for group in seen)
    if len(seen) < FEWEST_GROUPS or trials <= len(seen):
        return WITHOUT_GROUPS
    spread = sum(
        (one.hits - one.trials * one.usual) ** 2 / (one.trials * one.usual * (1 - one.usual)) for one in seen
    )
    share = (spread - len(seen)) / (trials - len(seen))
    if share <= 1 / (trials + 1):
        return float(trials)
    return max(WEAKEST, 1 / share - 1)


def shrunk(group: Group, prior: float) -> Shrunk:
    """The group's rate under a prior worth ``prior`` trials."""
    above = group.usual * prior + group.hits
    below = (1 - group.usual) * prior + group.trials - group.hits
    low, high = beta_interval(above, below)
    return Shrunk(above / (above + below), low, high, group.trials, group.usual)


def beta_interval(above: float, below: float, level: float = LEVEL) -> tuple[float, float]:
    """The central interval of a beta distribution, integrated over log-odds, where its density has no
    poles (accurate to 1e-3). Counts below 0.05 are read as 0.05."""
    above, below = max(above, FAINTEST), max(below, FAINTEST)
    centre = np.log(above / below)
    width = REACH * np.sqrt(1 / above + 1 / above**2 + 1 / below + 1 / below**2)
    odds = np.linspace(centre - width, centre + width, POINTS)
    logs = -above * np.logaddexp(0, -odds) - below * np.logaddexp(0, odds)
    weights = np.exp(logs - logs.max())
    steps = np.concatenate([[0.0], np.cumsum((weights[1:] + weights[:-1]) / 2)])
    ends = np.interp([(1 - level) / 2, (1 + level) / 2], steps / steps[-1], odds)
    low, high = np.exp(-np.logaddexp(0, -ends))
    return float(low), float(high)

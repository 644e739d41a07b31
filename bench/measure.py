"""One measured pair, and how a piece of work is timed in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Result:
    """``seconds`` of ours against ``rival_seconds``; ``at_most``/``at_least`` bound ours ÷ rival's."""

    what: str
    rival: str
    seconds: float
    rival_seconds: float
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours ÷ rival's; rival's ÷ ours where the target says how many times faster."""
        if self.at_least is not None:
            return self.rival_seconds / self.seconds
        return self.seconds / self.rival_seconds

    @property
    def target(self) -> str:
        """The bound in words."""
        return f"≥{self.at_least:g}× faster" if self.at_least is not None else f"≤{self.at_most:g}×"

    @property
    def met(self) -> bool:
        """Whether the bound holds."""
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return self.at_most is not None and self.ratio <= self.at_most


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall seconds and peak memory (bytes; its own and its children's) of a piece of work."""

    seconds: float
    peak: int


def alone(work: str, *arguments: object) -> Spent:
    """Run ``bench.work:<work>(*arguments)`` in a fresh process and read what it spent."""
    command = [sys.executable, "-m", "bench.work", work, *map(str, arguments)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    told = json.loads(finished.stdout.splitlines()[-1])
    return Spent(told["seconds"], told["peak"])


def best(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of several runs."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)

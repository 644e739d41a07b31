"""``make fuzz``: damaged files through the readers until the time is over; what they cannot explain is kept.

A failure is anything but a verdict: a fault of the reading process, a file that takes longer than a minute's
third, accepted + rejected ≠ rows. Its file is saved in ``build/fuzz`` and can be tried again with
``python -m tests.torture.fuzz FILE…``. Time in seconds comes from ``FUZZ_SECONDS``.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shopdata.errors import Refused, ShopdataError
from shopdata.imports.archive import expand
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Limits
from tests.torture.judging import NOW
from tests.torture.mutation import mutated, samples

LIMITS = Limits(seconds=20)
TOO_LONG = f"{LIMITS.seconds:g} s"
SECONDS = 300
KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"


@dataclass(slots=True)
class Fuzzed:
    """How many files were tried, what became of them, and which failed."""

    files: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def tried(parser: Parser, path: Path, work: Path) -> list[str]:
    """What became of each file behind ``path``; a failure begins with ``!``."""
    found = []
    for place, one in enumerate(expand([path], work / "members")):
        if one.refusal is not None:
            found.append(one.refusal.code if isinstance(one.refusal, Refused) else f"! {one.refusal}")
            continue
        found.append(_parsed(parser, one.path, work / f"out-{place}"))
    return found


def _parsed(parser: Parser, path: Path, out: Path) -> str:
    now = datetime.fromisoformat(NOW)
    try:
        parsed = parser.parse(
            path, out, file_name=path.name, format_key=None, now=now, assignments={}, limits=LIMITS
        )
    except Refused as refusal:
        return f"! {TOO_LONG}" if refusal.details.get("limit") == TOO_LONG else refusal.code
    except ShopdataError as fault:
        return f"! {fault}"
    whole = parsed.accepted + parsed.rejected == parsed.rows and parsed.rows > 0
    return "imported" if whole else f"! {parsed.accepted} + {parsed.rejected} rows of {parsed.rows}"


def fuzz(seed: int, kept: Path, *, seconds: float = math.inf, files: float = math.inf) -> Fuzzed:
    """Damage the samples until ``seconds`` or ``files`` are over; a file that fails goes to ``kept``."""
    chance, done = random.Random(seed), Fuzzed()  # noqa: S311 - damage, no secret
    good = list(samples().items())
    until = time.monotonic() + seconds
    with Parser() as parser:
        while done.files < files and time.monotonic() < until:
            name, data = chance.choice(good)
            damaged = mutated(chance, data)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / name
                path.write_bytes(damaged)
                results = tried(parser, path, Path(folder) / "work")
            done.files += 1
            done.seen.update(results)
            for failure in (one for one in results if one.startswith("!")):
                kept.mkdir(parents=True, exist_ok=True)
                saved = kept / f"{hashlib.sha256(damaged).hexdigest()[:16]}-{name}"
                saved.write_bytes(damaged)
                done.failures.append(f"{saved}: {failure}")
    return done


def main() -> int:
    """The command line."""
    chosen = argparse.ArgumentParser(prog="python -m tests.torture.fuzz", description=__doc__)
    chosen.add_argument("files", nargs="*", type=Path, help="try these files again")
    chosen.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    options = chosen.parse_args()
    if options.files:
        with Parser() as parser, tempfile.TemporaryDirectory() as work:
            for place, path in enumerate(options.files):
                print(path, *tried(parser, path, Path(work) / str(place)))  # noqa: T201
        return 0
    seconds = float(os.environ.get("FUZZ_SECONDS", SECONDS))
    print(f"seed {options.seed}, {seconds:g} s", flush=True)  # noqa: T201
    done = fuzz(options.seed, KEPT, seconds=seconds)
    print(f"{done.files:,} files", dict(done.seen.most_common()))  # noqa: T201
    for failure in done.failures:
        print(failure)  # noqa: T201
    return 1 if done.failures else 0


if __name__ == "__main__":
    sys.exit(main())

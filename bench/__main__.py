"""``make bench``: ratios against named rivals, measured in one run, written to docs/benchmarks.md.

Each pair runs one after the other on the same files and machine; only ratios travel between machines.
``--lines`` and ``--store-lines`` make a shorter run.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from bench import browsing, defences, importing, querying, viewing
from bench.measure import Result

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench`. Ratios hold within one run; seconds are of one machine ({machine}, {cores} cores).
A target that is missed is shown as missed.

| what | rival | ours s | rival s | ratio | target | met |
|---|---|---|---|---|---|---|
"""


def table(results: list[Result]) -> str:
    """The results as the page of the docs."""
    lines = [INTRODUCTION.format(machine=platform.machine(), cores=os.cpu_count())]
    for one in results:
        sign = "yes" if one.met else "no"
        lines.append(
            f"| {one.what} | {one.rival} | {one.seconds:.3g} | {one.rival_seconds:.3g} | "
            f"{one.ratio:.2f} | {one.target} | {sign} |\n"
        )
    notes = [f"- {one.what}: {one.note}\n" for one in results if one.note]
    return "".join(lines) + ("\n" + "".join(notes) if notes else "")


def main() -> None:
    """Run all measurements and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the big CSV")
    parser.add_argument("--sheet-lines", type=int, default=100_000, help="lines of the workbook")
    parser.add_argument("--store-lines", type=int, default=5_000_000, help="lines of the big store")
    parser.add_argument("--shops", type=int, default=10, help="shops of --lines lines in the widest store")
    parser.add_argument("--defence-lines", type=int, default=200_000, help="lines of the CSV in pieces")
    parser.add_argument("--write", action=argparse.BooleanOptionalAction, default=True, help="write the page")
    chosen = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="shopdata-bench-") as folder:
        place = Path(folder)
        results += importing.read_csv(place, chosen.lines)
        results += querying.measure(place / "csv-home", chosen.lines)
        results += viewing.measure(place, chosen.lines)
        results += importing.read_xlsx(place, chosen.sheet_lines)
        results += defences.measure(place, chosen.defence_lines, chosen.sheet_lines)
        results += importing.grow(place, chosen.lines, chosen.store_lines)
        results += querying.measure(place / "csv-home", chosen.store_lines)
        results += viewing.measure_many(place, chosen.lines, chosen.shops)
        print(table(results), flush=True)  # a browser that fails must not cost what was measured
        try:
            results += browsing.measure(place)
        except (BrowserError, OSError) as fault:
            print(f"the browser part failed: {fault}", flush=True)
    page = table(results)
    print(page)
    if chosen.write:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

"""A few seconds of ``make fuzz`` from a fixed beginning."""

from __future__ import annotations

from pathlib import Path

from tests.torture.fuzz import fuzz

SECONDS = 6


def test_damaged_files_get_a_verdict_and_never_a_fault(tmp_path: Path) -> None:
    done = fuzz(SECONDS, seed=20_261_102, kept=tmp_path)
    assert done.failures == []
    assert done.files > 20
    assert done.seen["imported"]

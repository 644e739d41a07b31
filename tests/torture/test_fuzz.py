"""A few files of ``make fuzz`` from a fixed beginning."""

from __future__ import annotations

from pathlib import Path

from tests.torture.fuzz import fuzz

FILES = 40


def test_damaged_files_get_a_verdict_and_never_a_fault(tmp_path: Path) -> None:
    done = fuzz(20_261_102, tmp_path, files=FILES)
    assert done.failures == []
    assert done.files == FILES
    assert done.seen["imported"]

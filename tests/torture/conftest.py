"""The bad files on disk, for whichever door they go through."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.catalogue import CASES


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case as a file."""
    made = tmp_path_factory.mktemp("bad files")
    for case in CASES:
        (made / case.file).write_bytes(case.bytes)
    return made

"""The sample, written once for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sample_data.make import write_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of the sample."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="session")
def expected(sample: Path) -> dict[str, Any]:
    """The expected figures of the whole set."""
    document: dict[str, Any] = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    return document

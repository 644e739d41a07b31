"""What the sample says must come out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def expected(sample: Path) -> dict[str, Any]:
    """The expected figures of the whole set."""
    document: dict[str, Any] = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    return document

"""Options for all tests: what takes minutes runs only when asked for (``make faults``)."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--faults``: also the long fault tests."""
    parser.addoption("--faults", action="store_true", help="also run the fault tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long fault tests out of every other run."""
    if config.getoption("--faults"):
        return
    long = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]

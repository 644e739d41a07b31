"""Worlds shared by the tests of metrics: built once, never changed."""

import pytest

from tests.metrics.oracle import Oracle
from tests.metrics.random_world import random_world
from tests.metrics.world import MemoryStore, World


@pytest.fixture(scope="session", params=[(7, 900, 2), (11, 1500, 1)], ids=["two shops", "one shop"])
def world(request: pytest.FixtureRequest) -> World:
    seed, orders, shops = request.param
    return random_world(seed, orders, shops)


@pytest.fixture(scope="session")
def store(world: World) -> MemoryStore:
    return world.stored()


@pytest.fixture(scope="session")
def oracle(world: World) -> Oracle:
    return Oracle(world)

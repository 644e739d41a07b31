"""The frame and the horizons of a question, read once per state of the store."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Frame, Reads, load_frame
from shopdata.metrics.maturity import OWN, Horizons, load_horizon
from shopdata.scope import Scope


def frame_of(store: Reads, scope: Scope) -> Frame:
    """Which shops the scope is about and how far their files reach."""

    def read() -> Frame:
        with store.read() as connection:
            return load_frame(connection, store.settings, scope)

    return remembered(store, ("frame", scope.shops, scope.platforms), read)


def horizons_of(store: Reads, frame: Frame, steps: Iterable[str] = OWN) -> Horizons:
    """The horizons of the frame's shops, for the steps asked for."""

    def read(step: str) -> Horizons:
        with store.read() as connection:
            return load_horizon(connection, frame, step)

    found: dict[tuple[int, str], int] = {}
    for step in sorted(set(steps).intersection(OWN)):
        found.update(remembered(store, ("horizon", step, frame.ids), partial(read, step)))
    return found

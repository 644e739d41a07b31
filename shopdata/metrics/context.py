"""The frame and the horizons of a question, read once per state of the store."""

from __future__ import annotations

from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Frame, Reads, load_frame
from shopdata.metrics.maturity import Horizons, load_horizons
from shopdata.scope import Scope


def frame_of(store: Reads, scope: Scope) -> Frame:
    """Which shops the scope is about and how far their files reach."""

    def read() -> Frame:
        with store.read() as connection:
            return load_frame(connection, store.settings, scope)

    return remembered(store, ("frame", scope.shops, scope.platforms), read)


def horizons_of(store: Reads, frame: Frame) -> Horizons:
    """The horizons of the frame's shops."""

    def read() -> Horizons:
        with store.read() as connection:
            return load_horizons(connection, frame)

    return remembered(store, ("horizons", frame.ids), read)

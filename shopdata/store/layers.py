"""Rows whose files brought different columns: each column from the newest state that has it."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from shopdata.store.incoming import Batch


def settle(connection: Connection, batch: Batch, hits: Table) -> int:
    """To come."""
    raise NotImplementedError

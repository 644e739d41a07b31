"""Bringing a store of any released schema up to date, one numbered step after the other.

A step is a file ``NNNN_name.sql`` here: statements separated by lines of ``;``. A runner of a page is enough
(no branches, no downgrades, no generated steps), so no migration library is needed. An existing store is
copied aside before its first step.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, inspect, select, text

from shopdata.errors import StoreError
from shopdata.store import engine_duckdb
from shopdata.store.tables import schema_steps

if TYPE_CHECKING:
    from shopdata.store.database import Store


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the schema: its name (the file's stem, ordered) and its statements."""

    name: str
    statements: tuple[str, ...]


def steps() -> tuple[Step, ...]:
    """All steps there are, oldest first."""
    files = (file for file in resources.files(__package__).iterdir() if file.name.endswith(".sql"))
    return tuple(
        Step(file.name.removesuffix(".sql"), _statements(file.read_text(encoding="utf-8")))
        for file in sorted(files, key=lambda file: file.name)
    )


def _statements(script: str) -> tuple[str, ...]:
    return tuple(statement for part in script.split("\n;\n") if (statement := part.strip()))


def applied(connection: Connection) -> frozenset[str]:
    """Names of the steps this store has gone through; none for an empty store."""
    if not inspect(connection).has_table(schema_steps.name):
        return frozenset()
    return frozenset(connection.execute(select(schema_steps.c.step)).scalars())


def migrate(store: Store) -> tuple[str, ...]:
    """Apply the missing steps, each in its own transaction; returns their names.

    Raises :class:`StoreError` ``store_from_future`` where the store knows a step that this product does not.
    """
    with store.read() as connection:
        done = applied(connection)
    known = steps()
    if unknown := done - {step.name for step in known}:
        raise StoreError("store_from_future", steps=", ".join(sorted(unknown)))
    missing = tuple(step for step in known if step.name not in done)
    if done and missing:
        copy_aside(store, missing[0].name)
    for step in missing:
        _apply(store, step)
    return tuple(step.name for step in missing)


def copy_aside(store: Store, name: str) -> None:
    """A copy of the store as it was before ``name``, kept in ``backups``."""
    backups = store.settings.home / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    copy = store.settings.temporary / f"before-{name}.duckdb"
    engine_duckdb.copy_database(store.engine, copy)
    copy.replace(backups / copy.name)


def _apply(store: Store, step: Step) -> None:
    with store.write() as connection:
        for statement in step.statements:
            connection.execute(text(statement))
        connection.execute(insert(schema_steps).values(step=step.name, applied_at=store.settings.now()))

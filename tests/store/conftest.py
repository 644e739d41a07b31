"""A real store in a temporary folder, and Arrow files as the parser writes them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import BigInteger, Boolean, DateTime, Float, Integer, insert

from shopdata.settings import Settings
from shopdata.store import Store, open_store
from shopdata.store.rollup import refresh_orders
from shopdata.store.tables import ENTITIES, ORDER_LINES, Entity, shops
from shopdata.store.touched import Touched
from shopdata.store.upsert import Counts, upsert

ARROW_TYPES = {
    BigInteger: pa.int64(),
    Integer: pa.int32(),
    Boolean: pa.bool_(),
    DateTime: pa.timestamp("s"),
    Float: pa.float64(),
}


def write_rows(
    path: Path, entity: Entity, rows: Sequence[Mapping[str, Any]], present: Sequence[str], per_row: int = 1
) -> Path:
    """Rows (key, state columns, ``event_at``, ``status_rank``) as an Arrow file with columns ``present``."""
    types = {name: ARROW_TYPES.get(kind, pa.string()) for name, kind in (*entity.columns, *entity.added)}
    digests = [
        int.from_bytes(hashlib.blake2b(repr([row.get(n) for n in present]).encode(), digest_size=8).digest())
        for row in rows
    ]
    columns: dict[str, pa.Array] = {
        "row": pa.array([2 + place // per_row for place in range(len(rows))], pa.int32()),
        "sheet": pa.nulls(len(rows), pa.string()),
        **{name: pa.array([row[name] for row in rows], pa.string()) for name in entity.key},
        **{name: pa.array([row.get(name) for row in rows], types[name]) for name in present},
        "event_at": pa.array([row.get("event_at") for row in rows], pa.timestamp("us")),
        "status_rank": pa.array([row.get("status_rank", 0) for row in rows], pa.int8()),
        "row_hash": pa.array(digests, pa.uint64()),
    }
    table = pa.table(columns)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    return path


Bring = Callable[..., Counts]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    return Settings(home, f"duckdb:///{home}/shopdata.duckdb", fixed_now=datetime(2026, 11, 1, 12))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as opened:
        with opened.write() as connection:
            connection.execute(
                insert(shops).values(
                    id=1,
                    name="shop",
                    platform="douyin",
                    currency="CNY",
                    zone="Asia/Shanghai",
                    is_sample=False,
                )
            )
        yield opened


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    """Bring rows into the store as one file: ``bring(rows)`` or ``bring(rows, entity="parcels", …)``."""
    numbers = itertools.count(1)

    def brought(
        rows: Sequence[Mapping[str, Any]],
        present: Sequence[str] | None = None,
        *,
        entity: str = "order_lines",
        shop_id: int = 1,
        as_of: datetime | None = datetime(2026, 10, 1),
        exported_at: datetime | None = None,
        per_row: int = 1,
    ) -> Counts:
        kind, number = ENTITIES[entity], next(numbers)
        names = present or [name for name in kind.state_columns if any(name in row for row in rows)]
        path = write_rows(tmp_path / f"{number}.arrow", kind, rows, names, per_row)
        with store.write() as connection:
            touched = Touched(connection)
            counts = upsert(
                connection,
                kind,
                path,
                shop_id=shop_id,
                import_id=number,
                as_of=as_of,
                exported_at=exported_at,
                present=names,
                touched=touched,
            )
            refresh_orders(connection, shop_id, touched)
        return counts

    return brought


def line(line_id: str, order_id: str | None = None, grain: str = "line", **state: Any) -> dict[str, Any]:
    """An order line with believable defaults."""
    placed = state.pop("placed_at", datetime(2026, 10, 1, 9))
    return {
        "grain": grain,
        "line_id": line_id,
        "order_id": order_id or line_id,
        "placed_at": placed,
        "event_at": state.pop("event_at", placed),
        **state,
    }


__all__ = ["ORDER_LINES", "line", "write_rows"]

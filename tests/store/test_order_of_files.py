"""The store after some files is the same whatever their order, and what a plain computation says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from shopdata.store import Store
from shopdata.store.tables import ORDER_LINES, history, shops

from .conftest import Bring

START = datetime(2026, 10, 1)
FREE = ("placed_at", "paid_at", "product_name", "quantity", "seller_note", "aftersale_raw")
RANKS = {"unpaid": 0, "paid": 1, "shipped": 3, "closed": 4}


@dataclass(frozen=True)
class File:
    present: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Any, ...], int, int], ...]
    as_of: int
    exported_at: int | None


moments = st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours))
VALUES = {
    "placed_at": moments,
    "paid_at": st.none() | moments,
    "product_name": st.none() | st.sampled_from(["a", "b"]),
    "quantity": st.none() | st.integers(1, 2),
    "seller_note": st.none() | st.sampled_from(["x", "y"]),
    "aftersale_raw": st.none() | st.sampled_from(["r"]),
    "order_id": st.just("order"),
    "status": st.sampled_from(list(RANKS)),
    "status_raw": st.just("word"),
    "source": st.sampled_from(["live", "other", "pending", "unknown"]),
    "source_raw": st.sampled_from(["L", "M"]),
}


@st.composite
def files(draw: st.DrawFn) -> File:
    present = ["order_id", "status", "status_raw", *draw(st.sets(st.sampled_from(FREE)))]
    if draw(st.booleans()):
        present += ["source", "source_raw"]
    keys = draw(st.sets(st.sampled_from(["1", "2"]), min_size=1))
    rows = tuple(
        (key, tuple(draw(VALUES[name]) for name in present), draw(st.integers(0, 2)), 0)
        for key in sorted(keys)
    )
    return File(tuple(present), rows, draw(st.integers(0, 3)), draw(st.none() | st.integers(0, 3)))


def as_rows(file: File) -> list[dict[str, Any]]:
    return [
        {
            "grain": "line",
            "line_id": key,
            **dict(zip(file.present, values, strict=True)),
            "event_at": START + timedelta(days=event),
            "status_rank": RANKS[dict(zip(file.present, values, strict=True))["status"]],
        }
        for key, values, event, _ in file.rows
    ]


def snapshot(store: Store, shop_id: int) -> tuple[dict[str, dict[str, Any]], set[tuple[Any, ...]], list[Any]]:
    """Effective rows, distinct states of the past, and the layers, without what names an import."""
    names = [*ORDER_LINES.state_columns, "as_of", "event_at", "exported_at", "row_hash", "status_rank"]
    lines, layers = ORDER_LINES.table, ORDER_LINES.layers
    with store.read() as connection:
        rows = connection.execute(
            select(lines.c.line_id, *(lines.c[n] for n in names)).where(lines.c.shop_id == shop_id)
        )
        found = {row.line_id: {name: getattr(row, name) for name in names} for row in rows}
        past = connection.execute(
            select(history.c.row_key, history.c.status, history.c.detail, history.c.event_at).where(
                history.c.shop_id == shop_id
            )
        ).all()
        kept = connection.execute(
            select(layers.c.line_id, layers.c.row_hash, layers.c.layout).where(layers.c.shop_id == shop_id)
        ).all()
    assert len(set(past)) == len(past)
    return found, {tuple(row) for row in past}, sorted(tuple(row) for row in kept)


def expected(sequence: tuple[File, ...], hashes: dict[tuple[int, str], int]) -> dict[str, dict[str, Any]]:
    """Each column from the newest state that has it, by plain Python."""
    result: dict[str, dict[str, Any]] = {}
    for key in ("1", "2"):
        states = []
        for place, file in enumerate(sequence):
            for row in as_rows(file):
                if row["line_id"] == key:
                    at = START + timedelta(
                        days=file.exported_at if file.exported_at is not None else file.as_of
                    )
                    version = (row["event_at"], row["status_rank"], at, hashes[place, key])
                    states.append((version, file, row))
        if not states:
            continue
        states.sort(key=lambda state: state[0])
        whole: dict[str, Any] = {}
        for name in ORDER_LINES.state_columns:
            having = [row for _, file, row in states if name in file.present]
            if name in ("source", "source_raw"):
                having = [row for row in having if row["source"] != "pending"] or having
            whole[name] = having[-1][name] if having else None
        whole["as_of"] = max(START + timedelta(days=file.as_of) for _, file, _ in states)
        result[key] = whole
    return result


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


some_files = st.lists(files(), min_size=1, max_size=4)


@examples(4)
@given(some_files)
def test_store_is_the_same_for_every_order_of_files(
    store: Store, bring: Bring, given_files: list[File]
) -> None:
    same_for_every_order(store, bring, tuple(given_files))


@pytest.mark.faults
@examples(100)
@given(some_files)
def test_store_is_the_same_for_every_order_of_many_files(
    store: Store, bring: Bring, given_files: list[File]
) -> None:
    same_for_every_order(store, bring, tuple(given_files))


def same_for_every_order(store: Store, bring: Bring, sequence: tuple[File, ...]) -> None:
    orders = list(itertools.permutations(range(len(sequence))))[:: 1 + len(sequence) * 2]
    first = None
    for order in orders:
        with store.write() as connection:
            shop_id = connection.execute(text("SELECT max(id) + 1 FROM shops")).scalar_one()
            connection.execute(
                insert(shops).values(
                    id=shop_id,
                    name=str(shop_id),
                    platform="douyin",
                    currency="CNY",
                    zone="UTC",
                    is_sample=False,
                )
            )
        for place in (*order, order[0]):
            file = sequence[place]
            at = None if file.exported_at is None else START + timedelta(days=file.exported_at)
            bring(
                as_rows(file),
                file.present,
                shop_id=shop_id,
                as_of=START + timedelta(days=file.as_of),
                exported_at=at,
            )
        found = snapshot(store, shop_id)
        first = first or found
        for part, whole in zip(found, first, strict=True):
            assert part == whole
    hashes = {
        (place, row["line_id"]): digest(file, row)
        for place, file in enumerate(sequence)
        for row in as_rows(file)
    }
    for key, whole in expected(sequence, hashes).items():
        assert first is not None
        stored = {name: first[0][key][name] for name in whole}
        stored.pop("paid_by_status")
        whole.pop("paid_by_status")
        assert stored == whole


def digest(file: File, row: dict[str, Any]) -> int:
    """The row hash as the test files carry it, and as the store keeps it (one bit shorter)."""
    import hashlib

    text_of_row = repr([row.get(name) for name in file.present])
    return int.from_bytes(hashlib.blake2b(text_of_row.encode(), digest_size=8).digest()) >> 1

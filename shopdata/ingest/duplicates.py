"""One row a key: identical repeats are dropped; of differing rows the newest stays, others are rejects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from shopdata.ingest.normalise import VERSION
from shopdata.ingest.writer import TableWriter, read_rows


@dataclass(frozen=True, slots=True)
class Loser:
    """A row that is not kept: its place in the table file, its row in the sheet, and which key it repeats."""

    place: int
    row: int
    sheet: str | None
    identical: bool


def losers(writer: TableWriter) -> tuple[Loser, ...]:
    """Rows of a finished file that share their key with a better one. Usually none."""
    keys = np.concatenate(writer.keys) if writer.keys else np.zeros(0, np.uint64)
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not len(same):
        return ()
    places = np.unique(np.concatenate([order[same], order[same + 1]]))
    rows = read_rows(writer.path, places, [*writer.key, "row", "sheet", *VERSION]).to_pylist()
    groups: dict[tuple[Any, ...], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for place, row in zip(places.tolist(), rows, strict=True):
        groups[tuple(row[name] for name in writer.key)].append((place, row))
    return tuple(loser for group in groups.values() for loser in _losers(group))


def _losers(group: list[tuple[int, dict[str, Any]]]) -> list[Loser]:
    def version(entry: tuple[int, dict[str, Any]]) -> tuple[datetime, int, int]:
        row = entry[1]
        return row["event_at"] or datetime.min, row["status_rank"] or 0, row["row_hash"]

    best, *others = sorted(group, key=version, reverse=True)
    return [
        Loser(place, row["row"], row["sheet"], row["row_hash"] == best[1]["row_hash"])
        for place, row in others
    ]

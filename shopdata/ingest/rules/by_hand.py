"""Rules of files kept by hand or taken from boards: grain, snapshot days, costs in columns, hosts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.cells_by_hand import CLOCK_DAY
from shopdata.ingest.convert import MOMENT, UNKNOWN, decoded
from shopdata.ingest.rules.work import Columns, Work, column_of, spoken

GRAINS = {
    "account": ("account_id", "account_name"),
    "room": ("room_id", "room_name"),
    "influencer": ("influencer_id", "influencer_name"),
    "plan": ("plan_id", "plan_name"),
    "creative": ("creative_id",),
    "goal": ("goal",),
    "product": ("product_id", "product_name"),
}
DAY_MICROSECONDS = 86_400_000_000


def grain(columns: Columns, work: Work) -> None:
    """What an advertising row is about, so that a day's total is never added to its parts."""
    parts = []
    for name, sources in GRAINS.items():
        known = [pc.is_valid(decoded(columns[source])) for source in sources if source in columns]
        if known:
            filled = known[0] if len(known) == 1 else pc.or_(*known)
            parts.append(pc.if_else(filled, pa.scalar(name), pa.scalar(None, pa.string())))
    if not parts:
        columns["grain"] = pa.array([""] * work.size, pa.string())
        return
    columns["grain"] = pc.binary_join_element_wise(*parts, "+", null_handling="skip")


def whole_source(columns: Columns, work: Work) -> None:
    """A row that names no source speaks of all of them."""
    own = decoded(column_of(columns, "source", work.size, pa.string())).fill_null("all")
    said = decoded(column_of(columns, "source_raw", work.size, pa.string()))
    columns["source"] = own
    columns["_source"] = pc.if_else(pc.equal(own, "all"), own, said)


def snapshot_day(columns: Columns, work: Work) -> None:
    """A stock list without a time is of the day in its name, else of the day of its import."""
    if "snapshot_at" not in columns:
        columns["snapshot_at"] = pa.array([work.day] * work.size, MOMENT)


def spread(columns: Columns, work: Work) -> None:
    """Amounts that stand side by side become one row each, of the kind their column is."""
    format_ = work.format
    pieces: list[tuple[str | None, str, pa.Array]] = [
        (None, name, columns[name]) for name in ("amount", "number") if name in columns
    ]
    for kind, name in format_.spread.items():
        if name in columns:
            target = "amount" if format_.fields[name].type == "amount" else "number"
            pieces.append((kind, target, columns.pop(name)))
    places = [np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False)) for *_, column in pieces]
    rows = np.concatenate(places) if places else np.arange(work.size)
    _keep_unknown(columns, format_.spread_kind)
    spread_out = {name: decoded(column).take(pa.array(rows)) for name, column in columns.items()}
    kinds = decoded(column_of(columns, format_.spread_kind, work.size, pa.string())).fill_null(UNKNOWN)
    said = [
        kinds.take(pa.array(place)) if kind is None else pa.array([kind] * len(place), pa.string())
        for (kind, *_), place in zip(pieces, places, strict=True)
    ]
    spread_out[format_.spread_kind] = pa.chunked_array(said, pa.string()).combine_chunks()
    for target in dict.fromkeys(name for _, name, _ in pieces):
        kind_of = pa.int64() if target == "amount" else pa.float64()
        parts = [
            column.take(pa.array(place)).cast(kind_of) if name == target else pa.nulls(len(place), kind_of)
            for (_, name, column), place in zip(pieces, places, strict=True)
        ]
        spread_out[target] = pa.chunked_array(parts, kind_of).combine_chunks()
    columns.clear()
    columns.update(spread_out, _place=pa.array(rows, pa.int64()))
    work.size = len(rows)


def _keep_unknown(columns: Columns, name: str) -> None:
    """Words without a meaning tell their rows apart by themselves."""
    if f"{name}_raw" in columns:
        strange = pc.equal(decoded(columns[name]), UNKNOWN)
        raw = decoded(columns[f"{name}_raw"])
        columns[f"_{name}"] = pc.if_else(strange, raw, pa.scalar(None, pa.string()))


def target_value(columns: Columns, work: Work) -> None:
    """A target is an amount where its metric is money, else a number (read with two decimals)."""
    value = columns.pop("_value", None)
    if value is None:
        return
    money = spoken(columns, "metric", work.format.rule_words["money"], work.size)
    columns["amount"] = pc.if_else(pc.is_valid(money), value, pa.scalar(None, pa.int64()))
    number = pc.divide(value.cast(pa.float64()), 100.0)
    columns["number"] = pc.if_else(pc.is_null(money), number, pa.scalar(None, pa.float64()))


def turn_times(columns: Columns, work: Work) -> None:
    """Times of day belong to the day of the row; a turn that ends before it begins ends the next day."""
    day = columns.pop("_day", columns["started_at"])
    columns["started_at"] = _on_day(columns["started_at"], day)
    if "ended_at" not in columns:
        return
    columns["ended_at"] = _on_day(columns["ended_at"], day)
    start, end = columns["started_at"].cast(pa.int64()), columns["ended_at"].cast(pa.int64())
    later = pc.if_else(pc.less(end, start).fill_null(False), pc.add(end, DAY_MICROSECONDS), end)
    columns["ended_at"] = later.cast(MOMENT)


def _on_day(moments: pa.Array, day: pa.Array) -> pa.Array:
    clock = pc.less(moments, pa.scalar(CLOCK_DAY.replace(year=CLOCK_DAY.year + 1), MOMENT)).fill_null(False)
    since = pc.subtract(moments, pa.scalar(CLOCK_DAY, MOMENT)).cast(pa.int64())
    placed = pc.add(pc.floor_temporal(day, unit="day").cast(pa.int64()), since).cast(MOMENT)
    return pc.if_else(clock, placed, moments)

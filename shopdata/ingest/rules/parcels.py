"""Rules of parcels: waybills that other files print make rows of the parcels table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from shopdata.ingest.convert import decoded
from shopdata.ingest.rules.work import Columns, Work
from shopdata.platforms import plain

WAYBILL = re.compile(r"(?:^|[;\uff1b,\uff0c\s])\s*([0-9A-Za-z]{8,30})\s*[-\uff0d]\s*([^;\uff1b,\uff0c\s]+)")
DIGITS_IN_WAYBILL = 6


def waybills(text: str, couriers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The parcels of a cell ``number-courier,goods``; further ones must name a known kind of courier."""
    found: list[tuple[str, str]] = []
    for number, courier in WAYBILL.findall(text):
        named = any(word in plain(courier) for word in couriers)
        if sum(letter.isdigit() for letter in number) >= DIGITS_IN_WAYBILL and (named or not found):
            found.append((number, courier))
    return list(dict.fromkeys(found))


def order_parcels(columns: Columns, work: Work) -> None:
    """Waybills printed in the order row make rows of the parcels table."""
    cells = columns.pop("_parcels", None)
    if cells is None:
        return
    couriers = work.format.rule_words["couriers"]
    parcels = [waybills(text, couriers) if text else [] for text in decoded(cells).to_pylist()]
    columns["waybill"] = pa.array([found[0][0] if found else None for found in parcels], pa.string())
    columns["courier"] = pa.array([found[0][1] if found else None for found in parcels], pa.string())
    rows = np.repeat(np.arange(len(parcels)), [len(found) for found in parcels])
    places = pa.array(rows, pa.int64())
    side = {
        "_place": places,
        "waybill": pa.array([number for found in parcels for number, _ in found], pa.string()),
        "order_id": decoded(columns["order_id"]).take(places),
        "courier": pa.array([courier for found in parcels for _, courier in found], pa.string()),
    }
    if "shipped_at" in columns:
        side["shipped_at"] = columns["shipped_at"].take(places)
    work.side["parcels"] = side

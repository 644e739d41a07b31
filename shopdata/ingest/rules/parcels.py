"""Rules of parcels: waybills order files print, parcels handed over on their way, times told by a tab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.cells import split_list
from shopdata.ingest.convert import MOMENT, decoded, encoded
from shopdata.ingest.rules.work import Columns, Work, column_of, how_many, spoken
from shopdata.platforms import plain

WAYBILL = re.compile(r"(?:^|[;\uff1b,\uff0c\s])\s*([0-9A-Za-z]{8,30})\s*[-\uff0d]\s*([^;\uff1b,\uff0c\s]+)")
DIGITS_IN_WAYBILL = 6
NUMBER = re.compile(r"[0-9A-Za-z-]*[0-9]{4}[0-9A-Za-z-]*")
EVENTS = ("shipped_at", "picked_up_at", "signed_at")


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
    _add_parcels(
        columns, work, [waybills(text, couriers) if text else [] for text in decoded(cells).to_pylist()]
    )


def waybill_cells(columns: Columns, work: Work) -> None:
    """Waybills and couriers in columns of their own, several in a cell; a label before a number ("No:") and
    what is no number at all are left out. Couriers belong to the waybills in turn, a single one to all."""
    cells = columns.pop("_waybills", None)
    if cells is None:
        return
    couriers = decoded(column_of(columns, "courier", work.size, pa.string())).to_pylist()
    numbers = [_numbers(text) for text in decoded(cells).to_pylist()]
    pairs = zip(numbers, couriers, strict=True)
    _add_parcels(columns, work, [_with_couriers(found, named) for found, named in pairs])


def _numbers(text: str | None) -> list[str]:
    pieces = (piece.rpartition(":")[2] for piece in split_list((text or "").replace("\uff1a", ":")))
    return list(dict.fromkeys(piece for piece in pieces if NUMBER.fullmatch(piece)))


def _with_couriers(numbers: list[str], named: str | None) -> list[tuple[str, str | None]]:
    couriers = split_list(named or "")
    if len(couriers) == len(numbers):
        return list(zip(numbers, couriers, strict=True))
    return [(number, named if len(numbers) == 1 or len(set(couriers)) == 1 else None) for number in numbers]


def _add_parcels(columns: Columns, work: Work, parcels: Sequence[Sequence[tuple[str, str | None]]]) -> None:
    """The first parcel into the row, all of them into rows of the parcels table."""
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
    side |= {name: columns[name].take(places) for name in ("shipped_at", "transit") if name in columns}
    work.side["parcels"] = side


def delivered(columns: Columns, work: Work) -> None:
    """An order row that tells when it was delivered makes a parcel, without a waybill named after it."""
    signed_at = columns.get("_signed_at")
    if signed_at is None:
        return
    order_id = decoded(columns["order_id"])
    shipped_at = column_of(columns, "shipped_at", work.size, MOMENT)
    sent = pc.or_(pc.is_valid(signed_at), pc.is_valid(shipped_at))
    places = pa.array(np.flatnonzero(sent.to_numpy(zero_copy_only=False)), pa.int64())
    waybill = decoded(column_of(columns, "waybill", work.size, pa.string()))
    side = {"waybill": pc.coalesce(waybill, order_id), "order_id": order_id, "shipped_at": shipped_at}
    side |= {"signed_at": signed_at}
    side |= {"courier": decoded(columns["courier"])} if "courier" in columns else {}
    side |= {"picked_up_at": columns["_picked_up_at"]} if "_picked_up_at" in columns else {}
    work.counts["signed"] += len(places) - signed_at.take(places).null_count
    work.side["parcels"] = {"_place": places} | {name: values.take(places) for name, values in side.items()}


def transit(columns: Columns, work: Work) -> None:
    """Parcels a collecting warehouse hands on show their first leg only: by the file's own columns on
    collecting, else by the provinces the platform says so of."""
    words = work.format.rule_words
    collecting, mail = columns.pop("_collecting", None), columns.pop("_direct_mail", None)
    if collecting is None and mail is None:
        if "province" not in columns:
            return
        far = pa.array(sorted(words.get("first_leg", ())), pa.string())
        found = pc.is_in(decoded(columns["province"]), value_set=far)
        work.counts["transit_by_province"] += how_many(found)
    else:
        no, over = words["no_transit"], tuple(words["handed_over"])
        by_collecting = _told(collecting, work.size, lambda word: word not in no)
        by_mail = _told(mail, work.size, lambda word: any(one in word for one in over))
        found = pc.or_(by_collecting, by_mail)
        work.counts["transit_by_word"] += how_many(found)
    columns["transit"] = found


def _told(column: pa.Array | None, size: int, says: Callable[[str], bool]) -> pa.Array:
    """Which cells say it; empty ones do not."""
    if column is None:
        return pa.array(np.zeros(size, bool))
    cells = encoded(column)
    told = [bool(word) and says(plain(word)) for word in cells.dictionary.to_pylist()]
    return pa.array(told, pa.bool_()).take(cells.indices).fill_null(False)


def time_by_tab(columns: Columns, work: Work) -> None:
    """The one time column means what the exported tab stands for: by the sheet's or the file's name, else by
    the state of each row. Where nothing tells, the time is not stored."""
    moment, names, words = columns.pop("_moment"), work.names, work.format.rule_words
    by_name = {tab_event(words["tab"], (sheet, names.file)) for sheet in names.sheets or ("",)}
    own = tab_event(words["tab"], (names.sheet, names.file))
    by_state = "status" in columns and None in by_name
    told = pa.array([own] * work.size, pa.string())
    if by_state and own is None:
        told = spoken(columns, "status", words["state"], work.size)
    work.counts["tab_rows"] += work.size
    work.counts["tab_told"] += how_many(pc.is_valid(told))
    for event in EVENTS:
        if event in by_name or by_state:
            here = pc.equal(told, event).fill_null(False)
            columns[event] = pc.if_else(here, moment, pa.scalar(None, MOMENT))


def tab_event(words: Mapping[str, str], names: Iterable[str]) -> str | None:
    """What the first of ``names`` that speaks of a tab means; ``None`` where none does or it says two things.

    The longest words count: "picked up, not signed" does not speak of signing.
    """
    for name in names:
        text = plain(name)
        found = [word for word in words if word in text]
        longest = [one for one in found if not any(one != other and one in other for other in found)]
        meanings = {words[word] for word in longest}
        if meanings:
            return meanings.pop() if len(meanings) == 1 else None
    return None

"""Rules of addresses that stand in one cell: province, city and district first, blanks between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.cells import read_text
from shopdata.ingest.convert import UNKNOWN, decoded, encoded
from shopdata.ingest.rules.work import Columns, Work
from shopdata.platforms.places import places

POST_CODE = re.compile(r"\s*[(\uff08]\s*(?:[0-9]{6})?\s*[)\uff09]\s*$")
CELLS = ("_address_changed", "_address")
PARTS = ("province", "province_raw", "city", "city_raw", "district", "address")


@dataclass(frozen=True, slots=True)
class Address:
    """An address cell in its parts: codes of province and city beside their words."""

    province: str | None = None
    province_raw: str | None = None
    city: str | None = None
    city_raw: str | None = None
    district: str | None = None
    address: str | None = None


def split_address(text: str | None) -> Address:
    """``province city district rest(post code)``. A municipality may stand once instead of twice; without
    blanks only the province is told, by the beginning."""
    whole = read_text(text or "")
    if whole is None:
        return Address()
    told = POST_CODE.sub("", whole)
    first, *more = told.split(maxsplit=1)
    known = places()
    province = known.province(first)
    if province is None:
        return Address(UNKNOWN, first, address=told)
    if not more:
        return Address(province, known.provinces[province], address=told)
    second, *rest = more[0].split(maxsplit=1)
    city = known.city(second, province)
    only = [code for code in known.cities if code[:2] == province[:2]]
    if city is None and len(only) == 1:
        return Address(province, first, only[0], known.cities[only[0]], *_district(more[0]))
    return Address(province, first, city, second, *_district(rest[0] if rest else ""))


def _district(text: str) -> tuple[str | None, str | None]:
    district, _, rest = text.strip().partition(" ")
    return district or None, rest.strip() or None


def address_parts(columns: Columns, work: Work) -> None:
    """Province, city, district and the rest of an address cell, the buyer's later correction first."""
    cells = {name: decoded(columns.pop(name)) for name in CELLS if name in columns}
    if not cells:
        return
    texts = encoded(pc.coalesce(*cells.values()))
    split = [split_address(text) for text in texts.dictionary.to_pylist()]
    for name in PARTS:
        words = pa.array([getattr(one, name) for one in split], pa.string())
        columns[name] = words.take(texts.indices)
    strange = pc.equal(columns["province"], UNKNOWN).fill_null(False)
    for counted in columns["province_raw"].filter(strange).value_counts().to_pylist():
        work.unknown[list(cells)[-1], counted["values"]] += counted["counts"]

"""The last row of a text file that ends without a line end: whether its last cell may have lost its end.

A download that breaks off inside ``129.90`` leaves ``12``, an amount like any other. So the cell counts only
where it cannot be the beginning of a longer one: closed by its quote, as long as cells of its kind are in
this file, or a word of the format. Free text is taken as it stands: no figure depends on its end.
"""

from __future__ import annotations

import re

import pyarrow as pa

from shopdata.ingest.cells import EMPTY, bare
from shopdata.ingest.convert import decoded
from shopdata.platforms import Field, plain

LONGEST_TIME = 19
FEN_DIGITS = 2
_ENDING = re.compile(r"(?:[.]([0-9]*))?([^0-9.]*)$")


def may_be_cut(one: Field, texts: pa.Array) -> bool:
    """Whether the last of the cells ``texts`` of a column may be only the beginning of what was meant."""
    *others, last = [bare(text or "") for text in decoded(texts).to_pylist()]
    if last in EMPTY and last:
        return one.negative and last in "--"
    if one.type in ("money", "discount", "ratio"):
        return not _is_whole_amount(last, others)
    if one.type in ("id", "ref", "order_list"):
        return len(last) < max(map(len, others), default=len(last) + 1)
    if one.type == "time":
        return len(last) < min(LONGEST_TIME, max(map(len, others), default=LONGEST_TIME))
    if one.type == "word":
        return plain(last) not in one.words and last not in others
    return one.type == "count"


def _is_whole_amount(last: str, others: list[str]) -> bool:
    """Two digits behind the point and the same unit as elsewhere: nothing can be missing."""
    digits, unit = _ending(last)
    units = {_ending(text)[1] for text in others if text not in EMPTY}
    return digits >= FEN_DIGITS and unit in (units or {unit})


def _ending(text: str) -> tuple[int, str]:
    found = _ENDING.search(text)
    return (len(found.group(1) or ""), found.group(2)) if found else (0, "")

"""What only the rows can tell about a format: one row a line, or one row a main order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.errors import Refused
from shopdata.ingest.convert import decoded
from shopdata.ingest.formats import Sought
from shopdata.ingest.hashing import hash_texts
from shopdata.ingest.raw import Reading, Source
from shopdata.platforms import QUOTING, Format


def chosen_format(sources: Sequence[Source], sought: Sought) -> Format:
    """The one format of all sheets; where sub order numbers are absent, the rows decide which of two."""
    found = {source.recognised.match.format.key: source.recognised.match.format for source in sources}
    if len(found) > 1:
        raise Refused("format_ambiguous", formats=", ".join(sorted(found)))
    format_ = next(iter(found.values()))
    if (
        sought.wanted
        or not format_.by_main
        or any("line_id" in one.recognised.match.found for one in sources)
    ):
        return format_
    return sought.formats[format_.by_main] if _one_row_an_order(sources) else format_


def _one_row_an_order(sources: Sequence[Source]) -> bool:
    """Whether no order number comes twice, or goods are joined by ";" within one cell."""
    hashes: list[np.ndarray] = []
    for source in sources:
        found = source.recognised.match.found
        columns = [found[name] for name in ("order_id", "product_id") if name in found]
        for piece in source.pieces(Reading(columns, columns, id_first=found["order_id"] == 0)):
            rows = piece.read()
            if len(columns) > 1 and _joined(rows.columns[columns[1]]):
                return True
            trimmed = pc.utf8_trim(decoded(rows.columns[columns[0]]), characters=QUOTING)
            hashes.append(hash_texts(trimmed.filter(pc.not_equal(trimmed, ""))))
    every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    return len(np.unique(every)) == len(every)


def _joined(texts: pa.Array) -> bool:
    found = pc.match_substring_regex(decoded(texts), "[0-9][\\s'\"]*[;\uff1b][\\s'\"]*[0-9]")
    return bool(pc.any(found).as_py())

"""What only the rows can tell about a format: one row a line or one a main order; whose words they hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shopdata.errors import Refused
from shopdata.ingest.convert import decoded
from shopdata.ingest.formats import Sought, matches
from shopdata.ingest.hashing import hash_texts
from shopdata.ingest.raw import Reading, Source
from shopdata.platforms import QUOTING, Format, header_key, plain


def chosen_format(sources: Sequence[Source], sought: Sought) -> Format:
    """The one format of all sheets; where sub order numbers are absent, the rows decide which of two."""
    found = {source.recognised.match.format.key: source.recognised.match.format for source in sources}
    if len(found) > 1:
        raise Refused("format_ambiguous", formats=", ".join(sorted(found)))
    format_ = next(iter(found.values()))
    if not sought.wanted and (rivals := _rivals(sources[0], format_, sought)):
        format_ = _by_words(sources[0], [format_, *rivals])
    numbered = any("line_id" in one.recognised.match.found for one in sources)
    if sought.wanted or numbered or not format_.by_main:
        return format_
    return sought.formats[format_.by_main] if _one_row_an_order(sources) else format_


def _rivals(source: Source, format_: Format, sought: Sought) -> list[Format]:
    """Formats that read every header by which ``format_`` was recognised, so that headers cannot decide."""
    if "status" not in source.recognised.match.found:
        return []
    headers = {header_key(name) for name in source.recognised.headers}
    telling = headers & format_.telling_keys
    candidates = (one for one in matches(source.recognised.headers, sought) if not one.missing)
    return [
        one.format
        for one in candidates
        if one.format not in (format_, sought.formats.get(format_.by_main))
        and one.format.kind == format_.kind
        and "status" in one.found
        and telling <= one.format.header_keys
    ]


def _by_words(source: Source, candidates: Sequence[Format]) -> Format:
    """The one format that knows most of the status words; refused where two know as many."""
    column = candidates[0].columns_of(source.recognised.headers)["status"]
    words: set[str] = set()
    for piece in source.pieces(Reading([column], [column], id_first=False)):
        texts = pc.unique(decoded(piece.read().columns[column])).to_pylist()
        words |= {plain(text) for text in texts if text and plain(text)}
    known = [sum(word in one.fields["status"].words for word in words) for one in candidates]
    best = [one for one, count in zip(candidates, known, strict=True) if count == max(known)]
    if len(best) > 1 and words:
        raise Refused("format_ambiguous", formats=", ".join(sorted(one.key for one in best)), row=1)
    return best[0]


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

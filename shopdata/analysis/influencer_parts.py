"""Influencers' sales by day, by product and by week: the same figures, cut another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shopdata.analysis.partners import Cell, Partner, by_partner, read_cells, read_partners, read_together
from shopdata.metrics.calendar import key_text
from shopdata.metrics.context import frame_of
from shopdata.metrics.dimensions import DIMENSIONS, INFLUENCER
from shopdata.metrics.frame import Reads
from shopdata.metrics.labels import data_names, label_of
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.words import Words


@dataclass(frozen=True, slots=True)
class Part:
    """One day, week or product of what influencers (or one of them) sold."""

    key: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts by a dimension: days in their order, products by money."""

    by: str
    rows: tuple[Part, ...]
    names: Mapping[str, str]

    def label(self, row: Part, words: Words) -> str:
        """What a part is called on screen."""
        return label_of(self.by, row.key, self.names, words)


def influencer_parts(store: Reads, scope: Scope, by: str, partner: Partner | None = None) -> Parts:
    """What all influencers sold by ``day``, ``week`` or ``product``, or what one of them did."""
    asked = replace(scope, basis="paid")
    frame = frame_of(store, asked)
    if partner is None:
        cells = read_together(store, frame, asked, DIMENSIONS[by])
        wanted = [cell for cell in cells.sums if cell[1] == INFLUENCER]
    else:
        cells = read_cells(store, frame, asked, DIMENSIONS[by])
        grouped = by_partner(cells, read_partners(store, frame))
        same = (one for one in grouped if (one.platform, one.code) == (partner.platform, partner.code))
        wanted = [cell for one in same for cell in grouped[one]]
    rows = [Part(key_text(by, part), cells.values(found)) for part, found in _by_last(wanted).items()]
    if by == "product":
        rows.sort(key=lambda row: (-(row.values["paid_amount"] or 0), row.key))
    else:
        rows.sort(key=lambda row: row.key)
    return Parts(by, tuple(rows), data_names(store, by, frame))


def _by_last(cells: list[Cell]) -> dict[Any, list[Cell]]:
    found: dict[Any, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell[3], []).append(cell)
    return found

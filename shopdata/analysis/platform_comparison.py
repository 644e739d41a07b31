"""Platforms side by side: only what all of them can tell, and for the rest what each one lacks.

A metric is compared where every platform of the scope has the files it needs; where one has not, its figure
is unknown there, with the file that would bring it, or with the word that no export of that platform ever
does. Money of platforms with different currencies is never added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shopdata.imports.kinds import BESIDE_ORDERS
from shopdata.metrics.cache import remembered
from shopdata.metrics.catalogue import CATALOGUE, KEYS, needs_of
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Need, Total
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.table import MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.platforms import Format, formats
from shopdata.scope import Scope
from shopdata.words import Words

ANY_PLATFORM = "other"
# Columns a rule makes of a field of another name.
MADE_OF = {"signed_at": "_moment", "picked_up_at": "_moment"}
ORDER = ("douyin", "taobao", "kuaishou", "other")


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a platform cannot tell a metric: the kind of file it lacks. ``never``: no export of the platform
    has it. ``shops``: those of its shops that lack it."""

    kind: str
    never: bool
    shops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """One platform: its shops, currency, figures by metric key, and the gaps behind those that are null."""

    key: str
    shops: tuple[str, ...]
    currency: str | None
    values: Mapping[str, Value]
    gaps: Mapping[str, Gap]


@dataclass(frozen=True, slots=True)
class Platforms:
    """The comparison. ``shared``: metrics every platform can tell; ``partly``: those only some can."""

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    rows: tuple[PlatformRow, ...]
    shared: tuple[str, ...]
    partly: tuple[str, ...]
    total: Mapping[str, Value]

    def as_json(self, words: Words) -> dict[str, Any]:
        """The document of ``platforms --json``; a row's ``gaps`` say why a figure is null."""
        keys = (*self.shared, *self.partly)
        return {
            **self.scope.as_json(),
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "shared": list(self.shared),
            "rows": [
                {
                    "key": row.key,
                    "label": words(f"ui.platforms.{row.key}"),
                    "shops": list(row.shops),
                    "currency": row.currency,
                    **{key: row.values[key] for key in keys},
                    "gaps": {key: {"kind": gap.kind, "never": gap.never} for key, gap in row.gaps.items()},
                }
                for row in self.rows
            ],
            "total": {key: self.total[key] for key in keys},
            "notes": [] if self.currency or not self.rows else [words("analysis.platforms.currencies")],
        }


def platforms(store: Reads, scope: Scope) -> Platforms:
    """The platforms of the scope, each with its own figures."""
    return remembered(store, ("platforms", scope), lambda: _read(store, scope))


def _read(store: Reads, scope: Scope) -> Platforms:
    frame = frame_of(store, scope)
    present = sorted({shop.platform for shop in frame.shops}, key=ORDER.index)
    rows = tuple(_row(store, scope, frame, platform) for platform in present)
    shared = tuple(key for key in KEYS if rows and not any(key in row.gaps for row in rows))
    partly = tuple(key for key in KEYS if key not in shared and any(key not in row.gaps for row in rows))
    return Platforms(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        rows=rows,
        shared=shared,
        partly=partly,
        total=metric_table(store, scope).total,
    )


def _row(store: Reads, scope: Scope, frame: Frame, platform: str) -> PlatformRow:
    shops = tuple(shop for shop in frame.shops if shop.platform == platform)
    own = replace(frame, shops=shops)
    table = metric_table(store, replace(scope, platforms=(platform,)))
    gaps = {key: gap for key in KEYS if (gap := _gap(own, platform, key) or _no_column(own, table, key))}
    values = {key: None if key in gaps else table.total[key] for key in KEYS}
    return PlatformRow(platform, tuple(shop.name for shop in shops), own.currency, values, gaps)


def _gap(frame: Frame, platform: str, key: str) -> Gap | None:
    for need in needs_of(CATALOGUE[key]):
        lacking = frame.lacking((need,))
        if lacking:
            names = tuple(shop.name for shop in frame.shops if shop.id in lacking)
            return Gap(need.called or need.kind, not can_tell(platform, need), names)
    return None


def _no_column(frame: Frame, table: MetricTable, key: str) -> Gap | None:
    """An amount of orders that no row carries: the order files have no such column."""
    metric = CATALOGUE[key]
    of_orders = isinstance(metric, Total) and metric.family == "orders"
    if not of_orders or table.total[key] is not None or not table.total["orders_placed"]:
        return None
    names = tuple(shop.name for shop in frame.shops)
    return Gap("orders", not can_tell(frame.shops[0].platform, Need("orders", key)), names)


def can_tell(platform: str, need: Need) -> bool:
    """Whether any file that can be read for the platform would meet the need."""
    for one in formats().values():
        if one.platform not in (platform, ANY_PLATFORM):
            continue
        beside = (kind for column, kind in BESIDE_ORDERS.items() if _brings(one, column))
        kinds = {one.kind, *(beside if one.kind == "orders" else ())}
        if need.instead in kinds:
            return True
        if need.kind in kinds and (need.column is None or _brings(one, need.column)):
            return True
    return False


def _brings(one: Format, column: str) -> bool:
    """Whether a file of the format brings the column, or what the column is made of (``_column``)."""
    return column in one.fields or f"_{column}" in one.fields or MADE_OF.get(column, "") in one.fields

"""Logistics: how long parcels take by place and courier, where the time goes, which promises were kept.

Figures by place are the metric table's own; what compares couriers and ranks lanes is in ``lanes``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shopdata.analysis.lanes import CourierRow, Lane, Lanes, couriers, lanes
from shopdata.metrics.dimensions import UNKNOWN
from shopdata.metrics.frame import Reads
from shopdata.metrics.labels import label_of
from shopdata.metrics.table import MetricRow, MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.words import Words, words

BY = ("province", "city", "courier")
STAGES = ("pay_to_ship_hours", "ship_to_pickup_hours", "pickup_to_sign_hours", "ship_to_sign_hours")
RATES = ("ship_48h_rate", "ship_promise_rate", "pickup_24h_rate")
KEYS = (
    "orders_paid",
    "orders_shipped",
    "orders_signed",
    "orders_transit",
    *(f"{stage}_{statistic}" for stage in STAGES for statistic in ("mean", "p50", "p90", "n")),
    *RATES,
    "return_rate",
)
SIGNED = "ship_to_sign_hours_p50"
MOST_LANES = 100
NAMES = {"city": places().cities}


@dataclass(frozen=True, slots=True)
class Stage:
    """One leg of the way: hours (mean, median, ninth decile) over ``n`` orders that have both its moments,
    and the kind of file to upload where none tells."""

    key: str
    mean: Value
    p50: Value
    p90: Value
    n: Value
    missing: str | None


@dataclass(frozen=True, slots=True)
class Logistics:
    """Figures by place or courier, and the comparisons made of them."""

    table: MetricTable
    lanes: Lanes | None
    couriers: tuple[CourierRow, ...] | None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The legs in their order, the whole way last."""
        return stages(self.table)

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``logistics --json``."""
        spoken = language or words()
        found = self.lanes
        return self.table.as_json(spoken) | {
            "stages": [asdict(stage) for stage in self.stages],
            "usual_hours": found.usual if found else None,
            "lanes": [lane_json(lane, found.by, spoken) for lane in found.rows[:MOST_LANES]]
            if found
            else None,
            "couriers": None if self.couriers is None else [asdict(row) for row in self.couriers],
            "notes": list(self._notes(spoken)),
        }

    def _notes(self, spoken: Words) -> list[str]:
        """What a reader must know: missing files, unsigned parcels, unknown places, transit."""
        said, total = [], self.table.total
        kinds = dict.fromkeys(kind for key, kind in self.table.missing.items() if key in KEYS)
        said += [spoken("analysis.logistics.missing", file=spoken(f"ui.kinds.{kind}")) for kind in kinds]
        if waiting := unsigned(total):
            said.append(spoken("analysis.logistics.unsigned", n=f"{waiting:,}"))
        if self.table.by != ("courier",) and (lost := unknown(self.table)):
            said.append(spoken("analysis.logistics.unknown", n=f"{lost['orders_paid'] or 0:,}"))
        if total["orders_transit"]:
            said.append(spoken("analysis.logistics.transit", n=f"{total['orders_transit']:,}"))
        return said


def logistics(store: Reads, scope: Scope, by: str = "province") -> Logistics:
    """The figures of the scope by ``province``, ``city`` or ``courier``, the worst lanes and the couriers on
    equal lanes."""
    table = metric_table(store, scope, by=by, keys=KEYS)
    of = "city,courier" if by == "city" else "province,courier"
    return Logistics(table, lanes(store, scope, of), couriers(store, scope))


def stages(table: MetricTable) -> tuple[Stage, ...]:
    """The legs of the table's total."""
    return tuple(
        Stage(
            key=stage,
            mean=table.total[f"{stage}_mean"],
            p50=table.total[f"{stage}_p50"],
            p90=table.total[f"{stage}_p90"],
            n=table.total[f"{stage}_n"],
            missing=table.missing.get(f"{stage}_p50"),
        )
        for stage in STAGES
    )


def unsigned(total: Any) -> int:
    """Shipped orders without a time of signing that may still get one (not those in transit); 0 where no file
    tells of signing. While there are many, the quick ones are over-represented in what is known."""
    if total["orders_signed"] is None:
        return 0
    waiting = (total["orders_shipped"] or 0) - total["orders_signed"] - (total["orders_transit"] or 0)
    return max(0, int(waiting))


def unknown(table: MetricTable) -> MetricRow | None:
    """The row of orders whose place nothing tells, if there are any."""
    return next((row for row in table.rows if row.keys[-1] == UNKNOWN), None)


def lane_json(lane: Lane, by: tuple[str, ...], spoken: Words) -> dict[str, Any]:
    """A lane in a document."""
    return {"key": "|".join(lane.keys), "label": lane_label(lane, by, spoken)} | asdict(lane)


def lane_label(lane: Lane, by: tuple[str, ...], spoken: Words) -> str:
    """What a lane is called."""
    pairs = zip(by, lane.keys, strict=True)
    return " · ".join(label_of(name, key, NAMES.get(name, {}), spoken) for name, key in pairs)

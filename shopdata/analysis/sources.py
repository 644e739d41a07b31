"""Content types side by side, and whose account sold: by pay time, net of refunds and of commission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shopdata.metrics.frame import Reads
from shopdata.metrics.table import MetricRow, MetricTable, metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.words import Words, words

KEYS = (
    "orders_paid",
    "paid_amount",
    "average_order_value",
    "refund_amount",
    "refund_amount_rate",
    "net_amount",
    "refund_rate",
    "refund_rate_1h",
    "return_rate",
    "commission_estimated",
    "commission_settled",
    "commission_unsettled",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """The comparison as it is (crude): one row a source, one a source and account, and each day.

    ``pending`` sources, which the platform fills in the next day, are a row of their own, as are ``unknown``.
    """

    by_source: MetricTable
    by_account: MetricTable
    by_source_and_account: MetricTable
    by_day: MetricTable

    def share(self, row: MetricRow) -> float | None:
        """The row's part of all paid money."""
        whole, part = self.by_source.total["paid_amount"], row["paid_amount"]
        return part / whole if whole and part is not None else None

    def after_commission(self, row: MetricRow) -> Value:
        """Money left after refunds and commission, settled and still to settle; ``None`` where one of them is
        unknown."""
        parts = [row[key] for key in ("net_amount", "commission_settled", "commission_unsettled")]
        if any(part is None for part in parts):
            return None
        net, settled, due = (part or 0 for part in parts)
        return net - settled - due

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``sources --json``."""
        spoken = language or words()
        document = self.by_source.as_json(spoken)
        return document | {
            "rows": self._rows(self.by_source, spoken),
            "accounts": self._rows(self.by_account, spoken),
            "sources_and_accounts": self._rows(self.by_source_and_account, spoken),
        }

    def _rows(self, table: MetricTable, spoken: Words) -> list[dict[str, Any]]:
        documents = table.as_json(spoken)["rows"]
        return [
            document | {"share": self.share(row), "after_commission": self.after_commission(row)}
            for document, row in zip(documents, table.rows, strict=True)
        ]


def sources(store: Reads, scope: Scope) -> Sources:
    """The comparison of content types of the orders paid in the period (or each thing on its own day)."""
    asked = scope if scope.basis == "event" else replace(scope, basis="paid")
    return Sources(
        by_source=metric_table(store, asked, by="source", keys=KEYS),
        by_account=metric_table(store, asked, by="account", keys=KEYS),
        by_source_and_account=metric_table(store, asked, by="source,account", keys=KEYS),
        by_day=metric_table(store, asked, by="day,source", keys=("paid_amount", "orders_paid")),
    )

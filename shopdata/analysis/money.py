"""Reconciliation in one document: the bridge, the rows behind it, both dates of refunds, the fund flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shopdata.analysis.fund_flow import Account, FundFlow, fund_flow
from shopdata.analysis.fund_summary import FundSummary, fund_summary
from shopdata.analysis.money_bridge import STEPS, Bridge, Bridges, cohort_of, money_bridge
from shopdata.analysis.money_facts import Lag, settlement_lags
from shopdata.analysis.money_rows import MoneyRows, money_rows
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.table import MetricTable, metric_table
from shopdata.scope import Scope
from shopdata.words import Words, words

REFUNDS = ("refund_amount", "orders_refunded", "paid_amount")


@dataclass(frozen=True, slots=True)
class Money:
    """All of it for one scope. ``refunds_paid``: refunds of the orders paid in the period; ``refunds_dated``:
    refunds paid back in the period, whenever their orders were paid."""

    bridges: Bridges
    rows: MoneyRows
    lags: Mapping[int | None, Lag]
    refunds_paid: MetricTable
    refunds_dated: MetricTable
    flow: FundFlow
    check: FundSummary | None

    def as_json(self, language: Words | None = None, by: str | None = None) -> dict[str, Any]:
        """The document of ``money --json``; its rows are the steps, or (``by``) months or shops."""
        spoken, bridges, lag = language or words(), self.bridges, self.lags[None]
        steps = list(_steps(bridges.total, spoken)) if bridges.currency else []
        months, shops = list(_months(bridges)), list(_shops(bridges))
        return {
            **bridges.scope.as_json(),
            "data_up_to": bridges.data_up_to and bridges.data_up_to.isoformat(),
            "currency": bridges.currency,
            "rows": {None: steps, "month": months, "shop": shops}[by],
            "total": _total(bridges, split=by is not None),
            "months": months,
            "shops": shops,
            "files": list(_files(self.rows)),
            "unexplained": list(_unexplained(self.rows, bridges)),
            "refunds": {
                "by_pay_date": _refunds(self.refunds_paid),
                "by_refund_date": _refunds(self.refunds_dated),
            },
            "settlement_lag": {"p50_hours": lag.p50, "p90_hours": lag.p90, "n": lag.n},
            "funds": _funds(self, spoken),
            "missing": {kind: list(names) for kind, names in bridges.missing.items() if names},
            "notes": list(notes(self, spoken)),
        }


def money(store: Reads, scope: Scope) -> Money:
    """The reconciliation of the orders placed (paid basis: paid) in the period, and of the period's flow."""
    cohort = cohort_of(scope)
    return Money(
        bridges=money_bridge(store, cohort),
        rows=money_rows(store, cohort),
        lags=lags(store, cohort),
        refunds_paid=metric_table(store, replace(cohort, basis="paid"), keys=REFUNDS),
        refunds_dated=metric_table(store, replace(cohort, basis="event"), keys=REFUNDS),
        flow=fund_flow(store, cohort),
        check=fund_summary(store, cohort),
    )


def lags(store: Reads, scope: Scope) -> Mapping[int | None, Lag]:
    """Hours from completion to settlement of the cohort, by shop and (``None``) of all."""
    cohort = cohort_of(scope)

    def read() -> Mapping[int | None, Lag]:
        frame = frame_of(store, cohort)
        if not frame.shops:
            return {None: Lag(None, None, 0, 0)}
        with store.read() as connection:
            return settlement_lags(connection, frame, cohort)

    return remembered(store, ("settlement_lags", cohort), read)


def step_amounts(bridge: Bridge) -> dict[str, int]:
    """The fen of every step, and what is to come in one sum."""
    return {name: bridge.step(name).fen for name in STEPS} | {"to_come": bridge.to_come.fen}


def _total(bridges: Bridges, *, split: bool) -> dict[str, int] | None:
    """What stands under the rows: every step under months and shops, the ends of the bridge under steps."""
    if bridges.currency is None:
        return None
    total = bridges.total
    amounts = step_amounts(total)
    if split:
        return {"orders": total["orders"].n} | amounts
    ends = ("paid", "settled", "to_come", "unexplained")
    return {"n": total["orders"].n} | {f"{name}_amount": amounts[name] for name in ends}


def _steps(bridge: Bridge, spoken: Words) -> Iterator[dict[str, Any]]:
    for name in STEPS:
        found = bridge.step(name)
        yield {"key": name, "label": spoken(f"analysis.money.step.{name}"), "amount": found.fen, "n": found.n}


def _months(bridges: Bridges) -> Iterator[dict[str, Any]]:
    for month, bridge in bridges.by_month().items():
        known = f"{month:%Y-%m}" if month else None
        yield {"key": known or "unknown", "label": known or "–"} | step_amounts(bridge)


def _shops(bridges: Bridges) -> Iterator[dict[str, Any]]:
    for shop, bridge in bridges.by_shop().items():
        yield {"key": str(shop), "label": bridges.shops[shop]} | step_amounts(bridge)


def _files(rows: MoneyRows) -> Iterator[dict[str, Any]]:
    """How many rows of each kind of file are explained how."""
    for one in rows.files:
        yield {
            "key": one.kind,
            "how": one.how,
            "n": one.rows,
            "amount": one.amount,
            "explained": one.is_explained,
        }


def _unexplained(rows: MoneyRows, bridges: Bridges) -> Iterator[dict[str, Any]]:
    """The rows nothing explains, one by one."""
    for one in rows.listed:
        yield {
            "kind": one.kind,
            "how": one.how,
            "shop": bridges.shops.get(one.shop_id),
            "order_id": one.order_id,
            "key": one.key,
            "at": one.at and one.at.isoformat(),
            "amount": one.amount,
        }


def _refunds(table: MetricTable) -> dict[str, Any]:
    return {"amount": table.total["refund_amount"], "n": table.total["orders_refunded"]}


def _funds(money: Money, spoken: Words) -> dict[str, Any]:
    names, check = money.bridges.shops, money.check
    return {
        "accounts": [
            {
                "shop": names.get(one.shop_id),
                "account": one.account,
                "opening": one.opening,
                "in": one.came_in,
                "out": one.went_out,
                "closing": one.closing,
                "difference": one.difference,
                "breaks": list(_breaks(one)),
            }
            for one in money.flow.accounts
        ],
        "scenes": [
            {
                "key": one.scene,
                "label": one.scene_raw or spoken(f"analysis.money.scene.{one.scene}"),
                "shop": names.get(one.shop_id),
                "account": one.account,
                "role": one.role,
                "in": one.came_in,
                "out": one.went_out,
                "n": one.rows_in + one.rows_out + one.rows_unclear,
            }
            for one in money.flow.scenes
        ],
        "bill": check
        and {
            "found": check.found,
            "found_amount": check.found_amount,
            "missing": len(check.missing),
            "missing_amount": sum(one.amount for one in check.missing),
            "left": sum(one.rows for one in check.left),
        },
    }


def _breaks(account: Account) -> Iterator[dict[str, Any]]:
    for one in account.breaks:
        yield {
            "flow_id": one.movement.key,
            "at": one.movement.at and one.movement.at.isoformat(),
            "expected": one.expected,
            "difference": one.difference,
        }


def notes(money: Money, spoken: Words) -> Iterable[str]:
    """What a reader must know besides: files that are missing, rows nothing explains, overdue payouts."""
    separator = spoken.get("ui.list_separator", ", ")
    for kind, names in money.bridges.missing.items():
        if names:
            yield spoken(f"analysis.money.missing.{kind}", shops=separator.join(names))
    total = money.bridges.total
    if total["overdue"].fen > 0:
        overdue = total["overdue"]
        yield spoken("analysis.money.overdue", n=f"{overdue.n:,}", amount=f"{overdue.fen / 100:,.2f}")
    left = sum(one.rows for one in money.rows.unexplained)
    if left:
        amount = sum(abs(one.amount) for one in money.rows.unexplained)
        yield spoken("analysis.money.rows_left", n=f"{left:,}", amount=f"{amount / 100:,.2f}")
    breaks = sum(len(one.breaks) for one in money.flow.accounts)
    if breaks:
        yield spoken("analysis.money.breaks", n=f"{breaks:,}")

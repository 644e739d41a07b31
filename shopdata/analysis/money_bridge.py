"""The money bridge: from what was ordered to what reached the account, to the fen, by month and by shop.

``placed − unpaid − relief = paid``; ``paid − refunds + subsidies − recalled = receivable``;
``receivable − fees + unexplained = due = settled + still to come``. Commissions and fees are the settlement
bill's: only it adds up. What the two sides do not agree on is unexplained; ``money_rows`` lists it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from shopdata.analysis.money_facts import DIFFERENCES, STATES, Bill, bills, facts_of_orders, strangers
from shopdata.analysis.money_orders import FEES
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Need
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope

UNPAID = ("unpaid_open", "unpaid_closed", "unpaid_unknown")
# Steps that take away, steps that bring, levels, and what a level is made of, in the order people read them.
TAKES = (*UNPAID, "relief", "refund", "recalled", *FEES)
LEVELS = ("placed", "paid", "receivable", "due", "settled")
STEPS = (
    "placed", *UNPAID, "relief", "difference_payable", "paid", "refund", "subsidy", "recalled", "receivable",
    *FEES, "unexplained", "due", "settled", *STATES,
)  # fmt: skip
SUMMED = (
    "placed", *UNPAID, "relief", "paid", "refund", "subsidy", "recalled", "settled", *FEES,
    *(f"difference_{name}" for name in DIFFERENCES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in fen and of how many orders it is made (rows, for entries no order explains)."""

    fen: int = 0
    n: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.fen + other.fen, self.n + other.n)


@dataclass(frozen=True, slots=True)
class Bridge:
    """The bridge of one month of one shop, or of several. ``amounts`` by name: those of ``SUMMED`` and
    ``STATES``, ``orders``, and ``stranger_settled`` with the ``stranger_`` fees."""

    amounts: Mapping[str, Amount]

    def __getitem__(self, name: str) -> Amount:
        return self.amounts.get(name, Amount())

    def __add__(self, other: Bridge) -> Bridge:
        names = dict.fromkeys((*self.amounts, *other.amounts))
        return Bridge({name: self[name] + other[name] for name in names})

    def step(self, name: str) -> Amount:
        """A step or level of the bridge. Steps that take money away are negative."""
        if name in FEES:
            whole = self[name] + self[f"stranger_{name}"]
            return Amount(-whole.fen, whole.n)
        if name == "settled":
            return self["settled"] + self["stranger_settled"]
        if name == "receivable":
            steps = (self.step(one).fen for one in ("paid", "refund", "subsidy", "recalled"))
            return Amount(sum(steps), self["paid"].n)
        if name == "unexplained":
            return self._unexplained()
        if name == "due":
            parts = [self.step("settled"), *(self[state] for state in STATES)]
            return Amount(sum(part.fen for part in parts), self["paid"].n)
        found = self[name]
        return Amount(-found.fen, found.n) if name in TAKES else found

    def _unexplained(self) -> Amount:
        """What leads from receivables and fees to what was settled or is to come, as the sides differ."""
        differing = [self[f"difference_{name}"] for name in DIFFERENCES[1:]]
        foreign = sum(self[f"stranger_{name}"].fen for name in ("settled", *FEES))
        fen = sum(one.fen for one in differing) + foreign
        return Amount(fen, self["differing"].n + self["stranger_settled"].n)

    @property
    def to_come(self) -> Amount:
        """Receivable and not settled, before fees."""
        parts = [self[state] for state in STATES]
        return Amount(sum(part.fen for part in parts), sum(part.n for part in parts))

    @property
    def gaps(self) -> tuple[int, int, int]:
        """What the three equations leave over, in fen; all 0 in a bridge that adds up."""
        fen = {name: self.step(name).fen for name in STEPS}
        before = sum(fen[name] for name in ("placed", *UNPAID, "relief", "difference_payable"))
        fees = sum(fen[name] for name in FEES)
        states = sum(fen[name] for name in STATES)
        return (
            fen["paid"] - before,
            fen["due"] - fen["receivable"] - fees - fen["unexplained"],
            fen["due"] - fen["settled"] - states,
        )


@dataclass(frozen=True, slots=True)
class Bridges:
    """The bridge of a cohort: ``cells`` by shop and month (its first day), ``total``; ``missing`` names, by
    kind of file, the shops without it. Months and shops add up to the total."""

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    cells: Mapping[tuple[int, date | None], Bridge]
    missing: Mapping[str, tuple[str, ...]]
    shops: Mapping[int, str]
    bills: Mapping[int, Bill]

    @property
    def total(self) -> Bridge:
        """Everything; of several currencies nothing can be added up and it is empty."""
        if self.currency is None:
            return Bridge({})
        return sum(self.cells.values(), Bridge({}))

    def by_month(self) -> dict[date | None, Bridge]:
        """One bridge a month, the oldest first."""
        if self.currency is None:
            return {}
        ordered = sorted(self.cells, key=lambda key: (key[1] is None, key[1] or date.min))
        return {
            month: sum((self.cells[key] for key in keys), Bridge({}))
            for month, keys in groupby(ordered, key=lambda key: key[1])
        }

    def by_shop(self) -> dict[int, Bridge]:
        """One bridge a shop, in the order of the shops."""
        found = {
            shop: sum((cell for (own, _), cell in self.cells.items() if own == shop), Bridge({}))
            for shop in self.shops
        }
        return {shop: bridge for shop, bridge in found.items() if bridge.amounts}


def money_bridge(store: Reads, scope: Scope) -> Bridges:
    """The bridge of the orders placed (paid basis: paid) in the period, whatever became of them since."""
    cohort = cohort_of(scope)
    return remembered(store, ("money_bridge", cohort), lambda: _read(store, cohort))


def cohort_of(scope: Scope) -> Scope:
    """The scope a bridge is about: whole orders, on a cohort basis."""
    return replace(scope, basis="placed" if scope.basis == "event" else scope.basis, sources=())


def bills_of(store: Reads, frame: Frame) -> Mapping[int, Bill]:
    """The bills of the frame's shops."""

    def read() -> Mapping[int, Bill]:
        with store.read() as connection:
            return bills(connection, frame) if frame.shops else {}

    return remembered(store, ("money_bills", frame.ids), read)


def _read(store: Reads, scope: Scope) -> Bridges:
    frame = frame_of(store, scope)
    known = bills_of(store, frame)
    with store.read() as connection:
        cells = _cells(connection, frame, scope, known) if frame.shops else {}
    names = {shop.id: shop.name for shop in frame.shops}
    lacking = {
        kind: tuple(names[shop] for shop in frame.lacking((Need(kind),)))
        for kind in ("settlements", "aftersales")
    }
    return Bridges(scope, frame.data_up_to, frame.currency, cells, lacking, names, known)


def _cells(
    connection: Connection, frame: Frame, scope: Scope, known: Mapping[int, Bill]
) -> dict[tuple[int, date | None], Bridge]:
    found: dict[tuple[int, date | None], Bridge] = {}
    for rows in (_of_orders(frame, scope, known), _of_strangers(frame, scope)):
        for row in map(dict, connection.execute(rows).mappings()):
            month = row["month"].date() if isinstance(row["month"], datetime) else row["month"]
            key = row["shop_id"], month
            found[key] = found.get(key, Bridge({})) + _bridge(row)
    return found


def _bridge(row: Mapping[Any, Any]) -> Bridge:
    names = [name for name in row if name not in ("shop_id", "month") and not name.endswith("__n")]
    return Bridge({name: Amount(int(row[name] or 0), int(row.get(f"{name}__n") or 0)) for name in names})


def _of_orders(frame: Frame, scope: Scope, known: Mapping[int, Bill]) -> Any:
    facts = facts_of_orders(frame, scope, known)
    c = facts.c
    columns = []
    for name in SUMMED:
        columns += [func.sum(c[name]).label(name), func.count().filter(c[name] != 0).label(f"{name}__n")]
    for state in STATES:
        stands = c.state == state
        columns.append(func.sum(c.open).filter(stands).label(state))
        columns.append(func.count().filter(stands, c.open != 0).label(f"{state}__n"))
    differs = c.difference_goods + c.difference_subsidy + c.difference_bill
    counted = {"orders": None, "paid": c.is_paid, "settled": c.is_billed, "differing": differs != 0}
    kept = [column for column in columns if column.name not in {f"{name}__n" for name in ("paid", "settled")}]
    counts = [
        (func.count() if flag is None else func.count().filter(flag)).label(f"{name}__n")
        for name, flag in counted.items()
    ]
    zeros = [func.sum(0).label(name) for name in ("orders", "differing")]
    return select(c.shop_id, c.month, *kept, *counts, *zeros).group_by(c.shop_id, c.month)


def _of_strangers(frame: Frame, scope: Scope) -> Any:
    c = strangers(frame, scope).c
    columns = []
    for name in ("settled", *FEES):
        columns.append(func.sum(c[name]).label(f"stranger_{name}"))
        counted = func.count() if name == "settled" else func.count().filter(c[name] != 0)
        columns.append(counted.label(f"stranger_{name}__n"))
    return select(c.shop_id, c.month, *columns).group_by(c.shop_id, c.month)

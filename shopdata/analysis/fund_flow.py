"""The fund flow of each account: opening + came in − went out = closing, and what moved, scene by scene.

``stated`` is a pure function over movements; ``fund_flow`` reads them. Balances are checked only where the
file prints one after every movement: each row must begin with what some row before it left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.analysis.fund_check import Movement
from shopdata.imports.scoping import shops_in
from shopdata.metrics.cache import remembered
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store.tables import FUNDS

# What a scene means for the shop's money; every other one is unknown.
ROLES = {
    "settlement": "of_orders",
    "refund": "of_orders",
    "refund_after": "of_orders",
    "insurance": "cost",
    "compensation": "cost",
    "small_payment": "cost",
    "withdrawal": "transfer",
    "advertising": "transfer",
    "deposit": "transfer",
}
UNKNOWN = "unknown"
MOST_BREAKS = 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What moved in one scene on one account: rows and unsigned fen in and out. ``role``: ``of_orders``,
    ``cost``, ``transfer`` (own money moved elsewhere: no cost) or ``unknown``."""

    shop_id: int
    account: str | None
    scene: str
    scene_raw: str | None
    rows_in: int
    came_in: int
    rows_out: int
    went_out: int
    rows_unclear: int = 0

    @property
    def role(self) -> str:
        """What the movements mean; unknown as well where a row has no direction."""
        return ROLES.get(self.scene, UNKNOWN)

    @property
    def net(self) -> int:
        """In minus out, fen."""
        return self.came_in - self.went_out


@dataclass(frozen=True, slots=True)
class Break:
    """A row that does not begin with the balance the rows before it left (``expected``, fen)."""

    movement: Movement
    expected: int

    @property
    def difference(self) -> int:
        """What must have moved between them, and is in no row."""
        return (self.movement.balance or 0) - self.movement.signed - self.expected


@dataclass(frozen=True, slots=True)
class Account:
    """One account over the period, fen; opening and closing ``None`` where the file prints no balances."""

    shop_id: int
    account: str | None
    opening: int | None
    came_in: int
    went_out: int
    closing: int | None
    breaks: tuple[Break, ...] = ()

    @property
    def difference(self) -> int | None:
        """What the movements do not explain of the closing balance: the sum of the breaks."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - (self.opening + self.came_in - self.went_out)


@dataclass(frozen=True, slots=True)
class FundFlow:
    """Accounts and what moved on them."""

    accounts: tuple[Account, ...]
    scenes: tuple[Scene, ...]

    def of_role(self, role: str) -> tuple[Scene, ...]:
        """Scenes of one meaning."""
        return tuple(one for one in self.scenes if one.role == role)


def fund_flow(store: Reads, scope: Scope) -> FundFlow:
    """The flow of the period's days over the shops of ``scope``."""
    return remembered(
        store,
        ("fund_flow", scope.shops, scope.platforms, scope.start, scope.end),
        lambda: _read(store, scope),
    )


def _read(store: Reads, scope: Scope) -> FundFlow:
    with store.read() as connection:
        inside = _inside(scope, shops_in(connection, scope))
        scenes = tuple(_scenes(connection, inside))
        balanced = _balanced(connection, inside)
        moves = _movements(connection, inside) if balanced else []
    stating = {(one.shop_id, one.account): one for one in stated(moves)}
    totals: dict[tuple[int, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for one in scenes:
        totals[one.shop_id, one.account][0] += one.came_in
        totals[one.shop_id, one.account][1] += one.went_out
    accounts = tuple(
        stating[key] if key in balanced else Account(*key, None, came_in, went_out, None)
        for key, (came_in, went_out) in totals.items()
    )
    return FundFlow(accounts, scenes)


def _inside(scope: Scope, shops: Sequence[int]) -> list[ColumnElement[bool]]:
    flow = FUNDS.table.c
    found: list[ColumnElement[bool]] = [flow.shop_id.in_(shops)]
    if scope.start is not None:
        found.append(flow.moved_at >= datetime.combine(scope.start, time.min))
    if scope.end is not None:
        found.append(flow.moved_at < datetime.combine(scope.end + timedelta(days=1), time.min))
    return found


def _scenes(connection: Connection, inside: list[ColumnElement[bool]]) -> Iterator[Scene]:
    flow = FUNDS.table.c
    scene = func.coalesce(flow.scene, UNKNOWN)
    keys = (flow.shop_id, flow.account, scene, flow.scene_raw)
    comes, goes = flow.direction == "in", flow.direction == "out"
    columns: list[Any] = []
    for condition in (comes, goes):
        columns += [func.count().filter(condition), func.sum(case((condition, flow.amount), else_=0))]
    unclear = func.count().filter(func.coalesce(flow.direction, UNKNOWN).not_in(("in", "out")))
    statement = select(*keys, *columns, unclear).where(*inside).group_by(*keys)
    ties = (scene, flow.shop_id, flow.account.nulls_last(), flow.scene_raw.nulls_last())
    for row in connection.execute(statement.order_by(func.sum(flow.amount).desc(), *ties)):
        numbers = (int(value or 0) for value in row[4:])
        yield Scene(*row[:4], *numbers)


def _balanced(connection: Connection, inside: list[ColumnElement[bool]]) -> set[tuple[int, str | None]]:
    """Accounts whose every movement prints the balance after it."""
    flow = FUNDS.table.c
    keys = (flow.shop_id, flow.account)
    whole = func.count() == func.count(flow.balance)
    rows = connection.execute(select(*keys).where(*inside).group_by(*keys).having(whole))
    return {(shop, account) for shop, account in rows}


def _movements(connection: Connection, inside: list[ColumnElement[bool]]) -> list[Movement]:
    flow = FUNDS.table.c
    columns = (
        flow.shop_id, flow.flow_id, flow.order_id, flow.line_id, flow.moved_at, flow.direction, flow.amount,
        flow.scene, flow.scene_raw, flow.account, flow.balance,
    )  # fmt: skip
    return [Movement(*row) for row in connection.execute(select(*columns).where(*inside))]


def stated(movements: Sequence[Movement]) -> tuple[Account, ...]:
    """The statement of each account of ``movements``, all of which print a balance and a time."""
    accounts: dict[tuple[int, str | None], list[Movement]] = defaultdict(list)
    for one in movements:
        if one.balance is not None and one.at is not None:
            accounts[one.shop_id, one.account].append(one)
    ordered = sorted(accounts.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    return tuple(_statement(*key, rows) for key, rows in ordered)


def _statement(shop_id: int, account: str | None, rows: list[Movement]) -> Account:
    """Equal times stand in any order: a row breaks only where no row of its moment or before left what it
    begins with."""
    rows = sorted(rows, key=lambda one: (one.at or datetime.min, one.key))
    opening: int | None = None
    current = 0
    breaks: list[Break] = []
    for _, moment in groupby(rows, key=lambda one: one.at):
        group = list(moment)
        begins, ends = Counter(map(_before, group)), Counter(one.balance or 0 for one in group)
        if opening is None:
            opening = current = next(iter((begins - ends).elements()), _before(group[0]))
        lacking = begins - (ends + Counter([current]))
        for one in group:
            if lacking[_before(one)] > 0:
                lacking[_before(one)] -= 1
                breaks.append(Break(one, current))
        left = ends - begins
        current = next(reversed(list(left.elements())), group[-1].balance or 0)
    came_in = sum(one.amount for one in rows if one.direction == "in")
    went_out = sum(one.amount for one in rows if one.direction == "out")
    return Account(shop_id, account, opening, came_in, went_out, current, tuple(breaks[:MOST_BREAKS]))


def _before(one: Movement) -> int:
    return (one.balance or 0) - one.signed

"""Does the fund flow hold what the settlement bill says, to the fen; what is left over on either side?

``checked`` is a pure function over rows; ``fund_check`` reads them from the store. Movements only reconcile:
no figure of the product adds them to a bill or a commission file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from shopdata.imports.scoping import shops_in
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store.tables import FUNDS, SETTLEMENTS

# Scenes whose movements pay out what a bill settles, or take it back.
PAYING = frozenset({"settlement", "refund_after", "refund", "deposit"})
SIGN = {"in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the settlement bill; ``amount`` in fen, negative where money was taken back."""

    shop_id: int
    key: str
    order_id: str | None
    line_id: str | None
    at: datetime | None
    amount: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the fund flow. ``amount``: unsigned fen; ``balance``: after it, where printed."""

    shop_id: int
    key: str
    order_id: str | None
    line_id: str | None
    at: datetime | None
    direction: str | None
    amount: int
    scene: str | None = None
    scene_raw: str | None = None
    account: str | None = None
    balance: int | None = None

    @property
    def signed(self) -> int:
        """What it did to the account; 0 where the direction is not known."""
        return SIGN.get(self.direction or "", 0) * self.amount


@dataclass(frozen=True, slots=True)
class Left:
    """Movements of one scene and direction that pay no entry: how many, and their unsigned sum in fen."""

    scene: str | None
    scene_raw: str | None
    direction: str | None
    rows: int
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """One account over the whole flow: opening + came_in - went_out should be closing (fen).

    ``gaps``: how often the balance jumps between two movements, so that something must be missing.
    """

    shop_id: int
    account: str | None
    opening: int
    came_in: int
    went_out: int
    closing: int
    gaps: int

    @property
    def difference(self) -> int:
        """What the movements do not explain."""
        return self.closing - (self.opening + self.came_in - self.went_out)


@dataclass(frozen=True, slots=True)
class FundCheck:
    """``found``: entries the flow pays (row by row or by their sum); ``missing``: entries it does not."""

    found: tuple[Entry, ...]
    missing: tuple[Entry, ...]
    left: tuple[Left, ...]
    balances: tuple[Balance, ...]


def fund_check(store: Reads, scope: Scope) -> FundCheck:
    """The check over the shops of ``scope``; entries and movements of its days, by their own time."""
    with store.read() as connection:
        shops = shops_in(connection, scope)
        bill, flow = SETTLEMENTS.table.c, FUNDS.table.c
        of_bill = [
            bill[name]
            for name in ("shop_id", "settlement_id", "order_id", "line_id", "settled_at", "settled_amount")
        ]
        of_flow = [
            flow[name]
            for name in (
                *("shop_id", "flow_key", "order_id", "line_id", "moved_at", "direction", "amount", "scene"),
                *("scene_raw", "account", "balance"),
            )
        ]
        entries = [Entry(*row) for row in connection.execute(select(*of_bill).where(bill.shop_id.in_(shops)))]
        moves = [
            Movement(*row) for row in connection.execute(select(*of_flow).where(flow.shop_id.in_(shops)))
        ]
    return checked(entries, moves, scope.start, scope.end)


def checked(
    entries: Sequence[Entry],
    movements: Sequence[Movement],
    start: date | None = None,
    end: date | None = None,
) -> FundCheck:
    """Pair entries with movements by sub order, then by order: equal amounts first, then equal sums.

    All rows take part; what is shown lies between the days.
    """
    open_entries, open_moves = set(entries), {one for one in movements if one.scene in PAYING}
    for key in (_line, _order):
        _pair(open_entries, open_moves, key)
    inside = [one for one in entries if _within(one.at, start, end)]
    paid_by = {one for one in movements if one.scene in PAYING} - open_moves
    rest = [one for one in movements if one not in paid_by and _within(one.at, start, end)]
    return FundCheck(
        found=tuple(one for one in inside if one not in open_entries),
        missing=tuple(one for one in inside if one in open_entries),
        left=_by_scene(rest),
        balances=_balances(movements),
    )


def _line(one: Entry | Movement) -> Hashable:
    return one.shop_id, one.order_id, one.line_id


def _order(one: Entry | Movement) -> Hashable:
    return one.shop_id, one.order_id


def _pair(entries: set[Entry], moves: set[Movement], key: Callable[[Entry | Movement], Hashable]) -> None:
    """Take the pairs of equal key out of both sets."""
    by_key: dict[Hashable, list[Movement]] = defaultdict(list)
    for move in moves:
        if move.order_id is not None:
            by_key[key(move)].append(move)
    wanted: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.order_id is not None:
            wanted[key(entry)].append(entry)
    for name, mine in wanted.items():
        theirs = by_key.get(name, [])
        if not theirs:
            continue
        paired = _equal_rows(mine, theirs)
        rest, unpaid = (
            [one for one in theirs if one not in paired[1]],
            [e for e in mine if e not in paired[0]],
        )
        if unpaid and rest and sum(e.amount for e in unpaid) == sum(one.signed for one in rest):
            paired = (set(mine), set(theirs))
        entries -= paired[0]
        moves -= paired[1]


def _equal_rows(entries: Iterable[Entry], moves: Sequence[Movement]) -> tuple[set[Entry], set[Movement]]:
    """Entries with a movement of the same amount, each movement used once."""
    waiting: dict[int, list[Movement]] = defaultdict(list)
    for move in sorted(moves, key=lambda one: one.key, reverse=True):
        waiting[move.signed].append(move)
    paid: set[Entry] = set()
    used: set[Movement] = set()
    for entry in sorted(entries, key=lambda one: one.key):
        if waiting[entry.amount]:
            paid.add(entry)
            used.add(waiting[entry.amount].pop())
    return paid, used


def _by_scene(movements: Iterable[Movement]) -> tuple[Left, ...]:
    rows: dict[tuple[str | None, str | None, str | None], list[int]] = defaultdict(list)
    for one in movements:
        rows[one.scene, one.scene_raw, one.direction].append(one.amount)
    found = [Left(*key, len(amounts), sum(amounts)) for key, amounts in rows.items()]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.scene_raw or "", one.direction or "")))


def _balances(movements: Iterable[Movement]) -> tuple[Balance, ...]:
    """Accounts whose every movement prints the balance after it.

    In a whole flow each balance but the last is what some other movement began with, in whatever order equal
    times stand.
    """
    accounts: dict[tuple[int, str | None], list[Movement]] = defaultdict(list)
    for one in movements:
        accounts[one.shop_id, one.account].append(one)
    return tuple(
        _balance(shop_id, account, rows)
        for (shop_id, account), rows in sorted(
            accounts.items(), key=lambda item: (item[0][0], item[0][1] or "")
        )
        if all(one.balance is not None for one in rows)
    )


def _balance(shop_id: int, account: str | None, rows: Sequence[Movement]) -> Balance:
    after = Counter(one.balance or 0 for one in rows)
    before = Counter((one.balance or 0) - one.signed for one in rows)
    begins, ends = before - after, after - before
    ordered = sorted(rows, key=lambda one: one.at or datetime.min)
    first, last = ordered[0], ordered[-1]
    opening = next(
        (
            (one.balance or 0) - one.signed
            for one in ordered
            if one.at == first.at and (one.balance or 0) - one.signed in begins
        ),
        (first.balance or 0) - first.signed,
    )
    closing = next(
        (one.balance or 0 for one in ordered if one.at == last.at and (one.balance or 0) in ends),
        last.balance or 0,
    )
    came_in = sum(one.amount for one in rows if one.direction == "in")
    went_out = sum(one.amount for one in rows if one.direction == "out")
    return Balance(shop_id, account, opening, came_in, went_out, closing, max(0, begins.total() - 1))


def _within(at: datetime | None, start: date | None, end: date | None) -> bool:
    if at is None:
        return start is None and end is None
    after = start is None or at >= datetime.combine(start, time.min)
    return after and (end is None or at < datetime.combine(end + timedelta(days=1), time.min))

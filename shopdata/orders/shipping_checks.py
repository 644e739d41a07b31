"""Whether the lines of a list of waybills can be shipped: every fault is told with its line.

An order that is not paid, already shipped, closed or being refunded is left out, and so is a waybill that
stands on orders of different receivers, here or in the store, or is not as long as its courier's are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, select

from shopdata.imports.scoping import shops_in
from shopdata.orders.selection import LINES, TO_SHIP
from shopdata.orders.shipping_list import Listed, Problem
from shopdata.platforms.couriers import ODD_SHARE, lengths_of
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import PARCELS, orders

WAYBILL = re.compile(r"[0-9A-Za-z-]{8,40}")
ROUNDED = re.compile(r"[0-9.]+[eE]\+?[0-9]+")
DONE = ("is_shipped", "is_closed", "is_completed")
REFUNDING = ("has_open_aftersale", "is_refunded")
PART_SHIPPED = "part_shipped"
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A line that can be shipped. ``line_id`` where the list named a single line of the order."""

    line: int
    shop_id: int
    platform: str
    order_id: str
    line_id: str | None
    courier: str
    waybill: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A list after looking: what can be shipped, and what cannot and why, in order of the lines; how many
    lines name an order but no waybill yet."""

    shipments: tuple[Shipment, ...]
    problems: tuple[Problem, ...]
    unfilled: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a list. ``found``: orders by the number a list names, with the line it names;
    ``states``: by order the states of its lines;
    ``receivers``: who gets an order, empty where that was erased; ``elsewhere``: by waybill the orders it
    stands on in the store; ``untrusted``: couriers whose lengths are not to be relied on."""

    found: Mapping[str, tuple[tuple[Row[tuple[object, ...]], str | None], ...]]
    states: Mapping[Key, Mapping[str, str | None]]
    receivers: Mapping[Key, str]
    elsewhere: Mapping[str, tuple[Key, ...]]
    untrusted: frozenset[str]


def check(store: Store, scope: Scope, listed: Sequence[Listed]) -> Checked:
    """Look at every line of a list."""
    with store.read() as connection:
        known = _known(connection, scope, listed)
    filled = [one for one in listed if one.waybill or not known.found.get(one.number)]
    first: list[Shipment | Problem] = [_of_order(one, known) for one in filled]
    shipments = [one for one in first if isinstance(one, Shipment)]
    problems = [one for one in first if isinstance(one, Problem)]
    problems += _twice(shipments)
    problems += _shared(shipments, known)
    bad = {one.line for one in problems}
    kept = tuple(one for one in shipments if one.line not in bad)
    return Checked(kept, tuple(sorted(problems, key=lambda one: one.line)), len(listed) - len(filled))


def _known(connection: Connection, scope: Scope, listed: Sequence[Listed]) -> Known:
    shops = shops_in(connection, scope)
    numbers = {one.number for one in listed}
    of_line = select(LINES.c.shop_id, LINES.c.order_id, LINES.c.line_id).where(
        LINES.c.shop_id.in_(shops), LINES.c.line_id.in_(numbers), LINES.c.counted
    )
    lines = {row.line_id: (row.shop_id, row.order_id) for row in connection.execute(of_line)}
    asked = numbers | {order for _, order in lines.values()}
    of_order = select(orders).where(orders.c.shop_id.in_(shops), orders.c.order_id.in_(asked))
    rows = {(row.shop_id, row.order_id): row for row in connection.execute(of_order)}
    found: dict[str, tuple[tuple[Row[tuple[object, ...]], str | None], ...]] = {}
    for number in numbers:
        whole = tuple((row, None) for key, row in rows.items() if key[1] == number)
        part = ((rows[lines[number]], number),) if lines.get(number) in rows else ()
        found[number] = whole or part
    p = PARCELS.table.c
    theirs = select(p.waybill, p.shop_id, p.order_id).where(
        p.shop_id.in_(shops), p.waybill.in_({one.waybill for one in listed})
    )
    elsewhere: dict[str, tuple[Key, ...]] = {}
    for row in connection.execute(theirs):
        elsewhere[row.waybill] = (*elsewhere.get(row.waybill, ()), (row.shop_id, row.order_id))
    keys = {*rows, *(key for held in elsewhere.values() for key in held)}
    receivers, untrusted = _receivers(connection, keys), _untrusted(connection, shops)
    return Known(found, _states(connection, rows), receivers, elsewhere, untrusted)


def _states(connection: Connection, keys: Iterable[Key]) -> Mapping[Key, Mapping[str, str | None]]:
    wanted = set(keys)
    query = select(LINES.c.shop_id, LINES.c.order_id, LINES.c.line_id, LINES.c.status).where(
        LINES.c.shop_id.in_({shop for shop, _ in wanted}),
        LINES.c.order_id.in_({order for _, order in wanted}),
        LINES.c.counted,
    )
    states: dict[Key, dict[str, str | None]] = {}
    for row in connection.execute(query):
        states.setdefault((row.shop_id, row.order_id), {})[row.line_id] = row.status
    return states


def _receivers(connection: Connection, keys: Iterable[Key]) -> Mapping[Key, str]:
    wanted = set(keys)
    receiver = func.max(func.concat_ws("|", LINES.c.receiver, LINES.c.phone, LINES.c.address))
    query = (
        select(LINES.c.shop_id, LINES.c.order_id, receiver.label("receiver"))
        .where(LINES.c.shop_id.in_({shop for shop, _ in wanted}))
        .where(LINES.c.order_id.in_({order for _, order in wanted}))
        .group_by(LINES.c.shop_id, LINES.c.order_id)
    )
    return {(row.shop_id, row.order_id): row.receiver or "" for row in connection.execute(query)}


def _untrusted(connection: Connection, shops: Sequence[int]) -> frozenset[str]:
    """Couriers of whose waybills many are of another length than the table says."""
    p = PARCELS.table.c
    long = func.length(p.waybill)
    query = select(p.courier, long.label("long"), func.count().label("n"))
    query = query.where(p.shop_id.in_(shops), p.courier.is_not(None)).group_by(p.courier, long)
    every: dict[str, int] = {}
    odd: dict[str, int] = {}
    for row in connection.execute(query):
        lengths = lengths_of(row.courier)
        every[row.courier] = every.get(row.courier, 0) + row.n
        odd[row.courier] = odd.get(row.courier, 0) + (row.n if lengths and row.long not in lengths else 0)
    return frozenset(courier for courier, n in every.items() if odd[courier] > n * ODD_SHARE)


def _of_order(one: Listed, known: Known) -> Shipment | Problem:
    """The line by itself: its cells, its order, the shape of its waybill."""
    if not (one.number and one.waybill):
        return Problem(one.line, "columns")
    for value in (one.number, one.waybill):
        if ROUNDED.fullmatch(value):
            return Problem(one.line, "rounded", {"value": value})
    if not one.courier:
        return Problem(one.line, "no_courier")
    found = known.found.get(one.number, ())
    if len(found) != 1:
        return Problem(one.line, "several_shops" if found else "order_unknown", {"order": one.number})
    ((order, line_id),) = found
    states = known.states.get((order.shop_id, order.order_id), {})
    if refused := _not_to_ship(order, line_id, states):
        status = (states.get(line_id) if line_id else None) or order.status or "unknown"
        return Problem(one.line, refused, {"order": one.number, "status": status})
    lengths = () if one.courier in known.untrusted else lengths_of(one.courier)
    if not WAYBILL.fullmatch(one.waybill) or (lengths and len(one.waybill) not in lengths):
        return Problem(one.line, "shape", {"courier": one.courier, "waybill": one.waybill})
    return Shipment(
        one.line, order.shop_id, order.platform, order.order_id, line_id, one.courier, one.waybill
    )


def _not_to_ship(
    order: Row[tuple[object, ...]], line_id: str | None, states: Mapping[str, str | None]
) -> str:
    """Why an order (a line of it) is not to be shipped. One of which a part is shipped still is, the lines
    that are shipped are not."""
    if any(getattr(order, name) for name in REFUNDING):
        return "refunding"
    left = {line for line, state in states.items() if state in TO_SHIP}
    if line_id is not None and line_id not in left:
        return "not_to_ship"
    part = order.status == PART_SHIPPED or 0 < len(left) < len(states)
    done = not part and any(getattr(order, name) for name in DONE)
    return "not_to_ship" if done or not order.is_paid else ""


def _twice(shipments: Sequence[Shipment]) -> list[Problem]:
    """Lines whose order (or line of an order) stood in the list before."""
    seen: dict[tuple[int, str, str | None], int] = {}
    problems = []
    for one in shipments:
        key = (one.shop_id, one.order_id, one.line_id)
        if key in seen:
            details = {"order": one.line_id or one.order_id, "first": seen[key]}
            problems.append(Problem(one.line, "twice", details))
        seen.setdefault(key, one.line)
    return problems


def _shared(shipments: Sequence[Shipment], known: Known) -> list[Problem]:
    """Lines whose waybill is another receiver's as well, in the list or in the store."""
    problems = []
    by_waybill: dict[str, set[Key]] = {bill: set(held) for bill, held in known.elsewhere.items()}
    for one in shipments:
        by_waybill.setdefault(one.waybill, set()).add((one.shop_id, one.order_id))
    for one in shipments:
        mine = (one.shop_id, one.order_id)
        receiver = known.receivers.get(mine, "")
        others = (key for key in by_waybill[one.waybill] if key != mine)
        other = next((key for key in others if not receiver or known.receivers.get(key) != receiver), None)
        if other is not None:
            problems.append(Problem(one.line, "shared", {"waybill": one.waybill, "order": other[1]}))
    return problems

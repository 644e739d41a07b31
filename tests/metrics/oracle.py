"""Every metric again, in plain Python loops over the world's rows: nothing of the product is used here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from tests.metrics.world import Row, World

Figures = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONEY = ("paid_amount", "payable_amount", "discount_amount", "freight_amount")
DEFAULTS = {"pay": DAY, "ship": 2 * DAY, "return": 30 * DAY, "refund": 30 * DAY}


def quantile(values: list[float], share: float) -> float:
    """Linear interpolation between closest ranks."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Oracle:
    """Figures of a world, computed order by order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.as_of = {
            (row["shop_id"], row["kind"]): row["as_of"] for row in world.imports if not row.get("undone_at")
        }
        self.horizons = {
            (shop["id"], step): self._horizon(shop["id"], step) for shop in world.shops for step in DEFAULTS
        }

    def _horizon(self, shop: int, step: str) -> timedelta:
        start, end = {"pay": ("placed_at", "paid_at"), "ship": ("paid_at", "shipped_at")}.get(
            step, ("paid_at", "refunded_at")
        )
        flag = {"return": "is_returned", "refund": "is_refunded"}.get(step)
        old = self.as_of[shop, "orders"] - 45 * DAY
        waits = [
            (order[end] - order[start]).total_seconds()
            for order in self.world.orders
            if order["shop_id"] == shop and order["placed_at"] <= old and order.get(end) and order.get(start)
            if (not flag or order[flag]) and order[end] >= order[start]
        ]
        return timedelta(seconds=round(quantile(waits, 0.95))) if len(waits) >= 200 else DEFAULTS[step]

    def cohort(self, basis: str, start: date | None = None, end: date | None = None) -> list[Row]:
        """The orders placed, or paid, on the days."""
        anchor = "placed_at" if basis == "placed" else "paid_at"
        chosen = [order for order in self.world.orders if basis == "placed" or order["is_paid"]]
        first, last = start or date.min, end or date.max
        return [order for order in chosen if first <= order[anchor].date() <= last]

    def by_line(self, orders: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
        """Parts of orders by the keys of their lines, money split by line."""
        found: dict[str, list[Row]] = {}
        for order in orders:
            lines = self.world.lines_of(order)
            refunds = self._refunds(order, lines)
            for name in sorted({key(line) for line in lines}):
                mine = [line for line in lines if key(line) == name]
                part = dict(order)
                part["units"] = sum(line["quantity"] for line in mine)
                for amount in MONEY:
                    values = [line[amount] for line in mine if line.get(amount) is not None]
                    part[amount] = sum(values) if values else None
                part["refund_amount"] = sum(refunds[line["line_id"]] for line in mine)
                found.setdefault(name, []).append(part)
        return found

    def _refunds(self, order: Row, lines: list[Row]) -> dict[str, int]:
        """Refunds of each line; those of no line by what was paid, largest remainder."""
        own = {line["line_id"]: 0 for line in lines}
        rest = 0
        for row in self.refunds(order):
            if row["line_id"] in own:
                own[row["line_id"]] += row["refund_amount"]
            else:
                rest += row["refund_amount"]
        weights = {line["line_id"]: line["paid_amount"] for line in lines}
        whole = sum(weights.values())
        exact = {
            name: Fraction(rest * weight, whole) if whole else Fraction(rest, len(lines))
            for name, weight in weights.items()
        }
        shares = {name: floor(value) for name, value in exact.items()}
        left = rest - sum(shares.values())
        for name in sorted(exact, key=lambda name: (shares[name] - exact[name], name))[:left]:
            shares[name] += 1
        return {name: own[name] + shares[name] for name in own}

    def refunds(self, order: Row) -> list[Row]:
        """Successful refunds of an order."""
        return [
            row
            for row in self.world.aftersales
            if (row["shop_id"], row["order_id"]) == (order["shop_id"], order["order_id"])
            and row["status"] == "refunded"
            and row["kind"] not in ("exchange", "resend", "repair")
        ]

    def figures(self, orders: list[Row], basis: str = "placed") -> Figures:
        """Figures of orders (or parts of them); ``None`` where nothing can be said."""
        return {
            **self._amounts(orders),
            **self._rates(orders, basis),
            **self._durations(orders),
            **self._shipping(orders),
        }

    def _amounts(self, orders: list[Row]) -> Figures:
        paid = [order for order in orders if order["is_paid"]]
        money = sum(order["paid_amount"] for order in paid)
        refunds = sum(order["refund_amount"] for order in orders)
        units = sum(order["units"] for order in paid)
        unpaid = [order for order in orders if not order["is_paid"]]
        return {
            "orders_placed": len(orders),
            "orders_paid": len(paid),
            "orders_shipped": sum(order["is_shipped"] for order in orders),
            "orders_signed": sum(order.get("signed_at") is not None for order in orders),
            "orders_completed": sum(order["is_completed"] for order in orders),
            "orders_closed": sum(order["is_closed"] for order in orders),
            "orders_unpaid": len(unpaid),
            "orders_unpaid_open": sum(not order["is_closed"] for order in unpaid),
            "orders_unpaid_closed": sum(order["is_closed"] for order in unpaid),
            "orders_zero": sum(order["paid_amount"] == 0 for order in paid),
            "orders_transit": sum(bool(order["is_transit"] and order["is_shipped"]) for order in orders),
            "paid_amount": money,
            "payable_amount": sum(order["payable_amount"] for order in orders),
            "discount_amount": _sum(order["discount_amount"] for order in orders),
            "freight_amount": _sum(order["freight_amount"] for order in orders),
            "refund_amount": refunds,
            "net_amount": money - refunds,
            "units_paid": units,
            "average_order_value": money / len(paid) if paid else None,
            "units_per_order": units / len(paid) if paid else None,
            "amount_per_unit": money / units if units else None,
            "refund_amount_rate": refunds / money if money else None,
            "orders_refunded": sum(order["is_refunded"] for order in orders),
            "orders_returned": sum(order["is_returned"] for order in orders),
            "dispute_orders": sum(order["is_disputed"] for order in orders),
        }

    def _rates(self, orders: list[Row], basis: str) -> Figures:
        paid = [order for order in orders if order["is_paid"]]
        found: Figures = {}
        placed_rates = {"pay_rate": (lambda order: order["is_paid"], "pay")}
        placed_rates |= {"dispute_rate": (lambda order: order["is_disputed"], "dispute")}
        for key, (hit, step) in placed_rates.items():
            found |= self._rate(key, orders, hit, step) if basis == "placed" else {key: None}
        paid_rates: dict[str, tuple[Callable[[Row], bool], str]] = {
            "return_rate": (lambda order: order["is_returned"], "return"),
            "refund_rate": (lambda order: order["is_refunded"], "refund"),
            "dispute_rate_paid": (lambda order: order["is_disputed"], "return"),
            "refund_rate_unshipped": (lambda order: _leg(order) == "unshipped", "refund"),
            "refund_rate_unsigned": (lambda order: _leg(order) == "unsigned", "refund"),
            "refund_rate_signed": (lambda order: _leg(order) == "signed", "refund"),
            "refund_rate_1h": (
                lambda order: order["is_refunded"] and order["refund_applied_at"] <= order["paid_at"] + HOUR,
                "refund_soon",
            ),
        }
        for key, (hit, step) in paid_rates.items():
            found |= self._rate(key, paid, hit, step)
        return found

    def _rate(self, key: str, among: list[Row], hit: Callable[[Row], bool], step: str) -> Figures:
        old = [order for order in among if self._is_old(order, step)]
        return {
            key: _ratio(sum(map(hit, among)), len(among)),
            f"{key}_n": sum(map(hit, among)),
            f"{key}_d": len(among),
            f"{key}_matured": _ratio(sum(map(hit, old)), len(old)),
            f"{key}_pending": len(among) - len(old),
        }

    def _is_old(self, order: Row, step: str) -> bool:
        shop = order["shop_id"]
        start = order["placed_at"] if step in ("pay", "dispute") else order["paid_at"]
        clock = order["as_of"] if step == "pay" else self.as_of[shop, "aftersales"]
        fixed = {"dispute": 30 * DAY, "refund_soon": 2 * DAY}
        return clock - start >= (fixed[step] if step in fixed else self.horizons[shop, step])

    def _durations(self, orders: list[Row]) -> Figures:
        found: Figures = {}
        spans = {
            "ship_to_sign_hours": ("shipped_at", "signed_at", 3600),
            "pay_to_ship_hours": ("paid_at", "shipped_at", 3600),
            "ship_to_pickup_hours": ("shipped_at", "picked_up_at", 3600),
            "pickup_to_sign_hours": ("picked_up_at", "signed_at", 3600),
            "ship_to_complete_hours": ("shipped_at", "completed_at", 3600),
            "pay_seconds": ("placed_at", "paid_at", 1),
        }
        for key, (start, end, scale) in spans.items():
            times = [
                (order[end] - order[start]).total_seconds() / scale
                for order in orders
                if order.get(start) and order.get(end) and order[end] >= order[start]
            ]
            found[f"{key}_p50"] = quantile(times, 0.5) if times else None
            if key != "pay_seconds":
                found[f"{key}_n"] = len(times)
                found[f"{key}_mean"] = sum(times) / len(times) if times else None
                found[f"{key}_p90"] = quantile(times, 0.9) if times else None
        return found

    def parcels(self, orders: list[Row]) -> Figures:
        """Durations of parcels instead of orders: what a table by courier shows."""
        keys = {(order["shop_id"], order["order_id"]) for order in orders}
        rows = [row for row in self.world.parcels if (row["shop_id"], row["order_id"]) in keys]
        found = self._durations(rows)
        legs = ("ship_to_sign", "ship_to_pickup", "pickup_to_sign")
        return {key: found[key] for key in found if key.startswith(legs)}

    def _shipping(self, orders: list[Row]) -> Figures:
        paid = [order for order in orders if order["is_paid"]]
        plain = [(order, order["paid_at"] + 48 * HOUR) for order in paid if not order["is_presale"]]
        promised = [(order, order.get("promised_ship_at") or order["paid_at"] + 48 * HOUR) for order in paid]
        found = _kept("ship_48h_rate", [pair for pair in plain if not _left(*pair)], "shipped_at", _own_clock)
        found |= _kept(
            "ship_promise_rate", [pair for pair in promised if not _left(*pair)], "shipped_at", _own_clock
        )
        sent = [order for order in orders if order["is_shipped"] and order["parcels_tracked"]]
        scanned = [(order, order["shipped_at"] + DAY) for order in sent]
        found |= _kept(
            "pickup_24h_rate", scanned, "picked_up_at", lambda order: self.as_of[order["shop_id"], "parcels"]
        )
        return found


def _own_clock(order: Row) -> datetime:
    moment: datetime = order["as_of"]
    return moment


def _sum(values: Iterable[int | None]) -> int | None:
    known, count = [], 0
    for value in values:
        count += 1
        known += [] if value is None else [value]
    return sum(known) if known or not count else None


def _ratio(hits: int, trials: int) -> float | None:
    return hits / trials if trials else None


def _leg(order: Row) -> str:
    """Where the parcel was when a refund that succeeded was first applied for."""
    if not order["is_refunded"]:
        return "none"
    if order.get("shipped_at") is None or order["refund_applied_at"] < order["shipped_at"]:
        return "unshipped"
    signed = order.get("signed_at")
    return "signed" if signed is not None and order["refund_applied_at"] >= signed else "unsigned"


def _left(order: Row, due: datetime) -> bool:
    """Refunded or cancelled before anything was shipped and before the deadline."""
    shipped = order.get("shipped_at")
    if order["is_refunded"] and order["refund_applied_at"] <= due:
        return shipped is None or shipped > order["refund_applied_at"]
    return bool(order["is_closed"] and shipped is None and not order["is_refunded"])


def _kept(key: str, owed: list[tuple[Row, datetime]], done: str, clock: Callable[[Row], datetime]) -> Figures:
    due = [(order, limit) for order, limit in owed if limit <= clock(order)]
    hits = sum(1 for order, limit in due if order.get(done) is not None and order[done] <= limit)
    rate = _ratio(hits, len(due))
    pending = len(owed) - len(due)
    return {key: rate, f"{key}_n": hits, f"{key}_d": len(due), f"{key}_pending": pending}

"""A month of orders whose money is known beforehand, case by case, for the tests of the money bridge.

``Case`` says what an order is and what each step of the bridge must take from it; ``world`` makes the rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.metrics.world import FIRST, Row, World, import_row, line_row, order_row, shop_row

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = FIRST + timedelta(days=3, hours=12)
BILL_ENDS = FIRST + timedelta(days=75)
KINDS = ("orders", "aftersales", "settlements", "commissions", "funds")


@dataclass
class Case:
    """An order, its rows in the files, and the fen each step of the bridge must show for it."""

    order: Row
    steps: dict[str, int]
    lines: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)


def sold(number: str, days: int = 0, paid: int = 10_000, **more: Any) -> Row:
    """An order placed, paid and, after nine days, completed."""
    at = NOON + days * DAY
    known = {"paid_at": at + HOUR, "completed_at": at + 9 * DAY, "paid_amount": paid, "payable_amount": paid}
    return order_row(number, at, **known | more)


def entry(
    order: Row, income: int, subsidy: int = 0, fee: int = 0, star: int = 0, days: int = 17, **more: Any
) -> Row:
    """An entry of the bill that adds up: what is left of the income after the fees is settled."""
    return {
        "shop_id": order["shop_id"],
        "settlement_id": f"{order['order_id']}/{more.get('line_id')}/{days}",
        "order_id": order["order_id"],
        "line_id": f"{order['order_id']}-1",
        "placed_at": order["placed_at"],
        "settled_at": order["placed_at"] + days * DAY,
        "income_amount": income,
        "platform_subsidy": subsidy,
        "platform_fee": fee,
        "commission_influencer": star,
        "cost_amount": fee + star,
        "settled_amount": income - fee - star,
    } | more


def refund(order: Row, amount: int, days: int = 5, line: int = 1, **more: Any) -> Row:
    """A successful refund of a line."""
    return {
        "shop_id": order["shop_id"],
        "aftersale_id": f"r{order['order_id']}-{line}",
        "order_id": order["order_id"],
        "line_id": f"{order['order_id']}-{line}",
        "kind": "return_refund",
        "status": "refunded",
        "applied_at": order["placed_at"] + days * DAY,
        "refunded_at": order["placed_at"] + days * DAY,
        "refund_amount": amount,
    } | more


def plain() -> Case:
    """Paid 100, subsidies of 5: income 105, 5 of fee and 20 of commission leave 80."""
    order = sold(
        "plain", platform_subsidy=300, influencer_subsidy=100, payment_discount=100, payable_amount=10_100
    )
    bill = entry(order, 10_500, 300, 500, 2_000, influencer_subsidy=100, payment_subsidy=100)
    steps = {"placed": 10_100, "relief": -100, "paid": 10_000, "subsidy": 500, "receivable": 10_500}
    steps |= {"platform_fee": -500, "commission_influencer": -2_000, "due": 8_000, "settled": 8_000}
    return Case(order, steps, entries=[bill])


def partly_refunded() -> Case:
    """20 of 100 go back before the platform settles the rest; the bill recalls 60 of 300 fen of subsidy."""
    order = sold("part", 1, platform_subsidy=300, is_refunded=True, refund_amount=2_000)
    bill = entry(order, 8_240, 240, 400, refund_before_amount=-2_000)
    steps = {"placed": 10_000, "paid": 10_000, "refund": -2_000, "subsidy": 300, "recalled": -60}
    steps |= {"receivable": 8_240, "platform_fee": -400, "due": 7_840, "settled": 7_840}
    return Case(order, steps, entries=[bill], refunds=[refund(order, 2_000)])


def refunded_after() -> Case:
    """Settled, then everything goes back: the second entry gives the fee and the commission back."""
    order = sold("after", 2, is_refunded=True, refund_amount=10_000)
    back = entry(order, -10_000, 0, -500, -2_000, days=30, status="refunded_after")
    steps = {"placed": 10_000, "paid": 10_000, "refund": -10_000}
    return Case(
        order, steps, entries=[entry(order, 10_000, 0, 500, 2_000), back], refunds=[refund(order, 10_000, 29)]
    )


def gift() -> Case:
    """Paid nothing: in no bill, and nothing to come."""
    return Case(sold("gift", 3, 0), {})


def unpaid(closed: bool) -> Case:
    """The row carries what would have been due."""
    order = order_row("closed" if closed else "open", NOON + 4 * DAY, payable_amount=4_000, is_closed=closed)
    return Case(order, {"placed": 4_000, "unpaid_closed" if closed else "unpaid_open": -4_000})


def three_lines() -> Case:
    """Two lines are settled, the third was refunded before and takes its subsidy with it."""
    order = sold("three", 5, 10_000, lines=3, platform_subsidy=600, is_refunded=True, refund_amount=2_000)
    lines = [
        line_row(order, n, paid_amount=paid, unit_price=paid, payable_amount=paid, platform_subsidy=200)
        for n, paid in ((1, 5_000), (2, 3_000), (3, 2_000))
    ]
    bill = [entry(order, 5_200, 200, 260), entry(order, 3_200, 200, 160, line_id="three-2")]
    steps = {"placed": 10_000, "paid": 10_000, "refund": -2_000, "subsidy": 600, "recalled": -200}
    steps |= {"receivable": 8_400, "platform_fee": -420, "due": 7_980, "settled": 7_980}
    return Case(order, steps, lines, bill, [refund(order, 2_000, line=3)])


def one_line_open() -> Case:
    """One of two lines is settled; the other, under dispute, is still to come with its subsidy."""
    order = sold("half", 6, 8_000, lines=2, platform_subsidy=200, has_open_aftersale=True)
    lines = [
        line_row(order, n, paid_amount=4_000, unit_price=4_000, payable_amount=4_000, platform_subsidy=100)
        for n in (1, 2)
    ]
    steps = {"placed": 8_000, "paid": 8_000, "subsidy": 200, "receivable": 8_200, "platform_fee": -200}
    steps |= {"due": 8_000, "settled": 3_900, "in_dispute": 4_100}
    return Case(order, steps, lines, [entry(order, 4_100, 100, 200)])


def by_order() -> Case:
    """The bill names the order and none of its two lines."""
    order = sold("whole", 7, 8_000, lines=2)
    lines = [line_row(order, n, paid_amount=4_000, unit_price=4_000, payable_amount=4_000) for n in (1, 2)]
    steps = dict.fromkeys(("placed", "paid", "receivable", "due", "settled"), 8_000)
    return Case(order, steps, lines, [entry(order, 8_000, line_id="whole")])


def waiting(state: str) -> Case:
    """Paid, not settled: on its way, or completed for less or more than 40 days before the bill's end."""
    completed = {"in_progress": None, "waiting": BILL_ENDS - 5 * DAY, "overdue": BILL_ENDS - 41 * DAY}[state]
    order = sold(state, 8, 3_000, completed_at=completed, is_completed=completed is not None)
    steps = dict.fromkeys(("placed", "paid", "receivable", "due", state), 3_000)
    return Case(order, steps)


def refunded_since() -> Case:
    """Refunded after the newest bill: what the bill will take back is less to come."""
    order = sold("late", 9, is_refunded=True, refund_amount=4_000, has_open_aftersale=False)
    steps = {"placed": 10_000, "paid": 10_000, "refund": -4_000, "receivable": 6_000, "platform_fee": -500}
    steps |= {"due": 5_500, "settled": 9_500, "overdue": -4_000}
    late = refund(order, 4_000, refunded_at=BILL_ENDS + DAY)
    return Case(order, steps, entries=[entry(order, 10_000, 0, 500)], refunds=[late])


def differing() -> list[Case]:
    """Orders the files tell differently, each in one way."""
    owed = sold("owed", 10, payable_amount=10_007)
    goods, subsidy, sums = sold("goods", 10), sold("subsidy", 10, platform_subsidy=300), sold("sums", 10)
    level = {"placed": 10_000, "paid": 10_000, "receivable": 10_000}
    return [
        Case(
            owed,
            {"placed": 10_007, "difference_payable": -7}
            | dict.fromkeys(("paid", "receivable", "due", "settled"), 10_000),
            entries=[entry(owed, 10_000)],
        ),
        Case(
            goods, level | {"unexplained": -11, "due": 9_989, "settled": 9_989}, entries=[entry(goods, 9_989)]
        ),
        Case(
            subsidy,
            level
            | {"subsidy": 300, "receivable": 10_300, "unexplained": -50, "due": 10_250, "settled": 10_250},
            entries=[entry(subsidy, 10_250, 250)],
        ),
        Case(
            sums,
            level | {"unexplained": 3, "due": 10_003, "settled": 10_003},
            entries=[entry(sums, 10_000, settled_amount=10_003)],
        ),
    ]


def kuaishou() -> list[Case]:
    """Orders of one row whose bill names the order only and prints its refund; freight is inside the paid."""
    order = sold(
        "7001", 11, 5_000, shop_id=2, platform="kuaishou", freight_amount=600, payment_discount=40,
        payable_amount=5_040, platform_subsidy=60, is_refunded=True, refund_amount=1_000, completed_at=None,
        is_completed=True,
    )  # fmt: skip
    bill = entry(
        order, 4_100, 60, 205, line_id="7001", paid_amount=5_000, freight_amount=600, payment_subsidy=40,
        refund_amount=1_000, commission_leader=30, cost_amount=235, settled_amount=3_865,
    )  # fmt: skip
    steps = {"placed": 5_040, "relief": -40, "paid": 5_000, "refund": -1_000, "subsidy": 100}
    steps |= {
        "receivable": 4_100,
        "platform_fee": -205,
        "commission_leader": -30,
        "due": 3_865,
        "settled": 3_865,
    }
    return [
        Case(order, steps, [line_row(order, line_id="7001")], [bill], [refund(order, 1_000, line_id="7001")])
    ]


def taobao() -> list[Case]:
    """A shop whose platform gives no bill: nothing is known of what was settled."""
    order = sold("8001", 12, 6_000, shop_id=3, platform="taobao", is_refunded=True, refund_amount=500)
    steps = {"placed": 6_000, "paid": 6_000, "refund": -500} | dict.fromkeys(
        ("receivable", "due", "no_bill"), 5_500
    )
    return [Case(order, steps, refunds=[refund(order, 500)])]


def cases() -> list[Case]:
    """Every case once."""
    return [
        plain(), partly_refunded(), refunded_after(), gift(), unpaid(False), unpaid(True), three_lines(),
        one_line_open(), by_order(), *map(waiting, ("in_progress", "waiting", "overdue")), refunded_since(),
        *differing(), *kuaishou(), *taobao(),
    ]  # fmt: skip


def expected(chosen: list[Case]) -> Counter[str]:
    """What the bridge must show, added up in plain Python."""
    found: Counter[str] = Counter()
    for one in chosen:
        found.update(one.steps)
    return found


def world(chosen: list[Case], strangers: list[Row] | None = None) -> World:
    """The rows of three shops; the last entry of the bills is of ``BILL_ENDS``."""
    made = World(shops=[shop_row(1), shop_row(2, platform="kuaishou"), shop_row(3, platform="taobao")])
    present = {1: KINDS, 2: ("orders", "aftersales", "settlements"), 3: ("orders", "aftersales")}
    made.imports = [import_row(kind, shop_id=shop) for shop, kinds in present.items() for kind in kinds]
    for one in chosen:
        made.orders.append(one.order)
        made.lines += one.lines or [line_row(one.order)]
        made.settlements += one.entries
        made.aftersales += one.refunds
    empty = {"placed_at": FIRST - DAY, "settled_amount": 0, "income_amount": 0}
    for at in (FIRST - DAY, BILL_ENDS):
        edge = order_row("edge", FIRST)
        made.settlements += [entry(edge | {"shop_id": shop}, 0, settled_at=at, **empty) for shop in (1, 2)]
    made.settlements += strangers or []
    return made

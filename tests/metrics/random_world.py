"""Worlds of many orders of every fate, drawn from a seed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tests.metrics.world import AS_OF, FIRST, Row, World, import_row, line_row, order_row, shop_row

SOURCES = ("live", "live", "short_video", "product_card", "pending", None)


def random_world(seed: int = 7, orders: int = 900, shops: int = 2) -> World:
    """Orders of every fate: unpaid, closed, refunded before and after shipping, several lines and sources."""
    draw = random.Random(seed)  # noqa: S311 - seeded on purpose
    world = World(
        shops=[shop_row(shop + 1) for shop in range(shops)],
        imports=[
            import_row(kind, AS_OF - timedelta(hours=shop), shop + 1)
            for shop in range(shops)
            for kind in ("orders", "aftersales", "commissions", "parcels", "settlements")
        ],
    )
    for number in range(orders):
        _random_order(draw, world, f"{6_900_000 + number}", 1 + number % shops)
    bills = random.Random(seed + 1)  # noqa: S311 - seeded on purpose
    for order in world.orders:
        _random_settlements(bills, world, order)
    return world


def _random_order(draw: random.Random, world: World, order_id: str, shop_id: int) -> None:
    as_of = AS_OF - timedelta(hours=shop_id - 1)
    placed = FIRST + timedelta(seconds=draw.randrange(int((as_of - FIRST).total_seconds())))
    order = order_row(order_id, placed, shop_id=shop_id, as_of=as_of)
    order["province"] = draw.choice(["440000", "330000", None])
    order["pay_method"] = draw.choice(["wallet", "card"])
    order["courier"] = draw.choice(["SF", "ZTO"])
    order["is_presale"] = draw.random() < 0.05
    order["discount_amount"], order["freight_amount"] = draw.choice([0, 500, None]), draw.choice([0, 600])
    _random_life(draw, order, as_of)
    lines = _random_lines(draw, order)
    _random_aftersales(draw, world, order, lines, as_of)
    _random_parcels(draw, world, order, as_of)
    _random_commissions(draw, world, lines, order)
    world.orders.append(order)
    world.lines.extend(lines)


def _before(moment: datetime, as_of: datetime) -> datetime | None:
    return moment if moment <= as_of else None


def _random_life(draw: random.Random, order: Row, as_of: datetime) -> None:
    if draw.random() < 0.15:
        order["is_closed"] = draw.random() < 0.7
        return
    order["paid_at"] = paid = _before(order["placed_at"] + timedelta(seconds=draw.randrange(5, 4000)), as_of)
    order["is_paid"] = paid is not None
    if paid is None or draw.random() < 0.1:
        return
    if draw.random() < 0.4:
        order["promised_ship_at"] = paid + timedelta(hours=draw.choice([24, 72]))
    shipped = _before(
        paid + timedelta(hours=draw.choice([-1, 5, 20, 47, 60, 90]), minutes=draw.randrange(59)), as_of
    )
    order["shipped_at"], order["is_shipped"] = shipped, shipped is not None
    if shipped and draw.random() < 0.8:
        order["completed_at"] = _before(shipped + timedelta(days=draw.randrange(3, 15)), as_of)
        order["is_completed"] = order["completed_at"] is not None


def _random_lines(draw: random.Random, order: Row) -> list[Row]:
    count = draw.choice([1, 1, 1, 2, 3])
    lines = []
    for number in range(1, count + 1):
        person = draw.choice([None, None, "own-account", "star-1", "star-2"])
        lines.append(
            line_row(
                order,
                number,
                product_id=f"p{draw.randrange(5)}",
                product_name="name",
                sku_code=f"s{draw.randrange(8)}",
                source=draw.choice(SOURCES),
                influencer_id=person,
                channel=draw.choice([None, "小店自卖", "精选联盟"]) if person is None else None,
                quantity=draw.randrange(1, 4),
                unit_price=draw.randrange(1_000, 9_000),
                paid_amount=draw.choice([0, draw.randrange(900, 20_000), draw.randrange(900, 20_000)]),
            )
        )
    for line in lines:
        line["payable_amount"] = line["paid_amount"] + 100
        line["discount_amount"], line["freight_amount"] = order["discount_amount"], order["freight_amount"]
    order["lines"], order["units"] = count, sum(line["quantity"] for line in lines)
    for name in ("paid_amount", "payable_amount"):
        order[name] = sum(line[name] for line in lines)
    for name in ("discount_amount", "freight_amount"):
        order[name] = None if order[name] is None else order[name] * count
    for name in ("source", "influencer_id"):
        found = {line[name] for line in lines}
        order[name] = found.pop() if len(found) == 1 else "mixed"
    return lines


def _random_aftersales(
    draw: random.Random, world: World, order: Row, lines: list[Row], as_of: datetime
) -> None:
    if not order["is_paid"] or draw.random() > 0.3:
        return
    rows = []
    for number in range(draw.choice([1, 1, 2])):
        line = draw.choice(lines)
        applied = order["paid_at"] + timedelta(hours=draw.choice([0.5, 10, 50, 200, 400]))
        refunded = applied + timedelta(hours=draw.choice([1, 30]))
        if refunded > as_of:
            continue
        status = draw.choice(["refunded", "refunded", "closed", "merchant_pending"])
        rows.append(
            {
                "shop_id": order["shop_id"],
                "aftersale_id": f"a{order['order_id']}{number}",
                "order_id": order["order_id"],
                "line_id": draw.choice([line["line_id"], line["line_id"], None]),
                "kind": draw.choice(["return_refund", "refund_shipped", "refund_unshipped", "exchange"]),
                "status": status,
                "applied_at": applied,
                "refunded_at": refunded if status == "refunded" else None,
                "refund_amount": draw.randrange(100, 3_000),
                "dispute": draw.random() < 0.2,
            }
        )
    world.aftersales.extend(rows)
    good = [row for row in rows if row["status"] == "refunded" and row["kind"] != "exchange"]
    order["is_refunded"] = bool(good)
    order["is_returned"] = any(row["kind"] == "return_refund" for row in good)
    order["is_disputed"] = any(row["dispute"] for row in rows)
    order["refund_amount"] = sum(row["refund_amount"] for row in good)
    order["refund_applied_at"] = min((row["applied_at"] for row in good), default=None)
    order["refunded_at"] = min((row["refunded_at"] for row in good), default=None)


def _random_parcels(draw: random.Random, world: World, order: Row, as_of: datetime) -> None:
    if not order.get("shipped_at"):
        return
    if draw.random() < 0.05:
        order["is_transit"] = True
        return
    rows = []
    for number in range(draw.choice([1, 1, 2])):
        scanned = _before(order["shipped_at"] + timedelta(hours=draw.choice([2, 20, 30])), as_of)
        signed = _before(order["shipped_at"] + timedelta(hours=draw.randrange(-1, 200)), as_of)
        rows.append(
            {
                "shop_id": order["shop_id"],
                "waybill": f"W{order['order_id']}{number}",
                "order_id": order["order_id"],
                "courier": order["courier"],
                "tracked": True,
                "shipped_at": order["shipped_at"],
                "picked_up_at": scanned if draw.random() < 0.95 else None,
                "signed_at": signed if draw.random() < 0.9 else None,
            }
        )
    world.parcels.extend(rows)
    signed_rows = [row["signed_at"] for row in rows if row["signed_at"]]
    order["parcels"] = order["parcels_tracked"] = len(rows)
    order["parcels_signed"] = len(signed_rows)
    order["signed_at"] = max(signed_rows) if len(signed_rows) == len(rows) else None
    order["picked_up_at"] = min((row["picked_up_at"] for row in rows if row["picked_up_at"]), default=None)


def _random_commissions(draw: random.Random, world: World, lines: list[Row], order: Row) -> None:
    for line in lines:
        if not str(line["influencer_id"]).startswith("star") or not order["is_paid"]:
            continue
        settled = order["completed_at"] + timedelta(days=1) if order.get("completed_at") else None
        base = {"shop_id": order["shop_id"], "line_id": line["line_id"], "paid_at": order["paid_at"]}
        world.commissions.append(
            base
            | {
                "party": "influencer",
                "party_id": line["influencer_id"],
                "paid_amount": line["paid_amount"],
                "commission_estimated": draw.randrange(100, 900),
                "bonus_estimated": draw.choice([None, 50]),
                "promotion_estimated": draw.choice([0, 30]),
                "settled_at": settled,
                "settled_base": line["paid_amount"] if settled else None,
                "commission_settled": draw.randrange(100, 900) if settled else None,
                "bonus_settled": draw.choice([None, 50]) if settled else None,
                "promotion_settled": draw.choice([None, 20]) if settled else None,
            }
        )
        if draw.random() < 0.3:
            world.commissions.append(
                base
                | {
                    "party": "leader",
                    "party_id": "boss",
                    "commission_estimated": 77,
                    "commission_settled": 11,
                }
            )


def _random_settlements(draw: random.Random, world: World, order: Row) -> None:
    """Entries of some lines of completed orders; some have several, some were refunded afterwards."""
    if not order.get("completed_at") or draw.random() < 0.3:
        return
    for line in world.lines_of(order):
        if draw.random() < 0.15:
            continue
        entries = [1, *draw.choice([[], [], [], [1], [-1], [-1, -1]])]
        for turn, sign in enumerate(entries):
            settled = order["completed_at"] + timedelta(days=draw.randrange(1, 9), hours=turn)
            world.settlements.append(
                {
                    "shop_id": order["shop_id"],
                    "settlement_id": f"{line['line_id']}/{turn}",
                    "order_id": order["order_id"],
                    "line_id": line["line_id"],
                    "settled_at": settled,
                    "status": "settled" if sign > 0 else "refunded_after",
                    "settled_amount": sign * draw.randrange(500, 15_000),
                    "platform_fee": draw.choice([None, sign * draw.randrange(1, 300)]),
                    "commission_influencer": draw.choice([None, 0, sign * draw.randrange(1, 900)]),
                    "commission_leader": draw.choice([0, sign * draw.randrange(1, 90)]),
                    "commission_service": None,
                    "offsite_promotion": draw.choice([None, sign * 13]),
                    "commission_channel": draw.choice([0, sign * 7]),
                }
            )

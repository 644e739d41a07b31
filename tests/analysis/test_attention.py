"""What needs attention today, on worlds whose answers are known."""

from datetime import timedelta
from typing import Any

from shopdata.analysis.attention import AttentionItem, attention
from shopdata.scope import Scope
from shopdata.words import words
from tests.metrics.world import AS_OF, FIRST, World, import_row, line_row, order_row, simple_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)


def shipped(number: str, **more: Any) -> Any:
    defaults = {"paid_at": NOON + HOUR, "shipped_at": NOON + 11 * HOUR, "parcels": 1, "parcels_tracked": 1}
    return order_row(number, NOON, **defaults | more)


def items(world: World) -> dict[str, AttentionItem]:
    return {item.key: item for item in attention(world.stored(), Scope())}


def test_shipping_is_judged_by_the_promise_at_the_orders_as_of() -> None:
    orders = [
        order_row("late", AS_OF - 60 * HOUR, paid_at=AS_OF - 60 * HOUR, paid_amount=500),
        order_row("soon", AS_OF - 40 * HOUR, paid_at=AS_OF - 40 * HOUR),
        order_row(
            "promised", AS_OF - 60 * HOUR, paid_at=AS_OF - 60 * HOUR, promised_ship_at=AS_OF + 40 * HOUR
        ),
        order_row("refunding", AS_OF - 60 * HOUR, paid_at=AS_OF - 60 * HOUR, has_open_aftersale=True),
    ]
    found = items(simple_world(orders))
    late, soon = found["ship_overdue"], found["ship_due_soon"]
    assert (late.n, late.amount, late.order_ids) == (1, 500, ("late",))
    assert (soon.n, soon.deadline) == (1, AS_OF + 8 * HOUR)


def test_an_old_state_asks_for_a_new_export_and_never_turns_overdue() -> None:
    then = NOON + 24 * HOUR
    found = items(simple_world([order_row("1", NOON, paid_at=NOON, as_of=then)]))
    assert found["stale"].n == 1
    assert found["stale"].as_of == then
    assert "ship_overdue" not in found


def test_open_after_sales_carry_their_deadline() -> None:
    world = simple_world([shipped("1")])
    base = {"shop_id": 1, "order_id": "1", "status": "merchant_pending", "applied_at": NOON, "as_of": AS_OF}
    world.aftersales = [
        base | {"aftersale_id": "a", "deadline_at": AS_OF + 3 * HOUR, "refund_amount": 300},
        base | {"aftersale_id": "b", "deadline_at": AS_OF - 3 * HOUR, "refund_amount": 200},
        base | {"aftersale_id": "c", "status": "closed", "deadline_at": AS_OF - HOUR},
    ]
    found = items(world)
    assert (found["aftersale_due_soon"].n, found["aftersale_due_soon"].amount) == (1, 300)
    assert (found["aftersale_overdue"].n, found["aftersale_overdue"].deadline) == (1, AS_OF - 3 * HOUR)
    assert found["aftersale_open"].n == 2


def test_one_waybill_on_two_receivers_is_shown_and_on_one_receiver_is_not() -> None:
    orders = [shipped(key) for key in ("1", "2", "3", "4")]
    world = simple_world(orders)
    people = ("ann", "bob", "eve", "eve")
    world.lines = [line_row(one, receiver=who) for one, who in zip(orders, people, strict=True)]
    waybills = ("W1", "W1", "W2", "W2")
    world.parcels = [
        {"shop_id": 1, "waybill": waybill, "order_id": one["order_id"]}
        for waybill, one in zip(waybills, orders, strict=True)
    ]
    assert items(world)["tracking_shared"].order_ids == ("1", "2")


def test_a_price_far_below_usual_is_shown() -> None:
    at = AS_OF - 5 * DAY
    orders = [order_row(f"{n:03}", at, paid_at=at, paid_amount=10_000 + n) for n in range(40)]
    orders.append(order_row("cheap", at, paid_at=at, paid_amount=990))
    world = simple_world(orders)
    world.lines = [line_row(one, product_id="p", paid_at=one["paid_at"]) for one in orders]
    found = items(world)["price_below_usual"]
    assert (found.n, found.amount, found.order_ids) == (1, 990, ("cheap",))


def test_missing_files_are_named_and_every_item_has_words() -> None:
    found = items(simple_world([shipped("1")], kinds=("orders",)))
    assert {"missing_aftersales", "missing_parcels", "missing_commissions"} <= found.keys()
    for key in found:
        assert words("zh")(f"analysis.attention.{key}")
        assert words("en")(f"analysis.attention.{key}")


def test_an_undone_file_is_a_missing_file() -> None:
    world = simple_world([shipped("1")])
    world.imports = [import_row("orders"), import_row("aftersales", undone_at=AS_OF)]
    assert "missing_aftersales" in items(world)
